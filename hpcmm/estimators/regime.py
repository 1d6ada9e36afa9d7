"""A word for what the motion of particles in turbulence is, by how far they were displaced."""

ALONG_LINES, ISOTROPIC = 0.3, 2.0
"""Displacements in l_c below which particles stay on their field lines, and above which they know no line."""


def regime(displacement, lag_over_lambda, flat):
    """Say "ballistic", "along_lines", "tangling" or "isotropic" (docs/physics.md 6.2).

    Parameters
    ----------
    displacement : float
        Root mean square at the end of the path [l_c].
    lag_over_lambda : float
        Lag at which kappa is read, in mean free paths.
    flat : str
        `hpcmm.estimators.lags.converged`.
    """
    if lag_over_lambda < 1:
        return "ballistic"
    if displacement < ALONG_LINES:
        return "along_lines"
    return "isotropic" if displacement > ISOTROPIC and flat != "no" else "tangling"

"""Isotropic turbulence: correlation length, power shares and what unresolved waves do, of a power law; planned paths.

Lengths in any one unit, c = 1. E(k) ~ k^-xi between 2 pi/l_max and 2 pi/l_min, with <dB^2> = dB^2 over the whole range;
other spectra are in `hpcmm.theory.spectra`.
"""

from .spectra import PowerLaw


def correlation_length(l_max, l_min, xi=5 / 3):
    """Two-sided correlation length, l_max/5 for Kolmogorov over a long range: `Spectrum.correlation_length`.

    Source: docs/physics.md 2.3.
    """
    return PowerLaw(xi).correlation_length(l_max, l_min)


def power_share(l_max, l_min, l_dissipation, xi=5 / 3):
    """Share of the power between l_max and l_dissipation that lies above l_min: `Spectrum.power_share`.

    Source: docs/physics.md 2.5.
    """
    return PowerLaw(xi).power_share(l_max, l_min, l_dissipation)


def nu_unresolved(gyroradius, dB_over_B, l_max, l_min, l_dissipation, xi=5 / 3):
    """Small-angle scattering rate of the waves between l_min and l_dissipation: `Spectrum.nu_unresolved`.

    Source: docs/physics.md 2.5.
    """
    return PowerLaw(xi).nu_unresolved(gyroradius, dB_over_B, l_max, l_min, l_dissipation)


def planned_decay_rate(gyroradius, l_c, xi=5.0 / 3.0):
    r"""c over a rough mean free path in isotropic turbulence [1/length], for planning only (docs/physics.md 5.3).

    kappa/(c l_c) = 4x^2/3 + 0.3x + 0.145 x^(2 - xi), x = r_g/l_c; lambda = 3 kappa/c, and three times that for
    x < 0.1, where the running kappa falls slowly. Below x = 1e-3 particles keep to their field lines, along which
    lambda = 1.86 x^0.265 l_c. The coefficients are those of xi = 5/3.

    Parameters
    ----------
    gyroradius, l_c : float
        In one unit of length.
    xi : float
        Spectral index.
    """
    x = gyroradius / l_c
    if x < 1e-3:
        return 1 / (1.86 * x**0.265 * l_c)
    kappa = l_c * (4 * x**2 / 3 + 0.3 * x + 0.145 * x ** (2 - xi))
    return 1 / ((3 if x >= 0.1 else 9) * kappa)

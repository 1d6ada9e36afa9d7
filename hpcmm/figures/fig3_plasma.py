"""Stars of figure 3: cosmic rays through micromirrors that a plasma made, brought to the l_mm of the other runs."""

from dataclasses import dataclass

import numpy as np
from matplotlib.lines import Line2D

from hpcmm import theory
from hpcmm.figures import style
from hpcmm.figures.snapshot_points import read_snapshot_points
from hpcmm.theory import EV
from hpcmm.theory.constants import C

STAR = {"color": "black", "marker": "*", "markersize": 5.5}


@dataclass(frozen=True)
class Stars:
    """kappa_par of one snapshot, all lengths multiplied by one number.

    Attributes
    ----------
    energy, kappa, error, exact : array
        [eV], [cm2/s], [cm2/s]; equation (4) with the figure's l_mm and dB/B [cm2/s].
    converged, ruled_out : array of bool
        Flags "yes" and "no".
    straight : array of bool
        True where theory of straight tracks applies, from which the band is taken: at twice l_mm and beyond, unless few
        waves carry the power.
    times : float
        l_mm of the figure over that of the plasma.
    dB_over_B : float
        Of the plasma; it is not changed.
    """

    energy: np.ndarray
    kappa: np.ndarray
    error: np.ndarray
    exact: np.ndarray
    converged: np.ndarray
    ruled_out: np.ndarray
    straight: np.ndarray
    times: float
    dB_over_B: float

    @property
    def coefficient(self):
        """kappa over equation (4) of the figure, least and largest; None without such points."""
        ratio = (self.kappa / self.exact)[self.straight & ~self.ruled_out]
        return (ratio.min(), ratio.max()) if ratio.size else None


def read_stars(directory, mirrors):
    r"""Read a run through a snapshot of micromirrors.

    In a static field kappa is c times a length, and depends on lengths alone: with :math:`n = l_{mm}/l_{mm, plasma}`,
    :math:`\kappa(n E) = n \kappa_{plasma}(E)` in the same field strength.

    Parameters
    ----------
    directory : path
    mirrors : KappaPoints
        A run with micromirrors: its l_mm, dB/B, B and Z.

    Raises
    ------
    InputError
        If it is no such run, or the snapshot is no longer there, or not the one that was flown.
    """
    s, medium = read_snapshot_points(directory), mirrors.medium
    times = mirrors.micromirrors["l_mm"] / (s.l_mm * s.unit)
    energy = theory.energy_of_gyroradius(s.r_g * s.unit * times, medium["B"], medium["Z"])
    seen = s.kappa["par"] > 0
    unit = C * s.unit * times
    return Stars(
        energy=energy[seen] / EV,
        kappa=s.kappa["par"][seen] * unit,
        error=s.error["par"][seen] * unit,
        exact=theory.kappa_mm(energy[seen], B=medium["B"], Z=medium["Z"], **mirrors.micromirrors),
        converged=s.flag["par"][seen] == "yes",
        ruled_out=s.flag["par"][seen] == "no",
        straight=(s.straight & ~s.doubtful)[seen],
        times=times,
        dB_over_B=s.dB_over_B,
    )


def draw_stars(axes, stars, mirror_medium):
    """Draw stars, and the band of micromirrors with their coefficient; returns legend entries."""
    entries = []
    for i, s in enumerate(stars):
        for converged, face in ((True, {}), (False, style.HALF)):
            of = s.converged == converged
            drawn = axes.errorbar(
                s.energy[of], s.kappa[of], yerr=s.error[of], **style.POINTS | STAR | style.BARS | face
            )
            drawn.lines[0].set_gid(f"stars {i} {'converged' if converged else 'not converged'}")
        what = rf"a plasma's own micromirrors, lengths $\times{s.times:.3g}$, $\delta B/B={s.dB_over_B:.2g}$"
        entries.append((Line2D([], [], **style.POINTS | STAR), rf"{what}: $\kappa_\parallel$"))
    found = [s.coefficient for s in stars if s.coefficient]
    if found and mirror_medium:
        low, high = min(low for low, _ in found), max(high for _, high in found)
        x = np.geomspace(*axes.get_xlim(), 400)
        kappa = theory.kappa_mm(x * EV, **mirror_medium)
        how = {"color": "0.6", "alpha": 0.5, "linewidth": 0, "zorder": 1}
        band = axes.fill_between(x, low * kappa, high * kappa, gid="measured coefficient", **how)
        entries.append((band, rf"eq. (5) with the coefficient of these stars, {low:.2g} to {high:.2g} times as much"))
    return entries

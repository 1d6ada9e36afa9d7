"""Fits the energy of the transition to measured points on both sides of it."""

from dataclasses import dataclass

import numpy as np

from hpcmm import theory
from hpcmm.figures.kappa_points import read_kappa_points
from hpcmm.theory import EV

LARGEST_X = 1e-3
"""r_g/l_c up to which kappa of turbulence is fitted by one power of the energy."""


@dataclass(frozen=True)
class Transition:
    """The energy at which the fits of both sides meet.

    Attributes
    ----------
    energy, energy_err : float
        [eV]
    delta, delta_err : float
        Fitted exponent of the turbulent side.
    chi2_mm, chi2_res : float
        chi^2 of the fits, which have one and two parameters.
    points_mm, points_res : int
        Points that were fitted.
    unconverged : int
        Number of these points that their table marks as not converged.
    """

    energy: float
    energy_err: float
    delta: float
    delta_err: float
    chi2_mm: float
    chi2_res: float
    points_mm: int
    points_res: int
    unconverged: int


def measured_transition(runs):
    r"""Find the energy at which kappa_mm = kappa_res, each a power law fitted to resolved points of its own side.

    .. math::
        \ln\kappa_{mm} = a + 2 \ln E, \quad \ln\kappa_{res} = b + \delta \ln E, \quad
        \ln E_{tr} = \frac{b - a}{2 - \delta}

    Points of f_mm = 1 below eq 9 with delta = 1/2 give a (the square is exact for kicks, docs/physics.md 4.1); points
    of turbulence without micromirrors at r_g/l_c <= 1e-3 give b and delta. The error of E_tr is that of the weighted
    fits, to first order.

    Source: paper eq 8, 9; docs/physics.md 11.5.

    Parameters
    ----------
    runs : list of KappaPoints
        Runs of one medium and one kind of micromirrors.

    Returns
    -------
    Transition or None
        None where there are fewer than one point below or two above.
    """
    runs = [run for run in runs if run.turbulent and not run.scattering_only]
    mirrors = next((run for run in runs if run.micromirrors and run.f_mm == 1), None)
    if mirrors is None:
        return None
    medium = mirrors.medium
    below = theory.transition_energy(0.5, **medium, **mirrors.micromirrors) / EV
    above = theory.energy_of_gyroradius(LARGEST_X * medium["l_c"], medium["B"], medium["Z"]) / EV
    x_mm, y_mm, s_mm, open_mm = _logs([run for run in runs if run.f_mm == 1], lambda energy: energy <= below)
    x_res, y_res, s_res, open_res = _logs([run for run in runs if run.f_mm == 0], lambda energy: energy <= above)
    if len(x_mm) < 1 or len(x_res) < 2 or np.ptp(x_res) == 0:
        return None
    # logarithms of energy are taken from the middle of the turbulent points, where b and delta are independent
    pivot = (x_res / s_res**2).sum() / (1 / s_res**2).sum()
    a, a_var, chi2_mm = _weighted_mean(y_mm - 2 * (x_mm - pivot), s_mm)
    b, b_var, _ = _weighted_mean(y_res, s_res)
    weight = ((x_res - pivot) ** 2 / s_res**2).sum()
    delta, delta_var = ((x_res - pivot) * y_res / s_res**2).sum() / weight, 1 / weight
    chi2_res = (((y_res - b - delta * (x_res - pivot)) / s_res) ** 2).sum()
    log_energy = (b - a) / (2 - delta)
    variance = (a_var + b_var + log_energy**2 * delta_var) / (2 - delta) ** 2
    energy = float(np.exp(pivot + log_energy))
    return Transition(
        energy=energy,
        energy_err=energy * float(np.sqrt(variance)),
        delta=float(delta),
        delta_err=float(np.sqrt(delta_var)),
        chi2_mm=float(chi2_mm),
        chi2_res=float(chi2_res),
        points_mm=len(x_mm),
        points_res=len(x_res),
        unconverged=int(open_mm.sum() + open_res.sum()),
    )


def _logs(runs, wanted):
    """ln E [eV], ln kappa, its error, and 1 where not converged, of the points that are wanted and have an error."""
    parts = [np.zeros((4, 0))]
    for run in runs:
        good = run.drawable & (run.kappa_err > 0) & wanted(run.energy)
        energy, kappa, error = run.energy[good], run.kappa[good], run.kappa_err[good]
        parts.append(np.array([np.log(energy), np.log(kappa), error / kappa, ~run.converged[good]]))
    return np.hstack(parts)


def _weighted_mean(values, errors):
    weight = 1 / errors**2
    mean = (values * weight).sum() / weight.sum()
    return mean, 1 / weight.sum(), (((values - mean) / errors) ** 2).sum()


def report(directories):
    """Lines on the transition that the runs of some directories show; none where they lack the points for it."""
    runs = [read_kappa_points(directory) for directory in directories]
    found = measured_transition(runs)
    if found is None:
        return []
    mirrors = next(run for run in runs if run.micromirrors and run.f_mm == 1)
    return lines(found, mirrors.micromirrors, mirrors.medium)


def lines(found, micromirrors, medium):
    """Lines on a `Transition`, beside the paper's estimate and that with exact coefficients."""
    said = [
        f"kappa_mm = kappa_res at ({found.energy / 1e12:.3g} ± {found.energy_err / 1e12:.2g}) TeV, measured: "
        f"{found.points_mm} points of f_mm = 1 (chi2 {found.chi2_mm:.1f}), {found.points_res} of f_mm = 0 "
        f"(chi2 {found.chi2_res:.1f}, delta = {found.delta:.2f} ± {found.delta_err:.2f})"
    ]
    if found.unconverged:
        said.append(f"  {found.unconverged} of these points are not converged: see their slope in kappa.ecsv")
    for delta, name in ((1 / 3, "1/3"), (1 / 2, "1/2")):
        estimate = theory.transition_energy(delta, **medium, **micromirrors) / EV / 1e12
        exact = theory.transition_energy_exact(delta, **medium, **micromirrors) / EV / 1e12
        said.append(
            f"  paper eq 9, delta = {name}: {estimate:.3g} TeV; with coefficients of order one {exact:.3g} TeV "
            "(docs/physics.md 11.5)"
        )
    return said

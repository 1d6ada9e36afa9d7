"""Finds the energy at which micromirrors take over from turbulence, from kappa along field lines on both sides."""

from dataclasses import dataclass

import numpy as np

from hpcmm import theory
from hpcmm.figures.kappa_points import read_kappa_points
from hpcmm.theory import EV

LARGEST_X = 1.0001e-4
"""r_g/l_c up to which kappa along lines of turbulence is fitted by one power of the energy."""

DIRECT_FROM = 0.9e-6
"""r_g/l_c from which on points flown gyration by gyration take the place of those on lines, where there are both."""

SAME = 0.01
"""Relative distance of two energies that count as one."""


class NotBracketed(Exception):
    """Points do not tell where the transition is; its text says why and what would."""


@dataclass(frozen=True)
class Transition:
    """The energy at which kappa along lines of turbulence is that of micromirrors everywhere, (2/3) c^2/nu_mm.

    Attributes
    ----------
    energy : float
        [eV].
    statistical, extrapolation, plateau : float
        Errors of it [eV]: between fields, widened by chi^2; of the mirrors that lines leave out (`cut_error`); of
        reading kappa at twice the lag.
    delta, delta_err : float
        Fitted exponent of kappa, and its statistical error.
    coefficient : float
        a in kappa_par = a c l_c (r_g/l_c)^delta.
    chi2 : float
        Of the fit.
    lines, direct : int
        Points on lines and points flown directly that were fitted.
    undecided, left_out : int
        Points among them whose flag is "undecided"; points not fitted as it is "no".
    mirrors, mirrors_err : float
        Measured kappa nu_mm/c^2 of micromirrors, of which the exact value is 2/3; nan without such points.
    """

    energy: float
    statistical: float
    extrapolation: float
    plateau: float
    delta: float
    delta_err: float
    coefficient: float
    chi2: float
    lines: int
    direct: int
    undecided: int
    left_out: int
    mirrors: float
    mirrors_err: float


def measured_transition(runs):
    r"""Fit kappa along lines of turbulence by a power of the energy, and find where it is that of micromirrors.

    .. math:: \ln\kappa_\parallel = b + \delta \ln E, \quad
        \ln E_{tr} = \frac{b - a}{2 - \delta}, \quad \frac23 \frac{c^2}{\nu_{mm}} = e^a E^2

    Like meets like: both are kappa along the line. Points of `kind = "field_lines"` hold it; those flown directly, at
    r_g/l_c = 1e-6 to 1e-4, hold kappa_trace of lines that have begun to tangle, and count where a point on lines at
    their energy says by what: kappa_par/kappa_trace there. The square of micromirrors is exact for kicks.

    Points of a run on lines share their fields. As their correlation is not known the statistical error is the largest
    that any would give, sum |dE/dkappa_i| error_i over the run; runs and energies flown directly are independent. It is
    multiplied by the root of chi^2 per degree of freedom where that is above 1. The extrapolation error moves all
    points on lines by their `cut_error`, the plateau error all points by their mean slope to twice the lag, or by its
    error where that is larger.

    Source: paper eq 8, 9; docs/physics.md 11.5, 17.8.

    Parameters
    ----------
    runs : list of KappaPoints
        Runs of one medium and one kind of micromirrors.

    Returns
    -------
    Transition or None
        None where no run has micromirrors everywhere, or none turbulence alone.

    Raises
    ------
    NotBracketed
        If the points do not tell.
    """
    mirrors = next((run for run in runs if run.micromirrors and run.f_mm == 1), None)
    turbulence = [run for run in runs if run.turbulent and not run.scattering_only and run.f_mm == 0]
    if mirrors is None or not turbulence:
        return None
    points = _points_along_lines(turbulence, mirrors.medium)
    medium = mirrors.medium
    level = np.log(2 / 3 * theory.kappa_mm(EV, B=medium["B"], Z=medium["Z"], **mirrors.micromirrors))

    def crossing(ln_kappa):
        pivot, b, delta = _fit(points.x, ln_kappa, points.error)
        return pivot + (b - level - 2 * pivot) / (2 - delta), b, delta, pivot

    x, b, delta, pivot = crossing(points.y)
    if not points.x.min() <= x <= points.x.max():
        first, last = (_tev(np.exp(value)) for value in (points.x.min(), points.x.max()))
        raise NotBracketed(
            f"points along lines from {first} to {last} TeV do not bracket it (their power law would meet micromirrors "
            f"at {_tev(np.exp(x))} TeV): input_decks/transition_lines.toml has 1 to 100 TeV"
        )
    chi2 = float((((points.y - b - delta * (points.x - pivot)) / points.error) ** 2).sum())
    widened = np.sqrt(max(1.0, chi2 / max(1, len(points.x) - 2)))
    by_point = np.array([crossing(points.y + step)[:3] for step in np.diag(points.error)]) - (x, b, delta)
    statistical = widened * np.array([_of_any_correlation(by_point[:, i], points.run) for i in (0, 2)])
    shift = max(abs(points.slope), points.slope_err) * np.log(2)
    r_g = theory.gyroradius(np.exp(pivot) * EV, medium["B"], medium["Z"]) / medium["l_c"]
    energy = float(np.exp(x))
    measured = _of_mirrors([run for run in runs if run.f_mm == 1], medium, mirrors.micromirrors)
    return Transition(
        energy=energy,
        statistical=energy * float(statistical[0]),
        extrapolation=energy * abs(crossing(points.y + points.cut)[0] - x),
        plateau=energy * shift / (2 - delta),
        delta=float(delta),
        delta_err=float(statistical[1]),
        coefficient=float(np.exp(b) / (theory.C * medium["l_c"] * r_g**delta)),
        chi2=chi2,
        lines=int((~points.direct).sum()),
        direct=int(points.direct.sum()),
        undecided=points.undecided,
        left_out=points.left_out,
        mirrors=measured[0],
        mirrors_err=measured[1],
    )


@dataclass(frozen=True)
class _Points:
    """Points along lines: ln E [eV], ln kappa_par [cm2/s], errors of it, number of the run that they share fields with,
    whether they were flown directly; weighted mean of their slopes and its error; numbers of flags.
    """

    x: np.ndarray
    y: np.ndarray
    error: np.ndarray
    cut: np.ndarray
    run: np.ndarray
    direct: np.ndarray
    slope: float
    slope_err: float
    undecided: int
    left_out: int


def _points_along_lines(turbulence, medium):
    """Points that are fitted, of runs of turbulence alone."""
    on_lines = [run for run in turbulence if run.along_lines]
    if not on_lines:
        raise NotBracketed(
            "no run has kappa along field lines of turbulence, which that of micromirrors is: input_decks/"
            "transition_lines.toml makes one"
        )
    energy = np.concatenate([run.energy for run in on_lines])
    tangling = np.concatenate([run.kappa / run.kappa_trace for run in on_lines])
    flown = np.concatenate([run.energy[run.flag != "no"] for run in turbulence if not run.along_lines] or [[]])
    at_l_c = theory.energy_of_gyroradius(medium["l_c"], medium["B"], medium["Z"]) / EV
    rows, left_out, undecided = [], 0, 0
    for number, run in enumerate(turbulence):
        for i in np.flatnonzero(run.drawable & (run.kappa_err > 0) & (run.energy <= LARGEST_X * at_l_c)):
            near = np.abs(energy / run.energy[i] - 1) < SAME
            direct = not run.along_lines
            replaced = run.energy[i] > DIRECT_FROM * at_l_c and (np.abs(flown / run.energy[i] - 1) < SAME).any()
            if (direct and not (near.any() and run.energy[i] > DIRECT_FROM * at_l_c)) or (not direct and replaced):
                continue
            if run.flag[i] == "no":
                left_out += 1
                continue
            undecided += run.flag[i] == "undecided"
            kappa = run.kappa[i] * (tangling[near].mean() if direct else 1.0)
            cut = 0.0 if direct else np.log1p(run.cut_error[i] / run.kappa[i])
            shared = len(turbulence) + len(rows) if direct else number
            error = run.kappa_err[i] / run.kappa[i]
            slopes = run.slope[i], run.slope_err[i]
            rows.append((np.log(run.energy[i]), np.log(kappa), error, cut, shared, direct, *slopes))
    if len(rows) < 3:
        raise NotBracketed(f"{len(rows)} points along lines are converged; 3 or more are expected")
    x, y, error, cut, shared, direct, slope, slope_err = np.array(rows, dtype=float).T
    known = np.isfinite(slope) & (slope_err > 0)
    mean, variance = _weighted_mean(slope[known], slope_err[known]) if known.any() else (0.0, 0.0)
    return _Points(x, y, error, cut, shared, direct > 0, mean, float(np.sqrt(variance)), int(undecided), left_out)


def _fit(x, y, error):
    """Weighted straight line: the middle of x, the value there, the slope."""
    weight = 1 / error**2
    pivot = (weight * x).sum() / weight.sum()
    slope = (weight * (x - pivot) * y).sum() / (weight * (x - pivot) ** 2).sum()
    return pivot, (weight * y).sum() / weight.sum(), slope


def _of_any_correlation(changes, run):
    """Error from changes by one standard error of each point: any correlation within a run, none between runs."""
    return np.sqrt(sum(np.abs(changes[run == number]).sum() ** 2 for number in np.unique(run)))


def _weighted_mean(values, errors):
    weight = 1 / errors**2
    return float((values * weight).sum() / weight.sum()), 1 / weight.sum()


def _of_mirrors(runs, medium, micromirrors):
    """Measured kappa nu_mm/c^2 of micromirrors everywhere and its error, from points far below the transition."""
    below = theory.transition_energy(0.5, **medium, **micromirrors) / EV
    ratio, error = [], []
    for run in runs:
        good = run.drawable & (run.kappa_err > 0) & (run.energy <= below)
        exact = theory.kappa_mm(run.energy[good] * EV, B=medium["B"], Z=medium["Z"], **micromirrors)
        ratio += list(run.kappa[good] / exact)
        error += list(run.kappa_err[good] / exact)
    if not ratio:
        return np.nan, np.nan
    mean, variance = _weighted_mean(np.array(ratio), np.array(error))
    return mean, float(np.sqrt(variance))


def _tev(energy):
    return f"{energy / 1e12:.3g}"


def report(directories):
    """Lines on the transition that the runs of some directories show, or the one that says why they show none."""
    runs = [read_kappa_points(directory) for directory in directories]
    runs = [run for run in runs if not run.of_plasma] or runs  # they have a medium of their own
    if any(run.medium != runs[0].medium for run in runs):
        return ["no lines of theory and no transition: Z, B_rms or l_c differ"]
    try:
        found = measured_transition(runs)
    except NotBracketed as reason:
        return [f"the transition is not measured: {reason}"]
    if found is None:
        there = ", ".join(sorted({f"{run.f_mm:g}" for run in runs if run.turbulent and not run.scattering_only}))
        return [
            "no transition measured: it takes runs with f_mm = 1 and turbulent ones with f_mm = 0; "
            f"here f_mm = {there or 'none'}"
        ]
    mirrors = next(run for run in runs if run.micromirrors and run.f_mm == 1)
    return lines(found, mirrors.micromirrors, mirrors.medium)


def lines(found, micromirrors, medium):
    """Lines on a `Transition`, beside the paper's estimate."""
    errors = ", ".join(
        f"± {value / 1e12:.2g} ({name})"
        for name, value in (
            ("statistical", found.statistical),
            ("extrapolation", found.extrapolation),
            ("plateau", found.plateau),
        )
    )
    said = [
        f"kappa_par of turbulence = (2/3) c^2/nu_mm at {_tev(found.energy)} TeV {errors}",
        f"  {found.lines} points on field lines, {found.direct} flown directly: kappa_par = {found.coefficient:.3g} c "
        f"l_c (r_g/l_c)^({found.delta:.3f} ± {found.delta_err:.3f}), chi2 {found.chi2:.1f} for "
        f"{found.lines + found.direct - 2}",
    ]
    if found.undecided or found.left_out:
        said.append(
            f"  {found.undecided} of these points are undecided, {found.left_out} more are not converged and left out"
        )
    if np.isfinite(found.mirrors):
        said.append(f"  kappa nu_mm/c^2 of micromirrors: {found.mirrors:.3f} ± {found.mirrors_err:.3f}; exactly 2/3")
    for delta, name in ((1 / 3, "1/3"), (1 / 2, "1/2")):
        estimate = theory.transition_energy(delta, **medium, **micromirrors) / EV
        said.append(f"  paper eq 9, delta = {name}: {_tev(estimate)} TeV")
    return said

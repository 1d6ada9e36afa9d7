"""Reads the points of figure 5 from runs: kappa against filling fraction, in units of kappa without micromirrors."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpcmm.errors import InputError
from hpcmm.figures.kappa_points import read_kappa_points
from hpcmm.io.table import read_table, read_table_of
from hpcmm.theory import EV, energy_of_gyroradius

ESTIMATES = {"running": r"classical $\langle x^2\rangle/2T$", "lstm": "recurrent network"}
"""Estimators that figure 5 shows besides the headline, and their names in its legend."""


@dataclass(frozen=True)
class FractionPoints:
    """One series of points.

    Attributes
    ----------
    path : Path
        File that the points come from.
    label : str
        Text of the legend, formulas between dollar signs.
    f_mm : array
        Filling fraction, 0 to 1.
    kappa, kappa_err : array
        Points and errors in units of kappa_res, that of f_mm = 0.
    contrast : float or None
        kappa_mm / kappa_res, which eq 11 needs: exact for a line, measured at f_mm = 1 for transport runs; None where
        it is not known.
    exact : bool
        True if `contrast` is exact.
    titled : bool
        True if the label is the title of a deck, in which a dollar sign starts no formula.
    """

    path: Path
    label: str
    f_mm: np.ndarray
    kappa: np.ndarray
    kappa_err: np.ndarray
    contrast: float | None
    exact: bool = False
    titled: bool = False

    @property
    def drawable(self):
        """True for the points that a logarithmic axis can show."""
        return np.isfinite(self.kappa) & (self.kappa > 0)


def read_fraction_points(directories):
    """Read the series of all run directories.

    A two-phase line is one by itself, and one more for each estimator of `ESTIMATES` that was applied to its tracks;
    the transport runs, one a fraction, make one of each energy and path length together.

    Returns
    -------
    list of FractionPoints

    Raises
    ------
    InputError
        Naming the file, where it is missing or is no table of kappa against f_mm.
    """
    lines, gated = [], []
    for directory in directories:
        table = read_table_of(directory)
        kind = table.meta.get("kind", "transport")
        if kind == "two_phase_1d":
            line = _line(Path(directory) / "kappa.ecsv", table)
            lines += [line, *_estimates(directory, line, float(table.meta["nu_res"]))]
        elif kind == "transport":
            gated.append(read_kappa_points(directory))
        else:
            raise InputError(f"{directory}: no run of kappa against f_mm: kind {kind!s:.60}")
    return lines + (_gated(gated) if gated else [])


def contrast_of(series):
    """kappa_mm / kappa_res for the curves: the exact one that lines share, else that measured of the first series.

    Raises
    ------
    InputError
        If lines differ in it, or no series knows it.
    """
    exact = [s for s in series if s.exact]
    for other in exact[1:]:
        if not np.isclose(other.contrast, exact[0].contrast, rtol=1e-9):
            raise InputError(f"{other.path}: kappa_mm/kappa_res differs from {exact[0].path}: draw them apart")
    known = exact or [s for s in series if s.contrast is not None]
    if known:
        return known[0].contrast
    raise InputError(f"{series[0].path}: kappa_mm/kappa_res is not known; give the run of f_mm = 1 too")


def _gated(runs):
    """Make one series of each energy and path length of transport runs of one medium."""
    for run in runs[1:]:
        if any(not np.isclose(run.medium[key], runs[0].medium[key], rtol=1e-9) for key in run.medium):
            raise InputError(f"{run.path}: Z, B_rms or l_c differ from {runs[0].path}: draw them apart")
    for run in runs:
        if run.patches and not run.micromirrors:
            raise InputError(f"{run.path}: its patches are not of micromirrors; it has no f_mm")
    partial = [run for run in runs if 0 < run.f_mm < 1]
    for run in partial[1:]:
        if run.patches != partial[0].patches:
            words = ("a probability", "a share of the volume")
            raise InputError(
                f"{run.path}: f_mm is {words[run.patches]}, in {partial[0].path} {words[not run.patches]}: "
                "draw them apart"
            )
    groups = {}
    for run in sorted(runs, key=lambda run: run.f_mm):
        for i, energy in enumerate(run.energy):
            path = None if run.path_over_l_c is None else float(f"{run.path_over_l_c[i]:.2g}")
            groups.setdefault((float(f"{energy:.9e}"), path), []).append((run, i))
    return [_series(energy, path, points) for (energy, path), points in groups.items()]


def _series(energy, path, points):
    """One series: kappa_trace over that of the run of f_mm = 0, errors of both added in squares."""
    bare = [(run.kappa[i], run.kappa_err[i]) for run, i in points if run.f_mm == 0]
    first = points[0][0]
    if len(bare) != 1:
        of = "" if path is None else f" with paths of {path:g} l_c"
        raise InputError(f"{first.path}: one transport run of f_mm = 0{of} is expected beside it, not {len(bare)}")
    unit, unit_err = bare[0]
    rows = []
    for run, i in points:
        kappa, error = run.kappa[i] / unit, run.kappa_err[i] / unit
        rows.append((run.f_mm, kappa, error if run.f_mm == 0 else np.hypot(error, kappa * unit_err / unit)))
    f_mm, kappa, error = np.array(rows).T
    full = (f_mm == 1) & (kappa > 0)
    contrast = float(kappa[full][0]) if full.any() else None
    x = energy * EV / energy_of_gyroradius(first.medium["l_c"], first.medium["B"], first.medium["Z"])
    everywhere = any(0 < run.f_mm < 1 and not run.patches for run, _ in points)
    reading = r"rate $f_{\rm mm}\,\nu_{\rm mm}$ everywhere" if everywhere else r"patches $|B|\geq B_*$"
    label = rf"3D, {reading}, $r_{{\rm g}}/l_{{\rm c}}={x:.2g}$"
    if path is not None:
        label += rf", path ${path:g}\,l_{{\rm c}}$"
    return FractionPoints(first.path, label, f_mm, kappa, error, contrast)


def _estimates(directory, line, nu_res):
    """Series of other estimators of a line, if `hpcmm kappa --estimator all` has written its table."""
    path = Path(directory) / "estimators.ecsv"
    if not path.is_file():
        return []
    table = read_table(path)
    found = []
    for name, words in ESTIMATES.items():
        if name in table.colnames:
            try:
                f_mm, kappa, error = (np.asarray(table[c], dtype=float) for c in ("f_mm", name, f"{name}_err"))
            except (KeyError, TypeError, ValueError) as fault:
                raise InputError(f"{path}: not a table of estimators of hpcmm: {fault}") from None
            kappa, error = kappa * nu_res, error * nu_res
            label = f"1D, {words}, {table.meta.get('tracks', '')} tracks"
            found.append(FractionPoints(path, label, f_mm, kappa, error, line.contrast, exact=True))
    return found


def _line(path, table):
    """Series of a two-phase line, normalised by c^2/nu_res."""
    try:
        nu_mm, nu_res = float(table.meta["nu_mm"]), float(table.meta["nu_res"])
        f_mm, kappa, error = (np.asarray(table[name], dtype=float) for name in ("f_mm", "kappa", "kappa_err"))
        if not (nu_mm > 0 and nu_res > 0 and len(f_mm) and ((f_mm >= 0) & (f_mm <= 1)).all() and (error >= 0).all()):
            raise ValueError("rates, fractions or errors out of range")
    except (KeyError, TypeError, ValueError) as error:
        missing = f"no {error}" if isinstance(error, KeyError) else error
        raise InputError(f"{path}: not the kappa table of a two-phase run: {missing}") from None
    label = str(table.meta.get("title") or "")
    return FractionPoints(path, label, f_mm, kappa * nu_res, error * nu_res, nu_res / nu_mm, exact=True, titled=True)

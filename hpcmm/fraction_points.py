"""What figure 5 takes from runs: kappa against the filling fraction, in units of kappa without micromirrors."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpcmm.errors import InputError
from hpcmm.kappa_points import read_kappa_points
from hpcmm.products import read_kappa


@dataclass(frozen=True)
class FractionPoints:
    """One series of points.

    Attributes
    ----------
    path : Path
        Where it comes from.
    label : str
    f_mm : array
        0 to 1.
    kappa, kappa_err : array
        In units of kappa_res, that of f_mm = 0.
    contrast : float or None
        kappa_mm / kappa_res, which the curves of theory need; None where it is not known exactly.
    """

    path: Path
    label: str
    f_mm: np.ndarray
    kappa: np.ndarray
    kappa_err: np.ndarray
    contrast: float | None

    @property
    def drawable(self):
        """Points a logarithmic axis can show."""
        return np.isfinite(self.kappa) & (self.kappa > 0)


def read_fraction_points(directories):
    """Series of all run directories.

    A two-phase line is one by itself; the transport runs, one a fraction, make one of each energy together.

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
        table = read_kappa(directory)
        kind = table.meta.get("kind", "transport")
        if kind == "two_phase_1d":
            lines.append(_line(Path(directory) / "kappa.ecsv", table))
        elif kind == "transport":
            gated.append(read_kappa_points(directory))
        else:
            raise InputError(f"{directory}: no run of kappa against f_mm: kind {kind!s:.60}")
    return lines + (_gated(gated) if gated else [])


def contrast_of(series):
    """kappa_mm / kappa_res that several series share, known from a line, else measured at f_mm = 1.

    Raises
    ------
    InputError
        If lines differ in it, or no series tells.
    """
    known = [s for s in series if s.contrast is not None]
    for other in known[1:]:
        if not np.isclose(other.contrast, known[0].contrast, rtol=1e-9):
            raise InputError(f"{other.path}: kappa_mm/kappa_res differs from {known[0].path}: draw them apart")
    if known:
        return known[0].contrast
    for s in series:
        full = s.drawable & (s.f_mm == 1)
        if full.any():
            return float(s.kappa[full][0])
    raise InputError(f"{series[0].path}: kappa_mm/kappa_res is not known; give the run of f_mm = 1 too")


def _gated(runs):
    """Points of transport runs of one medium, kappa_trace over that of the run of f_mm = 0, errors of both added."""
    bare = [run for run in runs if run.f_mm == 0]
    if len(bare) != 1:
        raise InputError(f"{runs[0].path}: one transport run of f_mm = 0 is expected beside it, not {len(bare)}")
    for run in runs:
        if any(not np.isclose(run.medium[key], bare[0].medium[key], rtol=1e-9) for key in run.medium):
            raise InputError(f"{run.path}: Z, B_rms or l_c differ from {bare[0].path}: draw them apart")
    series = []
    for energy, unit, unit_err in zip(bare[0].energy, bare[0].kappa, bare[0].kappa_err, strict=True):
        points = []
        for run in sorted(runs, key=lambda run: run.f_mm):
            for i in np.flatnonzero(np.isclose(run.energy, energy, rtol=1e-9)):
                kappa, error = run.kappa[i] / unit, run.kappa_err[i] / unit
                points.append((run.f_mm, kappa, error if run.f_mm == 0 else np.hypot(error, kappa * unit_err / unit)))
        f_mm, kappa, error = np.array(points).T
        label = f"three dimensions, {energy:.3g} eV"
        series.append(FractionPoints(bare[0].path, label, f_mm, kappa, error, None))
    return series


def _line(path, table):
    """Points of a two-phase line, normalised by c^2/nu_res."""
    try:
        nu_mm, nu_res = float(table.meta["nu_mm"]), float(table.meta["nu_res"])
        f_mm, kappa, error = (np.asarray(table[name], dtype=float) for name in ("f_mm", "kappa", "kappa_err"))
        if not (nu_mm > 0 and nu_res > 0 and len(f_mm) and ((f_mm >= 0) & (f_mm <= 1)).all() and (error >= 0).all()):
            raise ValueError("rates, fractions or errors out of range")
    except (KeyError, TypeError, ValueError) as error:
        missing = f"no {error}" if isinstance(error, KeyError) else error
        raise InputError(f"{path}: not the kappa table of a two-phase run: {missing}") from None
    label = str(table.meta.get("title") or "")
    return FractionPoints(path, label, f_mm, kappa * nu_res, error * nu_res, nu_res / nu_mm)

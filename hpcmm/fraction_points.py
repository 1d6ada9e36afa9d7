"""What figure 5 takes from runs: kappa against the filling fraction, in units of kappa without micromirrors."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpcmm.errors import InputError
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
    contrast : float
        kappa_mm / kappa_res, which the curves of theory need.
    """

    path: Path
    label: str
    f_mm: np.ndarray
    kappa: np.ndarray
    kappa_err: np.ndarray
    contrast: float

    @property
    def drawable(self):
        """Points a logarithmic axis can show."""
        return np.isfinite(self.kappa) & (self.kappa > 0)


def read_fraction_points(directories):
    """Series of all run directories: a two-phase line is one by itself.

    Returns
    -------
    list of FractionPoints

    Raises
    ------
    InputError
        Naming the file, where it is missing or is no table of kappa against f_mm.
    """
    return [_line(Path(directory) / "kappa.ecsv", read_kappa(directory)) for directory in directories]


def _line(path, table):
    """Points of a two-phase line, normalised by c^2/nu_res."""
    kind = table.meta.get("kind", "transport")
    if kind != "two_phase_1d":
        raise InputError(f"{path}: a run of kind 'two_phase_1d' is expected, not {kind!s:.60}")
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

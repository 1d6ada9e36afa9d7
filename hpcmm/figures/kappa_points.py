"""Reads the points of a figure from kappa.ecsv, their errors, and the medium its theory lines need."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpcmm.errors import InputError
from hpcmm.io.table import flag, read_table_of
from hpcmm.theory import GAUSS_MICRO, PARSEC


@dataclass(frozen=True)
class KappaPoints:
    """Points of one kappa.ecsv, and what its header says of the run.

    Attributes
    ----------
    path : Path
        The file.
    title : str
    energy : array
        [eV]
    kappa, kappa_err : array
        kappa_trace and its error [cm2/s]; for a run of scattering only kappa_iso, as along a field line
        (docs/physics.md 1.3), for one on field lines kappa_par.
    flag : array of str
        "yes", "no" or "undecided".
    medium : dict
        Keyword arguments Z, B [G], l_c [cm].
    micromirrors : dict or None
        Keyword arguments l_mm [cm], dB_over_B; None where the run has no micromirrors.
    f_mm : float
        Micromirror fraction; 0 where the run has none.
    scattering_only : bool
        True if the run has no field, so that its motion is that along a line.
    turbulent : bool
        True if the run has a turbulent field.
    path_over_l_c : array or None
        Length of the tracks in units of l_c; None where the table has no such column.
    patches : bool
        True if the run has patches, of strong field or on a lattice; False if it has one rate everywhere.
    along_lines : bool
        True if the run is one on field lines.
    kappa_trace, cut_error : array or None
        Of a run on field lines [cm2/s].
    slope, slope_err : array or None
        d ln kappa / d ln lag; None where the table has no such columns.
    from_file : bool
        True if the run's field is that of a file.
    of_plasma : bool
        True if lengths of that file are told in gyroradii of thermal ions.
    """

    path: Path
    title: str
    energy: np.ndarray
    kappa: np.ndarray
    kappa_err: np.ndarray
    flag: np.ndarray
    medium: dict
    micromirrors: dict | None
    f_mm: float
    scattering_only: bool = False
    path_over_l_c: np.ndarray | None = None
    patches: bool = False
    turbulent: bool = True
    along_lines: bool = False
    kappa_trace: np.ndarray | None = None
    cut_error: np.ndarray | None = None
    slope: np.ndarray | None = None
    slope_err: np.ndarray | None = None
    from_file: bool = False
    of_plasma: bool = False

    @property
    def converged(self):
        """True for the points called so without doubt."""
        return self.flag == "yes"

    @property
    def drawable(self):
        """True for the points that a logarithmic axis can show."""
        return np.isfinite(self.kappa) & (self.kappa > 0)


def read_kappa_points(directory):
    """Read the kappa.ecsv of a run of transport or on field lines.

    Parameters
    ----------
    directory : path
        Run directory.

    Returns
    -------
    KappaPoints

    Raises
    ------
    InputError
        Naming the file, where it is missing or is not the table of a transport run.
    """
    path = Path(directory) / "kappa.ecsv"
    table = read_table_of(directory)
    try:
        return _points(path, table)
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        missing = f"no {error}" if isinstance(error, KeyError) else error
        raise InputError(f"{path}: not the kappa table of a transport run: {missing}") from None


def _points(path, table):
    meta = table.meta
    if len(table) == 0:
        raise ValueError("no rows")
    scattering_only = bool(meta.get("scattering_only", False))
    along_lines = meta.get("kind") == "field_lines"
    name = "kappa_iso" if scattering_only else "kappa_par" if along_lines else "kappa_trace"
    units = {"energy": "eV", name: "cm2 / s", f"{name}_err": "cm2 / s"}
    units |= dict.fromkeys(("kappa_trace", "cut_error"), "cm2 / s") if along_lines else {}
    columns = {column: _values(table, column, unit) for column, unit in units.items()}
    if not np.all(columns["energy"] > 0):
        raise ValueError("column 'energy' holds values that are not positive")
    if np.any(columns[f"{name}_err"] < 0):
        raise ValueError(f"column '{name}_err' holds negative errors")
    micromirrors, f_mm = None, 0.0
    if "l_mm_pc" in meta:
        micromirrors = {"l_mm": float(meta["l_mm_pc"]) * PARSEC, "dB_over_B": float(meta["dB_over_B"])}
        f_mm = float(meta["f_mm"])
    return KappaPoints(
        path=path,
        title=str(meta["title"]),
        energy=columns["energy"],
        kappa=columns[name],
        kappa_err=columns[f"{name}_err"],
        flag=np.array([flag(value) for value in table["converged"]]),
        medium={
            "Z": int(meta["Z"]),
            "B": float(meta["B_rms_uG"]) * GAUSS_MICRO,
            "l_c": float(meta["l_c_pc"]) * PARSEC,
        },
        micromirrors=micromirrors,
        f_mm=f_mm,
        scattering_only=scattering_only,
        turbulent=bool(meta.get("turbulent", True)),
        path_over_l_c=_values(table, "path_length", "pc") / meta["l_c_pc"] if "path_length" in table.colnames else None,
        patches="f_mm_time" in table.colnames,
        along_lines=along_lines,
        from_file="fields" in meta,
        of_plasma="r_gi_pc" in meta,
        **{name: columns[name] for name in ("kappa_trace", "cut_error") if along_lines},
        **{name: np.asarray(table[name], dtype=float) for name in ("slope", "slope_err") if name in table.colnames},
    )


def _values(table, name, unit):
    """Column as floats in `unit`; a value that is missing becomes NaN."""
    column = table[name]
    if not hasattr(column, "to_value"):
        raise ValueError(f"column {name!r} has no unit")
    values = column.to_value(unit)
    return np.asarray(values.filled(np.nan) if hasattr(values, "filled") else values, dtype=float)

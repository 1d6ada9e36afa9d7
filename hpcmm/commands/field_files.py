"""Magnetic fields in files, from Python: `hpcmm.open_field` and `hpcmm.write_field`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import hpcmm
from hpcmm.deck.units import LENGTH, MAGNETIC_FIELD, parse, quantity
from hpcmm.errors import InputError
from hpcmm.io.field_files import write
from hpcmm.io.field_files.cube import FEWEST_POINTS, Cube, FieldFileError, Wanted
from hpcmm.io.field_files.examine import examine

LENGTHS = {1.0: "pc", 1e3: "kpc", 1e6: "Mpc"}
FIELDS = {1e-3: "nG", 1.0: "uG", 1e3: "mG", 1e6: "G", 1e10: "T"}
"""Units of files that have a name -> the name."""


@dataclass(frozen=True)
class FieldFile:
    """A magnetic field on a uniform grid, from a file.

    Attributes
    ----------
    B : Quantity [x, y, z, component]
        In the unit of the file; without a unit where the file has none.
    box : Quantity [3]
        Sides.
    first : Quantity [3]
        Place of B[0, 0, 0].
    spacing : Quantity [3]
    layout : str
    l_c : Quantity
        Two-sided correlation length, pi sum(E/k)/sum(E).
    rms : Quantity
        sqrt(<|B|^2>), the mean included.
    dB : Quantity
        rms of B - mean.
    mean : Quantity [3]
    spectrum : (Quantity, Quantity)
        k and E(k), with sum of E dk = dB^2.
    div_B : float
        rms div B over rms gradient; above 0.3 axes are probably swapped.
    seam : float
        Step of B across the boundary over that between neighbours; above 2 the field is not periodic.
    """

    B: Any
    box: Any
    first: Any
    spacing: Any
    layout: str
    l_c: Any
    rms: Any
    dB: Any
    mean: Any
    spectrum: tuple
    div_B: float
    seam: float


def open_field(
    path, *, box=None, boundary=None, mean="keep", allow_seams=False, allow_divergence=False, **keys
) -> FieldFile:
    """Read a magnetic field; see `hpcmm.open_field`."""
    known = ("layout", "dataset", "axes", "components", "values_at", "points")
    for key in keys:
        if key not in known:
            more = "box, boundary, mean, allow_seams, allow_divergence"
            raise InputError(f"open_field: unknown key '{key}'; known here: {', '.join(known)}, {more}")
    if mean not in ("keep", "remove"):
        raise InputError(f"open_field: mean = {mean!r}: 'keep' or 'remove' is expected")
    if boundary not in (None, "periodic", "mirror", "stop"):
        raise InputError(f"open_field: boundary = {boundary!r}: 'periodic', 'mirror' or 'stop' is expected")
    sides, unit = (None, None) if box is None or (isinstance(box, str) and box == "file") else _sides(box)
    points = keys.get("points")
    wanted = Wanted(**keys | {"box": sides, "points": None if points is None else tuple(map(int, points))})
    read = examine(path, wanted, boundary, allow_seams, allow_divergence, keep=True)
    length = unit if sides is not None else _length_unit(read.cube) if read.sized else ""
    strength, found = _field_unit(read.cube), read.measures
    values = read.values if mean == "keep" else read.values - found.mean
    field = np.transpose(values, (2, 1, 0, 3))
    return FieldFile(
        B=quantity(field, strength),
        box=quantity(read.box, length),
        first=quantity(read.first, length),
        spacing=quantity([side / n for side, n in zip(read.box, read.cube.points, strict=True)], length),
        layout=read.cube.layout,
        l_c=quantity(found.l_c, length),
        rms=quantity(found.rms, strength),
        dB=quantity(found.dB, strength),
        mean=quantity(found.mean, strength),
        spectrum=(found.k / quantity(1.0, length), found.E * quantity(1.0, strength) ** 2 * quantity(1.0, length)),
        div_B=found.divergence,
        seam=found.seam,
    )


def write_field(path, B, *, box, unit="uG", axes="xyz", components="last", values_at="nodes", density=None):
    """Write a magnetic field; see `hpcmm.write_field`."""
    where = str(path)
    if sorted(axes) != ["x", "y", "z"]:
        raise FieldFileError(where, f"axes = {axes!r}: the letters x, y, z in some order are expected", "axes")
    if values_at not in ("nodes", "centres"):
        raise FieldFileError(where, f"values_at = {values_at!r}: 'nodes' or 'centres' is expected", "values_at")
    if hasattr(B, "unit"):
        B, unit = B.value, B.unit.to_string()
    values = np.asarray(B)
    if components == "first":
        values = np.moveaxis(values, 0, -1)
    if values.ndim != 4 or values.shape[3] != 3 or min(values.shape[:3]) < FEWEST_POINTS:
        message = f"an array of shape {np.shape(B)}; three axes of {FEWEST_POINTS} or more and one of 3 components"
        raise FieldFileError(where, message)
    if values.dtype.kind != "f" or values.dtype.itemsize not in (4, 8):
        raise FieldFileError(where, f"an array of {values.dtype}; float32 or float64 is expected")
    if not np.isfinite(values).all():
        bad = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise FieldFileError(where, f"the value at {bad} is {values[bad]:g}, no finite number")
    sides, length = _sides(box)
    native = values.astype(values.dtype.newbyteorder("="), copy=False)
    order = tuple(axes.index(a) for a in "zyx")
    ordered = np.transpose(native, (*order, 3))
    if density is not None:
        density = np.transpose(_density(where, density, values.shape[:3]), order)
    first = (0.5 if values_at == "centres" else 0.0,) * 3
    length_unit = None if length == "" else parse(f"1 {length}", LENGTH)
    field_unit = None if unit in (None, "") else parse(f"1 {unit}", MAGNETIC_FIELD)
    software = f"hpcmm {hpcmm.__version__}"
    write.write(Path(path), ordered, sides, first, length_unit, field_unit, software, density=density)


def _density(where, density, shape):
    """Densities of a field's shape, all above 0, as floats."""
    found = np.asarray(density)
    if found.shape != shape or found.dtype.kind != "f" or not (np.isfinite(found) & (found > 0)).all():
        message = (
            f"density of {found.shape} {found.dtype}: floats above 0 are expected, of the shape {shape} of the field"
        )
        raise FieldFileError(where, message)
    return found.astype(found.dtype.newbyteorder("="), copy=False)


def _sides(box):
    """Three sides, and their unit, "" for none: of numbers, texts with a unit, a Quantity; one stands for all."""
    if hasattr(box, "unit"):
        box, unit = np.asarray(box.value, float), box.unit.to_string()
    elif isinstance(box, str) or any(isinstance(side, str) for side in np.ravel(np.array(box, dtype=object))):
        texts = [box] * 3 if isinstance(box, str) else list(box)
        try:
            return _three([parse(text, LENGTH) for text in texts]), "pc"
        except ValueError as error:
            raise InputError(f"box: {error}") from None
    else:
        unit = ""
    return _three(np.atleast_1d(np.asarray(box, dtype=float))), unit


def _three(sides):
    sides = [float(s) for s in sides] * (3 if len(sides) == 1 else 1)
    if len(sides) != 3 or not all(math.isfinite(s) and s > 0 for s in sides):
        raise InputError(f"box = {sides}: three lengths of more than 0 along x, y, z are expected")
    return tuple(sides)


def _length_unit(cube: Cube):
    """Unit of the file's lengths for astropy; without one "" ."""
    if cube.length_unit is None:
        return ""
    return LENGTHS.get(cube.length_unit) or f"{cube.length_unit!r} pc"


def _field_unit(cube: Cube):
    """Unit of the file's values for astropy; without one "" ."""
    if cube.field_unit is None:
        return ""
    return FIELDS.get(cube.field_unit) or f"{cube.field_unit!r} uG"

"""Covering and arbitrary grids that yt has saved: grid/magnetic_field_{x,y,z}, indexed [x, y, z]."""

from __future__ import annotations

import numpy as np

from hpcmm.io.field_files import hdf5
from hpcmm.io.field_files.cube import PC_SI, Cube, FieldFileError, check_points, check_spacing, forbid, unit_factor

CM = 1e-2
GAUSS = {"gauss": 1e6, "G": 1e6, "uG": 1.0, "µG": 1.0, "T": 1e10, "tesla": 1e10}
"""Unit -> [uG]."""


def is_mine(file):
    """True if yt has written the file."""
    return "grid" in file and "data_type" in file.attrs


def open_cube(path, wanted):
    """Describe a file; see `hpcmm.io.field_files`."""
    forbid(path, wanted, "yt", axes="xyz", components=None, values_at="centres", points=None)
    with hdf5.opened(path) as file:
        names = [f"magnetic_field_{a}" for a in "xyz"]
        data = [hdf5.dataset(path, file, f"grid/{name}", 3) for name in names]
        if len({d.shape for d in data}) > 1:
            raise FieldFileError(path, f"its components have different shapes: {[d.shape for d in data]}")
        points = check_points(path, data[0].shape)
        lower, length = _edge(path, file, "left_edge")
        box = _sides(path, file, lower, points)
        upper = lower + box
        units = {hdf5.text(d.attrs.get("units", "")) for d in data}
        unit = GAUSS.get(units.pop()) if len(units) == 1 else None
        whole = None
        if "domain_left_edge" in file.attrs:
            ends = [np.asarray(file.attrs[f"domain_{side}_edge"], float) for side in ("left", "right")]
            same = np.allclose(ends[0], lower, rtol=1e-6) and np.allclose(ends[1], upper, rtol=1e-6)
            periodic = np.asarray(file.attrs.get("periodicity", True)).all()
            whole = bool(same and periodic)
        return Cube(
            str(path), "yt", points, [p for c in range(3) for p in hdf5.pieces(data[c], "xyz", c)],
            lambda: hdf5.opened(path), sum(d.nbytes for d in data),
            box=tuple(float(v) for v in box),
            first=tuple(float(v) for v in lower + box / points / 2),
            length_unit=length,
            field_unit=unit,
            unit_name="uG" if unit else "code unit",
            whole=whole,
        )  # fmt: skip


def _sides(path, file, lower, points):
    """Sides of the box: to right_edge of an arbitrary grid; of a covering grid by the width of its cells."""
    if "right_edge" in file.attrs:
        box = _edge(path, file, "right_edge")[0] - lower
        check_spacing(path, box, "right_edge less left_edge")
        return box
    cells = []
    for name, n in zip(("dx", "dy", "dz"), points, strict=True):
        width = hdf5.dataset(path, file, f"grid/{name}")
        cells.append(float(width[(0,) * width.ndim]) * n)
    check_spacing(path, cells, "dx, dy, dz")
    return np.array(cells)


def _edge(path, file, name):
    """An edge in the unit of the file's lengths, and that unit [pc], None where it is of a code."""
    if name not in file.attrs:
        raise FieldFileError(path, f"holds no attribute {name}")
    units = hdf5.text(file.attrs.get(f"{name}_units", file.attrs.get("length_unit_units", "code_length")))
    edge = np.asarray(file.attrs[name], dtype=float).ravel()
    known = {"cm": CM, "m": 1.0, "pc": PC_SI, "kpc": 1e3 * PC_SI, "Mpc": 1e6 * PC_SI}
    if units in known:
        return edge, unit_factor(known[units], PC_SI)
    code, code_units = file.attrs.get("length_unit"), hdf5.text(file.attrs.get("length_unit_units", ""))
    if units == "code_length" and code is not None and code_units in known:
        return edge, unit_factor(float(np.asarray(code).ravel()[0]) * known[code_units], PC_SI)
    return edge, None

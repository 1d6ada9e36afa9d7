"""FLASH plot files and checkpoints: magx, magy, magz in blocks, of which the leaves are read, all of one size."""

from __future__ import annotations

import math

import h5py
import numpy as np

from hpcmm.io.field_files import hdf5
from hpcmm.io.field_files.cube import PC_SI, Cube, FieldFileError, Piece, check_points, forbid, unit_factor

GAUSS = {"none": math.sqrt(4 * math.pi), "cgs": 1.0, "si": math.sqrt(4 * math.pi / 1e7)}
"""unitsystem -> gauss."""


def is_mine(file):
    """True if the file has blocks and runtime parameters of FLASH."""
    return "bounding box" in file and "node type" in file


def open_cube(path, wanted):
    """Describe a file; see `hpcmm.io.field_files`."""
    forbid(path, wanted, "flash", axes="zyx", components=None, values_at="centres", points=None)
    with hdf5.opened(path) as file:
        data = [hdf5.dataset(path, file, f"mag{a}", 4) for a in "xyz"]
        if len({d.shape for d in data}) > 1:
            raise FieldFileError(path, f"its components have different shapes: {[d.shape for d in data]}")
        leaves = np.flatnonzero(np.asarray(hdf5.there(path, file, "node type", h5py.Dataset)[...]) == 1)
        if "refine level" in file and len({*np.asarray(file["refine level"][...])[leaves].tolist()}) > 1:
            message = (
                "has leaves of several levels; one is expected: yt's arbitrary_grid(...).save_as_dataset writes that"
            )
            raise FieldFileError(path, message)
        numbers = _parameters(file, "real runtime parameters") | _parameters(file, "string runtime parameters")
        geometry = str(numbers.get("geometry", "cartesian"))
        if geometry != "cartesian":
            raise FieldFileError(path, f"geometry is {geometry}; cartesian is expected")
        block = np.array(data[0].shape[:0:-1])
        low, box, points, begin = _blocks(path, file, numbers, leaves, block)
        pieces = [_piece(data[c].name, c, leaf, at, block) for c in range(3) for leaf, at in zip(leaves, begin)]
        system = str(numbers.get("unitsystem", "none")).lower()
        unit = GAUSS.get(system)
        walls = [str(numbers.get(f"{a}l_boundary_type", "periodic")) for a in "xyz"]
        return Cube(
            str(path), "flash", points, pieces, lambda: hdf5.opened(path), sum(d.nbytes for d in data),
            box=tuple(map(float, box)),
            first=tuple(map(float, low + box / points / 2)),
            length_unit=unit_factor(1e-2, PC_SI),
            field_unit=None if unit is None else 1e6 * unit,
            unit_name=f"FLASH unit, unitsystem {system}",
            whole=all(w == "periodic" for w in walls),
        )  # fmt: skip


def _parameters(file, name):
    """A table of parameters as a dict."""
    if name not in file:
        return {}
    rows = file[name][...]
    return {hdf5.text(row[0]): hdf5.text(row[1]) if isinstance(row[1], bytes) else float(row[1]) for row in rows}


def _blocks(path, file, numbers, leaves, block):
    """Lower corner, sides, values along x, y, z, and the first value of each leaf."""
    bounds = np.asarray(hdf5.there(path, file, "bounding box", h5py.Dataset)[...], dtype=float)[leaves]
    if len(leaves) == 0 or bounds.shape != (len(leaves), 3, 2) or not np.isfinite(bounds).all():
        raise FieldFileError(path, f"bounding box has the shape {bounds.shape}; [block, axis, end] is expected")
    low = np.array([numbers.get(f"{a}min", bounds[:, i, 0].min()) for i, a in enumerate("xyz")])
    high = np.array([numbers.get(f"{a}max", bounds[:, i, 1].max()) for i, a in enumerate("xyz")])
    cell = (bounds[0, :, 1] - bounds[0, :, 0]) / block
    if not (cell > 0).all():
        raise FieldFileError(path, f"cells of {cell} along x, y, z; lengths of more than 0 are expected")
    points = check_points(path, np.rint((high - low) / cell))
    begin = np.rint((bounds[:, :, 0] - low) / cell).astype(int)
    same = np.allclose((bounds[:, :, 1] - bounds[:, :, 0]) / block, cell, rtol=1e-4)
    inside = (begin >= 0).all() and (begin + block <= points).all() and not (begin % block).any()
    if (
        not same
        or not inside
        or len({*map(tuple, begin)}) != len(begin)
        or len(begin) * block.prod() != np.prod(points)
    ):
        raise FieldFileError(path, f"its {len(leaves)} leaves do not fill {points} cells once")
    return low, high - low, points, begin


def _piece(name, component, leaf, begin, block):
    where = tuple(slice(int(begin[i]), int(begin[i] + block[i])) for i in (2, 1, 0))
    return Piece(component, where, lambda file: file[name][leaf])

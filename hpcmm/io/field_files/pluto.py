"""PLUTO's .dbl.h5 and .flt.h5: Timestep_N/vars/Bx1..3 at cell centres, [x3, x2, x1]."""

from __future__ import annotations

import h5py
import numpy as np

from hpcmm.io.field_files import hdf5
from hpcmm.io.field_files.cube import Cube, FieldFileError, check_points, check_spacing, forbid

UNIT = "code unit; gauss = sqrt(4 pi rho0) v0 times it"


def is_mine(file):
    """True if the file has time steps and coordinates of cells."""
    return "cell_coords" in file and any(name.startswith("Timestep_") for name in file)


def open_cube(path, wanted):
    """Describe a file; see `hpcmm.io.field_files`."""
    forbid(path, wanted, "pluto", axes="zyx", components=None, values_at="centres", points=None)
    with hdf5.opened(path) as file:
        place = wanted.dataset or f"{_only(path, file)}/vars"
        data = [hdf5.dataset(path, file, f"{place}/Bx{a}", 3) for a in (1, 2, 3)]
        if len({d.shape for d in data}) > 1:
            raise FieldFileError(path, f"its components have different shapes: {[d.shape for d in data]}")
        points = check_points(path, data[0].shape[::-1])
        ends = [_ends(path, file, a, n) for a, n in zip("XYZ", points, strict=True)]
        box = tuple(high - low for low, high in ends)
        check_spacing(path, box, "node_coords, last less first,")
        return Cube(
            str(path), "pluto", points, [p for c in range(3) for p in hdf5.pieces(data[c], "zyx", c)],
            lambda: hdf5.opened(path), sum(d.nbytes for d in data),
            box=box,
            first=tuple(low + side / n / 2 for (low, _), side, n in zip(ends, box, points, strict=True)),
            unit_name=UNIT,
        )  # fmt: skip


def _only(path, file):
    steps = [n for n in hdf5.names(file) if n.startswith("Timestep_")]
    if len(steps) != 1:
        message = f'holds {", ".join(steps)[:60]}: dataset = "Timestep_N/vars" is expected'
        raise FieldFileError(path, message, "dataset")
    return steps[0]


def _ends(path, file, axis, count):
    """First and last face along an axis of uniform cells."""
    nodes = hdf5.there(path, file, f"node_coords/{axis}", h5py.Dataset)
    if nodes.ndim != 3 or nodes.shape["ZYX".index(axis)] != count + 1:
        raise FieldFileError(path, f"node_coords/{axis} has the shape {nodes.shape}; one more than cells is expected")
    line = [0, 0, 0]
    line["ZYX".index(axis)] = slice(None)
    places = np.asarray(nodes[tuple(line)], dtype=float)
    steps, mean = np.diff(places), (places[-1] - places[0]) / count
    bad = np.flatnonzero(~(np.abs(steps - mean) <= 1e-4 * abs(mean)))
    if len(bad):
        raise FieldFileError(path, f"cells along {axis} are not uniform: {steps[bad[0]]:g} at {bad[0]}, {mean:g} else")
    return float(places[0]), float(places[-1])

"""CRPropa's grids: float32 vectors without a header, or a line of text each; x is slowest, z fastest."""

from __future__ import annotations

import os

import numpy as np

from hpcmm.io.field_files.cube import Cube, FieldFileError, cut, forbid, nothing
from hpcmm.io.field_files.shapes import points_of

TESLA_UG = 1e10


def open_raw(path, wanted):
    """Describe a raw file; see `hpcmm.io.field_files`."""
    forbid(path, wanted, "crpropa_raw", components="last")
    size = os.path.getsize(path)
    if size == 0 or size % 12:
        raise FieldFileError(path, f"{size} bytes are no whole number of vectors of three float32")
    vectors = np.memmap(path, "<f4", "r", shape=(size // 12, 3))
    return _cube(path, "crpropa_raw", vectors, wanted)


def open_text(path, wanted):
    """Describe a text; see `hpcmm.io.field_files`."""
    forbid(path, wanted, "crpropa_text", components="last")
    vectors = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            words = line.partition("#")[0].split()
            if not words:
                continue
            try:
                vector = tuple(map(float, words))
            except ValueError:
                vector = ()
            if len(vector) != 3:
                raise FieldFileError(path, f"line {number}: three numbers are expected, not {line.strip()[:40]!r}")
            vectors.append(vector)
    if not vectors:
        raise FieldFileError(path, "holds no vectors")
    return _cube(path, "crpropa_text", np.array(vectors), wanted)


def _cube(path, layout, vectors, wanted):
    axes = wanted.axes or "xyz"
    points = points_of(path, len(vectors), wanted)
    grid = vectors.reshape(*(points["xyz".index(a)] for a in axes), 3)
    pieces = cut(grid.shape[:3], axes, None, 3 * grid.dtype.itemsize, lambda _, part: np.asarray(grid[part]))
    first = (0.0,) * 3 if wanted.values_at == "nodes" else (0.5,) * 3
    return Cube(
        str(path), layout, points, pieces, nothing, grid.nbytes, first=first, field_unit=TESLA_UG, unit_name="tesla"
    )

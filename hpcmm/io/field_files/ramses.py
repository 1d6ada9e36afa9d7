"""Cubes of RAMSES' amr2cube: one file a component of Fortran records, (nx, ny, nz), then float32, x fastest."""

from __future__ import annotations

import os
import struct

import numpy as np

from hpcmm.io.field_files.cube import Cube, FieldFileError, check_points, cut, forbid, nothing

UNIT = "code unit; gauss = sqrt(4 pi mass/(length time^2))"


def names(path):
    """The three files of "...{x,y,z}...", or of a name whose last x, y or z stands for the component."""
    path = str(path)
    if "{x,y,z}" in path:
        return [path.replace("{x,y,z}", a) for a in "xyz"]
    stem, dot, ending = os.path.basename(path).rpartition(".")
    stem = stem if dot else ending
    at = max(stem.rfind(a) for a in "xyz")
    folder = os.path.dirname(path)
    return [os.path.join(folder, stem[:at] + a + stem[at + 1 :] + (f".{ending}" if dot else "")) for a in "xyz"]


def open_cube(path, wanted):
    """Describe three files; see `hpcmm.io.field_files`."""
    forbid(path, wanted, "ramses", axes="zyx", components=None, values_at="centres", points=None)
    arrays = [_component(name) for name in names(path)]
    if len({a.shape for a in arrays}) > 1:
        raise FieldFileError(path, f"its components have different shapes: {[a.shape[::-1] for a in arrays]}")
    points = check_points(path, arrays[0].shape[::-1])
    pieces = [
        p for c, a in enumerate(arrays) for p in cut(a.shape, "zyx", c, 4, lambda _, part, a=a: np.asarray(a[part]))
    ]
    size = sum(a.nbytes for a in arrays)
    return Cube(str(path), "ramses", points, pieces, nothing, size, first=(0.5,) * 3, unit_name=UNIT)


def _component(name):
    try:
        size = os.path.getsize(name)
        with open(name, "rb") as file:
            head = file.read(24)
    except OSError as error:
        message = f'{error.strerror}; three files are expected, file = "..{{x,y,z}}.."'
        raise FieldFileError(name, message) from None
    if len(head) < 24 or struct.unpack("<i", head[:4])[0] != 12:
        raise FieldFileError(name, "does not begin with a Fortran record of nx, ny, nz")
    begin, nx, ny, nz, end, _ = struct.unpack("<6i", head)
    if begin != end or min(nx, ny, nz) < 1 or size != 28 + 4 * nx * ny * nz:
        raise FieldFileError(name, f"{size} bytes are not those of {nx} x {ny} x {nz} float32 in Fortran records")
    return np.memmap(name, "<f4", "r", 24, (nz, ny, nx))

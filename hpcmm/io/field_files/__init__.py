"""Files of magnetic fields of other codes: a reader a layout, each of which makes a `hpcmm.io.field_files.cube.Cube`.

The layout is found by content. What no content can say (the axes of an array, the box of raw vectors) is asked for by
the key of a deck, never guessed.
"""

from __future__ import annotations

import os
from dataclasses import replace
from importlib import import_module

import numpy as np

from hpcmm.io.field_files.cube import Cube, FieldFileError, Wanted, joined
from hpcmm.io.field_files.memory import available

HDF5 = ("openpmd", "jhtdb", "athena", "yt", "flash", "pluto")
"""Layouts within HDF5, in the order in which they are tried."""

MODULES = {"yt": "yt_grid"}

LAYOUTS = ("numpy", "openpmd", "jhtdb", "athena", "yt", "crpropa_raw", "crpropa_text", "flash", "pluto", "ramses")

LARGEST_SCALE = 1e60
"""Largest side of a box, and unit in pc or uG; its inverse is the smallest."""

BYTES_A_POINT = 12
"""Bytes of three float32."""


def _reader(layout):
    if layout == "crpropa_raw":
        return import_module("hpcmm.io.field_files.crpropa").open_raw
    if layout == "crpropa_text":
        return import_module("hpcmm.io.field_files.crpropa").open_text
    if layout == "numpy":
        return import_module("hpcmm.io.field_files.numpy_array").open_cube
    return _module(layout).open_cube


def _module(layout):
    return import_module(f"hpcmm.io.field_files.{MODULES.get(layout, layout)}")


def open_cube(path, wanted: Wanted | None = None, bytes_a_point: int = BYTES_A_POINT) -> Cube:
    """Describe a file without reading its values.

    Parameters
    ----------
    path : path
    wanted : Wanted
    bytes_a_point : int
        Memory that the caller will need for each value of the grid.

    Raises
    ------
    FieldFileError
        If it is absent, of no layout known here, damaged, lacks what only the user can say, or does not fit into the
        memory of this node.
    """
    wanted = wanted or Wanted()
    if wanted.axes is not None and sorted(wanted.axes) != ["x", "y", "z"]:
        raise FieldFileError(path, f"axes = {wanted.axes!r}: the letters x, y, z in some order are expected", "axes")
    layout = wanted.layout if wanted.layout != "auto" else layout_of(path)
    if layout not in LAYOUTS:
        raise FieldFileError(path, f"layout = {layout!r}: one of {', '.join(LAYOUTS)} is expected", "layout")
    if layout != "ramses":
        _check_there(path)
    cube = _reader(layout)(str(path), wanted)
    scales = [*(cube.box or ()), *(unit for unit in (cube.length_unit, cube.field_unit) if unit is not None)]
    if not all(1 / LARGEST_SCALE < scale < LARGEST_SCALE for scale in scales):
        message = f"sides and units between {1 / LARGEST_SCALE:g} and {LARGEST_SCALE:g} are expected, not {scales}"
        raise FieldFileError(path, message)
    points = 1
    for n in cube.points:
        points *= n
    need, free = bytes_a_point * points, available()
    if need > free:
        text = " x ".join(map(str, cube.points))
        message = (
            f"{text} values need {need / 1e9:.3g} GB of memory, this node has {free / 1e9:.3g} GB; a coarser cube, "
        )
        raise FieldFileError(path, message + "or a node with more memory, is expected")
    if layout in HDF5:
        _check_stored(cube)
    return replace(cube, pieces=joined(cube.pieces))


def _check_stored(cube):
    """Refuse values that a file claims and does not hold."""
    from hpcmm.io.field_files import hdf5

    seen = set()

    def look(name, item):
        if name in seen:
            return
        seen.add(name)
        hdf5.check_stored(cube.path, item)

    with cube.open() as file:
        for piece in cube.pieces:
            piece.read(_Names(file, look))


class _Names:
    """Stands for a file in a call of `Piece.read`, to learn which dataset it reads; its values are none."""

    def __init__(self, file, look):
        self._file, self._look = file, look

    def __getitem__(self, name):
        self._look(name, self._file[name])
        return _NoValues(self._file[name].ndim)


class _NoValues:
    """Has whatever part is asked for, without reading: an array of no values."""

    def __init__(self, dims):
        self.dims = dims

    def __getitem__(self, part):
        parts = part if isinstance(part, tuple) else (part,)
        return np.empty((0,) * (self.dims - sum(not isinstance(p, slice) for p in parts)))


def _check_there(path):
    if not os.path.exists(path):
        raise FieldFileError(path, "no such file")
    if not os.path.isfile(path):
        raise FieldFileError(path, "is no file")
    if not os.access(path, os.R_OK):
        raise FieldFileError(path, "no permission to read this file")


def layout_of(path) -> str:
    """Find the layout of a file by its content."""
    if "{x,y,z}" in str(path):
        return "ramses"
    _check_there(path)
    with open(path, "rb") as file:
        head = file.read(4096)
    if head.startswith((b"\x93NUMPY", b"PK\x03\x04")):
        return "numpy"
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return _layout_of_hdf5(path)
    if str(path).endswith(".raw"):
        return "crpropa_raw"
    if head[:4] == b"\x0c\0\0\0" == head[16:20]:
        return "ramses"
    if str(path).endswith((".h5", ".hdf5", ".athdf")):
        raise FieldFileError(path, "is no HDF5 file, though its name says so")
    if head and all(byte in b"0123456789+-.eE \t\r\n#" for byte in _first_vector(head)):
        return "crpropa_text"
    raise FieldFileError(
        path, f"is of no layout known here: layout, one of {', '.join(LAYOUTS)}, is expected", "layout"
    )


def _first_vector(head):
    """The first line that is no comment; a letter where there is none."""
    lines = [line for line in head.splitlines() if line.strip() and not line.lstrip().startswith(b"#")]
    return lines[0] if lines else b"?"


def _layout_of_hdf5(path):
    from hpcmm.io.field_files import hdf5

    with hdf5.opened(path) as file:
        if "PartType0" in file:
            message = "holds cells of a moving mesh (AREPO), no grid: write one with yt, "
            raise FieldFileError(path, message + "ds.arbitrary_grid(left, right, dims).save_as_dataset(FILE)")
        found = next((layout for layout in HDF5 if _module(layout).is_mine(file)), None)
        if found is None:
            known = ", ".join(hdf5.names(file))[:80]
            raise FieldFileError(path, f"an HDF5 file of no layout known here (it holds {known})", "layout")
        return found

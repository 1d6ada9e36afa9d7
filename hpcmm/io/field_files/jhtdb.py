"""Cutouts of the Johns Hopkins turbulence databases: of giverny (netCDF-4), and of the service before."""

from __future__ import annotations

import math
import re

import h5py
import numpy as np

from hpcmm.io.field_files import hdf5
from hpcmm.io.field_files.cube import Cube, FieldFileError, check_points, check_spacing, forbid

NEW, OLD = re.compile(r"magneticfield_\d+"), re.compile(r"b\d{5}")
COORDINATES = ("xcoor", "ycoor", "zcoor")


def is_mine(file):
    """True if the file has what either service writes."""
    return any(NEW.fullmatch(name) for name in file) or "_dataset" in file or all(c in file for c in COORDINATES)


def open_cube(path, wanted):
    """Describe a file; see `hpcmm.io.field_files`."""
    forbid(path, wanted, "jhtdb", axes="zyx", components="last", values_at="nodes", points=None)
    with hdf5.opened(path) as file:
        name = wanted.dataset or _only(path, file)
        data = hdf5.dataset(path, file, name, 4)
        if data.shape[3] != 3:
            raise FieldFileError(path, f"{name} has {data.shape[3]} components; 3 are expected")
        points = check_points(path, data.shape[2::-1])
        pieces = hdf5.pieces(data, "zyx", None)
        how = (str(path), "jhtdb", points, pieces, lambda: hdf5.opened(path), data.nbytes)
        if not all(c in file for c in COORDINATES):  # the old service kept no places
            return Cube(*how, unit_name="Alfven velocity")
        first, spacing = zip(*(_line(path, file, c, n) for c, n in zip(COORDINATES, points, strict=True)), strict=True)
        check_spacing(path, spacing, "the spacing of xcoor, ycoor, zcoor")
        # places are single precision: a whole box is 2 pi up to that
        box = [2 * math.pi if abs(s * n / (2 * math.pi) - 1) < 1e-4 else s * n for s, n in zip(spacing, points)]
        whole = all(side == 2 * math.pi for side in box)
        return Cube(*how, box=tuple(box), first=first, unit_name="Alfven velocity", whole=whole)


def _only(path, file):
    found = [n for n in hdf5.names(file) if NEW.fullmatch(n) or OLD.fullmatch(n)]
    if len(found) != 1:
        known = ", ".join(found)[:80]
        message = f"holds several fields, {known}: dataset is expected" if found else "holds no magneticfield_NNNN"
        raise FieldFileError(path, message, "dataset" if found else "file")
    return found[0]


def _line(path, file, name, count):
    """First place and spacing along an axis."""
    places = np.asarray(hdf5.there(path, file, name, h5py.Dataset)[...], dtype=float)
    if places.shape != (count,):
        raise FieldFileError(path, f"{name} has {places.size} places for {count} values")
    steps = np.diff(places)
    mean = (places[-1] - places[0]) / (count - 1)
    bad = np.flatnonzero(~(np.abs(steps - mean) <= 1e-4 * abs(mean)))
    if len(bad):
        raise FieldFileError(path, f"{name} is not uniform: a step of {steps[bad[0]]:g} at {bad[0]}, {mean:g} else")
    return float(places[0]), float(mean)

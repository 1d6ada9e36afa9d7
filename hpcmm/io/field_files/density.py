"""Reads the density that a snapshot keeps beside its field: mesh n of openPMD, at the places of B."""

from __future__ import annotations

import numpy as np

from hpcmm.io.field_files import hdf5, openpmd
from hpcmm.io.field_files.cube import FieldFileError, Wanted, order_of


def read_density(path, wanted: Wanted, points) -> np.ndarray:
    """Read densities [z, y, x], as float64, over their mean.

    Parameters
    ----------
    path : path
    wanted : Wanted
        As for the field of this file.
    points : tuple of 3 ints
        Values of the field along x, y, z.

    Raises
    ------
    FieldFileError
        If there is none, or it is not on the grid of the field, or no density.
    """
    with hdf5.opened(path) as file:
        if not openpmd.is_mine(file):
            raise FieldFileError(path, 'density is read from openPMD files alone: density = "constant" is expected')
        mesh, name = openpmd.mesh_of_field(path, file, wanted)
        data = hdf5.dataset(path, mesh.parent, "n", 3)
        hdf5.check_stored(path, data)
        axes, _ = openpmd.axes_of(path, data if "axisLabels" in data.attrs else mesh)
        own, there = (_place(path, part) for part in (data, mesh["x"]))
        if tuple(data.shape[axes.index(a)] for a in "xyz") != tuple(points) or not np.array_equal(own, there):
            raise FieldFileError(path, f"{data.name} is not on the grid of {name}")
        found = np.transpose(data[...].astype(np.float64), order_of(axes))
    if not (np.isfinite(found) & (found > 0)).all():
        raise FieldFileError(path, "its mesh n holds values that are no densities above 0")
    return found / found.mean()


def _place(path, data):
    place = np.asarray(data.attrs.get("position", np.zeros(3)), float).ravel()
    if place.shape != (3,):
        raise FieldFileError(path, f"{data.name}: position of 3 numbers is expected")
    return place

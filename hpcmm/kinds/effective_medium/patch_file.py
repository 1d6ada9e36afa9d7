"""Reads patches or kappa from HDF5, each rank its own cells.

The file is anyone's. Before HDF5 reads it on all ranks, root lets a process of its own go through it; its datasets may
be compressed, but not lie elsewhere nor claim more than the cells of the deck.
"""

import math
import os

import numpy as np

from hpcmm.deck.section import SectionError
from hpcmm.errors import InputError
from hpcmm.io import probe

NAMES = ("patch", "kappa")


def check(section):
    """Refuse a file that is not what the deck says; here nothing is read but names and shapes.

    Raises
    ------
    SectionError
    """
    try:
        if os.path.isfile(section.file):
            probe.walk(section.file, "an HDF5 file is expected")
        name, shape = _of(section.file, lambda name, data: (name, data.shape))
    except InputError as error:
        raise SectionError(("effective_medium", "file"), str(error)) from None
    if shape != section.grid:
        message = f"{list(section.grid)}, but '{name}' of {section.file} has the shape {list(shape)}: that is expected"
        raise SectionError(("effective_medium", "grid"), message)
    if name == "patch":
        for key in ("kappa_patch", "kappa_background"):
            if getattr(section, key) is None:
                message = f"'patch' of {section.file} needs the key {key}, which is missing"
                raise SectionError(("effective_medium", "file"), message)


def read(path, box):
    """Read name and values of the dataset in the cells of a box, and check the values.

    Parameters
    ----------
    path : str
    box : tuple of 3 (int, int)
        First cell along each axis, and the one after the last.

    Raises
    ------
    InputError
        If values are not 0 or 1, or no diffusion coefficients.
    """
    where = tuple(slice(*cells) for cells in box)
    name, values = _of(path, lambda name, data: (name, data[where]))
    if name == "patch":
        good = (values == 0) | (values == 1)
        expected = "0 or 1 is expected"
    else:
        values = values.astype(float)
        good = (values >= 1e-60) & (values <= 1e60)  # false for nan
        expected = "a diffusion coefficient in cm2/s, from 1e-60 to 1e60, is expected"
    if not good.all():
        place = np.argwhere(~good)[0]
        cell = [int(i + start) for i, (start, _) in zip(place, box, strict=True)]
        raise InputError(f"{path}: '{name}' at {cell} is {values[tuple(place)]:g}; {expected}")
    return name, values


def _of(path, action):
    """Call ``action(name, dataset)`` on the dataset of a file and return its result."""
    import h5py

    from hpcmm.io import hdf5

    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"{path}: an HDF5 file is expected: no regular file")
    try:
        with hdf5.opened(path) as file:
            names = [name for name in NAMES if isinstance(file.get(name), h5py.Dataset)]
            if len(names) != 1:
                what = "both" if names else "none of them"
                raise InputError(f"{path}: one dataset named 'patch' or 'kappa' is expected; there is {what}")
            data = hdf5.item(file, names[0])
            shape = data.shape or ()
            if data.dtype.kind not in "biuf" or len(shape) != 3 or not math.prod(shape):
                kind = f"{len(shape)} axes of type {str(data.dtype)[:40]}"
                raise InputError(f"{path}: '{names[0]}' of three axes of numbers is expected, not {kind}")
            hdf5.demand_inside(data, names[0])
            return action(names[0], data)
    except hdf5.FAULTS as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else hdf5.fault(error)
        raise InputError(f"{path}: an HDF5 file is expected: {why}") from None

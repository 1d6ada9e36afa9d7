"""Reads patches or kappa from HDF5, each rank its own cells."""

import math

import numpy as np

from hpcmm.deck.section import SectionError
from hpcmm.errors import InputError

NAMES = ("patch", "kappa")


def check(section):
    """Refuse a file that is not what the deck says; reads only names and shapes.

    Raises
    ------
    SectionError
    """
    try:
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

    try:
        with h5py.File(path, "r") as file:
            names = [name for name in NAMES if isinstance(file.get(name), h5py.Dataset)]
            if len(names) != 1:
                what = "both" if names else "none of them"
                raise InputError(f"{path}: one dataset named 'patch' or 'kappa' is expected; there is {what}")
            data = file[names[0]]
            if data.dtype.kind not in "biuf" or len(data.shape) != 3 or not math.prod(data.shape):
                kind = f"{len(data.shape)} axes of type {data.dtype}"
                raise InputError(f"{path}: '{names[0]}' of three axes of numbers is expected, not {kind}")
            return action(names[0], data)
    except OSError as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else str(error).splitlines()[0]
        raise InputError(f"{path}: an HDF5 file is expected: {why}") from None

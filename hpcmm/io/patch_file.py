"""HDF5 files of patches, read with distrust: a dataset "patch" of 0 or 1, or "kappa", as [x, y, z].

Such a file is anyone's. Before HDF5 reads it on all ranks, root lets a process of its own go through it; its datasets
may be compressed, but not lie elsewhere nor claim more than the file or the chunks hold.
"""

import math
import os

import numpy as np

from hpcmm.errors import InputError
from hpcmm.io import probe

NOT_HDF5 = "an HDF5 file is expected"


def walk(path):
    """Refuse a file that HDF5 does not survive; InputError. An absent one is left to `of`."""
    if os.path.isfile(path):
        probe.walk(path, NOT_HDF5)


def of(path, action, names=("patch",)):
    """Call ``action(name, dataset)`` on the one dataset of these names, and return its result.

    Raises
    ------
    InputError
        If there is none or more than one, or it is not three axes of numbers that are there.
    """
    import h5py

    from hpcmm.io import hdf5

    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"{path}: {NOT_HDF5}: no regular file")
    try:
        with hdf5.opened(path) as file:
            found = [name for name in names if isinstance(file.get(name), h5py.Dataset)]
            if len(found) != 1:
                what = "both" if found else "none of them" if len(names) > 1 else "none"
                wanted = " or ".join(f"'{name}'" for name in names)
                raise InputError(f"{path}: one dataset named {wanted} is expected; there is {what}")
            data = hdf5.item(file, found[0])
            shape = data.shape or ()
            if data.dtype.kind not in "biuf" or len(shape) != 3 or not math.prod(shape):
                kind = f"{len(shape)} axes of type {str(data.dtype)[:40]}"
                raise InputError(f"{path}: '{found[0]}' of three axes of numbers is expected, not {kind}")
            hdf5.demand_inside(data, found[0])
            return action(found[0], data)
    except hdf5.FAULTS as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else hdf5.fault(error)
        raise InputError(f"{path}: {NOT_HDF5}: {why}") from None


def demand(path, name, values, good, expected, corner=(0, 0, 0)):
    """Refuse values of which one is not good.

    Parameters
    ----------
    path, name : str
    values, good : array [x, y, z]
    expected : str
        What is expected, for the message.
    corner : tuple of 3 int
        Place in the dataset of the first value.
    """
    if not good.all():
        place = np.argwhere(~good)[0]
        cell = [int(i + start) for i, start in zip(place, corner, strict=True)]
        raise InputError(f"{path}: '{name}' at {cell} is {values[tuple(place)]:g}; {expected}")


def demand_patches(path, values, corner=(0, 0, 0)):
    """Refuse values of 'patch' that are not 0 or 1; see `demand`."""
    demand(path, "patch", values, (values == 0) | (values == 1), "0 or 1 is expected", corner)

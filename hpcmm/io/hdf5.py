"""HDF5 files read with distrust: HDF5 opens no file whose bytes have changed, nothing is allocated that is but claimed.

A product is compared with its seal first. What has none is walked through in a process of its own (`hpcmm.io.probe`),
as HDF5 may crash on a file in which bits have changed, or never end. A dataset is then read if it is stored plainly:
reached by hard links, made of numbers, contiguous, within the file.
"""

import contextlib
import math

import h5py

from hpcmm.errors import InputError
from hpcmm.io import probe, seal
from hpcmm.io.disk import reason

FAULTS = (
    OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError, MemoryError, OverflowError, RecursionError,
)  # fmt: skip
"""What a file can make HDF5, h5py or NumPy raise."""

UNLOCKED = {"locking": False} if h5py.h5.get_libversion() >= (1, 10, 7) else {}
"""Argument of `h5py.File` that needs no lock; earlier versions of HDF5 have the variable HDF5_USE_FILE_LOCKING."""

MOST_ATTRIBUTES, MOST_VALUES = 256, 64
"""Most attributes of a dataset or file, most values of one."""

MOST_CHUNK = 2**26
"""Most bytes of a chunk of a dataset that is smaller."""


def opened(path):
    """Open a file to read, without HDF5's own locks: file systems may refuse them, and files are replaced whole."""
    return h5py.File(path, "r", **UNLOCKED)


def is_parallel():
    """True if this h5py can write from all ranks at once."""
    return h5py.get_config().mpi


@contextlib.contextmanager
def product(path, what):
    """Open a product for reading, when it is whole.

    Parameters
    ----------
    path : path
    what : str
        What it ought to be, as "tracks file", for the message.

    Raises
    ------
    InputError
        If it is damaged, no HDF5, or whatever is raised in the block says so.
    """
    if not seal.check(path):
        probe.walk(path, f"not a {what} of hpcmm")
    try:
        with opened(path) as file:
            yield file
    except FAULTS as error:
        raise InputError(f"{path}: not a {what} of hpcmm ({fault(error)})") from None


def fault(error):
    """One line on what is wrong with a file."""
    if isinstance(error, MemoryError):
        return "it claims more than the memory here"
    return reason(error)[:200]


def dataset(file, name):
    """Open a dataset of numbers that is stored plainly.

    Raises
    ------
    KeyError
        If there is none of that name.
    ValueError
        If it is not stored plainly.
    """
    data = item(file, name)
    if not isinstance(data, h5py.Dataset):
        raise ValueError(f"{name} is no dataset")
    numbers = data.dtype.kind in "iufb" and data.dtype.itemsize <= 8
    if not numbers or data.shape is None:
        raise ValueError(f"{name} does not hold numbers")
    if data.chunks is not None:
        raise ValueError(f"{name} is not stored in one piece")
    demand_inside(data, name)
    return data


def demand_inside(data, name):
    """ValueError unless a dataset lies in its file, in one piece or in chunks; a chunk must be unpacked whole."""
    if data.is_virtual or data.external:
        raise ValueError(f"{name} lies in other files")
    size = data.dtype.itemsize * math.prod(data.shape)
    if data.chunks is not None:
        if data.dtype.itemsize * math.prod(data.chunks) > max(size, MOST_CHUNK):
            raise ValueError(f"{name} claims chunks that are larger than itself")
        return
    start = data.id.get_offset()
    compact = data.id.get_create_plist().get_layout() == h5py.h5d.COMPACT
    if size and not compact and (start is None or start + size > data.file.id.get_filesize()):
        raise ValueError(f"{name} claims more than the file has")


def item(file, name):
    """Open what has this name, reached without links that lead elsewhere."""
    found = file
    for part in name.split("/"):
        link = found.get(part, getlink=True)
        if link is None:
            raise KeyError(f"it has no {name}")
        if not isinstance(link, h5py.HardLink):
            raise ValueError(f"{name} is a link; copy the data into the file")
        found = found[part]
    return found


def read(file, name, shape=None):
    """Read a dataset that is stored plainly, and has this shape if one is given; raises as `dataset` does."""
    data = dataset(file, name)
    if shape is not None and data.shape != tuple(shape):
        raise ValueError(f"{name} does not fit")
    return data[...]


def attributes(of):
    """Attributes of a file, group or dataset: text and numbers.

    Raises
    ------
    ValueError
        If they are anything else, or more than hpcmm writes.
    """
    if len(of.attrs) > MOST_ATTRIBUTES:
        raise ValueError(f"{len(of.attrs)} attributes")
    return {name: attribute(of, name) for name in of.attrs}


def attribute(of, name):
    """One attribute, as in `attributes`; KeyError if there is none of that name."""
    held = of.attrs.get_id(name)
    plain = held.dtype.kind in "iufbS" or h5py.check_string_dtype(held.dtype)
    if held.shape is None or math.prod(held.shape) > MOST_VALUES or not plain:
        raise ValueError(f"attribute {name[:40]} is neither text nor a few numbers")
    return of.attrs[name]

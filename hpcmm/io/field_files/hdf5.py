"""HDF5 files of fields, read with distrust: nothing outside the file, nothing that is claimed but not there."""

from __future__ import annotations

import contextlib
import math
import os

import h5py
import numpy as np

from hpcmm.io import hdf5
from hpcmm.io.field_files.cube import FieldFileError, check_float, cut


@contextlib.contextmanager
def opened(path):
    """Open a file for reading; FieldFileError where it is no HDF5, damaged, or lacks what is asked of it."""
    try:
        with hdf5.opened(path) as file:
            yield file
    except FieldFileError:
        raise
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, IndexError, AttributeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].strip("'\"")
        raise FieldFileError(path, f"cannot be read as HDF5 ({reason})") from None


def there(path, group, name, kind=None):
    """An object of a group; FieldFileError where it is missing, or a link to another file, or not of that kind."""
    here = group
    for part in name.strip("/").split("/"):
        link = here.get(part, getlink=True) if isinstance(here, h5py.Group) else None
        if isinstance(link, h5py.ExternalLink):
            raise FieldFileError(path, f"{name} is a link to another file; the data themselves are expected")
        if link is None or part not in here:
            raise FieldFileError(path, f"holds no {name}")
        here = here[part]
    if kind is not None and not isinstance(here, kind):
        raise FieldFileError(path, f"{name} is no {'dataset' if kind is h5py.Dataset else 'group'}")
    return here


def names(group):
    """Names in a group, those that lead out of the file among them."""
    return list(group.keys())


def dataset(path, group, name, dims=None):
    """A dataset of real numbers whose data are there; FieldFileError else."""
    data = there(path, group, name, h5py.Dataset)
    name = data.name or name
    if data.is_virtual or data.external:
        raise FieldFileError(path, f"{name} keeps its data in other files; the data themselves are expected")
    if data.shape is None or (dims is not None and data.ndim != dims):
        raise FieldFileError(path, f"{name} has the shape {data.shape}; {dims} axes are expected")
    check_float(path, data.dtype, name)
    return data


def check_stored(path, data) -> None:
    """Refuse a dataset whose values were never written, which HDF5 reads as zeros.

    To be called after the memory of the claim is known to be there: counting chunks takes their number.
    """
    if data.chunks is None:
        missing = data.id.get_offset() is None and data.id.get_storage_size() < data.nbytes
        missing = missing or data.id.get_storage_size() < data.nbytes
        if missing or data.nbytes > os.path.getsize(path):
            raise FieldFileError(path, f"{data.name} claims {data.nbytes} bytes that are not in the file")
        return
    expected = math.prod(-(-n // c) for n, c in zip(data.shape, data.chunks, strict=True))
    found = data.id.get_num_chunks()
    if found < expected:
        raise FieldFileError(path, f"{data.name} is not whole: {found} of its {expected} chunks were written")


def pieces(data, axes, component, last=None):
    """Pieces of a dataset of three spatial axes, or four with components last; ``last`` selects of further axes."""
    name, shape = data.name, data.shape[:3]
    many = component is None
    size = data.dtype.itemsize * (3 if many else 1)
    multiple = data.chunks[0] if data.chunks else 1
    return cut(shape, axes, component, size, lambda file, part: _read(file[name], part), multiple)


_scratch = [np.empty(0, np.uint8)] * 3


def _read(data, part):
    """A range of a dataset, in memory that the third call from now uses again, after all components of a place.

    Fresh memory would cost as much as the reading.
    """
    if not isinstance(data, h5py.Dataset):
        return data[part]
    shape = (part.stop - part.start, *data.shape[1:])
    size = math.prod(shape) * data.dtype.itemsize
    memory = _scratch.pop(0)
    _scratch.append(memory if len(memory) >= size else np.empty(size, np.uint8))
    values = _scratch[-1][:size].view(data.dtype).reshape(shape)
    data.read_direct(values, np.s_[part])
    return values


def text(value) -> str:
    """An attribute as text."""
    if isinstance(value, np.ndarray):
        value = value.reshape(-1)[0]
    return value.decode("utf-8", "replace").strip("\0 ") if isinstance(value, bytes) else str(value).strip("\0 ")


def texts(value) -> list:
    """An attribute as a list of texts."""
    return [text(v) for v in np.asarray(value).reshape(-1)]

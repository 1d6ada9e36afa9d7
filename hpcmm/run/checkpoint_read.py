"""Checkpoints as data from elsewhere: nothing is believed before it is checked.

The seal (`NNNNNN.json`) comes first, with a limit on its size; then the checksums of the file's bytes; only then does
HDF5 open the file. Names come from a listing by pattern, so that none leads out of the folder.
"""

import json
import stat

import h5py
import numpy as np

from hpcmm.run import checkpoint
from hpcmm.io.disk import reason
from hpcmm.parallel.collective import on_root, together

LARGEST_SEAL = 2**24
LARGEST_FILE = 2**44


class Damaged(Exception):
    """A checkpoint that cannot be used, and why."""


def load_newest(comm, directory, load):
    """Collective: content of the newest checkpoint that is whole and of this run.

    Parameters
    ----------
    comm : communicator
    directory : path
        The run directory.
    load : callable
        ``load(seal, file)`` returns a rank's content from the seal and the open HDF5 file, or raises Damaged.

    Returns
    -------
    number : int or None
        None: there is none that could be used.
    content
        What ``load`` returned on this rank.
    notes : list of str
        A line for each newer one that was passed over.
    """
    folder, notes = checkpoint.folder_of(directory), []
    for number in on_root(comm, lambda: checkpoint.numbers(folder)):
        path = folder / f"{number:06d}.h5"
        try:
            seal = on_root(comm, lambda path=path: read_seal(path))
            together(comm, lambda path=path, seal=seal: _check_bytes(path, seal, comm.rank, comm.size))
            return number, together(comm, lambda path=path, seal=seal: _load(path, seal, load)), notes
        except Damaged as error:
            notes.append(f"checkpoint {number:06d} {error}")
    return None, None, notes


def read_seal(path):
    """The seal of a checkpoint file.

    Raises
    ------
    Damaged
        If it is none, of another schema, or not of a file of that size.
    """
    sealed = path.with_suffix(".json")
    try:
        for file, most in ((sealed, LARGEST_SEAL), (path, LARGEST_FILE)):
            status = file.lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > most:
                raise Damaged(f"is damaged: {file.name} is no file, or has {status.st_size} bytes")
        seal = json.loads(sealed.read_text(encoding="utf-8"))
        if seal["schema"] != checkpoint.SCHEMA:
            raise Damaged(
                f"is of schema {str(seal['schema'])[:20]}, this version reads {checkpoint.SCHEMA}: go on with the "
                f"version that wrote it ({str(seal.get('version', 'unknown'))[:40]})"
            )
        size, sums = seal["bytes"], seal["crc32"]
        if type(size) is not int or size != status.st_size:
            raise Damaged(f"is damaged: {status.st_size} bytes where {str(size)[:40]} were written")
        if type(sums) is not list or len(sums) != -(-size // checkpoint.RANGE):
            raise Damaged("is damaged: its checksums are not those of a file of that size")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(f"is damaged: {reason(error)}") from None
    return seal


def _check_bytes(path, seal, rank, ranks):
    """Compare this rank's share of the checksums."""
    for i in range(rank, len(seal["crc32"]), ranks):
        try:
            found = checkpoint.checksum_of(path, i)
        except OSError as error:
            raise Damaged(f"cannot be read: {reason(error)}") from None
        if found != seal["crc32"][i]:
            first = i * checkpoint.RANGE
            raise Damaged(f"is damaged: bytes {first} to {min(first + checkpoint.RANGE, seal['bytes'])} have changed")


def _load(path, seal, load):
    try:
        with h5py.File(path, "r") as file:
            return load(seal, file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise Damaged(f"is damaged: {reason(error)}") from None


def whole(file, name):
    """All of a dataset that must be a list of whole numbers."""
    data = file[name]
    if data.ndim != 1 or data.dtype != np.dtype("<i8") or data.shape[0] > 2**28:
        raise Damaged(f"is damaged: {name} is no list of numbers")
    return data[...]


def rows(file, name, shape, which):
    """Rows of a dataset that must be stored plainly and have this shape, so that no size is believed."""
    data = file[name]
    stored_elsewhere = data.chunks is not None or data.is_virtual or data.external
    if data.shape != shape or data.dtype != np.dtype("<f8") or stored_elsewhere:
        raise Damaged(f"is damaged: {name} has not the shape {shape}")
    found = data[which]
    if not np.isfinite(found).all():
        raise Damaged(f"is damaged: {name} holds what is no finite number")
    return found

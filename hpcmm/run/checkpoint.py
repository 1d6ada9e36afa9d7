"""Writes checkpoints, all ranks at once: written, read back, renamed, pointed to; two are kept (`hpcmm.run.pruning`).

`checkpoint/NNNNNN.h5` holds the datasets, `NNNNNN.json` the run's identity and checksums of the file's bytes, so that
damage is noticed before HDF5 reads a byte; `latest` names the newest. Rows are keyed by what is in them, not by rank:
any number of ranks can read them. Root lays the datasets out and every rank writes its rows to their place in the file
with plain writes: a full disk is then an error on the rank that meets it and not a hang of the others
(docs/decisions/0007).
"""

import errno
import json
import math
import os
import re
import zlib
from pathlib import Path

import h5py
import numpy as np

from hpcmm.io.disk import allocate, reason, remove, reserve
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.whole_file import put
from hpcmm.parallel.collective import on_all, on_root

SCHEMA = 5
OLDEST = 3
"""Schema that is still read, by kinds whose rows are the same (`hpcmm.run.kind.RunKind.oldest_checkpoint`)."""

RANGE = 2**22
"""Bytes of the file that one checksum covers."""
KEPT = 2
METADATA = 2**16
"""Most bytes that the file has beside its rows."""
PIECE = 2**26
"""Most bytes that one write or read asks for."""


def folder_of(directory):
    """Path of the folder of a run's checkpoints."""
    return Path(directory) / "checkpoint"


def numbers(folder):
    """Numbers of the checkpoints in a folder, newest first; they may be damaged.

    Raises
    ------
    OSError
        If the folder is there but cannot be read.
    """
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    # six digits or as many more as it takes
    found = (int(m[1]) for m in (re.fullmatch(r"([0-9]{6}|[1-9][0-9]{6,})\.json", n) for n in names) if m)
    return sorted(found, reverse=True)


def write(comm, directory, arrays, header):
    """Collective: write a checkpoint beside those that are there.

    Parameters
    ----------
    comm : communicator
    directory : path
        The run directory.
    arrays : dict
        Name -> array of this rank; ranks' arrays follow one another along the first axis.
    header : dict
        Plain data for the seal, such as the run's identity; only root's are used.

    Returns
    -------
    int
        Number of the checkpoint.

    Raises
    ------
    OSError
        On all ranks, if any could not write; earlier checkpoints are as they were.
    """
    folder, names = folder_of(directory), sorted(arrays)
    lengths = np.array(comm.allgather([len(arrays[name]) for name in names]))
    totals, before = lengths.sum(axis=0), lengths[: comm.rank].sum(axis=0)
    layout = {n: (int(t), *arrays[n].shape[1:], arrays[n].dtype.str) for n, t in zip(names, totals, strict=True)}
    number, offsets = on_root(comm, lambda: _lay_out(folder, layout))
    part = folder / f"{number:06d}.h5.part"
    try:
        start = {n: offsets[n] + int(b) * _row_bytes(arrays[n]) for n, b in zip(names, before, strict=True)}
        on_all(comm, lambda: _write_and_read_back(part, [(start[n], arrays[n]) for n in names]))
        size = on_root(comm, lambda: part.stat().st_size)
        count = -(-size // RANGE)
        mine = on_all(comm, lambda: {i: checksum_of(part, i) for i in range(comm.rank, count, comm.size)})
        sums = {i: crc for some in comm.allgather(mine) for i, crc in some.items()}
        seal = {"schema": SCHEMA, "bytes": size, "crc32": [sums[i] for i in range(count)], **header}
        on_root(comm, lambda: _publish(folder, number, seal))
    except OSError:
        if comm.rank == 0:
            remove(part)
        raise
    return number


def _lay_out(folder, layout):
    """Create the file with room for all rows; returns its number and where each dataset's bytes begin."""
    folder.mkdir(exist_ok=True)
    number = max(numbers(folder), default=0) + 1
    part = folder / f"{number:06d}.h5.part"
    try:
        reserve(part, METADATA + sum(np.dtype(d).itemsize * math.prod(shape) for *shape, d in layout.values()))
        with writing(part, libver="latest") as file:
            for name, (*shape, dtype) in layout.items():
                plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                plist.set_layout(h5py.h5d.CONTIGUOUS)
                plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
                plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
                space, kind = h5py.h5s.create_simple(tuple(shape)), h5py.h5t.py_create(np.dtype(dtype))
                h5py.h5d.create(file.id, name.encode(), kind, space, plist)
            offsets = {name: file[name].id.get_offset() or 0 for name in layout}
        with open(part, "r+b") as file:  # it has given the room back
            allocate(file, os.path.getsize(part))
    except (OSError, RuntimeError, ValueError) as error:
        remove(part)
        raise error if isinstance(error, OSError) else OSError(errno.EIO, reason(error)) from None
    return number, offsets


def _row_bytes(array):
    return array.dtype.itemsize * int(np.prod(array.shape[1:], dtype=np.int64))


def _write_and_read_back(part, places):
    """Write arrays at their places in the file, flush them to the disk, compare what reads back."""
    pieces = []
    for offset, array in places:
        data = memoryview(np.ascontiguousarray(array)).cast("B") if array.size else b""
        pieces += [(offset + first, data[first : first + PIECE]) for first in range(0, len(data), PIECE)]
    with open(part, "r+b", buffering=0) as file:
        for offset, piece in pieces:
            file.seek(offset)
            while piece:
                piece = piece[file.write(piece) :]
        os.fsync(file.fileno())
    with open(part, "rb") as file:
        for offset, piece in pieces:
            file.seek(offset)
            # as numbers: a memoryview is compared byte by byte, ten times as slowly
            if not np.array_equal(np.frombuffer(file.read(len(piece)), "u1"), np.frombuffer(piece, "u1")):
                raise OSError(errno.EIO, "what was written does not read back the same")


def checksum_of(path, index):
    """CRC-32 of range number ``index`` of the file's bytes."""
    with open(path, "rb", buffering=0) as file:
        file.seek(index * RANGE)
        return zlib.crc32(file.read(RANGE))


def _publish(folder, number, seal):
    """Rename the file, write the seal, move the pointer."""
    name = f"{number:06d}"
    os.replace(folder / f"{name}.h5.part", folder / f"{name}.h5")
    put(folder / f"{name}.json", json.dumps(seal))
    put(folder / "latest", name + "\n")

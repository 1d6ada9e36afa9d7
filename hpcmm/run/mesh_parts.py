"""Writes arrays that ranks share in parts to datasets of one HDF5 file: by all at once if h5py can, else through root.

Datasets are laid out first, by root alone, in one piece and with their room taken, so that parts only fill them.
"""

import h5py

from hpcmm.io.disk import reason
from hpcmm.io.hdf5 import is_parallel
from hpcmm.io.hdf5_writing import writing
from hpcmm.parallel import collective

BYTES_PER_CALL = 2**30


def lay_out(group, name, shape):
    """Make a dataset of float32 in one piece, nothing written to it; returns it."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.CONTIGUOUS)
    plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    h5py.h5d.create(group.id, name.encode(), h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(tuple(shape)), plist)
    return group[name]


def write(comm, path, parts):
    """Collective: fill datasets of float32 with the parts of all ranks.

    Parameters
    ----------
    comm : communicator
    path : path
    parts : list of (str, tuple of slice, array)
        Dataset, place, and values there, in the same order of datasets on all ranks.

    Raises
    ------
    OSError
        On all ranks, if root could not write.
    AloneError
        On the rank that could not, where all write at once.
    """
    if is_parallel() and comm.size > 1:
        _together(comm, path, parts)
        return
    if comm.size == 1:
        _put(path, parts)
        return
    for name, place, values in parts:
        pieces = comm.gather((name, place, values.astype("<f4")))
        collective.on_root(comm, lambda pieces=pieces: _put(path, pieces))


def _together(comm, path, parts):
    calls = 1
    for _, _, values in parts:
        planes = max(1, BYTES_PER_CALL * len(values) // max(1, 4 * values.size))
        calls = max(calls, -(-len(values) // planes))
    calls = max(comm.allgather(calls))
    try:
        with h5py.File(path, "r+", driver="mpio", comm=comm) as file:
            for name, (first, *rest), values in parts:
                data, count = file[name], first.stop - first.start
                with data.collective:
                    for call in range(calls):
                        a, b = count * call // calls, count * (call + 1) // calls
                        piece = values[a:b].astype("<f4")
                        data[(slice(first.start + a, first.start + b), *rest)] = piece
    except (OSError, RuntimeError, ValueError) as error:
        raise collective.AloneError(reason(error)) from error


def _put(path, parts):
    with writing(path, "r+") as file:
        for name, place, values in parts:
            file[name][place] = values.astype("<f4")

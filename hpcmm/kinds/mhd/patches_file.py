"""Writes where mirrors would be: Delta and patch as [x, y, z], by all ranks at once."""

import math
import os

import h5py
import numpy as np

from hpcmm.io.disk import reason, reserve
from hpcmm.io.hdf5 import is_parallel
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.whole_file import part_of
from hpcmm.parallel import collective

DATASETS = {"Delta": np.dtype("<f4"), "patch": np.dtype("u1")}
"""Dataset -> type."""

MEANING = {
    "Delta": "pressure anisotropy (p_perp - p_par)/p that the flow drives, [x, y, z] at nodes from 0 on",
    "patch": "1 where mirrors grow, else 0",
}


def write(run, name, transforms, delta, patch, time):
    """Collective: write one file, whole at any moment.

    Parameters
    ----------
    run : hpcmm.run.kind.Run
    name : str
        Below the run directory.
    transforms : Transforms
    delta, patch : array [z, y, x]
        At the points of this rank.
    time : float

    Raises
    ------
    OSError, AloneError
    """
    comm, path = run.comm, run.directory / name
    part, count = part_of(path), transforms.count
    facts = {"time": time, "side": 2 * math.pi, "axes": "xyz"}
    facts |= {f"hpcmm_{key}": value for key, value in (run.provenance or {}).items()}

    def lay_out():
        path.parent.mkdir(exist_ok=True)
        reserve(part, 2**16 + 5 * count**3)
        with writing(part) as file:
            file.attrs.update(facts)
            for key, dtype in DATASETS.items():
                plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                plist.set_layout(h5py.h5d.CONTIGUOUS)
                plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
                plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
                space, kind = h5py.h5s.create_simple(3 * (count,)), h5py.h5t.py_create(dtype)
                h5py.h5d.create(file.id, key.encode(), kind, space, plist)
                file[key].attrs["meaning"] = MEANING[key]

    collective.on_root(comm, lay_out)
    mine = {
        key: values.transpose(2, 1, 0).astype(DATASETS[key]) for key, values in (("Delta", delta), ("patch", patch))
    }
    place = transforms.points_here[::-1]
    if is_parallel() and comm.size > 1:
        try:
            with h5py.File(part, "r+", driver="mpio", comm=comm) as file:
                for key, values in mine.items():
                    with file[key].collective:
                        file[key][place] = values
        except (OSError, RuntimeError, ValueError) as error:
            raise collective.AloneError(reason(error)) from error
    else:
        pieces = comm.gather((place, mine))
        collective.on_root(comm, lambda: _put(part, pieces))
    collective.on_root(comm, lambda: os.replace(part, path))


def _put(part, pieces):
    with writing(part, "r+") as file:
        for place, values in pieces:
            for key in DATASETS:
                file[key][place] = values[key]

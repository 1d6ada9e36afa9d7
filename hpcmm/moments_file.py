"""moments.h5: written by all ranks together through HDF5's mpio driver, read by anyone.

`/moments` [energy, realization, block, time, moment] sums over the particles of a block, `/time` [energy, time]
path lengths c t, `/energy`, `/gyroradius`, `/step`, `/decay_length` [energy], `/done` [energy, realization, block].
Datasets hold physics alone: the same bits however the run was split. Who ran it where is in the attributes.
"""

import os
from dataclasses import dataclass

import h5py
import numpy as np

from cython_kernels.push import MOMENTS
from hpcmm import moments
from hpcmm.errors import InputError

SCHEMA = 1
LARGEST_WRITE = 2**30
"""Bytes a rank writes in one call; MPI counts are 32-bit integers."""
MOST_PLACES = 2000
"""Pieces of one selection: HDF5 joins them in a time that grows faster than their square."""


def write(comm, path, plans, tasks, sums, attributes):
    """Write the file: all ranks at once where h5py has MPI, else through root.

    Parameters
    ----------
    comm : communicator
    path : path
        Written under a temporary name beside it, then renamed.
    plans : list of EnergyPlan
    tasks : Tasks
    sums : dict
        Task number -> array [time, moment], of this rank's tasks.
    attributes : dict
        Of the file; root's count.
    """
    temporary = f"{path}.part"
    times = len(plans[0].sample_steps)
    shape = (*tasks.shape, times, len(MOMENTS))
    # the selections of a write must follow the order of the file
    mine = sorted(sums)
    if is_parallel():
        with h5py.File(temporary, "w", driver="mpio", comm=comm) as file:
            _describe(file, shape, plans, attributes=comm.bcast(attributes))
            _write_tasks(file, comm, tasks, mine, sums, collective=True)
    else:
        gathered = comm.gather(sums)
        if comm.rank == 0:
            everything = {task: rows for part in gathered for task, rows in part.items()}
            with h5py.File(temporary, "w") as file:
                _describe(file, shape, plans, attributes)
                _write_tasks(file, comm, tasks, sorted(everything), everything, collective=False)
    comm.barrier()
    if comm.rank == 0:
        os.replace(temporary, path)
    comm.barrier()


def is_parallel():
    """Can this h5py write from all ranks at once?"""
    return h5py.get_config().mpi


def _describe(file, shape, plans, attributes):
    """Create all datasets and attributes; under mpio every rank must do the same."""
    data = file.create_dataset("moments", shape, dtype="f8")
    data.attrs["names"] = list(MOMENTS)
    data.attrs["units"] = list(moments.UNITS)
    data.attrs["meaning"] = "sums over the particles of a block; v_i v_j = n_i(0) n_j(t); mu = n(0).n(t)"
    file.create_dataset("done", shape[:3], dtype="u1").attrs["units"] = "1"
    columns = {
        "time": (np.array([np.array(p.sample_steps) * p.step for p in plans]), "pc", "path length c t"),
        "energy": (np.array([p.energy for p in plans]), "GeV", ""),
        "gyroradius": (np.array([p.gyroradius for p in plans]), "pc", "E / (Z e B_rms)"),
        "step": (np.array([p.step for p in plans]), "pc", "path length of one Boris step"),
        "decay_length": (np.array([p.decay_length for p in plans]), "pc", "planned mean free path"),
    }
    for name, (values, units, meaning) in columns.items():
        dataset = file.create_dataset(name, data=values)
        dataset.attrs["units"], dataset.attrs["meaning"] = units, meaning
    file.attrs["schema"] = SCHEMA
    for name, value in attributes.items():
        file.attrs[name] = value


def _write_tasks(file, comm, tasks, mine, sums, collective):
    """Write this rank's tasks, a batch a call; every rank makes as many calls as the busiest one."""
    transfer = h5py.h5p.create(h5py.h5p.DATASET_XFER)
    batch = min(MOST_PLACES, max(1, LARGEST_WRITE // (8 * file["moments"].shape[3] * len(MOMENTS))))
    calls = -(-len(mine) // batch)
    if collective:
        transfer.set_dxpl_mpio(h5py.h5fd.MPIO_COLLECTIVE)
        calls = max(comm.allgather(calls))
    for i in range(calls):
        now = mine[i * batch : (i + 1) * batch]
        rows = np.array([sums[task] for task in now], dtype="f8")
        _write_places(file["moments"], transfer, [tasks.place(task) for task in now], rows)
        _write_places(file["done"], transfer, [tasks.place(task) for task in now], np.ones(len(now), "u1"))


def _write_places(dataset, transfer, places, values):
    """Write one value (or table) at each place of the first three axes; none at all also takes part."""
    in_file = dataset.id.get_space()
    in_file.select_none()
    rest = dataset.shape[3:]
    for place in places:
        start, count = (*place, *(0 for _ in rest)), (1, 1, 1, *rest)
        in_file.select_hyperslab(start, count, op=h5py.h5s.SELECT_OR)
    in_memory = h5py.h5s.create_simple((max(values.size, 1),))
    if not places:
        in_memory.select_none()
        values = np.zeros(1, values.dtype)
    dataset.id.write(in_memory, in_file, np.ascontiguousarray(values), dxpl=transfer)


@dataclass(frozen=True)
class MomentsFile:
    """Contents of moments.h5, as arrays in pc and c.

    Attributes
    ----------
    sums : array [energy, realization, block, time, moment]
    time : array [energy, time]
        Path lengths c t [pc].
    energy : array
        [GeV]
    gyroradius, step, decay_length : arrays
        [pc]
    attributes : dict
        Provenance, deck, resolved deck.
    path : str
        The file.
    """

    sums: np.ndarray
    time: np.ndarray
    energy: np.ndarray
    gyroradius: np.ndarray
    step: np.ndarray
    decay_length: np.ndarray
    attributes: dict
    path: str


def read(path):
    """Read moments.h5.

    Raises
    ------
    InputError
        If it is absent, no HDF5, of another schema, or unfinished.
    """
    if not os.path.isfile(path):
        raise InputError(f"{path}: no such file; is this the directory of a finished run?")
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("schema") != SCHEMA:
                raise InputError(f"{path}: schema {file.attrs.get('schema')}, this version reads {SCHEMA}")
            if tuple(file["moments"].attrs["names"]) != MOMENTS:
                raise InputError(f"{path}: written with other moments by another version of hpcmm")
            if not file["done"][...].all():
                raise InputError(f"{path}: the run is not finished")
            columns = ("time", "energy", "gyroradius", "step", "decay_length")
            return MomentsFile(
                file["moments"][...],
                *(file[name][...] for name in columns),
                attributes=dict(file.attrs),
                path=str(path),
            )
    except (OSError, KeyError) as error:
        raise InputError(f"{path}: not a moments file of hpcmm ({str(error).splitlines()[0]})") from None

"""moments.h5: written by all ranks together through HDF5's mpio driver, read by anyone.

`/moments` [energy, realization, block, time, moment] sums over the particles of a block, `/time` [energy, time]
path lengths c t, `/energy`, `/gyroradius`, `/step`, `/decay_length` [energy], `/done` and `/crc32` (checksum of the
moments) [energy, realization, block]. Datasets hold physics alone: the same bits however the run was split. Who ran
it where is in the attributes.
"""

import errno
import math
import os
import zlib
from dataclasses import dataclass

import h5py
import numpy as np

from cython_kernels.lags import COLUMNS as COLUMNS_OF_LAGS
from cython_kernels.lags import INTERVALS
from cython_kernels.push import MOMENTS
from hpcmm.errors import InputError
from hpcmm.io import hdf5
from hpcmm.io.disk import reason, remove, reserve
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.whole_file import part_of
from hpcmm.kinds.transport import moments
from hpcmm.parallel.collective import AloneError, on_all, on_root

SCHEMA = 4
WITHOUT_LAGS = 3
"""Schema of files that hold no lags; they are read."""
LARGEST_WRITE = 2**30
"""Most bytes that a rank writes in one call; MPI counts are 32-bit integers."""
MOST_PLACES = 2000
"""Most pieces of one selection: HDF5 joins them in a time that grows faster than their square."""


def write(comm, path, plans, tasks, sums, lag_sums, attributes):
    """Write the file: all ranks at once where h5py has MPI, else through root.

    Parameters
    ----------
    comm : communicator
    path : path
        Final path; the file is written under a temporary name beside it, then renamed.
    plans : list of EnergyPlan
    tasks : Tasks
    sums : dict
        Task number -> array [time, moment], of this rank's tasks.
    lag_sums : dict
        Task number -> array [lag, column] of `cython_kernels.lags`.
    attributes : dict
        Attributes of the file; only root's are used.

    Raises
    ------
    OSError
        On all ranks, if there is no room, or what was written does not read back.
    AloneError
        If the collective write failed on this rank.
    """
    temporary = part_of(path)
    times = len(plans[0].sample_steps)
    shape = (*tasks.shape, times, len(MOMENTS))
    # the selections of a write must follow the order of the file
    mine, each = sorted(sums), {task: (sums[task], lag_sums[task]) for task in sums}
    size = 8 * (math.prod(shape[3:]) + len(INTERVALS) * len(COLUMNS_OF_LAGS)) + 9
    on_root(comm, lambda: _make_room(temporary, math.prod(tasks.shape) * size))
    if hdf5.is_parallel() and comm.size > 1:
        attributes = comm.bcast(attributes)
        try:
            with h5py.File(temporary, "w", driver="mpio", comm=comm) as file:
                describe(file, shape, _columns(plans), attributes)
                _write_tasks(file, comm, tasks, mine, each, collective=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise AloneError(reason(error)) from error
    else:
        gathered = comm.gather(each)

        def write_all():
            everything = {task: rows for part in gathered for task, rows in part.items()}
            with writing(temporary) as file:
                describe(file, shape, _columns(plans), attributes)
                _write_tasks(file, comm, tasks, sorted(everything), everything, collective=False)

        on_root(comm, write_all)
    comm.barrier()
    on_all(comm, lambda: _read_back(temporary, tasks, sums))
    on_root(comm, lambda: os.replace(temporary, path))


def _make_room(path, size):
    try:
        reserve(path, size)
    except OSError:
        remove(path)
        raise


def _read_back(path, tasks, sums):
    """Compare this rank's tasks in the file with the values that were written; OSError if they differ."""
    with hdf5.opened(path) as file:
        start = file["moments"].id.get_offset()
    with open(path, "rb", buffering=0) as file:
        for task, rows in sums.items():
            if os.pread(file.fileno(), rows.nbytes, start + task * rows.nbytes) != rows.tobytes():
                raise OSError(errno.EIO, "what was written does not read back the same")


COLUMNS = {
    "time": ("pc", "path length c t"),
    "energy": ("GeV", ""),
    "gyroradius": ("pc", "E / (Z e B_rms)"),
    "step": ("pc", "path length of one Boris step"),
    "decay_length": ("pc", "planned mean free path"),
    "stage": ("pc", "longest stretch of path over which lags are taken without a break"),
    "lags/time": ("pc", "lags c t"),
}
"""Dataset beside the moments -> its unit and meaning."""

SCALARS = ("energy", "gyroradius", "step", "decay_length")


LAG_DATASETS = {
    "count": (slice(0, 1), (), "1", "pairs of points"),
    "dx_dx": (slice(1, 7), (6,), "pc2", "dx_i dx_j: xx, yy, zz, xy, xz, yz; sums over pairs"),
    "n_n": (slice(7, 16), (3, 3), "1", "n_i(0) n_j(t); sums over pairs"),
    "n_dx": (slice(16, 25), (3, 3), "pc", "n_i(0) dx_j(t); sums over pairs"),
}
"""Datasets of the group `lags`, [energy, realization, block, lag, ...]: columns of the sums, shape, unit, meaning."""


def _columns(plans):
    return {
        "lags/time": np.array([INTERVALS * p.lag_every * p.step for p in plans]),
        "time": np.array([np.array(p.sample_steps) * p.step for p in plans]),
        "stage": np.array([p.stage * p.step for p in plans]),
        **{name: np.array([getattr(p, name) for p in plans]) for name in SCALARS},
    }


def describe(file, shape, columns, attributes):
    """Create all datasets and attributes of a file; under mpio every rank must do the same."""
    data = file.create_dataset("moments", shape, dtype="f8")
    data.attrs["names"] = list(MOMENTS)
    data.attrs["units"] = list(moments.UNITS)
    meaning = "sums over the particles of a block; v_i v_j = n_i(0) n_j(t); mu = n(0).n(t); in_patch: steps in patches"
    data.attrs["meaning"] = meaning
    file.create_dataset("done", shape[:3], dtype="u1").attrs["units"] = "1"
    file.create_dataset("crc32", shape[:3], dtype="u4").attrs["meaning"] = "checksum of the moments of a block"
    for name, (_, rest, units, meaning) in LAG_DATASETS.items():
        data = file.create_dataset(f"lags/{name}", (*shape[:3], len(INTERVALS), *rest), dtype="f8")
        data.attrs["units"], data.attrs["meaning"] = units, meaning
    file.create_dataset("lags/crc32", shape[:3], dtype="u4").attrs["meaning"] = "checksum of the lag sums of a block"
    for name, (units, meaning) in COLUMNS.items():
        dataset = file.create_dataset(name, data=columns[name])
        dataset.attrs["units"], dataset.attrs["meaning"] = units, meaning
    file.attrs["schema"] = SCHEMA
    for name, value in attributes.items():
        file.attrs[name] = value


def checksums(sums):
    """CRC-32 of the moments of each block; sums [..., time, moment]."""
    flat = sums.reshape(-1, *sums.shape[-2:])
    return np.array([zlib.crc32(rows.tobytes()) for rows in flat], "u4").reshape(sums.shape[:-2])


def _write_tasks(file, comm, tasks, mine, sums, collective):
    """Write this rank's tasks in batches, one a call; every rank makes as many calls as the busiest one."""
    transfer = h5py.h5p.create(h5py.h5p.DATASET_XFER)
    batch = min(MOST_PLACES, max(1, LARGEST_WRITE // (8 * file["moments"].shape[3] * len(MOMENTS))))
    calls = -(-len(mine) // batch)
    if collective:
        transfer.set_dxpl_mpio(h5py.h5fd.MPIO_COLLECTIVE)
        calls = max(comm.allgather(calls))
    for i in range(calls):
        now = mine[i * batch : (i + 1) * batch]
        places = [tasks.place(task) for task in now]
        rows = np.array([sums[task][0] for task in now], dtype="f8").reshape(-1, *file["moments"].shape[3:])
        lags = np.array([sums[task][1] for task in now], dtype="f8").reshape(-1, len(INTERVALS), len(COLUMNS_OF_LAGS))
        _write_places(file["moments"], transfer, places, rows)
        _write_places(file["crc32"], transfer, places, checksums(rows))
        for name, (columns, *_) in LAG_DATASETS.items():
            _write_places(file[f"lags/{name}"], transfer, places, np.ascontiguousarray(lags[..., columns]))
        _write_places(file["lags/crc32"], transfer, places, checksums(lags))
        _write_places(file["done"], transfer, places, np.ones(len(now), "u1"))


def _write_places(dataset, transfer, places, values):
    """Write one value (or table) at each place of the first three axes; a rank without places must call it too."""
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
    stage : array or None
        Longest stretch of path over which lags are taken [pc]; None, as what follows, in files of earlier versions.
    lag_time : array [energy, lag] or None
        [pc].
    lag_sums : array [energy, realization, block, lag, column] or None
        Columns of `cython_kernels.lags`.
    """

    sums: np.ndarray
    time: np.ndarray
    energy: np.ndarray
    gyroradius: np.ndarray
    step: np.ndarray
    decay_length: np.ndarray
    attributes: dict
    path: str
    stage: np.ndarray | None = None
    lag_time: np.ndarray | None = None
    lag_sums: np.ndarray | None = None


def read(path):
    """Read moments.h5.

    Raises
    ------
    InputError
        If it is absent, no HDF5, of another schema, unfinished or damaged.
    """
    if not os.path.isfile(path):
        raise InputError(f"{path}: no such file; is this the directory of a finished run?")
    with hdf5.product(path, "moments file") as file:
        attributes = hdf5.attributes(file)
        schema = attributes.get("schema")
        if schema not in (SCHEMA, WITHOUT_LAGS):
            raise InputError(f"{path}: schema {schema!s:.20}, this version reads {SCHEMA} and {WITHOUT_LAGS}")
        if tuple(hdf5.attribute(hdf5.dataset(file, "moments"), "names")) != MOMENTS:
            raise InputError(f"{path}: written with other moments by another version of hpcmm")
        time = hdf5.read(file, "time")
        energies, times = time.shape
        columns = {"time": time} | {name: hdf5.read(file, name, (energies,)) for name in SCALARS}
        done = hdf5.read(file, "done")
        if not done.all():
            raise InputError(f"{path}: the run is not finished")
        crc = hdf5.read(file, "crc32", done.shape)
        sums = hdf5.read(file, "moments", (energies, *done.shape[1:], times, len(MOMENTS)))
        whole = (checksums(sums) == crc).all()
        # a decay length is infinite where nothing scatters
        finite = all(np.isfinite(column).all() for name, column in columns.items() if name != "decay_length")
        if not whole or not finite or not (columns["decay_length"] > 0).all():
            raise ValueError("it is damaged: values have changed since they were written")
        lags = _read_lags(file, done.shape) if schema == SCHEMA else {}
        return MomentsFile(sums, **columns, attributes=attributes, path=str(path), **lags)


def _read_lags(file, shape):
    """Lags of a file, verified."""
    stage = hdf5.read(file, "stage", shape[:1])
    time = hdf5.read(file, "lags/time", (*shape[:1], len(INTERVALS)))
    parts = {
        name: hdf5.read(file, f"lags/{name}", (*shape, len(INTERVALS), *rest))
        for name, (_, rest, *_) in LAG_DATASETS.items()
    }
    sums = np.zeros((*shape, len(INTERVALS), len(COLUMNS_OF_LAGS)))
    for name, (columns, *_) in LAG_DATASETS.items():
        sums[..., columns] = parts.pop(name).reshape(*sums.shape[:-1], -1)
    crc = hdf5.read(file, "lags/crc32", shape)
    if not (checksums(sums) == crc).all() or not np.isfinite(stage).all() or not np.isfinite(time).all():
        raise ValueError("it is damaged: values have changed since they were written")
    return {"stage": stage, "lag_time": time, "lag_sums": sums}

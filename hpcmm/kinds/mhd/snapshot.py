"""Writes a snapshot of u and b as openPMD 1.1, by all ranks at once: meshes u and b, [z, y, x], at nodes from 0 on."""

import math
import os

import h5py
import numpy as np

from hpcmm import __version__
from hpcmm.io.disk import reason, reserve
from hpcmm.io.hdf5 import is_parallel
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.whole_file import part_of
from hpcmm.kinds.mhd.diagnostics import HISTORY
from hpcmm.parallel import collective

MESHES = {"u": 0, "b": 3}
"""Name of a mesh -> its first field."""

VELOCITY = (1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0)
"""unitDimension: b is an Alfven velocity."""

BYTES_PER_CALL = 2**30


def write(run, name, solver, diagnostics, state):
    """Collective: write one file, whole at any moment.

    Parameters
    ----------
    run : hpcmm.run.kind.Run
    name : str
        Below the run directory.
    solver : Solver
    diagnostics : Diagnostics
    state : MhdState
        Its clock stamps the file.

    Raises
    ------
    OSError, AloneError
    """
    comm, path = run.comm, run.directory / name
    part = part_of(path)
    # leaves the fields at the points
    found = dict(zip(HISTORY, diagnostics.row(state.time, lambda speed: 0.0), strict=True))
    facts = {"t": state.time, "nu": solver.viscosity, "eta": solver.resistivity}
    facts |= {"l_c": found["l_c_b"], "rms": math.sqrt(2 * found["E_b"])}
    count = solver.transforms.count

    def lay_out():
        path.parent.mkdir(exist_ok=True)
        _lay_out(part, count, state, facts, run.provenance)

    collective.on_root(comm, lay_out)
    if is_parallel() and comm.size > 1:
        _write_together(comm, part, state.steps, solver)
    else:
        _write_through_root(comm, part, state.steps, solver)
    collective.on_root(comm, lambda: os.replace(part, path))


def _lay_out(part, count, state, facts, attributes):
    """Write all of the file but the values, and reserve room for those."""
    text = np.bytes_
    reserve(part, 2**16 + 6 * 4 * count**3)
    with writing(part) as file:
        file.attrs.update(
            openPMD=text("1.1.0"), openPMDextension=np.uint32(0), basePath=text("/data/%T/"),
            meshesPath=text("meshes/"), iterationEncoding=text("groupBased"), iterationFormat=text("/data/%T/"),
            software=text("hpcmm"), softwareVersion=text(__version__),
        )  # fmt: skip
        for key, value in attributes.items():
            file.attrs[f"hpcmm_{key}"] = value
        step = file.create_group(f"data/{state.steps}")
        step.attrs.update(time=state.time, dt=1.0, timeUnitSI=1.0)
        for name in MESHES:
            mesh = step.create_group(f"meshes/{name}")
            mesh.attrs.update(
                geometry=text("cartesian"), dataOrder=text("C"), axisLabels=np.array([text(a) for a in "zyx"]),
                gridSpacing=np.full(3, 2 * math.pi / count), gridGlobalOffset=np.zeros(3), gridUnitSI=1.0,
                unitDimension=np.array(VELOCITY), timeOffset=0.0, hpcmmBox=np.full(3, 2 * math.pi), **facts,
            )  # fmt: skip
            for axis in "xyz":
                plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                plist.set_layout(h5py.h5d.CONTIGUOUS)
                plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
                plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
                space = h5py.h5s.create_simple(3 * (count,))
                h5py.h5d.create(mesh.id, axis.encode(), h5py.h5t.IEEE_F32LE, space, plist)
                mesh[axis].attrs.update(unitSI=1.0, position=np.zeros(3))


def _datasets(file, steps):
    """Yield dataset and number of each field."""
    for name, first in MESHES.items():
        for i, axis in enumerate("xyz"):
            yield file[f"data/{steps}/meshes/{name}/{axis}"], first + i


def _write_together(comm, part, steps, solver):
    z, y, x = solver.transforms.points_here
    planes = max(1, BYTES_PER_CALL // (4 * max(1, (y.stop - y.start) * (x.stop - x.start))))
    calls = max(comm.allgather(-(-(z.stop - z.start) // planes)))
    try:
        with h5py.File(part, "r+", driver="mpio", comm=comm) as file:
            for data, field in _datasets(file, steps):
                values = solver.fields[field]
                with data.collective:
                    for call in range(calls):
                        first, last = (min(z.start + n * planes, z.stop) for n in (call, call + 1))
                        piece = values[first - z.start : last - z.start].astype("<f4")
                        data[first:last, y, x] = piece
    except (OSError, RuntimeError, ValueError) as error:
        raise collective.AloneError(reason(error)) from error


def _write_through_root(comm, part, steps, solver):
    for field in range(6):
        pieces = comm.gather((solver.transforms.points_here, solver.fields[field].astype("<f4")))
        collective.on_root(comm, lambda pieces=pieces, field=field: _put(part, steps, field, pieces))


def _put(part, steps, field, pieces):
    with writing(part, "r+") as file:
        data = next(data for data, number in _datasets(file, steps) if number == field)
        for place, values in pieces:
            data[place] = values

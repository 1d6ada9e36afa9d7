"""Writes a snapshot of u and b as openPMD 1.1, by all ranks at once: meshes u and b, [z, y, x], at nodes from 0 on."""

import math
import os

import numpy as np

from hpcmm import __version__
from hpcmm.io.disk import reserve
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.whole_file import part_of
from hpcmm.kinds.mhd.diagnostics import HISTORY
from hpcmm.parallel import collective
from hpcmm.run import mesh_parts

MESHES = {"u": 0, "b": 3}
"""Name of a mesh -> its first field."""

VELOCITY = (1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0)
"""unitDimension: b is an Alfven velocity."""


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
    z, y, x = solver.transforms.points_here
    places = [(f"data/{state.steps}/meshes/{mesh}/{axis}", first + i) for mesh, first in MESHES.items()
              for i, axis in enumerate("xyz")]  # fmt: skip
    mesh_parts.write(comm, part, [(place, (z, y, x), solver.fields[field]) for place, field in places])
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
                data = mesh_parts.lay_out(mesh, axis, 3 * (count,))
                data.attrs.update(unitSI=1.0, position=np.zeros(3))

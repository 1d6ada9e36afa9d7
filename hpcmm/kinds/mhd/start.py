"""Fills the modes of a solver at the start of a run, or from what a checkpoint holds."""

import numpy as np

from hpcmm.kinds.mhd import flows, start_file
from hpcmm.kinds.mhd.random_modes import seed_field
from hpcmm.kinds.mhd.waves import of_rank
from hpcmm.parallel.exchange import to_owners


def constant_force(config, transforms):
    """Modes of a constant force on this rank; None where there is none."""
    force = config.forcing
    if force.model not in flows.FORCES:
        return None
    return of_rank(transforms, flows.force(force.model, force.wavenumber, force.amplitude))


def fill(config, solver):
    """Collective: set the modes of the start: named flow or file, seed, mean field."""
    initial, transforms = config.initial, solver.transforms
    solver.modes[...] = 0.0
    parts = []
    if initial.flow == "file":
        solver.modes[...] = start_file.read(initial.file, transforms)
    else:
        parts += zip((0, 3), flows.start(initial.flow, initial.wavenumber, initial.amplitude), strict=True)
    parts.append((3, seed_field(config.run.seed, initial.seed_field, *initial.seed_wavenumbers, initial.seed_helicity)))
    parts.append((3, {(0, 0, 0): np.array(config.mhd.mean_field, complex)}))
    for first, field in parts:
        modes = of_rank(transforms, field)
        transforms.as_complex(solver.modes[first : first + 3])[:, *modes.place] += modes.values


def resume(state, solver):
    """Collective: set the modes that a checkpoint holds, each on the rank that now has its column."""
    transforms = solver.transforms
    owner = transforms.owners()[state.columns]
    columns, modes = to_owners(transforms.comm, owner, state.columns, state.modes)
    transforms.set_columns(solver.modes, columns, modes.view(transforms.complex)[..., 0])

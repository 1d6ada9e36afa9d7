"""kind = "effective_medium": diffusion through a periodic box of two media, and its tensor kappa_ij."""

import numpy as np

from hpcmm.parallel import collective as parallel, petsc
from hpcmm.kinds.effective_medium import medium as media, plan, products, solver, state, two_grids
from hpcmm.errors import InputError
from hpcmm.kinds.late import late

UNIT = "solved cells"
FIGURE = None

plan_table = late("hpcmm.kinds.effective_medium.report", "plan_table")
plan_lines = late("hpcmm.kinds.effective_medium.report", "plan_lines")
kappa_table = late("hpcmm.kinds.effective_medium.report", "kappa_table")
open_run = late("hpcmm.kinds.effective_medium.reader", "MediumRun")


def demand():
    """See `hpcmm.kinds`."""
    petsc.demand("effective_medium")


def tasks(config):
    """See `hpcmm.kinds`."""
    plan.check(config)
    return plan.tasks_of(config)


def warnings(config):
    """See `hpcmm.kinds`."""
    return plan.warnings(config)


def new_state(config):
    """See `hpcmm.kinds`."""
    return state.MediaState()


def rows_reader(config):
    """See `hpcmm.kinds`."""
    count = len(plan.tasks_of(config))
    return lambda file, rank, ranks: state.rows_of(file, count, rank, ranks)


def run(config, comm, directory, state, keeper, attributes):
    """Deck to tensor: make each medium, solve its cell problem on all ranks, write the table; see `hpcmm.kinds`."""
    tasks, fractions = plan.tasks_of(config), config.effective_medium.fractions
    done = {task: row for part in comm.allgather(state.done) for task, row in part.items()}
    state.done = dict(done) if comm.rank == 0 else {}
    total, each = float(tasks.particle_steps.sum()), tasks.particle_steps[0]
    solve = (two_grids.TwoGrids if config.effective_medium.anisotropic else _Bounds)(config, comm).solve
    for task in range(len(tasks)):
        if task in done:
            continue
        fraction, realization, _ = tasks.place(task)
        done[task] = solve(fractions[fraction], realization)
        if comm.rank == 0:
            state.done[task] = done[task]
        behind, _ = keeper.meet(each * len(done) if comm.rank == 0 else 0.0, total, len(done) < len(tasks))
        if len(done) < len(tasks):
            keeper.heed(state, behind)
    keeper.finish(state, total)
    rows = np.array([done[task] for task in range(len(tasks))]).reshape(*tasks.shape[:2], -1)
    with keeper.guard("kappa.ecsv"):
        parallel.on_root(comm, lambda: products.write_kappa(directory, config, rows, attributes))


class _Bounds:
    """Solver of a deck's isotropic media."""

    def __init__(self, config, comm):
        section = config.effective_medium
        self._config, self._comm = config, comm
        self._problem = solver.CellProblem(comm, section.grid, media.lengths(section), section.tolerance)

    def solve(self, fraction, realization):
        """Collective: what is kept of a medium, see `hpcmm.kinds.effective_medium.state.RESULT`."""
        medium = media.medium(self._config, self._comm, self._problem, fraction, realization)
        lower, upper, iterations = self._problem.bounds(medium.kappa, medium.samples)
        known = -1.0 if np.isnan(medium.filling_fraction) else medium.filling_fraction
        head = [known, medium.harmonic, medium.arithmetic, iterations]
        return np.concatenate([head, medium.scale * lower.ravel(), medium.scale * upper.ravel()])


def table(directory, running=False):
    """See `hpcmm.kinds`: the table as it is kept."""
    from hpcmm.kinds.transport.products import read_kappa

    if running:
        raise InputError(f"{directory}: a run of kind 'effective_medium' has no time and so no kappa(t)")
    return kappa_table(read_kappa(directory))

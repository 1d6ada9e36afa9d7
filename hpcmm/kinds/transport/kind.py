"""kind = "transport": particle ensembles through turbulence and micromirrors, moments to diffusion tensor."""

from pathlib import Path

import numpy as np

from hpcmm.kinds.transport import moments_file, plan as stepping, products, state, track_plan, tracks
from hpcmm.kinds.transport.block_run import BlockRun
from hpcmm.kinds.late import late
from hpcmm.kinds.transport.realize import RealizedFields
from hpcmm.run.rounds import work_off
from hpcmm.kinds.transport.plan import plan
from hpcmm.run.tasks import tasks_of
from hpcmm.work import Blocks

UNIT = "particle steps"
FIGURE = "fig3"

plan_table = late("hpcmm.kinds.transport.report", "plan_table")
plan_lines = late("hpcmm.kinds.transport.report", "plan_lines")
kappa_table = late("hpcmm.kinds.transport.report", "kappa_table")
progress_table = late("hpcmm.kinds.transport.report", "progress_table")
open_run = late("hpcmm.kinds.transport.reader", "Run")


def tasks(config):
    """See `hpcmm.kinds`."""
    return tasks_of(config, plan(config))


def warnings(config):
    """See `hpcmm.kinds`."""
    return stepping.warnings(config)


def new_state(config):
    """See `hpcmm.kinds`."""
    return state.State()


def rows_reader(config):
    """See `hpcmm.kinds`."""
    plans, shape = plan(config), tasks(config).shape
    steps = np.repeat([p.steps for p in plans], shape[1] * shape[2])
    tracked = np.tile(track_plan.tracks_of_blocks(config, *shape[1:]).ravel(), shape[0])
    places = track_plan.places(config)
    return lambda file, rank, ranks: state.rows_of(file, steps, config.times, tracked, places, rank, ranks)


def run(config, comm, directory, state, keeper, attributes):
    """Deck to kappa(E): realize fields and ensembles, push blocks, write moments, compute kappa; see `hpcmm.kinds`."""
    plans = plan(config)
    tasks = tasks_of(config, plans)
    work_off(tasks, state, _FieldBlocks(config, plans, tasks, comm), comm, keeper)
    if config.output.trajectories:
        with keeper.guard("tracks.h5"):
            tracks.write(comm, directory / "tracks.h5", config, plans, tasks, state, attributes)
    sums = {task: flight.sums for task, flight in state.done.items()}
    with keeper.guard("moments.h5"):
        moments_file.write(comm, directory / "moments.h5", plans, tasks, sums, attributes)
    if comm.rank == 0:
        products.write_kappa(directory)


class _FieldBlocks(Blocks):
    """Blocks that need the field of their energy and realization; those of grids are shared by the ranks of a node."""

    def __init__(self, config, plans, tasks, comm):
        self._how, self._tasks, self._plans = (config, plans, tasks), tasks, plans
        self._fields = RealizedFields(config, plans, comm)

    def begin(self, task, flight):
        return BlockRun.begin(*self._how, task, self._fields, flight)

    def share(self, task, flight):
        return flight.step / self._plans[self._tasks.place(task)[0]].steps

    def hold(self, tasks):
        self._fields.hold([self._tasks.place(task)[:2] for task in tasks])

    def ready(self, task):
        return self._fields.ready(self._tasks.place(task)[:2])


def table(directory, running=False):
    """See `hpcmm.kinds`."""
    from hpcmm.kinds.transport import report

    if running:
        return report.running_table(moments_file.read(Path(directory) / "moments.h5"))
    return report.kappa_table(products.kappa_table(directory))

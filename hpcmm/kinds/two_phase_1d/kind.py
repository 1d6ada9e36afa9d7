"""kind = "two_phase_1d": particles on a line of scattering patches and gaps, and the kappa of eq 11."""

import dataclasses

import numpy as np

from hpcmm.io import tracks_file
from hpcmm.parallel import collective as parallel
from hpcmm.errors import InputError
from hpcmm.kinds.late import late
from hpcmm.run.rounds import work_off
from hpcmm.kinds.two_phase_1d import plan, products, state, tracks
from hpcmm.kinds.two_phase_1d.flights import LineBlocks

UNIT = "turns"
FIGURE = "fig5"

plan_table = late("hpcmm.kinds.two_phase_1d.report", "plan_table")
plan_lines = late("hpcmm.kinds.two_phase_1d.report", "plan_lines")
kappa_table = late("hpcmm.kinds.two_phase_1d.report", "kappa_table")
open_run = late("hpcmm.kinds.two_phase_1d.reader", "LineRun")


def tasks(config):
    """See `hpcmm.kinds`."""
    tracks.check(config)
    return plan.tasks_of(config, plan.plan(config))


def warnings(config):
    """See `hpcmm.kinds`."""
    return plan.warnings(config)


def new_state(config):
    """See `hpcmm.kinds`."""
    return state.TwoPhaseState(tasks(config).lanes)


def rows_reader(config):
    """See `hpcmm.kinds`."""
    work = tasks(config)
    return lambda file, rank, ranks: state.rows_of(file, len(work), work.lanes, rank, ranks)


def run(config, comm, directory, state, keeper, attributes):
    """Deck to kappa(f_mm): fly blocks of particles, gather their sums in order of task; see `hpcmm.kinds`."""
    plans = plan.plan(config)
    tasks = plan.tasks_of(config, plans)
    work_off(tasks, state, LineBlocks(config, plans, tasks), comm, keeper)
    parts = comm.gather(state.done)

    def write_kappa():
        done = {task: sums for part in parts for task, sums in part.items()}
        sums = np.concatenate([done[task] for task in range(len(tasks))]).reshape(len(plans), -1, done[0].shape[1])
        products.write_kappa(directory, config, plans, sums, attributes)

    with keeper.guard("kappa.ecsv"):
        parallel.on_root(comm, write_kappa)
    if config.output.trajectories == 0:
        return

    def meet():
        keeper.meet(float(comm.rank == 0), 1.0, True)
        keeper.heed(state, 1.0)

    found = tracks.fly(config, plans, comm, meet)

    def write_tracks():
        tracks_file.write(directory / "tracks.h5", dataclasses.replace(found, attributes=attributes))

    with keeper.guard("tracks.h5"):
        parallel.on_root(comm, write_tracks)


def table(directory, running=False):
    """See `hpcmm.kinds`: the table as it is kept, for the sums it was computed from are gone."""
    from hpcmm.kinds.transport.products import read_kappa

    if running:
        raise InputError(f"{directory}: a run of kind 'two_phase_1d' keeps no kappa(t), only T/3 and T")
    return kappa_table(read_kappa(directory))

"""kind = "two_phase_1d": particles on a line of scattering patches and gaps, and the kappa of eq 11."""

import numpy as np

from hpcmm import two_phase_plan, two_phase_products
from hpcmm.parallel import Round
from hpcmm.tasks import Deal, left_of
from hpcmm.two_phase_plan import plan, tasks_of
from hpcmm.two_phase_work import TwoPhaseWork


def tasks(config):
    """The list of work; raises SectionError where the deck cannot be run."""
    return tasks_of(config, plan(config))


def warnings(config):
    """Lines on what is allowed but likely not meant."""
    return two_phase_plan.warnings(config)


def run(config, comm, directory, state, keeper, attributes):
    """Deck to kappa(f_mm): fly blocks of particles, gather their sums in order of task, compute kappa.

    Parameters
    ----------
    config : TwoPhaseConfig
        The same on all ranks.
    comm : communicator
    directory : path
        The run directory, open.
    state : TwoPhaseState
        Where this rank goes on; empty at the start.
    keeper : Keeper
        Saves the run, and stops it.
    attributes : dict or None
        Provenance for the files; root's counts.
    """
    plans = plan(config)
    work = tasks_of(config, plans)
    fly_all(config, plans, work, state, comm, keeper)
    parts = comm.gather(state.done)
    if comm.rank == 0:
        done = {task: sums for part in parts for task, sums in part.items()}
        sums = np.array([done[task] for task in range(len(work))]).reshape(work.shape[0], work.shape[2], -1)
        two_phase_products.write_kappa(directory, config, plans, sums, attributes)


def fly_all(config, plans, tasks, state, comm, keeper):
    """Fly every block to the end, into ``state.done`` of the ranks that did it; rounds as in a transport run."""
    this_round, deal, total = Round(), Deal(left_of(tasks, state, comm), comm), float(tasks.particle_steps.sum())
    work = TwoPhaseWork(config, plans, tasks, state)
    work.take(deal.draw(0 if work.busy else 1))
    while True:
        work.advance(lambda: this_round.over() or keeper.signalled)
        fraction, busy = keeper.meet(work.turns, total, work.busy)
        if not (busy or deal.left):
            keeper.finish(state, total)
            return
        keeper.heed(work.state, fraction)
        work.take(deal.draw(work.wanted(2 * this_round.seconds, deal)))
        this_round.begin_next()

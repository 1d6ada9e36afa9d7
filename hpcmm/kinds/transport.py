"""kind = "transport": particle ensembles through turbulence and micromirrors, moments to diffusion tensor."""

import math

from hpcmm import moments_file, products
from hpcmm.block_run import BlockRun
from hpcmm.parallel import Round
from hpcmm.realized import RealizedFields
from hpcmm.state import State
from hpcmm.stepping import plan
from hpcmm.tasks import Deal, left_of, tasks_of


def run(config, comm, directory, state, keeper, attributes):
    """Deck to kappa(E): realize fields and ensembles, push blocks, write moments, compute kappa.

    Parameters
    ----------
    config : Config
        The same on all ranks.
    comm : communicator
    directory : path
        The run directory, open.
    state : State
        Where this rank goes on; empty at the start.
    keeper : Keeper
        Saves the run, and stops it.
    attributes : dict or None
        Provenance for the files; root's counts.
    """
    plans = plan(config)
    tasks = tasks_of(config, plans)
    advance_all(config, plans, tasks, state, comm, keeper)
    sums = {task: flight.sums for task, flight in state.done.items()}
    with keeper.guard("moments.h5"):
        moments_file.write(comm, directory / "moments.h5", plans, tasks, sums, attributes)
    if comm.rank == 0:
        products.write_kappa(directory)


def advance_all(config, plans, tasks, state, comm, keeper):
    """Advance every block to the end of its path, into ``state.done`` of the ranks that did it.

    Ranks work in rounds: own blocks, a chunk of steps at a time, until the round's time is over; then they
    meet, tell how far they are, save the run if it is time, and draw new tasks where they run low.
    """
    fields = RealizedFields(config, plans, comm)
    deal = Deal(left_of(tasks, state, comm), comm)
    queue = sorted(state.flights, key=lambda task: -tasks.seconds[task])
    queue += deal.draw(0 if queue else 1)
    block, this_round = None, Round()
    finished, total = float(sum(tasks.particle_steps[t] for t in state.done)), float(tasks.particle_steps.sum())
    seconds_per_cost = 1.0
    while True:
        spent = 0.0
        fields.hold([tasks.place(task)[:2] for task in ([block.task] if block else []) + queue])
        started = this_round.elapsed()
        while (block or queue) and not this_round.over() and not keeper.signalled:
            if not block:
                if not fields.ready(tasks.place(queue[0])[:2]):
                    break
                task = queue.pop(0)
                block = BlockRun.begin(config, plans, tasks, task, fields, state.flights.pop(task, None))
            spent += block.advance_chunk()
            if block.finished:
                state.done[block.task] = block.flight()
                finished += tasks.particle_steps[block.task]
                block = None
        if spent:
            seconds_per_cost = (this_round.elapsed() - started) / spent
        own = finished + (block.particle_steps if block else 0.0)
        fraction, busy = keeper.meet(own, total, bool(block or queue))
        if not (busy or deal.left):
            fields.hold([])
            keeper.finish(state, total)
            return
        on_the_way = {block.task: block.flight()} if block else {}
        keeper.heed(State(state.done, state.flights | on_the_way), fraction)
        in_hand = sum(tasks.seconds[t] for t in queue) + (block.seconds_left if block else 0.0)
        queue += deal.draw(_wanted(deal, tasks, 2 * this_round.seconds - in_hand * seconds_per_cost, seconds_per_cost))
        this_round.begin_next()


def _wanted(deal, tasks, seconds, seconds_per_cost):
    """How many of the tasks next in the deal fill so many seconds."""
    if seconds <= 0 or not deal.left:
        return 0
    return math.ceil(seconds / (tasks.seconds[deal.peek()] * seconds_per_cost))

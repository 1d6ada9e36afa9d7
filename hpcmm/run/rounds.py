"""The loop that every kind of run by tasks shares: own blocks for a while, then all ranks meet."""

from hpcmm.parallel.collective import Round
from hpcmm.run.tasks import Deal, left_of
from hpcmm.work import Work


def work_off(tasks, state, blocks, comm, keeper):
    """Advance every block to its end, into ``state.done`` of the ranks that did it.

    Ranks work in rounds: own blocks, a chunk at a time, until the round's time is over; then they meet, tell how far
    they are, save the run if it is time, and draw new tasks where they run low.

    Parameters
    ----------
    tasks : Tasks
    state : state of the kind of run
        Where this rank goes on.
    blocks : Blocks
        How blocks of this kind begin; see `hpcmm.work`.
    comm : communicator
    keeper : Keeper
        Saves the run, and stops it.
    """
    this_round, deal, total = Round(), Deal(left_of(tasks, state, comm), comm), float(tasks.particle_steps.sum())
    work = Work(tasks, state, blocks)
    work.take(deal.draw(0 if work.busy else 1))
    while True:
        blocks.hold(work.in_hand)
        work.advance(lambda: this_round.over() or keeper.signalled)
        fraction, busy = keeper.meet(work.particle_steps, total, work.busy)
        if not (busy or deal.left):
            blocks.hold([])
            keeper.finish(state, total)
            return
        keeper.heed(work.state, fraction)
        work.take(deal.draw(work.wanted(2 * this_round.seconds, deal)))
        this_round.begin_next()

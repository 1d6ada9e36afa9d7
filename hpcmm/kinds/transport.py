"""kind = "transport": particle ensembles through turbulence and micromirrors, moments to diffusion tensor."""

from hpcmm import moments_file, products, stepping
from hpcmm.parallel import Round
from hpcmm.realized import RealizedFields
from hpcmm.stepping import plan
from hpcmm.tasks import Deal, left_of, tasks_of
from hpcmm.work import Work


def tasks(config):
    """The list of work; raises SectionError where the deck cannot be run."""
    return tasks_of(config, plan(config))


def warnings(config):
    """Lines on what is allowed but likely not meant."""
    return stepping.warnings(config)


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
    fields, this_round = RealizedFields(config, plans, comm), Round()
    deal, total = Deal(left_of(tasks, state, comm), comm), float(tasks.particle_steps.sum())
    work = Work(config, plans, tasks, state, fields)
    work.take(deal.draw(0 if work.busy else 1))
    while True:
        fields.hold(work.fields)
        work.advance(lambda: this_round.over() or keeper.signalled)
        fraction, busy = keeper.meet(work.particle_steps, total, work.busy)
        if not (busy or deal.left):
            fields.hold([])
            keeper.finish(state, total)
            return
        keeper.heed(work.state, fraction)
        work.take(deal.draw(work.wanted(2 * this_round.seconds, deal)))
        this_round.begin_next()

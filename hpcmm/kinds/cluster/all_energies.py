"""All energies of a run through their samples: a box by all ranks together, spheres an energy a rank."""

from hpcmm.parallel import petsc
from hpcmm.kinds.cluster import plan
from hpcmm.kinds.cluster.one_energy import March
from hpcmm.kinds.cluster.mesh import Box, Sphere
from hpcmm.parallel.collective import Round


class Marches:
    """What a rank, or all together, have in hand.

    Parameters
    ----------
    config : ClusterConfig
    comm : communicator
    state : ClusterState
        Where this rank goes on; kept up to date.
    """

    def __init__(self, config, comm, state):
        petsc.started(comm)  # before any communicator of one rank
        self._config, self._state = config, state
        self._shared, self._root = plan.shared(config), comm.rank == 0
        self._team = comm if self._shared else comm.Split(comm.rank)
        cells = config.cluster.cells
        self._mesh = Box(comm, cells) if self._shared else Sphere(cells)
        self._queue, self._march, self._task = self._share(comm), None, None
        state.keeps = self._root or not self._shared

    @property
    def busy(self):
        """Is there work in hand?"""
        return bool(self._queue) or self._march is not None

    @property
    def samples(self):
        """Taken so far, as far as this rank counts them."""
        if self._shared and not self._root:
            return 0.0
        waiting = sum(flight.head[2] for task, flight in self._state.flights.items() if task != self._task)
        here = self._march.samples if self._march else 0
        return float(len(self._state.done) * self._config.cluster.samples + waiting + here)

    def advance(self, enough):
        """Steps of this rank's energy until ``enough()``; of a box one step, on all ranks."""
        while self.busy:
            if self._march is None:
                self._begin()
            self._march.step()
            if self._march.over:
                self._end()
            if self._shared or enough():
                break
        if self._march:
            self._state.flights[self._task] = self._march.flight()

    def _begin(self):
        self._task = self._queue.pop(0)
        energy = self._config.particle.energy[self._task]
        self._march = March(self._config, self._team, self._mesh, energy, self._state.flights.get(self._task))

    def _end(self):
        if self._state.keeps:
            self._state.done[self._task] = self._march.row
        if self._shared:
            flight = self._march.flight()
            self._state.cubes[self._task] = (flight.place, flight.density)
        self._state.flights.pop(self._task, None)
        self._march.close()
        self._march = self._task = None

    def _share(self, comm):
        """Tasks of this rank: those it goes on with, then its part of those that nobody has begun."""
        done = {task for part in comm.allgather(sorted(self._state.done)) for task in part}
        begun = {task for part in comm.allgather(sorted(self._state.flights)) for task in part}
        left = [task for task in range(len(self._config.particle.energy)) if task not in done | begun]
        mine = left if self._shared else left[comm.rank :: comm.size]
        return sorted(self._state.flights) + mine


def work_off(config, comm, state, keeper):
    """Follow every energy to its last sample, into ``state``; ranks meet as in `hpcmm.run.rounds`.

    Parameters
    ----------
    config : ClusterConfig
    comm : communicator
    state : ClusterState
    keeper : Keeper
        Saves the run, and stops it.
    """
    marches, this_round = Marches(config, comm, state), Round()
    total = float(len(config.particle.energy) * config.cluster.samples)
    while True:
        marches.advance(lambda: this_round.over() or keeper.signalled)
        fraction, busy = keeper.meet(marches.samples, total, marches.busy)
        if not busy:
            keeper.finish(state, total)
            return
        keeper.heed(state, fraction)
        this_round.begin_next()

"""Advances all energies of a run through their samples: in a box all ranks together, in spheres an energy a rank."""

from hpcmm.kinds.cluster import plan
from hpcmm.kinds.cluster.mesh import Box, Sphere
from hpcmm.kinds.cluster.one_energy import OneEnergy
from hpcmm.kinds.cluster.within_solves import WithinSolves
from hpcmm.parallel import petsc


class AllEnergies:
    """The `hpcmm.run.rounds.Worker` of a cluster.

    Parameters
    ----------
    config : ClusterConfig
    comm : communicator
    state : ClusterState
        Where this rank resumes; kept up to date.
    keeper : Keeper
        Saves and stops the run also within the solves of a box, at the step before.
    """

    def __init__(self, config, comm, state, keeper):
        petsc.started(comm)  # before any communicator of one rank
        self._config, self.state = config, state
        self._shared, self._root = plan.shared(config), comm.rank == 0
        self._team = comm if self._shared else comm.Split(comm.rank)
        cells = config.cluster.cells
        self._mesh = Box(comm, cells) if self._shared else Sphere(cells)
        self._keeper, self._within = keeper, WithinSolves(comm, self._meet) if self._shared else None
        self._queue, self._march, self._task = self._own_tasks(comm), None, None
        state.keeps = self._root or not self._shared
        self.total = float(len(config.particle.energy) * config.cluster.samples)

    @property
    def busy(self):
        """True while an energy of this rank is in progress or not started."""
        return bool(self._queue) or self._march is not None

    @property
    def done(self):
        """Number of samples taken so far; those of energies that ranks share are counted on root alone."""
        if self._shared and not self._root:
            return 0.0
        present = self._task if self._march else None
        waiting = sum(flight.head[2] for task, flight in self.state.flights.items() if task != present)
        here = self._march.samples if self._march else 0
        return float(len(self.state.done) * self._config.cluster.samples + waiting + here)

    def advance(self, this_round):
        """Take time steps of this rank's energies until the round is over; in a box one step, on all ranks."""
        while self.busy:
            if self._march is None:
                self._begin()
            self._march.step()
            if self._march.over:
                self._end()
            if self._shared or this_round.over():
                break
        if self._march:
            self.state.flights[self._task] = self._march.flight()

    def close(self):
        """Do nothing: this worker holds nothing beyond its rounds."""

    def _begin(self):
        self._task = self._queue.pop(0)
        energy = self._config.particle.energy[self._task]
        flight = self.state.flights.get(self._task)
        self._march = OneEnergy(self._config, self._team, self._mesh, energy, flight, self._within)

    def _meet(self):
        """Collective, within a solve: save or stop the run where that is due."""
        self._keeper.sync(self.done, self.total, self.busy)
        self._keeper.save_or_stop(self.state)

    def _end(self):
        if self.state.keeps:
            self.state.done[self._task] = self._march.row
        if self._shared:
            flight = self._march.flight()
            self.state.cubes[self._task] = (flight.place, flight.density)
        self.state.flights.pop(self._task, None)
        self._march.close()
        self._march = self._task = None

    def _own_tasks(self, comm):
        """List the tasks of this rank: those it resumes, then its share of those not started."""
        done = {task for part in comm.allgather(sorted(self.state.done)) for task in part}
        begun = {task for part in comm.allgather(sorted(self.state.flights)) for task in part}
        left = [task for task in range(len(self._config.particle.energy)) if task not in done | begun]
        mine = left if self._shared else left[comm.rank :: comm.size]
        return sorted(self.state.flights) + mine

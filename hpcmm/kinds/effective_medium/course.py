"""How far the solves of one medium are: where they resume, and the meetings of the ranks within them."""

import numpy as np

from hpcmm.errors import InputError, Stopped
from hpcmm.kinds.effective_medium.state import Flight
from hpcmm.parallel.exchange import to_owners

TENSORS, AXES = 2, 3


class Course:
    """The six solves of a medium: two tensors, three axes each.

    Parameters
    ----------
    comm : communicator
    task : int
    state : MediaState
        Its ``flight`` is where the solves resume, if it is of this task; it is kept up to date at meetings.
    meetings : hpcmm.run.meetings.Meetings

    Attributes
    ----------
    axis : int
        Axis that is solved for, or is next.
    before : int
        Iterations of its solve before this start; its potential is then no longer 0.
    most : int
        Most iterations of the solves that are done.
    """

    def __init__(self, comm, task, state, meetings):
        self._comm, self._task, self._state, self._meetings = comm, task, state, meetings
        self._tensors, self.axis, self.before, self.most, self._saved, self._stopped = [], 0, 0, 0, None, None
        flight = state.flight
        if flight and int(flight.head[0]) == task:
            _, stage, self.axis, self.before, self.most = (int(n) for n in flight.head[:5])
            self._tensors = [flight.head[5:]] if stage else []
            self._saved = flight.potentials()

    @property
    def share(self):
        """Part of the solves that is done, 0 to 1."""
        return (AXES * len(self._tensors) + self.axis) / (TENSORS * AXES)

    def tensor(self, stage, solve):
        """The first (0) or second (1) tensor: that of the checkpoint, or what ``solve()`` returns, as 9 numbers."""
        if stage == len(self._tensors):
            self._tensors.append(solve())
            self.axis = self.before = 0
            self._saved = None
        return self._tensors[stage]

    def resumed(self, cells):
        """Collective: potentials of this rank's ``cells`` cells, array (cells, 3), once; None if nothing is saved."""
        saved, self._saved = self._saved, None
        if saved is None:
            return None
        ends = np.cumsum(self._comm.allgather(cells))
        first = self._comm.exscan(len(saved)) or 0
        owner = np.searchsorted(ends, first + np.arange(len(saved)), side="right")
        return to_owners(self._comm, owner, saved)[0]

    def begin(self):
        """Begin a solve; its first meeting is at iteration 0."""
        self._meetings.begin()

    def end(self, iterations):
        """End the solve along an axis; raise what a meeting within it raised."""
        if self._stopped:
            raise self._stopped
        self.most = max(self.most, self.before + iterations)

    def next_axis(self):
        """Go on to the next axis, whose potential is 0."""
        self.axis, self.before = self.axis + 1, 0

    def meet(self, iteration, potentials):
        """Collective: meet if it is time; returns True if the solve must end now.

        Parameters
        ----------
        iteration : int
            Of this solve since this start.
        potentials : callable
            See `Flight`.
        """
        if self._stopped or not self._meetings.due(iteration):
            return self._stopped is not None
        first = self._tensors[0] if self._tensors else np.zeros(9)
        where = [self._task, len(self._tensors), self.axis, self.before + iteration, self.most]
        self._state.flight = Flight(np.concatenate([where, first]), potentials)
        try:
            self._meetings.hold(iteration)
        except (Stopped, InputError) as error:  # PETSc is left by its own way out, on all ranks
            self._stopped = error
        return self._stopped is not None

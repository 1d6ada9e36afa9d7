"""Lets ranks meet within the solves that they do together: a signal or the wall time need not wait for a step."""

from hpcmm.errors import InputError, Stopped
from hpcmm.run.meetings import Meetings


class WithinSolves:
    """Monitor of PETSc's solvers.

    Parameters
    ----------
    comm : communicator
    meet : callable
        Collective; saves the run, and raises Stopped or InputError on all ranks where it must end.

    Attributes
    ----------
    stopped : Stopped, InputError or None
        What ``meet`` raised: the solve then ends before it has converged, and its caller raises this.
    """

    def __init__(self, comm, meet):
        self._meetings, self._iterations, self.stopped = Meetings(comm, meet), 0, None

    def __call__(self, solver, iteration, norm):
        """Count an iteration; meet if it is time; end the solve if it must stop, by PETSc's own way out."""
        self._iterations += 1  # of all solves: most are over in less than the time between two meetings
        if self.stopped is None and self._meetings.due(self._iterations):
            try:
                self._meetings.hold(self._iterations)
            except (Stopped, InputError) as error:
                self.stopped = error
        if self.stopped is not None:
            solver.setTolerances(max_it=max(1, iteration))

    def leave(self):
        """Raise what a meeting raised, if one did."""
        if self.stopped is not None:
            raise self.stopped

"""Meetings of the ranks within a long call: at iterations that all of them name alike, about every half second."""

import time


class Meetings:
    """Meets at some of the iterations that all ranks do together, so that signals, clocks and saves are heeded there.

    Parameters
    ----------
    comm : communicator
    meet : callable
        Collective; called at each meeting.
    seconds : float
        Time between two meetings, if iterations are shorter.
    """

    def __init__(self, comm, meet, seconds=0.5):
        self._comm, self._meet, self._seconds = comm, meet, seconds
        self._step, self._at, self._next, self._last = 1, 0, 0, time.monotonic()

    def begin(self):
        """Count iterations from 0 again, where there is a meeting."""
        self._at = self._next = 0
        self._last = time.monotonic()

    def due(self, iteration):
        """True if the ranks meet at this iteration; the same on all ranks."""
        return iteration >= self._next

    def hold(self, iteration):
        """Collective: meet, then agree on the iteration of the next meeting by root's clock."""
        self._meet()
        done, passed = iteration - self._at, self._comm.bcast(time.monotonic() - self._last)
        if done > 0:
            self._step = max(1, min(2 * done, int(done * self._seconds / max(passed, 1e-9))))
        self._at, self._next, self._last = iteration, iteration + self._step, time.monotonic()

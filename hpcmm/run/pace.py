"""How fast a run is, and how long it will take, from what was done since this start."""

import time


class Pace:
    """Callable ``pace(done, total) -> (rate, left)``; its first call says what a checkpoint held, which is not counted.

    Parameters
    ----------
    clock : callable
        Time [s].
    """

    def __init__(self, clock=time.monotonic):
        self._clock, self._first = clock, None

    def __call__(self, done, total):
        """Rate since the first call [1/s], 0 at that one, and time left [s], None where that is unknown."""
        now = self._clock()
        if self._first is None:
            self._first = done, now
        before, since = self._first
        rate = (done - before) / (now - since) if now > since else 0.0
        return rate, (total - done) / rate if rate > 0 else None

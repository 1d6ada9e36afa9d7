"""The loop of every kind of run: ranks work for a while, then all meet, save if a checkpoint is due, and work again."""

import time
from typing import Protocol


class Worker(Protocol):
    """The work of one rank, advanced in rounds: tasks assigned to it, or its part of steps that all ranks do together.

    Attributes
    ----------
    done, total : float
        Work that this rank has done, and that of the whole run, in the unit of the kind.
    busy : bool
        True while work remains, in progress or not assigned yet.
    state : State
        State of this rank for a checkpoint; read after each round.
    """

    done: float
    total: float
    busy: bool
    state: object

    def advance(self, this_round):
        """Collective: work until ``this_round.over()``, at least one step where all ranks work together."""

    def close(self):
        """Collective: release resources, when all work is done."""


class Round:
    """A slice of wall-clock time after which ranks meet; starts short, to learn the pace, grows to a quarter second.

    Parameters
    ----------
    interrupted : callable
        ``interrupted()`` is true if this rank must end its round now, as it was asked to stop.
    """

    def __init__(self, interrupted=lambda: False, first=0.05, longest=0.25):
        self.seconds = first
        self._interrupted, self._longest = interrupted, longest
        self._start = time.monotonic()

    def over(self):
        """True if this slice has passed."""
        return self._interrupted() or time.monotonic() - self._start >= self.seconds

    def begin_next(self):
        """Start the next slice."""
        self.seconds = min(2 * self.seconds, self._longest)
        self._start = time.monotonic()


def work(worker, keeper):
    """Advance a worker to its end on all ranks; the newest checkpoint then holds all of it.

    Parameters
    ----------
    worker : Worker
    keeper : Keeper
        Saves the run, and stops it.

    Raises
    ------
    Stopped
        On all ranks, if a signal or the wall time stopped the run, with a checkpoint.
    """
    this_round = Round(lambda: keeper.signalled)
    while True:
        worker.advance(this_round)
        if keeper.sync(worker.done, worker.total, worker.busy) == 0:
            worker.close()
            keeper.finish(worker.state, worker.total)
            return
        keeper.save_or_stop(worker.state)
        this_round.begin_next()

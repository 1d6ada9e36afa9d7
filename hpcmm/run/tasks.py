"""Independent pieces of a run's work, their cost, and how ranks share them.

A task is (energy, realization, block). All ranks go through the same list, longest first; a rank that runs low takes
the next ones from its front. Which rank takes a task changes nothing in the results.
"""

import math
from dataclasses import dataclass

import numpy as np

MOST_TASKS = 2_000_000
"""Most tasks of a run: their moments fill 27 GB at 64 samples."""

PIECE = 2**14
"""Tasks that are looked at together; no list of all of them is ever made."""


@dataclass(frozen=True)
class Tasks:
    """All tasks of a run, by rule: nothing is held for each.

    Attributes
    ----------
    shape : (int, int, int)
        Energies, realizations, blocks a realization; task i is at ``np.unravel_index(i, shape)``.
    seconds : array
        Expected core time of the tasks [s], of that shape or one that is broadcast to it.
    work : array
        Likewise, work in the unit of the kind, such as steps or expected turns times active particles.
    """

    shape: tuple
    seconds: np.ndarray
    work: np.ndarray

    def __len__(self):
        return math.prod(self.shape)

    def place(self, task):
        """(energy index, realization, block) of a task."""
        return tuple(int(i) for i in np.unravel_index(task, self.shape))

    def seconds_of(self, task):
        """Expected core time of a task, or of an array of tasks [s]."""
        return self._of(self.seconds, task)

    def work_of(self, task):
        """Work of a task, or of an array of tasks."""
        return self._of(self.work, task)

    def total_seconds(self):
        """Expected core time of all tasks [s]."""
        return float(self.seconds.sum() * len(self) / self.seconds.size)

    def total_work(self):
        """Work of all tasks."""
        return float(self.work.sum() * len(self) / self.work.size)

    def _of(self, values, task):
        return np.broadcast_to(values, self.shape)[np.unravel_index(task, self.shape)]

    def longest_first(self):
        """Yield all task numbers by falling cost, ties in order of number, in arrays of at most PIECE."""
        for run in sorted(self._runs(), key=lambda run: (-self.seconds_of(run.start), run.start)):
            for first in range(run.start, run.stop, PIECE):
                yield np.arange(first, min(first + PIECE, run.stop))

    def _runs(self):
        """Ranges of tasks of one cost that follow one another."""
        borders, before = [], None
        for first in range(0, len(self), PIECE):
            cost = self.seconds_of(np.arange(first, min(first + PIECE, len(self))))
            changes = np.flatnonzero(np.diff(cost, prepend=cost[0] if before is None else before))
            borders += [int(first + i) for i in changes]
            before = cost[-1]
        return [range(*ends) for ends in zip([0, *borders], [*borders, len(self)], strict=True)]


class TasksLeft:
    """The tasks that are not assigned yet, longest first; a bit is held for each task of the run.

    Parameters
    ----------
    tasks : Tasks
    taken : array of uint8
        Bits of `numpy.packbits`, set for each task that is finished or in progress on any rank.
    """

    def __init__(self, tasks, taken):
        self._tasks, self._taken = tasks, taken
        self._count = len(tasks) - int(np.unpackbits(taken).sum())

    def __len__(self):
        return self._count

    def __iter__(self):
        """Yield task numbers in arrays."""
        for numbers in self._tasks.longest_first():
            yield numbers[self._taken[numbers >> 3] >> (7 - (numbers & 7)) & 1 == 0]


def tasks_left(tasks, state, comm):
    """Collective: the `TasksLeft` that no rank has finished or is working on."""
    mine = np.zeros(len(tasks), dtype=bool)
    mine[[*state.done, *state.flights]] = True
    # no task is on two ranks: the sum of bytes is that of their bits
    return TasksLeft(tasks, comm.allreduce(np.packbits(mine)))


def summary(state, total, comm):
    """Collective: one line on how many of all tasks are done and in progress.

    Parameters
    ----------
    state : object
        State of this rank with ``done`` and ``flights``, by task.
    total : int
        Number of tasks of the run.
    comm : communicator
    """
    done, in_progress = comm.allreduce(np.array([len(state.done), len(state.flights)]))
    return f"{done} of {total} tasks done, {in_progress} in progress"


class Deal:
    """List of the tasks that are not assigned yet, the same on all ranks; it assigns them from its front.

    Parameters
    ----------
    order : TasksLeft
        Sized; its iterator yields arrays of task numbers.
    comm : communicator
    """

    def __init__(self, order, comm):
        self._pieces, self._ahead = iter(order), np.zeros(0, np.int64)
        self.left = len(order)
        """Number of tasks not assigned yet."""
        self._comm = comm

    def peek(self):
        """Number of the task that is assigned next."""
        return int(self._first(1)[0])

    def draw(self, wanted):
        """Collective: assign this rank its next tasks, at most ``wanted`` and no more than its fair share of the rest.

        Ranks are served in order of rank, by an exclusive scan of what they want.
        """
        wanted = min(int(wanted), -(-self.left // self._comm.size))
        before = self._comm.exscan(wanted) or 0
        total = min(self._comm.allreduce(wanted), self.left)
        drawn = self._first(total)
        mine = drawn[before : before + wanted].tolist()
        self._ahead = self._ahead[total:].copy()
        self.left -= total
        return mine

    def _first(self, count):
        """The next ``count`` tasks; those that are looked at ahead are kept."""
        pieces, have = [self._ahead], len(self._ahead)
        while have < count:
            pieces.append(next(self._pieces))
            have += len(pieces[-1])
        self._ahead = np.concatenate(pieces)
        return self._ahead[:count]

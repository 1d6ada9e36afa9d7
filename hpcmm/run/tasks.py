"""Independent pieces of a run's work, their cost, and how ranks share them.

A task is (energy, realization, block). All ranks hold the same list, longest first; a rank that runs low takes
the next ones from its front. Which rank takes a task changes nothing in the results.
"""

from dataclasses import dataclass

import numpy as np

MOST_TASKS = 2_000_000
"""Most tasks of a run: their moments fill 27 GB at 64 samples; every rank holds the list."""


@dataclass(frozen=True)
class Tasks:
    """All tasks of a run.

    Attributes
    ----------
    shape : (int, int, int)
        Energies, realizations, blocks a realization; task i is at ``np.unravel_index(i, shape)``.
    seconds : array [task]
        Expected core time of each task [s].
    work : array [task]
        Work of each task in the unit of its kind, such as steps or expected turns times active particles.
    """

    shape: tuple
    seconds: np.ndarray
    work: np.ndarray

    def __len__(self):
        return len(self.seconds)

    def place(self, task):
        """(energy index, realization, block) of a task."""
        return tuple(int(i) for i in np.unravel_index(task, self.shape))

    def longest_first(self):
        """Task numbers by falling cost, ties in order of number."""
        return np.argsort(-self.seconds, kind="stable")


def tasks_left(tasks, state, comm):
    """Collective: numbers of the tasks that no rank has finished or is working on, longest first."""
    mine = np.array([*state.done, *state.flights], dtype=np.int64)
    left = np.ones(len(tasks), dtype=bool)
    left[np.concatenate(comm.allgather(mine))] = False
    order = tasks.longest_first()
    return order[left[order]]


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
    order : sequence of int
        Task numbers.
    comm : communicator
    """

    def __init__(self, order, comm):
        self._order = [int(task) for task in order]
        self._next = 0
        self._comm = comm

    @property
    def left(self):
        """Number of tasks not assigned yet."""
        return len(self._order) - self._next

    def peek(self):
        """Number of the task that is assigned next."""
        return self._order[self._next]

    def draw(self, wanted):
        """Collective: assign this rank its next tasks, at most ``wanted`` and no more than its fair share of the rest.

        Ranks are served in order of rank, by an exclusive scan of what they want.
        """
        wanted = min(int(wanted), -(-self.left // self._comm.size))
        before = self._comm.exscan(wanted) or 0
        total = self._comm.allreduce(wanted)
        start = self._next + before
        mine = self._order[start : start + wanted]
        self._next = min(self._next + total, len(self._order))
        return mine

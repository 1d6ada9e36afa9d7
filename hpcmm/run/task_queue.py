"""One rank's queue of tasks: the block being advanced, blocks to resume, tasks not started."""

import dataclasses
import math
import time
from abc import ABC, abstractmethod

from hpcmm.run.tasks import Deal, tasks_left


class Blocks(ABC):
    """Begins and resumes the blocks of a kind of run.

    A block has ``task``; ``advance_chunk()``, which returns the planned cost [s] of what it did; ``finished``;
    ``work`` done, in the unit of `hpcmm.run.tasks.Tasks.work_of`, and ``seconds_left`` as planned; ``flight()``, its
    state for a checkpoint.
    """

    @abstractmethod
    def begin(self, task, flight):
        """Start the block of a task; resume it from ``flight`` if that is not None."""

    @abstractmethod
    def share(self, task, flight):
        """Part of a task that is done at ``flight``, 0 to 1."""

    @abstractmethod
    def hold(self, tasks):
        """Collective: make what these tasks of this rank need, the most urgent first; free all else."""

    def ready(self, task):
        """True if `begin` can begin this task now, False if only after another `hold`."""
        return True


class TaskQueue:
    """The `hpcmm.run.rounds.Worker` of a kind of run whose tasks are independent.

    Parameters
    ----------
    tasks : Tasks
    state : object
        State that the rank resumes from: ``done`` and ``flights`` by task; finished blocks are added to it.
    blocks : Blocks
    comm : communicator
    """

    def __init__(self, tasks, state, blocks, comm):
        self._tasks, self._state, self._blocks = tasks, state, blocks
        self._queue = sorted(state.flights, key=lambda task: -tasks.seconds_of(task))
        self._block = None
        self._finished = float(sum(map(tasks.work_of, state.done)))
        self._waiting = {
            task: tasks.work_of(task) * blocks.share(task, flight) for task, flight in state.flights.items()
        }
        self._seconds_per_cost = 1.0
        self._deal, self._started = Deal(tasks_left(tasks, state, comm), comm), False
        self.total = tasks.total_work()

    @property
    def busy(self):
        """True while a block, a task of the queue or a task not assigned remains."""
        return bool(self._in_hand or self._deal.left)

    @property
    def done(self):
        """Work of this rank's blocks, finished or not."""
        return self._finished + sum(self._waiting.values()) + (self._block.work if self._block else 0.0)

    @property
    def state(self):
        """State of this rank for a checkpoint, the block in progress included."""
        in_progress = {self._block.task: self._block.flight()} if self._block else {}
        return dataclasses.replace(self._state, flights=self._state.flights | in_progress)

    def advance(self, this_round):
        """Collective: draw tasks where they run low, then advance block after block by chunks.

        Ends when the round is over, or a block is not ready, or all is done.
        """
        self._queue += self._deal.draw(self._wanted(2 * this_round.seconds))
        self._blocks.hold(self._in_hand)
        begin, spent = time.monotonic(), 0.0
        while self._in_hand and not this_round.over():
            if not self._block and not self._begin_next():
                break
            spent += self._block.advance_chunk()
            if self._block.finished:
                self._state.done[self._block.task] = self._block.flight()
                self._finished += self._tasks.work_of(self._block.task)
                self._block = None
        if spent:
            self._seconds_per_cost = (time.monotonic() - begin) / spent

    def close(self):
        """Collective: free what blocks needed."""
        self._blocks.hold([])

    @property
    def _in_hand(self):
        """Tasks of all blocks in hand, the present one first."""
        return ([self._block.task] if self._block else []) + self._queue

    def _wanted(self, seconds):
        """Number of further tasks that this rank needs to have work for ``seconds``."""
        if not self._started:  # its pace is not known yet
            self._started = True
            return 0 if self._in_hand else 1
        left = sum(self._tasks.seconds_of(t) for t in self._queue) + (self._block.seconds_left if self._block else 0.0)
        lacking = seconds - left * self._seconds_per_cost
        if lacking <= 0 or not self._deal.left:
            return 0
        return math.ceil(lacking / (self._tasks.seconds_of(self._deal.peek()) * self._seconds_per_cost))

    def _begin_next(self):
        """Begin the first block of the queue; returns False if it is not ready."""
        task = self._queue[0]
        if not self._blocks.ready(task):
            return False
        del self._queue[0]
        self._waiting.pop(task, None)
        self._block = self._blocks.begin(task, self._state.flights.pop(task, None))
        return True

"""What a rank has in hand: a block on its way, blocks to be gone on with, tasks to be begun."""

import dataclasses
import math
import time


class Blocks:
    """What a kind of run tells of its blocks.

    A block has ``task``; ``advance_chunk()``, which returns the planned cost [s] of what it did; ``finished``;
    ``particle_steps`` done and ``seconds_left`` as planned; ``flight()``, what a state keeps of it.
    """

    def begin(self, task, flight):
        """The block of a task, gone on with from ``flight`` if that is not None."""
        raise NotImplementedError

    def share(self, task, flight):
        """Part of a task that is behind it at ``flight``, 0 to 1."""
        raise NotImplementedError

    def hold(self, tasks):
        """Collective: have at hand what these tasks of this rank need, the most urgent first; forget all else."""

    def ready(self, task):
        """Can `begin` begin this one now, or only after another `hold`?"""
        return True


class Work:
    """Blocks of one rank.

    Parameters
    ----------
    tasks : Tasks
    state : state of the kind of run
        Where the rank goes on: ``done`` and ``flights`` by task; finished blocks are added to it.
    blocks : Blocks
    """

    def __init__(self, tasks, state, blocks):
        self._tasks, self._state, self._blocks = tasks, state, blocks
        self._queue = sorted(state.flights, key=lambda task: -tasks.seconds[task])
        self._block = None
        self._finished = float(sum(tasks.particle_steps[task] for task in state.done))
        self._waiting = {
            task: tasks.particle_steps[task] * blocks.share(task, flight) for task, flight in state.flights.items()
        }
        self._seconds_per_cost = 1.0

    def take(self, tasks):
        """Add tasks from the deal."""
        self._queue += tasks

    @property
    def busy(self):
        """Is there anything left to do?"""
        return bool(self._block or self._queue)

    @property
    def in_hand(self):
        """Tasks of all blocks in hand, the present one first."""
        return ([self._block.task] if self._block else []) + self._queue

    @property
    def particle_steps(self):
        """Particle steps behind this rank's blocks, finished or not."""
        return self._finished + sum(self._waiting.values()) + (self._block.particle_steps if self._block else 0.0)

    @property
    def state(self):
        """What a checkpoint holds of this rank."""
        on_the_way = {self._block.task: self._block.flight()} if self._block else {}
        return dataclasses.replace(self._state, flights=self._state.flights | on_the_way)

    def wanted(self, seconds, deal):
        """How many of the tasks next in the deal it takes to have work for so many seconds."""
        in_hand = sum(self._tasks.seconds[t] for t in self._queue) + (self._block.seconds_left if self._block else 0.0)
        lacking = seconds - in_hand * self._seconds_per_cost
        if lacking <= 0 or not deal.left:
            return 0
        return math.ceil(lacking / (self._tasks.seconds[deal.peek()] * self._seconds_per_cost))

    def advance(self, time_is_up):
        """Advance block after block by chunks until ``time_is_up()``, or one is not ready, or all is done."""
        begin, spent = time.monotonic(), 0.0
        while self.busy and not time_is_up():
            if not self._block and not self._begin_next():
                break
            spent += self._block.advance_chunk()
            if self._block.finished:
                self._state.done[self._block.task] = self._block.flight()
                self._finished += self._tasks.particle_steps[self._block.task]
                self._block = None
        if spent:
            self._seconds_per_cost = (time.monotonic() - begin) / spent

    def _begin_next(self):
        """Begin the first block of the queue, if it is ready."""
        task = self._queue[0]
        if not self._blocks.ready(task):
            return False
        del self._queue[0]
        self._waiting.pop(task, None)
        self._block = self._blocks.begin(task, self._state.flights.pop(task, None))
        return True

"""What a rank has in hand: a block on its way, blocks to be gone on with, tasks to be begun."""

import math
import time

from hpcmm.block_run import BlockRun
from hpcmm.state import State


class Work:
    """Blocks of one rank.

    Parameters
    ----------
    config : Config
    plans : list of EnergyPlan
    tasks : Tasks
    state : State
        Where the rank goes on; finished blocks are added to it.
    fields : RealizedFields
    """

    def __init__(self, config, plans, tasks, state, fields):
        self._how, self._tasks, self._state, self._fields = (config, plans, tasks), tasks, state, fields
        self._queue = sorted(state.flights, key=lambda task: -tasks.seconds[task])
        self._block = None
        self._finished = float(sum(tasks.particle_steps[task] for task in state.done))
        self._waiting = {
            task: tasks.particle_steps[task] * flight.step / plans[tasks.place(task)[0]].steps
            for task, flight in state.flights.items()
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
    def fields(self):
        """(energy index, realization) of all blocks in hand, the present one first."""
        present = [self._block.task] if self._block else []
        return [self._tasks.place(task)[:2] for task in present + self._queue]

    @property
    def particle_steps(self):
        """Particle steps behind this rank's blocks, finished or not."""
        return self._finished + sum(self._waiting.values()) + (self._block.particle_steps if self._block else 0.0)

    @property
    def state(self):
        """What a checkpoint holds of this rank."""
        on_the_way = {self._block.task: self._block.flight()} if self._block else {}
        return State(self._state.done, self._state.flights | on_the_way)

    def wanted(self, seconds, deal):
        """How many of the tasks next in the deal it takes to have work for so many seconds."""
        in_hand = sum(self._tasks.seconds[t] for t in self._queue) + (self._block.seconds_left if self._block else 0.0)
        lacking = seconds - in_hand * self._seconds_per_cost
        if lacking <= 0 or not deal.left:
            return 0
        return math.ceil(lacking / (self._tasks.seconds[deal.peek()] * self._seconds_per_cost))

    def advance(self, time_is_up):
        """Advance block after block by chunks until ``time_is_up()``, or a field is missing, or all is done."""
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
        """Begin the first block of the queue, if its field is there."""
        task = self._queue[0]
        if not self._fields.ready(self._tasks.place(task)[:2]):
            return False
        del self._queue[0]
        self._waiting.pop(task, None)
        self._block = BlockRun.begin(*self._how, task, self._fields, self._state.flights.pop(task, None))
        return True

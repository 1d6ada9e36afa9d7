"""What a rank of a two-phase run has in hand: a block on its way, blocks to be gone on with, tasks to be begun."""

import math
import time

from cython_kernels.telegraph import LANES, TelegraphBlock
from hpcmm import streams
from hpcmm.two_phase_kappa import block_sums
from hpcmm.two_phase_state import TwoPhaseState

PAIRS = 4096
"""Pairs of flights between two looks at the clock: a few milliseconds. No result depends on it."""


class TwoPhaseWork:
    """Blocks of one rank.

    Parameters
    ----------
    config : TwoPhaseConfig
    plans : list of FractionPlan
    tasks : Tasks
    state : TwoPhaseState
        Where the rank goes on; finished blocks are added to it.
    """

    def __init__(self, config, plans, tasks, state):
        self._config, self._plans, self._tasks, self._state = config, plans, tasks, state
        self._queue = sorted(state.flights, key=lambda task: -tasks.seconds[task])
        self._task = self._block = None
        self._finished = float(sum(tasks.particle_steps[task] for task in state.done))
        self._waiting = {task: self._turns(task, pair) for task, (pair, _) in state.flights.items()}
        self._pace = 1.0  # seconds in a planned second

    def take(self, tasks):
        """Add tasks from the deal."""
        self._queue += tasks

    @property
    def busy(self):
        """Is there anything left to do?"""
        return bool(self._block or self._queue)

    @property
    def turns(self):
        """Turns behind this rank's blocks, finished or not, as planned."""
        present = self._turns(self._task, self._block.pair) if self._block else 0.0
        return self._finished + sum(self._waiting.values()) + present

    @property
    def state(self):
        """What a checkpoint holds of this rank."""
        on_the_way = {self._task: (self._block.pair, self._block.state.copy())} if self._block else {}
        return TwoPhaseState(self._state.done, self._state.flights | on_the_way)

    def wanted(self, seconds, deal):
        """How many of the tasks next in the deal it takes to have work for so many seconds."""
        in_hand = sum(self._tasks.seconds[t] for t in [*self._queue, *([self._task] if self._block else [])])
        lacking = seconds - in_hand * self._pace
        if lacking <= 0 or not deal.left:
            return 0
        return math.ceil(lacking / (self._tasks.seconds[deal.peek()] * self._pace))

    def advance(self, time_is_up):
        """Fly block after block until ``time_is_up()`` or all is done."""
        begin, before, finished = time.monotonic(), self.turns, 0
        while self.busy and not time_is_up():
            if not self._block:
                self._begin(self._queue.pop(0))
            self._block.advance(PAIRS)
            if self._block.done:
                self._state.done[self._task] = block_sums(self._block.state, self._block.active)
                self._finished += self._tasks.particle_steps[self._task]
                self._task = self._block = None
                finished += 1
        planned = (self.turns - before) / self._tasks.particle_steps.sum() * self._tasks.seconds.sum()
        if finished and planned > 0:
            self._pace = (time.monotonic() - begin) / planned

    def _begin(self, task):
        which, _, block = self._tasks.place(task)
        two_phase, p, run = self._config.two_phase, self._plans[which], self._config.run
        self._task, first = task, block * LANES
        key = streams.kernel_key(run.seed, streams.FLIGHTS, 0, p.f_mm, 0)
        active = min(LANES, run.particles - first)
        self._block = TelegraphBlock(two_phase.nu_mm, two_phase.nu_res, p.f_mm, p.duration, key, first, active)
        self._waiting.pop(task, None)
        if task in self._state.flights:
            pair, state = self._state.flights.pop(task)
            self._block.resume(state, pair)

    def _turns(self, task, pair):
        """Turns of a block at this counter, no more than planned."""
        share = 2 * (pair - 1) / self._plans[self._tasks.place(task)[0]].turns
        return self._tasks.particle_steps[task] * min(share, 1.0)

"""Blocks in progress of a two-phase run, for the loop of `hpcmm.run.rounds`."""

import numpy as np

from cython_kernels.telegraph import ROWS, TelegraphBlock
from hpcmm.kinds.two_phase_1d.kappa import block_sums
from hpcmm.kinds.two_phase_1d.plan import particles_of
from hpcmm.parallel import random_streams
from hpcmm.run.task_queue import Blocks

PAIRS = 16_384
"""Pairs of flights of each lane between two readings of the clock: about a millisecond. No result depends on it."""

_PAIR, _TIME = ROWS.index("pair"), ROWS.index("time")


class LineBlocks(Blocks):
    """Begins or resumes the blocks of a two-phase run.

    Parameters
    ----------
    config : TwoPhaseConfig
    plans : list of FractionPlan
    tasks : Tasks
    """

    def __init__(self, config, plans, tasks):
        self._config, self._plans, self._tasks = config, plans, tasks

    def begin(self, task, flight):
        """Begin a task, or resume it from ``flight``; see `hpcmm.run.task_queue.Blocks`."""
        p = self._plans[self._tasks.place(task)[0]]
        first, particles = particles_of(self._config, self._tasks, task)
        block = start(self._config.two_phase, p, self._config.run.seed, first, particles)
        if flight is not None:
            block.resume(flight[:, :particles])
        return LineBlock(task, block, p, self._tasks)

    def share(self, task, flight):
        """Part of a task that is done in ``flight``; see `hpcmm.run.task_queue.Blocks`."""
        p = self._plans[self._tasks.place(task)[0]]
        particles = particles_of(self._config, self._tasks, task)[1]
        return _share(flight[:, :particles], p)

    def hold(self, tasks):
        """Do nothing: flights need nothing that is made beforehand."""


class LineBlock:
    """A block in progress; see `hpcmm.run.task_queue.Blocks`."""

    def __init__(self, task, block, fraction_plan, tasks):
        self.task, self._block, self._plan = task, block, fraction_plan
        self._seconds, self._turns = tasks.seconds_of(task), tasks.work_of(task)
        self._share, self._size = _share(block.state, fraction_plan), tasks.lanes

    def advance_chunk(self):
        """Fly all particles PAIRS pairs of flights further; returns the planned cost of it [s]."""
        before = self._share
        self._block.advance(PAIRS)
        self._share = 1.0 if self._block.done else _share(self._block.state, self._plan)
        return self._seconds * (self._share - before)

    @property
    def finished(self):
        """True if all particles have passed T."""
        return self._block.done

    @property
    def work(self):
        """Expected number of turns done so far."""
        return self._turns * self._share

    @property
    def seconds_left(self):
        """Planned cost of the turns that are left [s]."""
        return self._seconds * (1 - self._share)

    def flight(self):
        """State for a checkpoint: sums of a finished block, else the state of its particles, padded to one shape."""
        return (block_sums if self.finished else padded)(self._block.state, self._size)


def start(section, fraction_plan, seed, first, particles, intervals=0):
    """Make particles of one filling fraction, at time 0.

    Parameters
    ----------
    section : TwoPhase
    fraction_plan : FractionPlan
    seed : int
    first, particles : int
        Id of the first particle; number of particles.
    intervals : int
        Number of equal intervals of their tracks; 0: no tracks are kept.
    """
    key = random_streams.kernel_key(seed, random_streams.FLIGHTS, 0, fraction_plan.f_mm, 0)
    f_mm, duration = fraction_plan.f_mm, fraction_plan.duration
    return TelegraphBlock(section.nu_mm, section.nu_res, f_mm, duration, key, first, particles, intervals)


def padded(state, size):
    """Pad a state to ``size`` lanes, whatever the number of particles: rows of a checkpoint have one shape."""
    state = np.asarray(state)
    return np.pad(state, ((0, 0), (0, size - state.shape[1])), mode="edge")


def _share(state, fraction_plan):
    """Part of the expected turns that is done; a particle that needs more than expected counts as nearly done."""
    state = np.asarray(state)
    turned = np.minimum(2 * (state[_PAIR] - 1) / fraction_plan.turns, 1.0)
    return float(np.where(state[_TIME] >= fraction_plan.duration, 1.0, turned).mean())

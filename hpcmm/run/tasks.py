"""The list of work, its cost, and how ranks share it.

A task is (energy, realization, block). All ranks hold the same list, longest first; whoever runs low takes
the next ones from its front. Who took what changes nothing in the results.
"""

import math
from dataclasses import dataclass

import numpy as np

from cython_kernels.block import LANES
from hpcmm.kinds.transport.ensemble import blocks_of
from hpcmm.deck.section import SectionError

SECONDS_PER_LANE_STEP = 5e-9
"""Drift, rotation and sampling; measured by `hpcmm bench` on one 2.6 GHz AVX-512 core, for planning only."""

SECONDS_PER_KICK = 9e-9
"""Philox draw and rotation of one particle, likewise."""


MOST_TASKS = 2_000_000
"""Their moments fill 27 GB at 64 samples; every rank holds the list."""


@dataclass(frozen=True)
class Tasks:
    """All tasks of a run.

    Attributes
    ----------
    shape : (int, int, int)
        Energies, realizations, blocks a realization; task i is at ``np.unravel_index(i, shape)``.
    seconds : array [task]
        Expected core time of each.
    particle_steps : array [task]
        Steps (of a line: expected turns) times active particles.
    """

    shape: tuple
    seconds: np.ndarray
    particle_steps: np.ndarray

    def __len__(self):
        return len(self.seconds)

    def place(self, task):
        """(energy index, realization, block) of a task."""
        return tuple(int(i) for i in np.unravel_index(task, self.shape))

    def longest_first(self):
        """Task numbers by falling cost, ties in order of number."""
        return np.argsort(-self.seconds, kind="stable")


def tasks_of(config, plans):
    """Tasks of a config and its energy plans, with their expected cost.

    Raises
    ------
    SectionError
        If there are more than MOST_TASKS.
    """
    blocks = blocks_of(config.run.particles)
    shape = (len(plans), config.run.realizations, blocks)
    count = math.prod(shape)
    if count > MOST_TASKS:
        message = (
            f"{len(plans)} energies x {config.run.realizations} realizations x {blocks} blocks of {LANES} particles "
            f"are {count:,} tasks; at most {MOST_TASKS:,} are expected"
        )
        raise SectionError(("run", "realizations"), message)
    lanes = np.full(blocks, LANES)
    lanes[-1] = config.run.particles - (blocks - 1) * LANES
    seconds, steps = np.empty(shape), np.empty(shape)
    for i, plan in enumerate(plans):
        kicks = len(config.scatter) + sum(
            f.nu_unresolved(config.medium, plan.gyroradius) > 0 for f in config.field
        )
        fields = sum(f.seconds_per_step(config.medium, plan.gyroradius, plan.step) for f in config.field)
        lane_step = SECONDS_PER_LANE_STEP + kicks * SECONDS_PER_KICK + fields
        seconds[i] = plan.steps * LANES * lane_step
        steps[i] = plan.steps * lanes
    return Tasks(shape, seconds.ravel(), steps.ravel())


def left_of(tasks, state, comm):
    """Collective: numbers of the tasks that no rank has finished or is on, longest first."""
    mine = np.array([*state.done, *state.flights], dtype=np.int64)
    left = np.ones(len(tasks), dtype=bool)
    left[np.concatenate(comm.allgather(mine))] = False
    order = tasks.longest_first()
    return order[left[order]]


class Deal:
    """The undealt tasks, the same on all ranks, handed out from the front.

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
        """Number of tasks not dealt out yet."""
        return len(self._order) - self._next

    def peek(self):
        """The task next in line."""
        return self._order[self._next]

    def draw(self, wanted):
        """Collective: this rank's next tasks, at most ``wanted`` and no more than its fair share of the rest.

        Ranks are served in order of rank, by an exclusive scan of what they want.
        """
        wanted = min(int(wanted), -(-self.left // self._comm.size))
        before = self._comm.exscan(wanted) or 0
        total = self._comm.allreduce(wanted)
        start = self._next + before
        mine = self._order[start : start + wanted]
        self._next = min(self._next + total, len(self._order))
        return mine

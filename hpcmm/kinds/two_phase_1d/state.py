"""State of a two-phase run in memory and in checkpoints: sums of finished blocks, lanes of blocks in progress."""

from dataclasses import dataclass, field

import numpy as np

from cython_kernels.telegraph import ROWS
from hpcmm.kinds.two_phase_1d.kappa import SUMMED, SUMS
from hpcmm.run import tasks


@dataclass
class TwoPhaseState:
    """The part of a run's state that one rank holds.

    Attributes
    ----------
    lanes : int
        Number of particles of a task, a multiple of SUMMED.
    tasks : int
        Number of tasks of the run.
    done : dict
        Task -> sums of its particles, (groups, len(SUMS)).
    flights : dict
        Task -> state (len(ROWS), lanes) of a block in progress; see `cython_kernels.telegraph.TelegraphBlock`.
    """

    lanes: int
    tasks: int
    done: dict = field(default_factory=dict)
    flights: dict = field(default_factory=dict)

    def arrays(self):
        """Arrays for `hpcmm.run.checkpoint.write`, rows in order of task."""
        made, kept = {}, {"done": self.done, "flight": self.flights}
        for (name, content), shape in zip(kept.items(), _shapes(self.lanes), strict=True):
            numbers = sorted(content)
            made[f"{name}_task"] = np.array(numbers, dtype="<i8")
            made[f"{name}_rows"] = np.array([content[t] for t in numbers], dtype="<f8").reshape(-1, *shape)
        return made

    def summary(self, comm):
        """Collective: one line for `hpcmm status`."""
        return tasks.summary(self, self.tasks, comm)


def load(total, lanes, rows):
    """Collective: read this rank's share of a checkpoint, and verify it.

    Parameters
    ----------
    total, lanes : int
        Number of tasks that the run has, and of particles in each.
    rows : hpcmm.run.checkpoint_read.Rows

    Returns
    -------
    TwoPhaseState

    Raises
    ------
    Damaged
        On all ranks, if shapes, task numbers or values are not those of this run.
    """
    found, named = [], []
    for name, shape in zip(("done", "flight"), _shapes(lanes), strict=True):
        numbers, content = (
            rows.share(f"{name}_task", dtype="<i8", most=total),
            rows.share(f"{name}_rows", shape, most=total),
        )
        rows.demand(len(numbers) == len(content), "its tables differ in length")
        found.append(dict(zip(map(int, numbers), content, strict=True)))
        named.append(numbers)
    rows.demand_distinct(np.concatenate(named), total, "tasks")
    pairs = content[:, ROWS.index("pair")]
    good = (pairs >= 1) & (pairs <= 2**52) & (pairs % 1 == 0)
    rows.demand(good.all(), "a particle is at a turn where none is saved")
    return TwoPhaseState(lanes, total, *found)


def _shapes(lanes):
    """Shapes of the saved rows of a finished task, and of one in progress."""
    return (lanes // SUMMED, len(SUMS)), (len(ROWS), lanes)

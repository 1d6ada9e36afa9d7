"""State of a run in memory and in checkpoints: the results of solved media, by task number."""

from dataclasses import dataclass, field

import numpy as np

from hpcmm.run import tasks

RESULT = ("filling_fraction", "harmonic", "arithmetic", "iterations", *("lower",) * 9, *("upper",) * 9)
"""Names of the numbers of a row: four, then two tensors [cm2/s]; an unknown filling fraction is -1.

For media with kappa_perp the tensors are no bounds, but those of the coarser and of the deck's grid.
"""


@dataclass
class MediaState:
    """The part of a run's state that one rank holds.

    Attributes
    ----------
    tasks : int
        Number of media of the run.
    done : dict
        Task -> row of RESULT.
    flights : dict
        Always empty: a solve that is interrupted is done again.
    """

    tasks: int
    done: dict = field(default_factory=dict)
    flights: dict = field(default_factory=dict)

    def arrays(self):
        """Arrays for `hpcmm.run.checkpoint.write`, rows in order of task."""
        numbers = sorted(self.done)
        found = np.array([self.done[t] for t in numbers], dtype="<f8").reshape(-1, len(RESULT))
        return {"done_task": np.array(numbers, dtype="<i8"), "done_rows": found}

    def summary(self, comm):
        """Collective: one line for `hpcmm status`."""
        return tasks.summary(self, self.tasks, comm)


def load(total, rows):
    """Collective: read this rank's share of a checkpoint, and verify it.

    Raises
    ------
    Damaged
        On all ranks, if shapes or task numbers are not those of this run.
    """
    numbers, found = (
        rows.share("done_task", dtype="<i8", most=total),
        rows.share("done_rows", (len(RESULT),), most=total),
    )
    rows.demand(len(numbers) == len(found), "its tables differ in length")
    rows.demand_distinct(numbers, total, "tasks")
    return MediaState(total, dict(zip(map(int, numbers), found, strict=True)))

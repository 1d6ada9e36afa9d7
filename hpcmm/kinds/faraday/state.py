"""State of a Faraday run in memory and in checkpoints: rows of rays of tasks that are done, and in progress."""

from dataclasses import dataclass, field

import numpy as np

from cython_kernels.block import LANES
from hpcmm.kinds.faraday.rays import ROWS
from hpcmm.run import tasks


@dataclass
class State:
    """The part of a run's state that one rank holds.

    Attributes
    ----------
    tasks : int
        Number of tasks of the run.
    done, flights : dict
        Task -> rows [ROWS, LANES].
    """

    tasks: int
    done: dict = field(default_factory=dict)
    flights: dict = field(default_factory=dict)

    def arrays(self):
        """Arrays for `hpcmm.run.checkpoint.write`, rows in order of task."""
        made = {}
        for name, content in (("done", self.done), ("flight", self.flights)):
            numbers = sorted(content)
            made[f"{name}_task"] = np.array(numbers, dtype="<i8")
            made[f"{name}_rows"] = np.array([content[t] for t in numbers], dtype="<f8").reshape(-1, len(ROWS), LANES)
        return made

    def summary(self, comm):
        """Collective: one line for `hpcmm status`."""
        return tasks.summary(self, self.tasks, comm)


def load(total, flown, rows):
    """Collective: read this rank's share of a checkpoint, and verify it.

    Parameters
    ----------
    total, flown : int
        Number of tasks of the run, and of segments of each ray.
    rows : hpcmm.run.checkpoint_read.Rows

    Raises
    ------
    Damaged
        On all ranks, if shapes, task numbers or numbers of segments are not those of this run.
    """
    found, named = [], []
    for name in ("done", "flight"):
        numbers = rows.share(f"{name}_task", dtype="<i8", most=total)
        content = rows.share(f"{name}_rows", (len(ROWS), LANES), most=total)
        rows.demand(len(numbers) == len(content), "its tables differ in length")
        count = content[:, ROWS.index("segments")]
        good = (count == count[:, :1]) & (count % 1 == 0) & (count >= 0) & (count <= flown)
        rows.demand((good & ((count == flown) | (name == "flight"))).all(), "rays have other numbers of segments")
        rows.demand((np.abs(content[:, ROWS.index("cosine")]) <= 1).all(), "a cosine is above 1")
        found.append(dict(zip(map(int, numbers), content, strict=True)))
        named.append(numbers)
    rows.demand_distinct(np.concatenate(named), total, "tasks")
    return State(total, *found)

"""State of a run on field lines in memory and in checkpoints: sums of tasks that are done, and of their legs."""

from dataclasses import dataclass, field

import numpy as np

from hpcmm.run import tasks


@dataclass
class State:
    """The part of a run's state that one rank holds.

    Attributes
    ----------
    shape : tuple
        Of the sums of a task, `hpcmm.kinds.field_lines.flights.flight_shape`.
    tasks : int
        Number of tasks of the run.
    done, flights : dict
        Task -> its sums; of tasks in progress 0 where a leg is not done.
    """

    shape: tuple
    tasks: int
    done: dict = field(default_factory=dict)
    flights: dict = field(default_factory=dict)

    def arrays(self):
        """Arrays for `hpcmm.run.checkpoint.write`, rows in order of task."""
        made = {}
        for name, content in (("done", self.done), ("flight", self.flights)):
            numbers = sorted(content)
            made[f"{name}_task"] = np.array(numbers, dtype="<i8")
            made[f"{name}_rows"] = np.array([content[t] for t in numbers], dtype="<f8").reshape(-1, *self.shape)
        return made

    def summary(self, comm):
        """Collective: one line for `hpcmm status`."""
        return tasks.summary(self, self.tasks, comm)


def load(shape, total, rows):
    """Collective: read this rank's share of a checkpoint, and verify it.

    Parameters
    ----------
    shape, total
        See `State`.
    rows : hpcmm.run.checkpoint_read.Rows

    Raises
    ------
    Damaged
        On all ranks, if shapes or task numbers are not those of this run.
    """
    found, named = [], []
    for name in ("done", "flight"):
        numbers = rows.share(f"{name}_task", dtype="<i8", most=total)
        content = rows.share(f"{name}_rows", shape, most=total)
        rows.demand(len(numbers) == len(content), "its tables differ in length")
        found.append(dict(zip(map(int, numbers), content, strict=True)))
        named.append(numbers)
    rows.demand_distinct(np.concatenate(named), total, "tasks")
    return State(shape, total, *found)

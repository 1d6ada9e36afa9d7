"""State of a run in memory and in checkpoints: results of solved media, and how far the solves of one are."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from hpcmm.run import tasks

RESULT = ("filling_fraction", "harmonic", "arithmetic", "iterations", *("lower",) * 9, *("upper",) * 9)
"""Names of the numbers of a row: four, then two tensors [cm2/s]; an unknown filling fraction is -1.

For media with kappa_perp the tensors are no bounds, but those of the coarser and of the deck's grid.
"""

HEAD = ("task", "stage", "axis", "iterations", "most", *("tensor",) * 9)
"""Names of the numbers of a medium in progress: which of its two tensors is solved for, along which axis, after how
many iterations of that solve; most iterations of a solve before; the first tensor [cm2/s], 0 while it is solved for."""


@dataclass
class Flight:
    """A medium in progress.

    Attributes
    ----------
    head : array (len(HEAD),)
    potentials : callable
        Returns chi_x, chi_y, chi_z in this rank's share of the cells, which follow one another with x fastest:
        array (cells, 3); 0 along axes that are not solved yet.
    """

    head: np.ndarray
    potentials: Callable


@dataclass
class MediaState:
    """The part of a run's state that one rank holds.

    Attributes
    ----------
    tasks : int
        Number of media of the run.
    done : dict
        Task -> row of RESULT.
    flight : Flight or None
        The medium in progress, on which all ranks work.
    root : bool
        True on the rank that saves what all ranks know.
    """

    tasks: int
    done: dict = field(default_factory=dict)
    flight: Flight | None = None
    root: bool = True

    @property
    def flights(self):
        """Task -> medium in progress, as root counts it."""
        return {int(self.flight.head[0]): self.flight} if self.flight and self.root else {}

    def arrays(self):
        """Arrays for `hpcmm.run.checkpoint.write`, rows in order of task, and of cell."""
        numbers = sorted(self.done)
        found = np.array([self.done[t] for t in numbers], dtype="<f8").reshape(-1, len(RESULT))
        heads = np.array([flight.head for flight in self.flights.values()], dtype="<f8").reshape(-1, len(HEAD))
        potentials = self.flight.potentials() if self.flight else np.zeros((0, 3))
        done = {"done_task": np.array(numbers, dtype="<i8"), "done_rows": found}
        return done | {"flight_head": heads, "flight_potentials": potentials.astype("<f8", copy=False)}

    def summary(self, comm):
        """Collective: one line for `hpcmm status`."""
        return tasks.summary(self, self.tasks, comm)


def load(total, cells, rows):
    """Collective: read this rank's share of a checkpoint, and verify it.

    Parameters
    ----------
    total : int
        Number of media of the run.
    cells : (int, int)
        Number of cells of the grids of the two tensors of a medium.
    rows : hpcmm.run.checkpoint_read.Rows

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
    state = MediaState(total, dict(zip(map(int, numbers), found, strict=True)), root=rows.comm.rank == 0)
    if rows.has("flight_head"):  # earlier versions began an interrupted medium anew
        state.flight = _in_progress(state, total, cells, rows)
    return state


def _in_progress(state, total, cells, rows):
    heads = rows.whole("flight_head", (len(HEAD),), most=1)
    if len(heads) == 0:
        rows.demand(rows.count("flight_potentials") == 0, "potentials of no medium")
        return None
    head = heads[0]
    rows.demand((head[:5] == np.rint(head[:5])).all() and (head[:5] >= 0).all(), "no place in a medium")
    task, stage, axis, iterations, most = (int(n) for n in head[:5])
    good = task < total and task not in state.done and stage < 2 and axis < 3 and max(iterations, most) < 2**31
    rows.demand(good, "it is at a solve that the run has not")
    rows.demand(rows.count("flight_potentials") == cells[stage], "its potentials are of another grid")
    mine = rows.share("flight_potentials", (3,), most=cells[stage])
    return Flight(head, lambda: mine)

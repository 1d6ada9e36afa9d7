"""What a checkpoint of these runs holds: rows of energies that are done, and densities of those in progress."""

from dataclasses import dataclass, field

import numpy as np

from hpcmm.parallel.exchange import owner_of, share_of, to_owners
from hpcmm.run import tasks

SUMMARY = ("duration", "lifetime", "lifetime_f0", "escape_probability", "half_time", "e_time", "steps", "balance")
"""First numbers of a row: seconds and shares; then inside, escaped, lost at each sample, then the profile at each."""

HEAD = ("time", "step", "next_sample", "escaped", "lost")
"""Numbers of an energy in progress, beside its row; times in units of the duration."""

COUNTS = 3

UNKNOWN, NEVER = -1.0, 1e300
"""Stand in a checkpoint for nan and for an endless lifetime."""


def row_length(samples, shells):
    """Numbers in a row."""
    return len(SUMMARY) + samples * (COUNTS + shells)


@dataclass
class Flight:
    """An energy in progress, as far as a rank holds it.

    Attributes
    ----------
    head : array (len(HEAD),)
    row : array
    place : array of int
        Cells of this rank.
    density : array
        In them.
    """

    head: np.ndarray
    row: np.ndarray
    place: np.ndarray
    density: np.ndarray


@dataclass
class ClusterState:
    """Part of a run that a rank holds.

    Attributes
    ----------
    tasks : int
        Number of energies of the run.
    shape : (int, int)
        Total number of cells; numbers in a row.
    keeps : bool
        Does this rank keep the rows of what all ranks do together?
    done : dict
        Task -> row.
    flights : dict
        Task -> Flight.
    cubes : dict
        Task -> (cells of this rank, densities at the end), of a box.
    """

    tasks: int
    shape: tuple
    keeps: bool = True
    done: dict = field(default_factory=dict)
    flights: dict = field(default_factory=dict)
    cubes: dict = field(default_factory=dict)

    def arrays(self):
        """Arrays for `hpcmm.run.checkpoint.write`, rows in order of task."""
        cells, length = self.shape
        done, kept = sorted(self.done), sorted(self.flights) if self.keeps else []
        heads = [np.r_[self.flights[t].head, self.flights[t].row] for t in kept]
        made = {
            "done_task": np.array(done, dtype="<i8"),
            "done_row": _stack([self.done[t] for t in done], length),
            "flight_task": np.array(kept, dtype="<i8"),
            "flight_row": _stack(heads, len(HEAD) + length),
        }
        fields = {t: (f.place, f.density) for t, f in self.flights.items()}
        for name, found in (("flight", fields), ("done", self.cubes)):
            tasks = sorted(found)
            made[f"{name}_cell"] = _joined([t * cells + found[t][0] for t in tasks], "<i8")
            made[f"{name}_density"] = _joined([found[t][1] for t in tasks], "<f8")
        return made

    def summary(self, comm):
        """Collective: one line for `hpcmm status`."""
        if not self.keeps:  # root counts what all ranks do together
            return tasks.summary(ClusterState(self.tasks, self.shape), self.tasks, comm)
        return tasks.summary(self, self.tasks, comm)


def _stack(rows, length):
    return np.nan_to_num(np.array(rows, dtype="<f8"), nan=UNKNOWN, posinf=NEVER).reshape(-1, length)


def _numbers(rows):
    """Rows of a checkpoint, which holds finite numbers alone, as they were."""
    return np.where(rows == UNKNOWN, np.nan, np.where(rows == NEVER, np.inf, rows))


def _joined(parts, dtype):
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype)


def load(total, shape, shared, rows):
    """Collective: this rank's share of a checkpoint, verified.

    Parameters
    ----------
    total : int
        Energies of the run.
    shape : (int, int)
        See `ClusterState`.
    shared : bool
        Do all ranks work on one energy together? Then each gets a part of the cells of what is in progress.
    rows : hpcmm.run.checkpoint_read.Rows

    Raises
    ------
    Damaged
        On all ranks, if shapes, task or cell numbers are not those of this run.
    """
    length, root = shape[1], rows.comm.rank == 0
    state = ClusterState(total, shape, keeps=root or not shared)
    done, in_progress = (rows.whole(f"{name}_task", dtype="<i8", most=total) for name in ("done", "flight"))
    every = np.concatenate([done, in_progress])
    good = ((every >= 0) & (every < total)).all() and len(np.unique(every)) == len(every)
    rows.demand(good, "it names tasks that the run has not, or one twice")
    if shared:
        own = (0, len(done) if root else 0)
        flying, heads = in_progress, rows.whole("flight_row", (len(HEAD) + length,), most=total)
    else:
        own = share_of(len(done), rows.comm.rank, rows.comm.size)
        flying, heads = rows.share("flight_task", dtype="<i8"), rows.share("flight_row", (len(HEAD) + length,))
    rows.demand(len(heads) == len(flying) and rows.count("done_row") == len(done), "its tables differ in length")
    found = _numbers(rows.range("done_row", *own, (length,)))
    state.done = dict(zip(map(int, done[slice(*own)]), found, strict=True))
    cells = _cells_in_progress(rows, shape[0], in_progress, shared)
    for t, head in zip(flying, _numbers(heads), strict=True):
        state.flights[int(t)] = Flight(head[: len(HEAD)], head[len(HEAD) :], *cells[int(t)])
    for cell, density in rows.pieces(("done_cell", (), "<i8"), ("done_density", (), "<f8")):
        rows.demand(np.isin(cell // shape[0], done).all(), "densities of an energy that is not done")
        for t in np.unique(cell // shape[0]):
            here = cell // shape[0] == t
            before = state.cubes.get(int(t), (np.zeros(0, np.int64), np.zeros(0)))
            state.cubes[int(t)] = (np.r_[before[0], cell[here] % shape[0]], np.r_[before[1], density[here]])
    return state


def _cells_in_progress(rows, cells, in_progress, shared):
    """Collective: places and densities of each energy in progress that this rank gets cells of.

    Of a shared mesh every rank gets `share_of` its cells in order of number, else those of its own energies.
    """
    comm, order = rows.comm, np.argsort(in_progress)
    parts = []
    for cell, density in rows.pieces(("flight_cell", (), "<i8"), ("flight_density", (), "<f8")):
        rows.demand(np.isin(cell // cells, in_progress).all(), "densities of an energy that is not in progress")
        if shared:
            owner = owner_of(cell % cells, cells, comm.size)
        else:
            place = order[np.searchsorted(in_progress[order], cell // cells)]
            owner = owner_of(place, len(in_progress), comm.size)
        parts.append(to_owners(comm, owner, cell, density))
    cell = np.concatenate([np.zeros(0, np.int64), *(part[0] for part in parts)])
    density = np.concatenate([np.zeros(0), *(part[1] for part in parts)])
    if shared:
        wanted, mine = np.arange(*share_of(cells, comm.rank, comm.size)), in_progress
    else:
        first, last = share_of(len(in_progress), comm.rank, comm.size)
        wanted, mine = np.arange(cells), in_progress[first:last]
    found = {}
    for t in mine:
        here = cell // cells == t
        along = np.argsort(cell[here])
        found[int(t)] = (cell[here][along] % cells, density[here][along])
    good = all(np.array_equal(place, wanted) for place, _ in found.values())
    rows.demand(good and len(cell) == len(mine) * len(wanted), "an energy in progress has not every cell once")
    return found

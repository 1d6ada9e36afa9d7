"""State of a run in memory and in checkpoints: rows of energies that are done, densities of those in progress."""

from dataclasses import dataclass, field

import numpy as np

from hpcmm.parallel.exchange import owner_of, share_of, to_owners
from hpcmm.run import tasks

SUMMARY = ("duration", "lifetime", "lifetime_f0", "escape_probability", "half_time", "e_time", "steps", "balance")
"""Names of the first numbers of a row [s, or shares]; then come inside, escaped, lost at each sample, then the
profile at each."""

HEAD = ("time", "step", "next_sample", "escaped", "lost")
"""Names of the numbers of an energy in progress, beside its row; times in units of the duration."""

COUNTS = 3

UNKNOWN, NEVER = -1.0, 1e300
"""Numbers that replace nan and an infinite lifetime in a checkpoint."""


def row_length(samples, shells):
    """Count of numbers in a row."""
    return len(SUMMARY) + samples * (COUNTS + shells)


@dataclass
class Flight:
    """The part of an energy in progress that one rank holds.

    Attributes
    ----------
    head : array (len(HEAD),)
    row : array
    place : array of int
        Cells of this rank.
    density : array
        Density in those cells.
    """

    head: np.ndarray
    row: np.ndarray
    place: np.ndarray
    density: np.ndarray


@dataclass
class ClusterState:
    """The part of a run's state that one rank holds.

    Attributes
    ----------
    tasks : int
        Number of energies of the run.
    shape : (int, int)
        Total number of cells; numbers in a row.
    keeps : bool
        True if this rank keeps the rows of energies that ranks share: on root, or where each has its own.
    done : dict
        Task -> row.
    flights : dict
        Task -> Flight.
    cubes : dict
        Task -> (cells of this rank, densities at the end), for a box.
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
    """Rows with nan and infinity put back; a checkpoint holds finite numbers alone."""
    return np.where(rows == UNKNOWN, np.nan, np.where(rows == NEVER, np.inf, rows))


def _joined(parts, dtype):
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype)


def load(total, shape, shared, rows):
    """Collective: read this rank's share of a checkpoint, and verify it.

    Parameters
    ----------
    total : int
        Number of energies of the run.
    shape : (int, int)
        See `ClusterState`.
    shared : bool
        True if all ranks work on one energy together: each then gets a part of the cells of energies in progress.
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
        flying = rows.share("flight_task", dtype="<i8", most=total)
        heads = rows.share("flight_row", (len(HEAD) + length,), most=total)
    rows.demand(len(heads) == len(flying) and rows.count("done_row") == len(done), "its tables differ in length")
    found = _numbers(rows.range("done_row", *own, (length,)))
    state.done = dict(zip(map(int, done[slice(*own)]), found, strict=True))
    cells = _cells_in_progress(rows, shape[0], in_progress, shared)
    for t, head in zip(flying, _numbers(heads), strict=True):
        state.flights[int(t)] = Flight(head[: len(HEAD)], head[len(HEAD) :], *cells[int(t)])
    for cell, density in rows.pieces(("done_cell", (), "<i8"), ("done_density", (), "<f8"), most=len(done) * shape[0]):
        rows.demand(np.isin(cell // shape[0], done).all(), "densities of an energy that is not done")
        for t in np.unique(cell // shape[0]):
            here = cell // shape[0] == t
            before = state.cubes.get(int(t), (np.zeros(0, np.int64), np.zeros(0)))
            state.cubes[int(t)] = (np.r_[before[0], cell[here] % shape[0]], np.r_[before[1], density[here]])
    return state


def _cells_in_progress(rows, cells, in_progress, shared):
    """Collective: read task -> (places, densities) of each energy in progress that this rank gets cells of.

    In a shared mesh every rank gets `share_of` the cells in order of number, else all cells of its own energies.
    """
    comm, order = rows.comm, np.argsort(in_progress)
    parts = []
    for cell, density in rows.pieces(
        ("flight_cell", (), "<i8"), ("flight_density", (), "<f8"), most=len(in_progress) * cells
    ):
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

"""What a checkpoint of these runs holds: rows of energies that are done, and densities of those on their way."""

from dataclasses import dataclass, field

import numpy as np

from hpcmm.run.checkpoint_read import Damaged, rows, whole

SUMMARY = ("duration", "lifetime", "lifetime_f0", "escape_probability", "half_time", "e_time", "steps", "balance")
"""First numbers of a row: seconds and shares; then inside, escaped, lost at each sample, then the profile at each."""

HEAD = ("time", "step", "next_sample", "escaped", "lost")
"""Of an energy on its way, beside its row; times in units of the duration."""

COUNTS = 3

UNKNOWN, NEVER = -1.0, 1e300
"""Stand in a checkpoint for nan and for an endless lifetime."""


def row_length(samples, shells):
    """Numbers in a row."""
    return len(SUMMARY) + samples * (COUNTS + shells)


@dataclass
class Flight:
    """An energy on its way, as far as a rank holds it.

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
    shape : (int, int)
        Cells in all; numbers in a row.
    keeps : bool
        Does this rank keep the rows of what all ranks do together?
    done : dict
        Task -> row.
    flights : dict
        Task -> Flight.
    cubes : dict
        Task -> (cells of this rank, densities at the end), of a box.
    """

    shape: tuple
    keeps: bool = True
    done: dict = field(default_factory=dict)
    flights: dict = field(default_factory=dict)
    cubes: dict = field(default_factory=dict)

    def arrays(self, times=0):
        """Arrays for `checkpoint.write`, rows in order of task."""
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


def _stack(rows, length):
    return np.nan_to_num(np.array(rows, dtype="<f8"), nan=UNKNOWN, posinf=NEVER).reshape(-1, length)


def _numbers(rows):
    """Rows of a checkpoint, which holds finite numbers alone, as they were."""
    return np.where(rows == UNKNOWN, np.nan, np.where(rows == NEVER, np.inf, rows))


def _joined(parts, dtype):
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype)


def rows_of(file, tasks, shape, together, rank, ranks):
    """Share of a rank of the rows of a checkpoint, checked.

    Parameters
    ----------
    file : h5py.File
    tasks : int
        Of the run.
    shape : (int, int)
        See `ClusterState`.
    together : bool
        Do all ranks share each task? Then each gets the whole of what is on its way.
    rank, ranks : int

    Raises
    ------
    Damaged
        If shapes, task or cell numbers are not those of this run.
    """
    cells, length = shape
    state = ClusterState(shape, keeps=rank == 0 or not together)
    done, flying = whole(file, "done_task"), whole(file, "flight_task")
    every = np.concatenate([done, flying])
    if ((every < 0) | (every >= tasks)).any() or len(np.unique(every)) != len(every):
        raise Damaged("is damaged: it names tasks that the run has not, or one twice")
    mine = slice(rank, None, ranks)
    own = slice(0, None if rank == 0 else 0) if together else mine
    found = _numbers(rows(file, "done_row", (len(done), length), own))
    state.done = dict(zip(map(int, done[own]), found, strict=True))
    own = slice(None) if together else mine
    heads = _numbers(rows(file, "flight_row", (len(flying), len(HEAD) + length), own))
    task, place, density = _cells(file, "flight", cells, slice(None))
    for t, head in zip(flying[own], heads, strict=True):
        here = task == t
        if not np.array_equal(np.sort(place[here]), np.arange(cells)):
            raise Damaged("is damaged: an energy on its way has not every cell once")
        order = np.argsort(place[here])
        flight = Flight(head[: len(HEAD)], head[len(HEAD) :], np.arange(cells), density[here][order])
        state.flights[int(t)] = flight
    total = file["done_cell"].shape[0]
    task, place, density = _cells(file, "done", cells, slice(total * rank // ranks, total * (rank + 1) // ranks))
    for t in np.unique(task):
        if t not in done:
            raise Damaged("is damaged: densities of an energy that is not done")
        state.cubes[int(t)] = (place[task == t], density[task == t])
    return state


def _cells(file, name, cells, which):
    """Task, place and density of rows of cells."""
    data = file[f"{name}_cell"]
    if data.ndim != 1 or data.dtype != np.dtype("<i8") or data.chunks is not None or data.is_virtual or data.external:
        raise Damaged(f"is damaged: {name}_cell is no list of numbers")
    found = data[which]
    density = rows(file, f"{name}_density", data.shape, which)
    return found // cells, found % cells, density

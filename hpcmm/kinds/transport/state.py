"""What a checkpoint of a transport run holds: finished tasks, and blocks on their way, by task number.

Nothing that a kernel caches is kept: blocks are saved at multiples of CHUNK steps, where all of it is formed anew.
"""

from dataclasses import dataclass, field

import numpy as np

from cython_kernels.block import LANES
from cython_kernels.push import CHUNK, MOMENTS
from hpcmm.run.checkpoint_read import Damaged, rows, whole

PHASE_SPACE = 6
"""Rows of a block's state that change: displacement and direction. Its start is drawn again."""


@dataclass(frozen=True)
class Flight:
    """A block on its way.

    Attributes
    ----------
    step : int
        A multiple of CHUNK.
    phase_space : array (6, LANES)
        Displacement [pc] and direction.
    sums : array [time, moment]
        Filled up to ``step``.
    in_patch : int
        Steps of its particles inside patches up to ``step``, which lies between samples.
    tracks : array [track, place, 6]
        Likewise: displacements and directions of the block's particles whose tracks are kept.
    """

    step: int
    phase_space: np.ndarray
    sums: np.ndarray
    in_patch: int = 0
    tracks: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, PHASE_SPACE)))


@dataclass
class State:
    """Part of a run that a rank holds.

    Attributes
    ----------
    done : dict
        Task -> `Flight` of a finished block: all moment sums, and the phase space at the last multiple of CHUNK, from
        where a longer path can go on.
    flights : dict
        Task -> `Flight`, of blocks to be gone on with.
    """

    done: dict = field(default_factory=dict)
    flights: dict = field(default_factory=dict)

    def arrays(self, times):
        """Arrays for `checkpoint.write`, rows in order of task; ``times`` is the number of samples."""
        made = {}
        for name, flights in (("done", self.done), ("flight", self.flights)):
            tasks = sorted(flights)
            made[f"{name}_task"] = np.array(tasks, dtype="<i8")
            made[f"{name}_step"] = np.array([flights[t].step for t in tasks], dtype="<i8")
            made[f"{name}_in_patch"] = np.array([flights[t].in_patch for t in tasks], dtype="<i8")
            made[f"{name}_phase_space"] = _stack([flights[t].phase_space for t in tasks], (PHASE_SPACE, LANES))
            made[f"{name}_sums"] = _stack([flights[t].sums for t in tasks], (times, len(MOMENTS)))
            made[f"{name}_tracks"] = np.concatenate([np.zeros(0, "<f8"), *(flights[t].tracks.ravel() for t in tasks)])
        return made


def _stack(rows, shape):
    # joining and reshaping copies at the speed of memory, np.array(rows) at a quarter of it
    return np.concatenate(rows, dtype="<f8").reshape(-1, *shape) if rows else np.zeros((0, *shape), "<f8")


def rows_of(file, steps, times, tracked, places, rank, ranks):
    """Share of a rank of the rows of a checkpoint, checked.

    Parameters
    ----------
    file : h5py.File
    steps : array [task]
        Steps that each task of the run has.
    times : int
        Samples of each task.
    tracked : array [task]
        Tracks that each task keeps.
    places : int
        Places of a track.
    rank, ranks : int

    Returns
    -------
    State

    Raises
    ------
    Damaged
        If shapes, task numbers, steps or values are not those of this run.
    """
    state, seen = State(), np.zeros(0, dtype=np.int64)
    for name, flights in (("done", state.done), ("flight", state.flights)):
        # every rank looks at all numbers, and at the rows of its own
        tasks, at = whole(file, f"{name}_task"), whole(file, f"{name}_step")
        if len(tasks) != len(at) or ((tasks < 0) | (tasks >= len(steps))).any():
            raise Damaged("is damaged: it names tasks that the run has not")
        seen = np.concatenate([seen, tasks])
        most = steps[tasks] // CHUNK * CHUNK
        if (at % CHUNK != 0).any() or (at < 0).any() or (at > most).any() or (name == "done" and (at != most).any()):
            raise Damaged("is damaged: a block is at a step where none is saved")
        inside = whole(file, f"{name}_in_patch")
        if len(inside) != len(tasks) or (inside < 0).any() or (inside > LANES * at).any():
            raise Damaged("is damaged: particles were in patches for more steps than they did")
        mine = slice(rank, None, ranks)
        phase_space = rows(file, f"{name}_phase_space", (len(tasks), PHASE_SPACE, LANES), mine)
        sums = rows(file, f"{name}_sums", (len(tasks), times, len(MOMENTS)), mine)
        tracks = _tracks(file, f"{name}_tracks", tracked[tasks], places, mine)
        length = np.sqrt((phase_space[:, 3:] ** 2).sum(axis=1))
        if not (np.abs(length - 1) < 1e-3).all():
            raise Damaged("is damaged: a direction is not of unit length")
        for task, step, count, *row, kept in zip(
            tasks[mine], at[mine], inside[mine], phase_space, sums, tracks, strict=True
        ):
            flights[int(task)] = Flight(int(step), *row, int(count), kept)
    if len(np.unique(seen)) != len(seen):
        raise Damaged("is damaged: it names a task twice")
    return state


def _tracks(file, name, counts, places, mine):
    """Tracks of each task of this rank's, [track, place, 6]; those of all tasks follow one another in the file."""
    ends = np.cumsum(counts * places * PHASE_SPACE)
    total = (int(ends[-1]) if len(ends) else 0,)
    found = []
    for count, end in zip(counts[mine].tolist(), ends[mine].tolist(), strict=True):
        size = count * places * PHASE_SPACE
        flat = rows(file, name, total, slice(end - size, end)) if count else np.zeros(0)
        found.append(flat.reshape(count, places, PHASE_SPACE))
    return found

"""State of a transport run in memory and in checkpoints: finished tasks, and blocks in progress, by task number.

Nothing that a kernel caches is saved: blocks are saved at multiples of CHUNK steps, where all of it is formed anew.
"""

from dataclasses import dataclass, field

import numpy as np

from cython_kernels.block import LANES
from cython_kernels.push import CHUNK, MOMENTS
from hpcmm.kinds.transport import track_plan
from hpcmm.run import tasks

PHASE_SPACE = 6
"""Rows of a block's state that change: displacement and direction. Its start is drawn again."""


@dataclass(frozen=True)
class Flight:
    """Saved state of a block, finished or in progress.

    Attributes
    ----------
    step : int
        Step at which the phase space was saved, a multiple of CHUNK.
    phase_space : array (6, LANES)
        Displacement [pc] and direction.
    sums : array [time, moment]
        Moment sums at the samples up to ``step``; of a finished block at all.
    in_patch : int
        Steps of its particles inside patches up to ``step``, which lies between samples.
    tracks : array [track, place, 6]
        Displacements and directions of the block's particles whose tracks are kept, filled as `sums`.
    """

    step: int
    phase_space: np.ndarray
    sums: np.ndarray
    in_patch: int = 0
    tracks: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, PHASE_SPACE)))


@dataclass
class State:
    """The part of a run's state that one rank holds.

    Attributes
    ----------
    times : int
        Number of samples of each task.
    tasks : int
        Number of tasks of the run.
    done : dict
        Task -> `Flight` of a finished block: all moment sums, and the phase space at the last multiple of CHUNK, from
        where a longer path can resume.
    flights : dict
        Task -> `Flight` of a block in progress.
    """

    times: int
    tasks: int
    done: dict = field(default_factory=dict)
    flights: dict = field(default_factory=dict)

    def arrays(self):
        """Arrays for `hpcmm.run.checkpoint.write`, rows in order of task."""
        made = {}
        for name, flights in (("done", self.done), ("flight", self.flights)):
            numbers = sorted(flights)
            made[f"{name}_task"] = np.array(numbers, dtype="<i8")
            made[f"{name}_step"] = np.array([flights[t].step for t in numbers], dtype="<i8")
            made[f"{name}_in_patch"] = np.array([flights[t].in_patch for t in numbers], dtype="<i8")
            made[f"{name}_phase_space"] = _stack([flights[t].phase_space for t in numbers], (PHASE_SPACE, LANES))
            made[f"{name}_sums"] = _stack([flights[t].sums for t in numbers], (self.times, len(MOMENTS)))
            made[f"{name}_tracks"] = np.concatenate([np.zeros(0, "<f8"), *(flights[t].tracks.ravel() for t in numbers)])
        return made

    def summary(self, comm):
        """Collective: one line for `hpcmm status`."""
        return tasks.summary(self, self.tasks, comm)


def _stack(rows, shape):
    # joining and reshaping copies at the speed of memory, np.array(rows) at a quarter of it
    return np.concatenate(rows, dtype="<f8").reshape(-1, *shape) if rows else np.zeros((0, *shape), "<f8")


def load(config, plans, shape, rows):
    """Collective: read this rank's share of a checkpoint, and verify it.

    Parameters
    ----------
    config : Config
    plans : list of EnergyPlan
    shape : (int, int, int)
        Numbers of energies, realizations and blocks.
    rows : hpcmm.run.checkpoint_read.Rows

    Returns
    -------
    State

    Raises
    ------
    Damaged
        On all ranks, if shapes, task numbers, steps or values are not those of this run.
    """
    steps = np.repeat([p.steps for p in plans], shape[1] * shape[2])
    tracked = np.tile(track_plan.tracks_of_blocks(config, *shape[1:]).ravel(), shape[0])
    state, named = State(config.times, len(steps)), []
    for name, flights in (("done", state.done), ("flight", state.flights)):
        numbers, at, inside = (rows.share(f"{name}_{what}", dtype="<i8") for what in ("task", "step", "in_patch"))
        rows.demand(len(numbers) == len(at) == len(inside), "its lists of tasks differ in length")
        rows.demand(((numbers >= 0) & (numbers < len(steps))).all(), "it names tasks that the run has not")
        most = steps[numbers] // CHUNK * CHUNK
        good = (at % CHUNK == 0) & (at >= 0) & (at <= most) & ((at == most) | (name == "flight"))
        rows.demand(good.all(), "a block is at a step where none is saved")
        good = (inside >= 0) & (inside <= LANES * at)
        rows.demand(good.all(), "particles were in patches for more steps than they did")
        phase_space = rows.share(f"{name}_phase_space", (PHASE_SPACE, LANES))
        sums = rows.share(f"{name}_sums", (config.times, len(MOMENTS)))
        rows.demand(len(phase_space) == len(sums) == len(numbers), "its tables differ in length")
        tracks = _tracks(rows, f"{name}_tracks", tracked[numbers], track_plan.places(config))
        length = np.sqrt((phase_space[:, 3:] ** 2).sum(axis=1))
        rows.demand((np.abs(length - 1) < 1e-3).all(), "a direction is not of unit length")
        for task, step, count, *row, kept in zip(numbers, at, inside, phase_space, sums, tracks, strict=True):
            flights[int(task)] = Flight(int(step), *row, int(count), kept)
        named.append(numbers)
    rows.demand_distinct(np.concatenate(named), len(steps), "tasks")
    return state


def _tracks(rows, name, counts, places):
    """Read the tracks of each task of this rank, [track, place, 6]; in the file tasks follow one another."""
    sizes = counts * places * PHASE_SPACE
    mine = int(sizes.sum())
    first = rows.comm.exscan(mine) or 0
    rows.demand(rows.count(name) == rows.comm.allreduce(mine), f"{name} is not of the tracks of its tasks")
    flat = rows.range(name, first, first + mine)
    parts = np.split(flat, np.cumsum(sizes)[:-1]) if len(sizes) else []
    return [part.reshape(-1, places, PHASE_SPACE) if places else np.zeros((0, 0, PHASE_SPACE)) for part in parts]

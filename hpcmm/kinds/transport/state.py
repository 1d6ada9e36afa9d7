"""State of a transport run in memory and in checkpoints: finished tasks, and blocks in progress, by task number.

Nothing that a kernel caches is saved: blocks are saved at multiples of CHUNK steps, where all of it is formed anew.
"""

from dataclasses import dataclass, field

import numpy as np

from cython_kernels.block import LANES
from cython_kernels.lags import COLUMNS, INTERVALS, POINTS, levels_of
from cython_kernels.push import CHUNK, MOMENTS
from hpcmm.kinds.transport import track_plan
from hpcmm.run import tasks

NO_RING = np.zeros((0, POINTS, 6, LANES))

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
        Likewise: displacements and directions of the block's particles whose tracks are kept.
    lags : array [lag, column]
        Sums of pairs of points up to now; see `cython_kernels.lags`.
    lag_points : int
        Points of the present stage of the path; 0 where that is finished.
    lag_ring : array [level, POINTS, 6, LANES]
        Points that later ones are paired with.
    """

    step: int
    phase_space: np.ndarray
    sums: np.ndarray
    in_patch: int = 0
    tracks: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, PHASE_SPACE)))
    lags: np.ndarray = field(default_factory=lambda: np.zeros((len(INTERVALS), len(COLUMNS))))
    lag_points: int = 0
    lag_ring: np.ndarray = field(default_factory=lambda: NO_RING)


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
            made[f"{name}_lags"] = _stack([flights[t].lags for t in numbers], (len(INTERVALS), len(COLUMNS)))
            made[f"{name}_tracks"] = np.concatenate([np.zeros(0, "<f8"), *(flights[t].tracks.ravel() for t in numbers)])
        waiting = [self.flights[t] for t in sorted(self.flights)]
        made["flight_lag_points"] = np.array([flight.lag_points for flight in waiting], dtype="<i8")
        made["flight_lag_ring"] = np.concatenate([np.zeros(0, "<f8"), *(flight.lag_ring.ravel() for flight in waiting)])
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
        most = len(steps)
        numbers, at, inside = (
            rows.share(f"{name}_{what}", dtype="<i8", most=most) for what in ("task", "step", "in_patch")
        )
        rows.demand(len(numbers) == len(at) == len(inside), "its lists of tasks differ in length")
        rows.demand(((numbers >= 0) & (numbers < len(steps))).all(), "it names tasks that the run has not")
        last = steps[numbers] // CHUNK * CHUNK
        good = (at % CHUNK == 0) & (at >= 0) & (at <= last) & ((at == last) | (name == "flight"))
        rows.demand(good.all(), "a block is at a step where none is saved")
        good = (inside >= 0) & (inside <= LANES * at)
        rows.demand(good.all(), "particles were in patches for more steps than they did")
        phase_space = rows.share(f"{name}_phase_space", (PHASE_SPACE, LANES), most=most)
        sums = rows.share(f"{name}_sums", (config.times, len(MOMENTS)), most=most)
        lags = rows.share(f"{name}_lags", (len(INTERVALS), len(COLUMNS)), most=most)
        rows.demand(len(phase_space) == len(sums) == len(lags) == len(numbers), "its tables differ in length")
        tracks = _tracks(rows, f"{name}_tracks", tracked[numbers], track_plan.places(config))
        length = np.sqrt((phase_space[:, 3:] ** 2).sum(axis=1))
        good = (np.abs(length - 1) < 1e-3) | ((length == 0.0) & config.ends)  # lost where the field ends
        rows.demand(good.all(), "a direction is not of unit length")
        points, rings = (
            _rings(rows, numbers, at, plans, shape) if name == "flight" else ([0] * len(at), [NO_RING] * len(at))
        )
        for task, step, count, *row, kept, lag, n, ring in zip(
            numbers, at, inside, phase_space, sums, tracks, lags, points, rings, strict=True
        ):
            flights[int(task)] = Flight(int(step), *row, int(count), kept, lag, int(n), ring)
        named.append(numbers)
    rows.demand_distinct(np.concatenate(named), len(steps), "tasks")
    return state


def _tracks(rows, name, counts, places):
    """Tracks of each task of this rank, [track, place, 6]; those of all tasks follow one another in the file."""
    parts = _ragged(rows, name, counts * places * PHASE_SPACE)
    return [part.reshape(-1, places, PHASE_SPACE) if places else np.zeros((0, 0, PHASE_SPACE)) for part in parts]


def _rings(rows, numbers, at, plans, shape):
    """Points taken and points kept, of each block in progress of this rank."""
    points = rows.share("flight_lag_points", dtype="<i8", most=len(plans) * shape[1] * shape[2])
    every = np.repeat([p.lag_every for p in plans], shape[1] * shape[2])[numbers]
    rows.demand(len(points) == len(numbers), "its tables differ in length")
    rows.demand(((points >= 0) & (points <= 1 + at // every)).all(), "a block has points of lags that it cannot have")
    size = POINTS * 6 * LANES
    parts = _ragged(rows, "flight_lag_ring", np.array([levels_of(n) * size for n in points], dtype=np.int64))
    return points, [part.reshape(-1, POINTS, 6, LANES) for part in parts]


def _ragged(rows, name, sizes):
    """Parts of a dataset in which the rows of all tasks follow one another, one of its size a task of this rank."""
    mine = int(sizes.sum())
    first = rows.comm.exscan(mine) or 0
    rows.demand(rows.count(name) == rows.comm.allreduce(mine), f"{name} is not as long as its tasks say")
    flat = rows.range(name, first, first + mine)
    return np.split(flat, np.cumsum(sizes)[:-1]) if len(sizes) else []

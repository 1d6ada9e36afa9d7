"""The tracks that a transport run keeps, gathered on root into tracks.h5."""

import numpy as np

from hpcmm.io import tracks_file
from hpcmm.kinds.transport import ensemble, track_plan
from hpcmm.parallel.collective import on_root


def write(comm, path, config, plans, tasks, state, attributes):
    """Collective: write tracks.h5 from the finished blocks of all ranks.

    Parameters
    ----------
    comm : communicator
    path : path
    config : Config
    plans : list of EnergyPlan
    tasks : Tasks
    state : State
        This rank's, with all tasks done.
    attributes : dict
        Of the file; root's count.

    Raises
    ------
    OSError
        On all ranks, if there is no room.
    """
    mine = {task: flight.tracks for task, flight in state.done.items() if len(flight.tracks)}
    gathered = comm.gather(mine)
    found = {task: tracks for part in gathered or () for task, tracks in part.items()}
    on_root(comm, lambda: tracks_file.write(path, _tracks(config, plans, tasks, found, attributes)))


def _tracks(config, plans, tasks, found, attributes):
    """All tracks, in order of energy, realization and particle."""
    shape = (len(plans), config.output.trajectories)
    kept = [found[task] for task in sorted(found)]
    state = np.concatenate(kept).reshape(*shape, track_plan.places(config), 6)
    at = [(plans[i].energy, *where) for i, *where in map(tasks.place, sorted(found))]
    origin = [
        ensemble.block_of(config, *where).state[6:9, : len(tracks)].T for where, tracks in zip(at, kept, strict=True)
    ]
    # with one realization its blocks are what statistics are made of, as for the moments
    unit = [where[1 if config.run.realizations > 1 else 2] for where in at[: len(at) // len(plans)]]
    count = [len(tracks) for tracks in kept[: len(unit)]]
    stride = np.array([p.step * track_plan.every(config, p.steps) for p in plans])
    return tracks_file.Tracks(
        position=np.ascontiguousarray(state[..., :3]),
        direction=np.ascontiguousarray(state[..., 3:]),
        time=stride[:, None] * np.arange(track_plan.places(config)),
        label=np.array([p.energy for p in plans]),
        unit=np.repeat(unit, count),
        label_name="energy",
        length="pc",
        origin=np.concatenate(origin).reshape(*shape, 3),
        attributes=attributes,
    )

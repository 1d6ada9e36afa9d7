"""Gathers the tracks that a transport run keeps on root, and writes tracks.h5."""

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
        State of this rank, with all its tasks done.
    attributes : dict
        Attributes of the file; only root's are used.

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
    """Join all tracks, in order of energy, realization and particle."""
    shape = (len(plans), config.output.trajectories)
    kept = [found[task] for task in sorted(found)]
    state = np.concatenate(kept).reshape(*shape, track_plan.places(config), 6)
    at = [(plans[i].energy, *where) for i, *where in map(tasks.place, sorted(found))]
    origin = [
        ensemble.block_of(config, *where).state[6:9, : len(tracks)].T for where, tracks in zip(at, kept, strict=True)
    ]
    # with one realization its blocks are the statistical units, as for the moments
    unit = [where[1 if config.run.realizations > 1 else 2] for where in at[: len(at) // len(plans)]]
    count = [len(tracks) for tracks in kept[: len(unit)]]
    position, direction = np.ascontiguousarray(state[..., :3]), np.ascontiguousarray(state[..., 3:])
    share = np.arange(track_plan.places(config)) / config.output.track_points
    time = np.array([p.step * p.steps for p in plans])[:, None] * share
    for i, p in enumerate(plans):
        # where intervals are no whole steps a place lies less than half a step from its time: straight on or back
        late = time[i] - p.step * track_plan.steps_of_places(config, p.steps)
        late[np.abs(late) < 1e-9 * p.step] = 0.0
        position[i] += late[:, None] * direction[i]
    return tracks_file.Tracks(
        position=position,
        direction=direction,
        time=time,
        label=np.array([p.energy for p in plans]),
        unit=np.repeat(unit, count),
        label_name="energy",
        length="pc",
        origin=np.concatenate(origin).reshape(*shape, 3),
        attributes=attributes,
    )

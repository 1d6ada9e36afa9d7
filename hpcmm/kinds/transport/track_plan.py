"""Chooses the particles whose tracks are kept, and the places along their paths.

`[output] trajectories = N` keeps N tracks at each energy. They are spread over the realizations as evenly as possible,
the first ones having one more where it does not come out even; of each realization those of its lowest particle ids.
"""

import numpy as np

from cython_kernels.block import LANES

BYTES_PER_PLACE = 48
"""Bytes of a place of a track: displacement and direction."""

LARGEST = 2**30
"""Most bytes of the tracks of a run: root gathers them."""


def places(config):
    """Number of places of a track, its start among them; 0 where no tracks are kept."""
    return config.output.track_points + 1 if config.output.trajectories else 0


def steps_of_places(config, steps):
    """Steps at which places are kept, of a path of so many: those nearest to equal intervals over the whole of it.

    Returns
    -------
    array of int64
        Rising from 0 to ``steps``; empty where no tracks are kept.
    """
    if not config.output.trajectories:
        return np.zeros(0, np.int64)
    points = config.output.track_points
    place = np.arange(points + 1, dtype=np.int64)
    # place * steps / points, rounded, without leaving 64 bits
    return place * (steps // points) + (2 * place * (steps % points) + points) // (2 * points)


def tracks_of(config, realization, block):
    """Number of tracks that a block keeps, those of its first lanes; arrays give arrays."""
    in_realization = -((realization - config.output.trajectories) // config.run.realizations)
    return np.clip(in_realization - LANES * block, 0, LANES)


def tracks_of_blocks(config, realizations, blocks):
    """Number of tracks that every block keeps: array [realization, block]."""
    return tracks_of(config, np.arange(realizations)[:, None], np.arange(blocks))


def kept(config, steps, realization, block):
    """(lanes, steps of places) of a block, as `cython_kernels.push.Sampler` takes them."""
    return int(tracks_of(config, realization, block)), steps_of_places(config, steps)


def size(config):
    """Memory of the places of all tracks [bytes]."""
    return len(config.particle.energy) * config.output.trajectories * places(config) * BYTES_PER_PLACE

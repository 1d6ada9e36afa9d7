"""Which particles' tracks are kept, and where along their paths.

`[output] trajectories = N` keeps N tracks at each energy. They are spread over the realizations as evenly as possible,
the first ones having one more where it does not come out even; of each realization those of its lowest particle ids.
"""

import numpy as np

from cython_kernels.block import LANES

BYTES_PER_PLACE = 48
"""Displacement and direction."""

LARGEST = 2**30
"""Bytes of the tracks of a run: root gathers them."""


def places(config):
    """Places of a track, its start among them; 0 where none is kept."""
    return config.output.track_points + 1 if config.output.trajectories else 0


def every(config, steps):
    """Steps from one place to the next: whole and the same all along, so that up to ``track_points - 1`` steps at the
    end of the path lie behind the last place.
    """
    return max(1, steps // config.output.track_points)


def tracks_of(config, realization, block):
    """Tracks that a block keeps, those of its first lanes; arrays give arrays."""
    in_realization = -((realization - config.output.trajectories) // config.run.realizations)
    return np.clip(in_realization - LANES * block, 0, LANES)


def tracks_of_blocks(config, realizations, blocks):
    """Array [realization, block] of `tracks_of`."""
    return tracks_of(config, np.arange(realizations)[:, None], np.arange(blocks))


def kept(config, steps, realization, block):
    """(lanes, places, steps between places) of a block, as `cython_kernels.push.Sampler` takes them."""
    return int(tracks_of(config, realization, block)), places(config), every(config, steps)


def size(config):
    """Bytes of the places of all tracks."""
    return len(config.particle.energy) * config.output.trajectories * places(config) * BYTES_PER_PLACE

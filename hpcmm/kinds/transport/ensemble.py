"""Makes blocks of particles at their start: ids, places, directions."""

import numpy as np

from cython_kernels.block import LANES, ParticleBlock
from hpcmm.parallel import random_streams

BOX_OVER_L_MAX = 100
"""Side of the box of origins in units of the largest scale (docs/physics.md 2.2)."""

WORDS_PER_PARTICLE = 8
"""64-bit draws reserved for each particle's start (five are used), two counters of Philox."""


def blocks_of(particles):
    """Number of blocks that hold ``particles`` of one realization."""
    return -(-particles // LANES)


def period_of(fields):
    """Period [pc] with which the sum of [[field]] sections repeats; None where it does not."""
    periods = {section.structure for section in fields if section.outer_scale is not None}
    return periods.pop() if len(periods) == 1 else None


def box_of(config):
    """Side of the cube in which origins are drawn [pc], rounded up to whole periods where patches or field repeat."""
    scales = [f.outer_scale or 0.0 for f in config.field] + [config.medium.l_c]
    side = BOX_OVER_L_MAX * max(scales)
    period = max((s.structure or 0.0 for s in (*config.scatter, *config.field)), default=0.0)
    return period * float(np.ceil(side / period)) if period else side


def block_of(config, energy, realization, block):
    """Make a block of a run at its start; see `start_block`."""
    run, particle = config.run, config.particle
    how = {"antithetic": particle.starts == "antithetic", "common_origin": particle.common_origin}
    made = start_block(run.seed, energy, realization, block, run.particles, box_of(config), **how)
    if config.ends:
        made.state[6:9] = inside(config, realization, made.state[6:9] / box_of(config) + 0.5)
    return made


def inside(config, realization, where):
    """Places [pc] in the box of a field that ends, uniform in it for ``where`` (3, n) uniform in [0, 1)."""
    section = config.from_file
    return section.origins(section.number_of(realization), draw_of_file(config, realization), where)


def draw_of_file(config, realization):
    """Generator by which the field from a file is turned and shifted in a realization, the same at all energies."""
    section = config.from_file
    index = next(i for i, s in enumerate(config.field) if s is section)
    keys = config.run.seed, random_streams.WAVES, index, section.energy_of_draw(0.0), realization
    return random_streams.generator(*keys)


def start_block(seed, energy, realization, block, particles, box, antithetic=False, common_origin=False):
    """Make a block at its start: isotropic directions, origins uniform in a cube around 0.

    Each particle has an origin of its own, so that a hundred correlation lengths apart they sample one
    realization of the field at independent places (docs/physics.md 2.2). Particle i starts the same whichever block
    or rank holds it.

    Parameters
    ----------
    seed, realization, block : int
    energy : float
        [GeV]
    particles : int
        Total number in the realization; the last block may be partly filled.
    box : float
        Side of the cube [pc].
    antithetic : bool
        Particle 2i + 1 starts where 2i does, in the opposite direction.
    common_origin : bool
        All start where particle 0 of the realization does: for pictures, as one place is no sample of the field.

    Returns
    -------
    ParticleBlock
    """
    first = block * LANES
    count = min(LANES, particles - first)
    draw = random_streams.generator(seed, random_streams.START, 0, energy, realization, counter=2 * first)
    u = draw.random((count, WORDS_PER_PARTICLE)).T
    cos_theta, azimuth = 2 * u[0] - 1, 2 * np.pi * u[1]
    sin_theta = np.sqrt(1 - cos_theta**2)
    direction = np.array([sin_theta * np.cos(azimuth), sin_theta * np.sin(azimuth), cos_theta])
    where = u[2:5]
    if antithetic:
        # blocks begin with an even particle: pairs are never torn apart
        first_of_pair = np.arange(count) // 2 * 2
        where = where[:, first_of_pair]
        direction = direction[:, first_of_pair] * np.where(np.arange(count) % 2, -1, 1)
    if common_origin:
        begin = random_streams.generator(seed, random_streams.START, 0, energy, realization)
        where = np.repeat(begin.random(WORDS_PER_PARTICLE)[2:5, None], count, axis=1)
    return ParticleBlock(box * (where - 0.5), direction, first)

"""Finds patches |B| >= B* of turbulence that repeats with the box; B* puts a given share of the cells inside."""

import numpy as np

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.plane_waves import PlaneWaveField
from hpcmm.fields.uniform import Uniform
from hpcmm.parallel import random_streams

HALVINGS = 200
"""Most halvings of the interval around B*: more than a double has bits, whatever its exponent."""


def inside(config, comm, places, fraction, realization):
    """Collective: find which parts of this rank's cells, and of one layer around them, lie in patches.

    Parameters
    ----------
    config : EffectiveMediumConfig
    comm : communicator
    places : array [axis, x, y, z]
        Middles of the parts, in sides of the box.
    fraction : float
        Share of all parts that shall lie in patches, met to half a part.
    realization : int

    Returns
    -------
    array of bool [x, y, z]
    """
    section = config.effective_medium
    strength, own = strengths(config, places, realization), (slice(section.samples, -section.samples),) * 3
    wanted = round(fraction * int(np.prod(section.grid)) * section.samples**3)
    return strength >= quantile(comm, strength[own], wanted)


def strengths(config, places, realization):
    """|B| [B_rms] at places [axis, x, y, z] in sides of the box: array [x, y, z], the same bits on any rank count."""
    return np.sqrt((vectors(config, places, realization) ** 2).sum(axis=0))


def vectors(config, places, realization):
    """B [B_rms] at places [axis, x, y, z] in sides of the box: array [axis, x, y, z]."""
    field, count = realize(config, realization), places[0].size
    padded = np.zeros((3, -(-count // LANES) * LANES))
    padded[:, :count] = config.effective_medium.box * places.reshape(3, -1)
    along_z = np.zeros((3, LANES))
    along_z[2] = 1.0
    found = [
        np.array(field.at(ParticleBlock(padded[:, i : i + LANES].copy(), along_z)))
        for i in range(0, padded.shape[1], LANES)
    ]
    return np.concatenate(found, axis=1)[:, :count].reshape(places.shape)


def realize(config, realization):
    """Realize the deck's field, with waves that repeat with the box; compiled, in units of B_rms.

    A transport run with this seed and this [[field]], its `period` the box, has the same waves (docs/decisions/0014).
    """
    index, section = config.waves
    draw = random_streams.generator(
        config.run.seed, random_streams.WAVES, index, section.energy_of_draw(0.0), realization
    )
    field = PlaneWaveField(*section.waves(config.medium, None, draw))
    for block in config.field:
        if isinstance(block, Uniform):
            field = field + block.realize(config.medium, 0.0, 0.0, draw)
    return field


def quantile(comm, values, wanted):
    """Collective: threshold reached by exactly ``wanted`` values over all ranks (bisection; ties aside).

    Parameters
    ----------
    comm : communicator
    values : array
    wanted : int
    """
    if wanted == 0:
        return np.inf
    low, high = 0.0, 2 * max(comm.allgather(float(values.max())))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        reached = comm.allreduce(int((values >= middle).sum()))
        if reached == wanted:
            return middle
        low, high = (middle, high) if reached > wanted else (low, middle)
    return low

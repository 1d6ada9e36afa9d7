"""Patches |B| >= B* of turbulence that repeats with the box; B* is such that a given part of the cells is inside."""

import numpy as np

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.plane_waves import PlaneWaveField
from hpcmm import streams
from hpcmm.fields.uniform import Uniform
from hpcmm.wave_draw import draw_waves

HALVINGS = 200
"""Of the interval around B*: more than a double has bits, whatever its exponent."""


def inside(config, comm, places, fraction, realization):
    """Collective: do parts of this rank's cells, and of one layer around them, lie in patches?

    Parameters
    ----------
    config : EffectiveMediumConfig
    comm : communicator
    places : array [axis, x, y, z]
        Middles of the parts, in sides of the box.
    fraction : float
        Of all parts, met to half a part.
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
    """|B| at places in sides of the box, [axis, x, y, z], in units of B_rms: the same bits on any number of ranks."""
    return np.sqrt((vectors(config, places, realization) ** 2).sum(axis=0))


def vectors(config, places, realization):
    """B, [axis, x, y, z]; as `strengths`."""
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
    """The deck's field with waves that repeat with the box; compiled, in units of B_rms.

    Drawn as for particles, of the same stream, then made periodic.
    """
    index, section = config.waves
    k, power = section.wavenumbers(config.medium, None)
    draw = streams.generator(config.run.seed, streams.WAVES, index, 0.0, realization)
    amplitude = np.sqrt(2 * power) * section.dB / config.medium.B_rms
    waves = draw_waves(k, amplitude, draw)
    field = PlaneWaveField(*periodic(*waves, config.effective_medium.box))
    for block in config.field:
        if isinstance(block, Uniform):
            field = field + block.realize(config.medium, 0.0, 0.0, draw)
    return field


def periodic(wavevector, vector, phase, box):
    r"""Waves that repeat with the box: wavevectors moved to the nearest of its lattice, amplitudes turned across them.

    .. math:: k \to \frac{2\pi}{L} \mathrm{rint}(k L / 2\pi), \quad a \to |a| \, (a - (a \cdot \hat k) \hat k) / |...|

    Wavelengths of L/2, L/4, L/8 move by 15, 7, 4 %, rms; strengths stay, and div B = 0. Where all three would be
    rounded to 0 the largest is kept.

    Parameters
    ----------
    wavevector, vector, phase
        From `hpcmm.wave_draw.draw_waves`; k in turns per pc.
    box : float
        Side L [pc].
    """
    turns = np.rint(wavevector * box)
    for i in np.flatnonzero((turns == 0).all(axis=1)):
        largest = np.argmax(np.abs(wavevector[i]))
        turns[i, largest] = np.sign(wavevector[i, largest])
    direction = turns / np.linalg.norm(turns, axis=1, keepdims=True)
    across = vector - (vector * direction).sum(axis=1, keepdims=True) * direction
    strength = np.linalg.norm(vector, axis=1, keepdims=True)
    return turns / box, strength * across / np.linalg.norm(across, axis=1, keepdims=True), phase


def quantile(comm, values, wanted):
    """Collective: a bound that exactly ``wanted`` of all ranks' values reach, by halving; ties apart.

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

"""Finds the field strength that bounds patches, from the distribution of |B| of the realized field itself
(docs/physics.md 2.4).
"""

import numpy as np

from cython_kernels.block import LANES, ParticleBlock

FEWEST_PLACES, MOST_PLACES = 2**16, 2**20
"""Least and largest number of places at which |B| is sampled."""

PLACES_INSIDE = 2500
"""Number of sampled places that shall lie inside patches: the fraction asked for is then met to 2 %, to 0.4 % at
f = 1/2. Below f = 0.0024 fewer do: it is met to 10 % at f = 1e-4.
"""

PLACES_ALONG_PERIOD = 64
"""Lattice points along a period at which |B| of a field that repeats is sampled: those of an effective medium of 32^3
cells with 2 samples each."""


def field_strengths(field, places, box, draw):
    """Sample |B| at independent places, uniform in a cube around 0: array [place] in units of B_rms.

    Parameters
    ----------
    field : cython_kernels.field.Field
    places : int
        Number of places, rounded up to whole blocks.
    box : float
        Side of the cube [pc].
    draw : numpy.random.Generator
    """
    drawn = (box * (draw.random((3, LANES)) - 0.5) for _ in range(-(-places // LANES)))
    return np.concatenate([_strengths(field, some) for some in drawn])


def _strengths(field, places):
    along_z = np.zeros((3, LANES))
    along_z[2] = 1.0
    return np.sqrt((field.at(ParticleBlock(places, along_z)) ** 2).sum(axis=0))


def bound_of_fraction(field, fraction, box, draw):
    """Find B_star such that |B| >= B_star in a fraction of the volume of this field; in units of B_rms.

    Parameters
    ----------
    field, box, draw
        See `field_strengths`.
    fraction : float
        0 gives infinity, 1 gives 0: no place and every place.
    """
    if fraction == 0.0:
        return np.inf
    if fraction == 1.0:
        return 0.0
    places = int(np.clip(PLACES_INSIDE / fraction, FEWEST_PLACES, MOST_PLACES))
    return _bound(field_strengths(field, places, box, draw), fraction)


def bound_in_period(field, fraction, period):
    """Find B_star [B_rms] such that |B| >= B_star at a fraction of the centres of PLACES_ALONG_PERIOD^3 cells.

    One place a cell meets the fraction of the volume far better than as many drawn at random, and does not depend on
    a seed: an effective medium of the same field has the same patches.

    Parameters
    ----------
    field : cython_kernels.field.Field
    fraction : float
        0 gives infinity, 1 gives 0.
    period : float
        [pc]
    """
    if fraction in (0.0, 1.0):
        return 0.0 if fraction else np.inf
    n = PLACES_ALONG_PERIOD
    places = (np.indices((n, n, n)).reshape(3, -1) + 0.5) * (period / n)
    blocks = (np.ascontiguousarray(places[:, i : i + LANES]) for i in range(0, n**3, LANES))
    return _bound(np.concatenate([_strengths(field, some) for some in blocks]), fraction)


def _bound(strengths, fraction):
    strengths = np.sort(strengths)[::-1]
    inside = int(np.clip(round(fraction * len(strengths)), 1, len(strengths) - 1))
    return float(0.5 * (strengths[inside - 1] + strengths[inside]))

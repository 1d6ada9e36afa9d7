"""The field strength that bounds patches, from the distribution of |B| of the realized field itself (SPEC 2.4)."""

import numpy as np

from cython_kernels.block import LANES, ParticleBlock

FEWEST_PLACES, MOST_PLACES = 2**16, 2**20
"""Places at which |B| is taken ..."""

PLACES_INSIDE = 2500
"""... so that about as many lie inside a patch: the fraction asked for is then met to 2 %, to 0.4 % at f = 1/2. Below
f = 0.0024 fewer do: it is met to 10 % at f = 1e-4.
"""


def field_strengths(field, places, box, draw):
    """|B| at independent places, uniform in a cube around 0; in units of B_rms.

    Parameters
    ----------
    field : cython_kernels.field.Field
    places : int
        Rounded up to whole blocks.
    box : float
        Side of the cube [pc].
    draw : numpy.random.Generator
    """
    along_z = np.zeros((3, LANES))
    along_z[2] = 1.0
    strengths = [
        np.sqrt((field.at(ParticleBlock(box * (draw.random((3, LANES)) - 0.5), along_z)) ** 2).sum(axis=0))
        for _ in range(-(-places // LANES))
    ]
    return np.concatenate(strengths)


def bound_of_fraction(field, fraction, box, draw):
    """B_star for which |B| >= B_star in a fraction of the volume of this field; in units of B_rms.

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
    strengths = np.sort(field_strengths(field, places, box, draw))[::-1]
    inside = int(np.clip(round(fraction * len(strengths)), 1, len(strengths) - 1))
    return float(0.5 * (strengths[inside - 1] + strengths[inside]))

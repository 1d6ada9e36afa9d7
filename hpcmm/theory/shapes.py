"""Patches as shapes on a cubic lattice: places inside them, sizes, chords (docs/physics.md 8.1).

One patch a period, centred on the points of the lattice, lengths in periods. The same geometry as in the kernels
(`cython_kernels/morphology.h`), in NumPy, also for the same medium on a grid.
"""

import math

import numpy as np

MORPHOLOGIES = ("layers", "cubes", "spheres")
"""Names of the shapes; layers are normal to x."""

MOST_SPHERES = math.pi / 6
"""Filling fraction at which spheres touch; beyond they would overlap."""


def half_size(morphology, filling_fraction):
    """Half the thickness of layers f/2, half the edge of cubes f^(1/3)/2, radius of spheres (3f/4 pi)^(1/3).

    Parameters
    ----------
    morphology : {"layers", "cubes", "spheres"}
    filling_fraction : float
        Share of the volume; at most pi/6 for spheres. 1 gives infinity, so that no place is on an edge.

    Returns
    -------
    float
        Half size in periods.
    """
    f = filling_fraction
    if not 0.0 <= f <= (MOST_SPHERES if morphology == "spheres" else 1.0):
        raise ValueError(f"{morphology} cannot fill {f} of the volume")
    if f == 1.0:
        return math.inf
    return {"layers": f / 2, "cubes": math.cbrt(f) / 2, "spheres": math.cbrt(3 * f / (4 * math.pi))}[morphology]


def inside(morphology, filling_fraction, places):
    """Find which places lie in patches.

    Parameters
    ----------
    morphology, filling_fraction
        See `half_size`.
    places : array (3, ...)
        Places in periods.

    Returns
    -------
    array of bool
    """
    size = half_size(morphology, filling_fraction)
    off = np.abs(places - np.rint(places))
    if morphology == "layers":
        return off[0] < size
    if morphology == "cubes":
        return (off < size).all(axis=0)
    return (off**2).sum(axis=0) < size**2


def mean_chords(morphology, filling_fraction):
    """Mean chord through a patch and between patches, 4V/S of either phase (docs/physics.md 8.3).

    Parameters
    ----------
    morphology, filling_fraction
        See `half_size`.

    Returns
    -------
    (float, float)
        Chords in periods; where there is one phase alone, infinity for it and 0 for the other.
    """
    f, size = filling_fraction, half_size(morphology, filling_fraction)
    if f in (0.0, 1.0):
        return (math.inf, 0.0) if f else (0.0, math.inf)
    surface = {"layers": 2.0, "cubes": 24 * size**2, "spheres": 4 * math.pi * size**2}[morphology]
    return 4 * f / surface, 4 * (1 - f) / surface


def random_chords(morphology, filling_fraction):
    """Mean chord through patches that fill cells at random, and between them (docs/physics.md 8.7).

    Neighbours that are both occupied are one patch. Layers and cubes fill their cells, spheres touch.

    Parameters
    ----------
    morphology, filling_fraction
        See `half_size`.

    Returns
    -------
    (float, float)
        Chords in periods, as of `mean_chords`.
    """
    f = filling_fraction
    if f in (0.0, 1.0):
        return (math.inf, 0.0) if f else (0.0, math.inf)
    cell = {"layers": 2.0, "cubes": 2 / 3, "spheres": 2 / 3}[morphology]
    if morphology == "spheres":
        return cell, cell * (1 - f) / f
    return cell / (1 - f), cell / f


def smallest_feature(morphology, filling_fraction):
    """Extent of a patch or of the gap to the next one, whichever is less; infinity where there is one phase alone.

    Spheres that touch leave no gap at a point; there the mean chord between them is taken.

    Parameters
    ----------
    morphology, filling_fraction
        See `half_size`.

    Returns
    -------
    float
        Extent in periods.
    """
    if filling_fraction in (0.0, 1.0):
        return math.inf
    extent = 2 * half_size(morphology, filling_fraction)
    gap = mean_chords(morphology, filling_fraction)[1] if morphology == "spheres" else 1 - extent
    return min(extent, gap)

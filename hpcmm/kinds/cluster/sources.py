"""Distributes the source over the mesh: the share of the cosmic rays that is set free in each cell."""

import numpy as np

from hpcmm.errors import InputError

PARTS = 4
"""Parts of a cube along each axis; a part belongs to a bubble or a shell if its middle does."""


def weights(source, mesh, radius, total):
    """Share of the particles in each cell of this rank; over all ranks they sum to 1.

    Parameters
    ----------
    source : Source
    mesh : Sphere or Box
    radius : float
        Radius of the cluster [pc].
    total : callable
        Sums a number over the ranks of the mesh.

    Returns
    -------
    array

    Raises
    ------
    InputError
        On all ranks, if no cell holds any of the source.
    """
    if source.model == "point":
        low = high = 0.0
    else:
        low = 0.0 if source.model == "bubble" else (source.radius - source.thickness / 2) / radius
        high = source.radius / radius if source.model == "bubble" else (source.radius + source.thickness / 2) / radius
    found = _in_cubes(source, mesh, low, high) if hasattr(mesh, "middle") else _in_shells(mesh, low, high)
    whole = total(float(found.sum()))
    if not whole > 0.0:
        raise InputError("no cell lies in the source: a larger cluster.cells, or a larger source, is expected")
    return found / whole


def _in_shells(mesh, low, high):
    """Volume that each shell shares with low < r < high: array [shell]; a point is in the first."""
    if high == 0.0:
        return (mesh.radius == mesh.radius.min()).astype(float)
    edges = np.clip(mesh.edges, low, high)
    return np.diff(edges**3)


def _in_cubes(source, mesh, low, high):
    place = np.array(source.position)
    if high == 0.0:  # shared among the eight nearest middles, so that their mean is the point
        near = 1 - np.abs(mesh.middle - place[:, None]) / mesh.side
        return np.prod(np.maximum(near, 0.0), axis=0)
    offsets = ((np.arange(PARTS) + 0.5) / PARTS - 0.5) * mesh.side
    found = np.zeros(mesh.middle.shape[1])
    for shift in np.stack(np.meshgrid(*3 * (offsets,), indexing="ij")).reshape(3, -1).T:
        distance = np.sqrt(((mesh.middle + (shift - place)[:, None]) ** 2).sum(axis=0))
        found += (distance > low) & (distance <= high)
    return found

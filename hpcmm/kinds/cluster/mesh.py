r"""Meshes of a cluster: shells of a sphere, or cubes; volumes, and weights of the conductances between cells.

Lengths in units of the cluster's radius, volumes in units of the whole domain. Where cells i and j touch, the flow of
particles is g (n_i - n_j), with

.. math:: 1/g = w_i \langle 1/\kappa \rangle_i + w_j \langle 1/\kappa \rangle_j, \quad w = V d / A

with d from the middle of a cell to the face, A its area, means over PARTS points between the two: n and the flow are
continuous, so that a jump of kappa on a face costs nothing, one between faces its distance from the nearest of those
points. At the outer boundary n = 0 on the face, and 1/g = w_i <1/kappa>_i.
"""

from dataclasses import dataclass

import numpy as np

from hpcmm.parallel import petsc
from hpcmm.parallel.exchange import to_owners

PARTS = 8
"""Points between the middle of a cell and each of its faces, at which kappa is sampled."""


SLAB = 2**26
"""Cells that a rank sends at a time."""


@dataclass(frozen=True)
class Face:
    """One face of each cell of a rank.

    Attributes
    ----------
    row : array of int
        Number of the neighbour among all cells; -1 at the outer boundary, -2 where there is no face.
    here, there : array
        w from this cell's middle to the face, and from the face to the neighbour's.
    here_radius, there_radius : array [point, cell]
        Distances from the centre of the points between middles and face, for means of 1/kappa.
    """

    row: np.ndarray
    here: np.ndarray
    there: np.ndarray
    here_radius: np.ndarray
    there_radius: np.ndarray


class Sphere:
    """Shells of equal width around the centre; all of them on one rank.

    Attributes
    ----------
    count : int
        Total number of cells.
    place : array of int
        Number of each cell of this rank in a list that does not depend on the ranks.
    radius, volume : array
        Distance of the middle from the centre, and volume, of each cell of this rank.
    faces : list of Face
    edges : array
        Radii between the shells of the profile, with both ends.
    shells : array
        Volume of the shells of the profile.
    """

    def __init__(self, cells):
        self.count, self.place = cells, np.arange(cells)
        self.edges = np.linspace(0.0, 1.0, cells + 1)
        self.radius = (self.edges[1:] + self.edges[:-1]) / 2
        self.volume = self.shells = np.diff(self.edges**3)
        self.share = (cells,)
        last = cells - 1
        half = 0.5 / cells
        # with the area of the face all along, n = a - b r^2 is met exactly; with that of each radius h^2 ln h is missed
        below = np.r_[1.0, half / (3 * self.edges[1:-1] ** 2)]  # the first has no face
        above = half / (3 * self.edges[1:] ** 2)
        steps = (np.arange(PARTS) + 0.5)[:, None] / PARTS * half
        inward, outward = self.radius - steps, self.radius + steps
        # beyond the first and the last there are none: any places in the sphere
        self.faces = [
            Face(np.r_[-2, 0:last], below, np.r_[1.0, above[:-1]], inward, np.roll(outward, 1, axis=1)),
            Face(np.r_[1:cells, -1], above, np.r_[below[1:], 1.0], outward, np.roll(inward, -1, axis=1)),
        ]

    def profile(self, density):
        """Mean density in each shell: array [shell]."""
        return density.copy()

    def arranged(self, place, density):
        """Bring densities into the order of this rank's cells; here they are in that order."""
        return density


class Box:
    """Cubes in a cube of side 2 around the centre, shared among the ranks of a communicator.

    It has the attributes of `Sphere`, and:

    middle : array [axis, cell]
    side : float
        Side of a cell.
    """

    def __init__(self, comm, cells):
        PETSc = petsc.started(comm)
        self._comm, self.count, self.side = comm, cells**3, 2.0 / cells
        self._dm = PETSc.DMDA().create(
            dim=3, dof=1, sizes=(cells,) * 3, proc_sizes=petsc.shares(comm.size, (cells,) * 3), comm=comm,
            boundary_type=("none",) * 3, stencil_type=PETSc.DMDA.StencilType.STAR, stencil_width=1,
        )  # fmt: skip
        ranges = self._dm.getRanges()
        axes = [np.arange(start, stop) for start, stop in ranges]
        # PETSc counts cells with x fastest
        index = np.stack([grid.ravel(order="F") for grid in np.meshgrid(*axes, indexing="ij")])
        self.place = np.ravel_multi_index(tuple(index), (cells,) * 3)
        self.middle = (index + 0.5) * self.side - 1.0
        self.radius = np.sqrt((self.middle**2).sum(axis=0))
        self.volume = np.full(len(self.place), 1.0 / self.count)
        self.share = tuple(comm.allgather(len(self.place)))
        self.edges = np.linspace(0.0, 1.0, max(cells // 2, 2) + 1)
        self._shell = np.digitize(self.radius, self.edges) - 1
        self._counts = self._binned(np.ones(len(self.place)))
        self.shells = self._counts / self.count
        self.faces = [self._face(axis, step, ranges) for axis in range(3) for step in (-1, 1)]

    def profile(self, density):
        """Collective: mean density of the cells whose middles lie in each shell, array [shell]; nan where none does."""
        with np.errstate(invalid="ignore"):
            return self._binned(density) / self._counts

    def arranged(self, place, density):
        """Collective: send densities to the ranks that own the cells; returns this rank's, in the order of its cells.

        Parameters
        ----------
        place : array of int
            Numbers of the cells that this rank has densities of; every cell is on one rank.
        density : array
        """
        comm, found = self._comm, np.empty(len(self.place))
        order = np.argsort(self.place)
        for start in range(0, max(comm.allgather(len(place))), SLAB):
            cells, values = place[start : start + SLAB], density[start : start + SLAB]
            cells, values = to_owners(comm, self._owner(cells), cells, values)
            found[order[np.searchsorted(self.place[order], cells)]] = values
        return found

    def _owner(self, place):
        """Rank that owns a cell; PETSc counts ranks with x fastest."""
        lengths = self._dm.getOwnershipRanges()
        axes = np.unravel_index(place, (self._dm.getSizes()))
        at = [np.searchsorted(np.cumsum(n), axis, side="right") for n, axis in zip(lengths, axes, strict=True)]
        return np.ravel_multi_index(at[::-1], [len(n) for n in lengths][::-1])

    def _binned(self, values):
        mine = np.bincount(self._shell, weights=values, minlength=len(self.edges))[: len(self.edges) - 1]
        return self._comm.allreduce(mine)

    def _face(self, axis, step, ranges):
        """Make the `Face` of all cells towards their neighbours one step along an axis."""
        ghosts, own = self._dm.getGhostRanges(), []
        shape = tuple(stop - start for start, stop in ghosts)
        rows = self._dm.getLGMap().indices.reshape(shape, order="F")
        padded = np.pad(rows, 1, constant_values=-1)
        for d, ((start, stop), (low, _)) in enumerate(zip(ranges, ghosts, strict=True)):
            shift = 1 + (step if d == axis else 0)
            own.append(slice(start - low + shift, stop - low + shift))
        row = padded[tuple(own)].ravel(order="F").astype(np.int64)
        half = np.full(len(row), 4.0 / self.side)  # volume 8 of the whole times half a side, over side^2
        across = self.radius**2 - self.middle[axis] ** 2
        parts = (np.arange(PARTS) + 0.5)[:, None] / PARTS * step * self.side / 2
        near, far = (self.middle[axis] + shift for shift in (parts, step * self.side / 2 + parts))
        return Face(row, half, half, *(np.sqrt(np.maximum(across + x**2, 0.0)) for x in (near, far)))

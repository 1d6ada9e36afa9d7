r"""Elements for kappa that differs along and across a field; NumPy alone, on a rank's own box.

Unknowns are at corners of cells, kappa is one tensor K in a cell. The eight numbers at the corners of a cell have seven
patterns q_s besides their mean, s in {0, 1}^3: along axis d a difference where s_d = 1, a mean where s_d = 0. The
energy of a cell, over its volume, is

.. math:: E = \sum_{jk} K_{jk} \frac{q_j q_k}{h_j h_k}
          + \kappa_\perp \Big[ \sum_{j<k} \frac{q_{jk}^2}{12} (h_j^{-2} + h_k^{-2})
          + \frac{q_{xyz}^2}{144} (h_x^{-2} + h_y^{-2} + h_z^{-2}) \Big]

The first sum is K on the mean gradient of the cell, the one point of a reduced quadrature; the brackets are what the
trilinear gradient has besides. With K = kappa_perp it is the trilinear element, integrated exactly. K - kappa_perp sees
the mean gradient alone: numerical diffusion across a straight field is then of fourth order in k h and not of second,
and this decides where kappa_par / kappa_perp is a million.

The matrix is that of a sum of squares, and no less than kappa_perp times the trilinear one: symmetric, zero for
constants alone, whatever K. Source: docs/physics.md 8.2; Guenter, Yu, Krueger & Lackner 2005, J. Comput. Phys. 209, 354
(the symmetric scheme); Flanagan & Belytschko 1981, Int. J. Numer. Meth. Eng. 17, 679 (patterns).
"""

from itertools import product

import numpy as np

CORNERS = tuple(product((0, 1), repeat=3))
"""Corners of a cell: 0 or 1 along x, y, z."""

PATTERNS = ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1))
"""The seven patterns s: 1 along axes of a difference; the first three make the mean gradient."""

SHAPES = np.array(
    [
        [np.prod([2 * a - 1 if s else 0.5 for a, s in zip(corner, pattern, strict=True)]) for corner in CORNERS]
        for pattern in PATTERNS
    ]
)
"""Weights [pattern, corner] that turn the numbers u at the corners into patterns: q = SHAPES @ u."""


def tensors(along, across, direction):
    r"""Diffusion tensors of a magnetized medium.

    .. math:: K = \kappa_\perp 1 + (\kappa_\parallel - \kappa_\perp) \, b b

    Parameters
    ----------
    along, across : array [x, y, z]
        kappa_par and kappa_perp.
    direction : array [axis, x, y, z]
        b, of length 1; 0 where there is no field, so that K is kappa_perp there.

    Returns
    -------
    array [axis, axis, x, y, z]
    """
    K = (along - across) * direction[:, None] * direction[None]
    for axis in range(3):
        K[axis, axis] += across
    return K


class Elements:
    """Matrix, right-hand sides and energies of a rank's part of the box, as `conductances.Network` has them.

    Parameters
    ----------
    K : array [axis, axis, nx + 2, ny + 2, nz + 2]
        Tensors in the cells of the box and of one layer around it; in any unit, which kappa then has too.
    across : array [nx + 2, ny + 2, nz + 2]
        The least eigenvalue of K, or less.
    spacing : sequence of 3 float
        Sides of a cell. Along an axis of one cell nothing varies; its side does not matter.
    """

    def __init__(self, K, across, spacing):
        # unknown i is the corner before cell i: it touches the cells i - 1 and i
        self._K, self._across = K[..., :-1, :-1, :-1], across[:-1, :-1, :-1]
        self._h = np.asarray(spacing, dtype=float)

    def _stiffness(self):
        """Matrix of the energy in the patterns: 3 x 3 block of the mean gradient, and four weights of the others."""
        inverse = 1 / self._h**2
        weights = [np.dot(pattern, inverse) / 12 ** (sum(pattern) - 1) for pattern in PATTERNS[3:]]
        return self._K / np.multiply.outer(self._h, self._h)[..., None, None, None], weights

    def _between(self, a, b, gradient, weights):
        """Entry of the energy's matrix between two corners of a cell, for all cells."""
        found = np.einsum("j,jk...,k->...", SHAPES[:3, a], gradient, SHAPES[:3, b])
        return found + self._across * sum(w * p[a] * p[b] for w, p in zip(weights, SHAPES[3:], strict=True))

    def rows(self, places):
        """Rows of the matrix: one an unknown, up to 27 entries each.

        Parameters
        ----------
        places : array (nx + 2, ny + 2, nz + 2)
            Number of each unknown in the matrix.

        Returns
        -------
        columns, values : array (unknowns, entries)
            Unknowns in the order of PETSc: x fastest.
        """
        inner = [n - 2 for n in places.shape]
        stencil, stiffness = np.zeros((3, 3, 3, *inner)), self._stiffness()
        for a, near in enumerate(CORNERS):
            for b, far in enumerate(CORNERS):
                offset = tuple(1 + y - x for x, y in zip(near, far, strict=True))
                # the cell of which this unknown is corner ``near``
                cells = _cells([1 - x for x in near], inner)
                stencil[offset] += self._between(a, b, *stiffness)[cells]
        where = [(0, 1, 2)] * 3
        for axis in range(3):
            if _one_cell(places, axis):  # both neighbours are the unknown itself
                stencil, where[axis] = stencil.sum(axis=axis, keepdims=True), (1,)
        columns = [_flat(places[_cells(offset, inner)]) for offset in product(*where)]
        values = [_flat(part) for part in stencil.reshape(-1, *inner)]
        return np.stack(columns, axis=1), np.stack(values, axis=1)

    def push(self, axis):
        """Right-hand side div(K e) for a unit gradient along an axis, in the order of PETSc."""
        inner = [n - 1 for n in self._across.shape]
        found = np.zeros(inner)
        for a, near in enumerate(CORNERS):
            cells = _cells([1 - x for x in near], inner)
            found -= np.tensordot(SHAPES[:3, a] / self._h, self._K[:, axis][(slice(None), *cells)], 1)
        return _flat(found)

    def energy(self, potentials):
        """Energies of three potentials in the cells that begin at a box's unknowns, summed.

        Parameters
        ----------
        potentials : list of 3 array (nx + 2, ny + 2, nz + 2)
            chi_x, chi_y, chi_z with one layer around them.

        Returns
        -------
        array (3, 3)
        """
        _, weights = self._stiffness()
        own = (slice(1, None),) * 3
        K, across = self._K[(..., *own)], self._across[own]
        patterns = [_patterns(chi) for chi in potentials]
        total = np.zeros((3, 3))
        gradients = []
        for j, q in enumerate(patterns):
            gradient = q[:3] / self._h[:, None, None, None]
            gradient[j] += 1.0
            gradients.append(gradient)
        for j in range(3):
            flux = np.einsum("ab...,b...->a...", K, gradients[j])
            others = np.multiply.outer(weights, across) * patterns[j][3:]
            for k in range(j, 3):
                total[j, k] = np.sum(flux * gradients[k]) + np.sum(others * patterns[k][3:])
        return total + np.triu(total, 1).T


def _patterns(chi):
    """Patterns of the cells that begin at the inner unknowns: array [pattern, x, y, z]."""
    inner = [n - 2 for n in chi.shape]
    corners = np.stack([chi[_cells([1 + x for x in corner], inner)] for corner in CORNERS])
    return np.tensordot(SHAPES, corners, 1)


def _one_cell(places, axis):
    """True if a periodic axis has one cell, which is its own neighbour."""
    return np.array_equal(np.take(places, 0, axis), np.take(places, 1, axis))


def _cells(first, shape):
    """Slices of ``shape`` cells from ``first`` on."""
    return tuple(slice(start, start + n) for start, n in zip(first, shape, strict=True))


def _flat(array):
    return array.ravel(order="F")

r"""Two networks of conductances whose energies enclose that of the medium; NumPy alone, on a rank's own box.

Each is a periodic grid of unknowns with a conductance c on every link between neighbours:

lower
    Unknowns at centres of cells; 1/c is the mean of 1/kappa over the two cells of the link, weighted by a hat along it.
    Fluxes, linear in each cell, conserve, and by the principle of Thomson dissipate more than the true ones.
upper
    Unknowns at corners; c is the mean of kappa over the four cells around the link, weighted by a hat in both
    directions across it. Potentials, trilinear in each cell, are continuous, and by the principle of Dirichlet cost
    more than the true ones.

In either the square of an interpolated number is replaced by the interpolated square, which is no less. Where kappa is
one number in a cell, these are the harmonic mean of two cells and the arithmetic mean of four.

.. math:: \bar\kappa^{lower} \le \bar\kappa \le \bar\kappa^{upper}, \quad
          \bar\kappa_{jk} = \frac1N \sum_{links} c\, (\delta\chi_j/h + \delta_{dj}) (\delta\chi_k/h + \delta_{dk})

as symmetric tensors, whatever kappa does within cells. Source: docs/physics.md 8.2; Milton 2002, The Theory of
Composites, chapter 13.
"""

import numpy as np

SCHEMES = ("lower", "upper")


def conductances(kappa, samples, scheme):
    """Compute the conductances of the links that touch the cells or corners of a box.

    Parameters
    ----------
    kappa : array (samples (nx + 2), samples (ny + 2), samples (nz + 2))
        kappa in the parts of the cells of the box and of one layer of cells around it.
    samples : int
        Parts of a cell along each axis.
    scheme : {"lower", "upper"}

    Returns
    -------
    list of array
        For each axis d, n_d + 1 along it: entry i links i - 1 to i.
    """
    if scheme == "lower":
        resistance = 1 / kappa
        return [1 / _lower(resistance, axis, samples) for axis in range(3)]
    return [_upper(kappa, axis, samples) for axis in range(3)]


def _lower(resistance, axis, samples):
    found, where = resistance, [slice(1, -1)] * 3
    for across in {0, 1, 2} - {axis}:
        found = _mean(found, across, samples)
    where[axis] = slice(None)
    return _hat(found, axis, samples)[tuple(where)]


def _upper(kappa, axis, samples):
    found = _mean(kappa, axis, samples)
    for across in {0, 1, 2} - {axis}:
        found = _hat(found, across, samples)
    where = [slice(0, -1)] * 3  # leave out links after the last cell, and those through corners after it
    return found[tuple(where)]


def _parts(array, axis, samples):
    """Reshape an axis of parts into two: cells, and parts of a cell."""
    shape = array.shape
    return array.reshape(*shape[:axis], shape[axis] // samples, samples, *shape[axis + 1 :])


def _mean(array, axis, samples):
    """Mean over the parts of each cell along an axis."""
    return _parts(array, axis, samples).mean(axis=axis + 1)


def _hat(array, axis, samples):
    """Mean over the parts of each two neighbouring cells along an axis, weighted by a hat whose top is between them."""
    parts = np.moveaxis(_parts(array, axis, samples), axis + 1, -1)
    rising = (np.arange(samples) + 0.5) / samples**2
    before, after = (np.moveaxis(parts @ weight, axis, 0) for weight in (rising, rising[::-1]))
    return np.moveaxis(before[:-1] + after[1:], 0, axis)


class Network:
    """Conductances and spacing of a grid, in the form that `solver` solves; see the functions below."""

    def __init__(self, links, spacing):
        self._links, self._spacing = links, spacing

    def rows(self, places):
        """Rows of the matrix; see the function `rows`."""
        return rows(self._links, self._spacing, places)

    def push(self, axis):
        """Right-hand side for a unit gradient along an axis; see the function `push`."""
        return push(self._links, self._spacing, axis)

    def energy(self, potentials):
        """Energies of three potentials; see the function `energy`."""
        return energy(self._links, self._spacing, potentials)


def rows(links, spacing, places):
    """Rows of the matrix of -div kappa grad: one an unknown, seven entries each.

    An axis of one cell has no links: neighbours there are the unknown itself.

    Parameters
    ----------
    links : list of array
        From `conductances`.
    spacing : sequence of 3 float
        Spacing of the grid along each axis.
    places : array (nx + 2, ny + 2, nz + 2)
        Number of each unknown in the matrix.

    Returns
    -------
    columns, values : array (unknowns, entries)
        Unknowns in the order of PETSc: x fastest.
    """
    columns, values = [_flat(places[1:-1, 1:-1, 1:-1])], [0.0]
    for axis, (c, h) in enumerate(zip(links, spacing, strict=True)):
        if h == 1.0:
            continue
        for side, part in ((0, slice(0, -1)), (2, slice(1, None))):
            near = [slice(1, -1)] * 3
            near[axis] = slice(side, places.shape[axis] - 2 + side)
            conductance = _flat(_along(c, axis, part)) / h**2
            columns.append(_flat(places[tuple(near)]))
            values.append(-conductance)
            values[0] = values[0] + conductance
    if len(columns) == 1:
        values = [np.zeros(columns[0].shape)]
    return np.stack(columns, axis=1), np.stack(values, axis=1)


def push(links, spacing, axis):
    """Right-hand side div(kappa e) for a unit gradient along an axis."""
    c = links[axis]
    return _flat((_along(c, axis, slice(1, None)) - _along(c, axis, slice(0, -1))) / spacing[axis])


def energy(links, spacing, potentials):
    """Energies of three potentials on the links that end at a box's unknowns from below, summed.

    Parameters
    ----------
    links, spacing
        See `rows`.
    potentials : list of 3 array (nx + 2, ny + 2, nz + 2)
        chi_x, chi_y, chi_z with one layer around them.

    Returns
    -------
    array (3, 3)
    """
    total = np.zeros((3, 3))
    for axis, (c, h) in enumerate(zip(links, spacing, strict=True)):
        c = _along(c, axis, slice(0, -1))
        gradients = []
        for j, chi in enumerate(potentials):
            inner = [slice(1, -1)] * 3
            before = list(inner)
            before[axis] = slice(0, -2)
            gradients.append((chi[tuple(inner)] - chi[tuple(before)]) / h + (axis == j))
        for j in range(3):
            weighted = c * gradients[j]
            for k in range(j, 3):
                total[j, k] += np.sum(weighted * gradients[k])
    return total + np.triu(total, 1).T


def _along(c, axis, part):
    where = [slice(None)] * 3
    where[axis] = part
    return c[tuple(where)]


def _flat(array):
    return array.ravel(order="F")

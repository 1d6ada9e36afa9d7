r"""Two networks of conductances whose energies enclose that of the medium; NumPy alone, on a rank's own box.

Each is a periodic grid of unknowns with a conductance c on every link between neighbours:

lower
    Unknowns at centres of cells, c the harmonic mean of the two cells. Its fluxes, linear in each cell, conserve; by
    the principle of Thomson they dissipate more than the true ones, and the trapezoidal rule only adds to it.
upper
    Unknowns at corners, c the arithmetic mean of the four cells around the link. Its potentials, trilinear in each
    cell, are continuous; by the principle of Dirichlet they cost more than the true ones, and so does the trapezoidal
    rule.

.. math:: \bar\kappa^{lower} \le \bar\kappa \le \bar\kappa^{upper}, \quad
          \bar\kappa_{jk} = \frac1N \sum_{links} c\, (\delta\chi_j/h + \delta_{dj}) (\delta\chi_k/h + \delta_{dk})

for the medium of the cells, as symmetric tensors. Source: SPEC 2.4 (ii); Milton 2002, The Theory of Composites, 13;
the two networks are dual to one another in the plane.
"""

import numpy as np

SCHEMES = ("lower", "upper")


def conductances(kappa, scheme):
    """Conductance of the links that touch the cells or corners of a box.

    Parameters
    ----------
    kappa : array (nx + 2, ny + 2, nz + 2)
        Of the cells of the box and of one layer around it.
    scheme : {"lower", "upper"}

    Returns
    -------
    list of array
        For each axis d, n_d + 1 along it: entry i links i - 1 to i.
    """
    found = []
    for axis in range(3):
        k = np.moveaxis(kappa, axis, 0)
        if scheme == "lower":
            k = k[:, 1:-1, 1:-1]
            c = 2 / (1 / k[1:] + 1 / k[:-1])
        else:
            k = k[:-1]
            c = (k[:, 1:-1, 1:-1] + k[:, :-2, 1:-1] + k[:, 1:-1, :-2] + k[:, :-2, :-2]) / 4
        found.append(np.moveaxis(c, 0, axis))
    return found


def rows(links, spacing, places):
    """Rows of the matrix of -div kappa grad: one an unknown, seven entries each.

    An axis of one cell has no links: neighbours there are the unknown itself.

    Parameters
    ----------
    links : list of array
        From `conductances`.
    spacing : sequence of 3 float
        Of the grid along each axis.
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

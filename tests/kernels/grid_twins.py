"""NumPy twin of the nested-grid kernel, written from the weights of the splines, in double precision."""

from fractions import Fraction

import numpy as np


def weights(u, degree, points):
    """Nodes and weights (index, weight, derivative) at places u [cells]: hats on whole, quadratics on half places."""
    i = np.floor(u).astype(int)
    f = u - i
    if degree == 1:
        parts = [(i, 1 - f, -1 + 0 * f), (i + 1, f, 1 + 0 * f)]
    else:
        parts = [(i - 1, (1 - f) ** 2 / 2, f - 1), (i, 0.5 + f - f**2, 1 - 2 * f), (i + 1, f**2 / 2, f)]
    return [(index % points, weight, slope) for index, weight, slope in parts]


def interpolate(values, u, interpolation):
    """Components in the grid's frame at u (3, n) [cells], and their divergence [1/cell].

    values (z, y, x, component), without repeated planes.
    """
    out, divergence = np.zeros(u.shape), np.zeros(u.shape[1])
    for c in range(3):
        quadratic = interpolation == "solenoidal"
        degrees = (2 if quadratic and axis == c else 1 for axis in range(3))
        x, y, z = (weights(u[axis], degree, values.shape[2 - axis]) for axis, degree in enumerate(degrees))
        for ix, wx, sx in x:
            for iy, wy, sy in y:
                for iz, wz, sz in z:
                    value = values[iz, iy, ix, c]
                    out[c] += value * wx * wy * wz
                    divergence += value * ((sx, wx, wx)[c] * (wy, sy, wy)[c] * (wz, wz, sz)[c])
    return out, divergence


def mirrored(values):
    """Values (z, y, x, component) and their mirror images as an axial vector, twice as long along each axis."""
    for axis in range(3):
        image = np.flip(values, 2 - axis) * np.where(np.arange(3) == axis, 1.0, -1.0)
        values = np.concatenate([values, image], axis=2 - axis)
    return values


def exact_place(turns, offset, points, origin, displacement):
    """Place in cells modulo points, from rational arithmetic on the given doubles; one particle."""
    place = []
    for axis in range(3):
        total = Fraction(offset[axis])
        for i in range(3):
            total += Fraction(turns[axis, i]) * (Fraction(origin[i]) + Fraction(displacement[i]))
        place.append(float(points * (total % 1)))
    return np.array(place)


def field(values, box, rotation, offset, interpolation, origin, displacement):
    """Sum over grids at particles (3, n), in the lab frame; values with repeated planes, as the kernel takes them."""
    out = np.zeros(origin.shape)
    for array, length, turn, shift in zip(values, box, rotation, offset, strict=True):
        points, turns = len(array), turn / length
        places = [exact_place(turns, shift, points, o, d) for o, d in zip(origin.T, displacement.T, strict=True)]
        own, _ = interpolate(np.asarray(array[:, :, 1:-1], dtype=float), np.array(places).T, interpolation)
        out += turn.T @ own
    return out

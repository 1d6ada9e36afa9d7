"""Vector fields as lists of Fourier modes: the same for every number of points and every division among ranks."""

from typing import NamedTuple

import numpy as np


class ModeList(NamedTuple):
    """Modes of a vector field on one rank: ``place`` (indices z, y, x) and ``values`` (3, n)."""

    place: tuple
    values: np.ndarray


class Scalar(dict):
    """A real function as {(k_x, k_y, k_z): coefficient of exp(i k x)}."""

    def __add__(self, other):
        return Scalar({k: self.get(k, 0) + other.get(k, 0) for k in {**self, **other}})

    def __mul__(self, other):
        if not isinstance(other, Scalar):
            return Scalar({k: value * other for k, value in self.items()})
        found = {}
        for one, value in self.items():
            for two, more in other.items():
                k = tuple(a + b for a, b in zip(one, two, strict=True))
                found[k] = found.get(k, 0) + value * more
        return Scalar(found)

    __rmul__ = __mul__


def _wave(axis, k, plus, minus):
    wave = [0, 0, 0]
    wave[axis] = k
    return Scalar({tuple(wave): plus, tuple(-n for n in wave): minus})


def sines(k):
    """Sin(k x), sin(k y), sin(k z)."""
    return tuple(_wave(axis, k, -0.5j, 0.5j) for axis in range(3))


def cosines(k):
    """Cos(k x), cos(k y), cos(k z)."""
    return tuple(_wave(axis, k, 0.5, 0.5) for axis in range(3))


def vector(components):
    """Modes of a vector field {k: array (3,)} from its three Scalar components, in order of k."""
    waves = sorted({k for component in components for k in component})
    return {k: np.array([complex(component.get(k, 0)) for component in components]) for k in waves}


def of_rank(transforms, field):
    """List the modes of a vector field {k: array (3,)} that a rank holds; beyond the truncation there are none.

    Parameters
    ----------
    transforms : Transforms
    field : dict
    """
    waves = list(field)
    here, place = transforms.place_of(np.array(waves, int).reshape(-1, 3))
    values = np.array([field[k] for k in waves]).reshape(-1, 3)[here].T
    return ModeList(place, values)


def reach(field):
    """Largest |k_i| of a field {k: ...}; 0 of an empty one."""
    return max((abs(n) for k in field for n in k), default=0)


def half_space(least, most):
    """Wave vectors with least <= |k| <= most, one of every pair k, -k, in fixed order; k_x >= 0.

    Parameters
    ----------
    least, most : float
    """
    n = int(most)
    span = range(-n, n + 1)
    found = []
    for x in range(n + 1):
        for y in span:
            for z in span:
                k2 = x * x + y * y + z * z
                if (x, y, z) > (0, 0, 0) and least**2 - 1e-9 <= k2 <= most**2 + 1e-9:
                    found.append((x, y, z))
    return found


def across(k):
    """Two unit vectors e_1, e_2 that with k form a right-handed triad."""
    direction = np.array(k, float) / np.linalg.norm(k)
    least = np.zeros(3)
    least[np.argmin(np.abs(direction))] = 1.0
    first = np.cross(least, direction)
    first /= np.linalg.norm(first)
    return first, np.cross(direction, first)


def with_conjugates(field):
    """Add the modes -k of a real field given on a half space: {k: values} for all k."""
    return field | {tuple(-n for n in k): np.conj(value) for k, value in field.items()}

"""How many values a file without a header has along each axis: as the deck or the sides of its box say."""

from __future__ import annotations

import math

from hpcmm.io.field_files.cube import FEWEST_POINTS, FieldFileError, check_points

NEARLY_CUBIC = 1.25
"""Largest ratio of the sides of a cell that is taken for what a box says."""


def points_of(path, count, wanted):
    """Values along x, y, z of ``count`` vectors: ``points`` of the deck; a cube; or cells nearly cubic in ``box``.

    Raises
    ------
    FieldFileError
        Where none of these fixes them.
    """
    if wanted.points is not None:
        if math.prod(wanted.points) != count:
            text = " x ".join(map(str, wanted.points))
            raise FieldFileError(path, f"holds {count} vectors, not {text}", "points")
        return check_points(path, wanted.points)
    side = round(count ** (1 / 3))
    box = wanted.box
    if box is None or max(box) <= min(box) * (1 + 1e-9):
        if side**3 != count:
            message = f"holds {count} vectors, which is no cube: points = [nx, ny, nz] is expected"
            raise FieldFileError(path, message, "points")
        return check_points(path, (side,) * 3)
    found = sorted((_elongation(box, points), points) for points in _factors(count))
    good = [points for ratio, points in found if ratio <= NEARLY_CUBIC]
    if len(good) != 1:
        message = f"the box does not say how {count} vectors fill it: points = [nx, ny, nz] is expected"
        raise FieldFileError(path, message, "points")
    return good[0]


def _elongation(box, points):
    spacing = [side / n for side, n in zip(box, points, strict=True)]
    return max(spacing) / min(spacing)


def _factors(count):
    def divisors(n):
        small = [d for d in range(1, math.isqrt(n) + 1) if n % d == 0]
        return {*small, *(n // d for d in small)}

    for nx in divisors(count):
        for ny in divisors(count // nx):
            if min(nx, ny, count // nx // ny) >= FEWEST_POINTS:
                yield nx, ny, count // nx // ny

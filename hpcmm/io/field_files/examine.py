"""Reads and measures a whole file; refuses what gives wrong numbers: zeros, repeated planes, seams, swapped axes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from hpcmm.io.field_files import open_cube
from hpcmm.io.field_files.cube import Cube, FieldFileError, Wanted
from hpcmm.io.field_files.measures import Measures, measure
from hpcmm.io.field_files.waves import MOST_IN_DOUBLE, Changes, Filter, power_within

LARGEST_DIVERGENCE = 0.3
"""Largest rms div B over rms gradient: 0.49 to 0.64 where axes or components are swapped."""

LARGEST_SEAM = 2.0
"""Largest step across the boundary of a periodic field, over that between neighbours."""

LARGEST_VALUE = 1e100
"""Largest |value|, its inverse the smallest largest one: squares of values must be numbers."""

LEAST_MEAN = 1e-3
"""Least mean field, over the largest value of a component, that is a direction."""

LEAST_LEFT = 1e-12
"""Least share of the power that a filter may leave: below it are the rounding errors of the file's own floats."""

BYTES_TO_MEASURE = 23
"""Memory for each place of a large grid while it is measured: values 12, waves of a component and divergence 4 each,
powers 2."""


@dataclass(frozen=True)
class Examined:
    """A file that has been read once: its description, its measures, and the checksum of its values.

    Attributes
    ----------
    cube : Cube
    box : tuple
        Sides, in `unit`.
    first : tuple
        Place of the first value.
    sized : bool
        True where file or user give the sides; False where they are in cells.
    measures : Measures
        Lengths in the unit of `box`, fields in that of the file.
    checksum : int
    values : array or None
        [z, y, x, component] if asked for.
    left : (float, float, float) or None
        What a filter leaves of the power within its ranges, of that beyond them, and of all.
    """

    cube: Cube
    box: tuple
    first: tuple
    sized: bool
    measures: Measures
    checksum: int
    values: np.ndarray | None
    left: tuple | None


def examine(
    path,
    wanted: Wanted,
    boundary: str | None = None,
    allow_seams: bool = False,
    allow_divergence: bool = False,
    keep: bool = False,
    kept: Filter | None = None,
) -> Examined:
    """Read and measure a file.

    Parameters
    ----------
    path : path
    wanted : Wanted
        ``box`` here overrides that of the file.
    boundary : {"periodic", "mirror", "stop"}, optional
        What is beyond the box. None: periodic, where the file does not say that it is none.
    allow_seams, allow_divergence : bool
        Take a field that is not periodic, or not solenoidal, all the same.
    keep : bool
        Return the values too.
    kept : Filter, optional
        Waves of which the field is made, in rad per unit of the file's own box; ``along`` is taken from its mean.

    Raises
    ------
    FieldFileError
    """
    cube = open_cube(path, wanted, BYTES_TO_MEASURE)
    large = math.prod(cube.points) > MOST_IN_DOUBLE and not keep
    values, words = cube.read_all(np.float32 if large else None)
    if not values.any():
        raise FieldFileError(path, "the field is zero everywhere")
    strongest = max(float(np.abs(plane).max()) for plane in values)
    if not 1 / LARGEST_VALUE < strongest < LARGEST_VALUE:
        message = f"its largest value is {strongest:g}; between {1 / LARGEST_VALUE:g} and {LARGEST_VALUE:g} is expected"
        raise FieldFileError(path, message)
    box, first, sized = placed(cube, wanted)
    periodic = boundary in (None, "periodic")
    if cube.stagger is not None and not periodic:
        message = 'its components are staggered; boundary = "periodic" is expected, or values averaged to one place'
        raise FieldFileError(path, message, "boundary")
    if kept is not None:
        mean = values.mean(axis=(0, 1, 2), dtype=np.float64)
        if np.linalg.norm(mean) < LEAST_MEAN * np.abs(values).max():
            raise FieldFileError(path, "has no mean field, about which a filter could count k_par and k_perp", "filter")
        kept = replace(kept, along=tuple(mean))
    changes = Changes(cube.stagger, filter=kept)
    shares = kept and power_within(values, cube.box or cube.points, kept)
    if not changes.none:
        for component in range(3):
            changes.apply(values, cube.box or cube.points, component)
    left = kept and _left(path, shares, power_within(values, cube.box or cube.points, kept))
    found = measure(values, box, periodic and not allow_seams)
    if found.repeated:
        axes = ", ".join(found.repeated)
        raise FieldFileError(path, f"its last plane along {axes} repeats the first; a file without it is expected")
    if periodic and not allow_seams:
        _check_whole(path, cube, found)
    if found.divergence > LARGEST_DIVERGENCE and not allow_divergence:
        message = (
            f"axes or components look swapped: rms div B is {found.divergence:.2g} of the rms gradient, at most "
            f"{LARGEST_DIVERGENCE} is expected; correct axes, or allow_divergence = true"
        )
        raise FieldFileError(path, message, "axes" if wanted.axes else "file")
    return Examined(cube, box, first, sized, found, words, values if keep else None, left)


def _left(path, before, after):
    """Shares of the power within, beyond and in all that are left; 1 of none."""
    if not sum(before) > 0:
        raise FieldFileError(path, "is uniform: a filter has no waves to leave or to take", "filter")
    if sum(after) < LEAST_LEFT * sum(before):
        raise FieldFileError(path, "its filter takes all waves out: ranges that leave some are expected", "filter")
    shares = [new / old if old > 0 else 1.0 for old, new in zip(before, after, strict=True)]
    return (*shares, sum(after) / sum(before))


def _check_whole(path, cube, found):
    remedy = 'boundary = "stop" or "mirror" is expected, or allow_seams = true'
    if cube.whole is False:
        raise FieldFileError(path, f"is part of a larger box, not periodic: {remedy}", "boundary")
    if found.seam > LARGEST_SEAM:
        message = f"is not periodic: B steps {found.seam:.3g} times as much across the boundary as within; {remedy}"
        raise FieldFileError(path, message, "boundary")


def placed(cube: Cube, wanted: Wanted):
    """Sides, place of the first value, and whether they are known: as the file or the user says; else in cells."""
    cells = [f / s for f, s in zip(cube.first, cube.spacing, strict=True)]
    box = wanted.box or cube.box
    if box is None:
        return tuple(map(float, cube.points)), tuple(cells), False
    if wanted.box is None:
        return cube.box, cube.first, True
    return tuple(box), tuple(c * side / n for c, side, n in zip(cells, box, cube.points, strict=True)), True

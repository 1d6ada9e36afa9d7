"""What every reader of a magnetic field makes of its file: a cube of values, described, and read in pieces.

Nothing that uses a `Cube` knows which layout it came from.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cython_kernels.slab import place
from hpcmm.errors import InputError

LARGEST_PIECE = 2**22
"""Most bytes read in one call, where chunks allow: they are still in the cache when they are converted."""

FEWEST_POINTS = 4
"""Fewest values along an axis."""

PC_SI, UG_SI = 3.0856775814913673e16, 1e-10
"""1 pc in m, 1 uG in T."""


class FieldFileError(InputError):
    """A file of a field cannot be used; ``key`` is the key of the deck that would help."""

    def __init__(self, path, message, key="file"):
        super().__init__(f"{path}: {' '.join(str(message).split())}")
        self.key = key


@dataclass(frozen=True)
class Wanted:
    """What the user says of a file, by the keys of a deck; None or "auto" where nothing is said.

    Attributes
    ----------
    box : tuple of 3 floats or None
        Sides; in which unit is for the caller to know. "file" is None here.
    points : tuple of 3 ints or None
        Values along x, y, z.
    """

    layout: str = "auto"
    dataset: str | None = None
    axes: str | None = None
    components: str | None = None
    values_at: str | None = None
    points: tuple | None = None
    box: tuple | None = None


@dataclass(frozen=True)
class Piece:
    """A part of the file that is read in one call.

    Attributes
    ----------
    component : int or None
        0, 1, 2 for x, y, z; None: all three, along a fourth axis.
    where : tuple of 3 slices
        Along z, y, x of the cube.
    read : callable
        ``read(file)`` -> array [z, y, x]; for all components three of them, or one [z, y, x, component].
    """

    component: int | None
    where: tuple
    read: Callable[[Any], np.ndarray | tuple]


@dataclass(frozen=True)
class Cube:
    """A field on a uniform grid, as its file describes it.

    Attributes
    ----------
    path : str
    layout : str
    points : tuple of int
        Values along x, y, z.
    pieces : list of Piece
        Together all values, each once.
    open : callable
        Context manager whose value each `Piece.read` is given.
    bytes : int
        Bytes of all values as they are stored.
    box : tuple of float or None
        Sides, in `length_unit`; None where the file does not say.
    first : tuple of float
        Place of the first value, in `length_unit`; in cells where `box` is None.
    length_unit : float or None
        [pc]; None where the file does not say.
    field_unit : float or None
        [uG]; None where the file does not say.
    unit_name : str
        Unit of the values for people.
    stagger : tuple or None
        For each component its place less `first` [cells]; None where all are 0.
    whole : bool or None
        Does the file hold a whole period? None where it does not say.
    """

    path: str
    layout: str
    points: tuple
    pieces: list
    open: Callable
    bytes: int
    box: tuple | None = None
    first: tuple = (0.0, 0.0, 0.0)
    length_unit: float | None = None
    field_unit: float | None = None
    unit_name: str = "the file's unit"
    stagger: tuple | None = None
    whole: bool | None = None

    @property
    def spacing(self) -> tuple:
        """Distance between values along x, y, z, in `length_unit`; 1 where there is no box."""
        return tuple(side / n for side, n in zip(self.box or self.points, self.points, strict=True))

    @property
    def dtype(self) -> type:
        """float32 or float64, whichever holds the values as they are stored."""
        return np.float32 if self.bytes <= 12 * math.prod(self.points) else np.float64

    def fill(self, out: np.ndarray, number: int, file, unit: float = 1.0, less=(0.0, 0.0, 0.0)) -> int:
        """Read a piece into ``out`` [z, y, x, component] as (value - less)/unit; returns its checksum."""
        piece = self.pieces[number]
        found = piece.read(file)
        if piece.component is not None:
            first = piece.component
            return _placed(self.path, out[(*piece.where, slice(first, first + 1))], (found,), less[first:], unit)
        target = out[piece.where]
        if isinstance(found, tuple):
            return _placed(self.path, target, found, less, unit)
        as_kept = found.shape == target.shape and found.flags.c_contiguous and target.strides[2] == 3 * target.itemsize
        if as_kept and len({*less}) == 1:
            rows = (*target.shape[:2], -1)
            return _placed(self.path, target.reshape(*rows, 1), (found.reshape(rows),), less, unit)
        return _placed(self.path, target, tuple(found[..., i] for i in range(3)), less, unit)

    def read_all(self, dtype=None) -> tuple:
        """All values, [z, y, x, component], and their checksum; FieldFileError where one is no finite number."""
        out, words = np.empty((*self.points[::-1], 3), dtype or self.dtype), 0
        with self.open() as file:
            for number in range(len(self.pieces)):
                words = add_checksums(words, self.fill(out, number, file))
                self._check_finite(out, number)
        return out, words

    def _check_finite(self, out, number):
        piece = self.pieces[number]
        values = out[piece.where] if piece.component is None else out[(*piece.where, piece.component)]
        if np.isfinite(values).all():
            return
        bad = np.argwhere(~np.isfinite(values))[0]
        z, y, x = (int(i) + part.start for i, part in zip(bad, piece.where, strict=False))
        component = "xyz"[piece.component if piece.component is not None else bad[3]]
        value = values[tuple(bad)]
        raise FieldFileError(
            self.path, f"B_{component} at index ({x}, {y}, {z}) in x, y, z is {value:g}, no finite number"
        )


def _placed(path, target, parts, less, unit):
    """Set ``target`` [z, y, x, part] = (part - less)/unit; returns the checksum of the parts as they are stored."""
    for values in parts:
        if values.shape != target.shape[:3]:
            message = f"a piece has the shape {values.shape}, {target.shape[:3]} is expected"
            raise FieldFileError(path, message)
    one = parts[0]
    alike = all(v.dtype == one.dtype and v.strides == one.strides and v.flags.aligned for v in parts)
    if alike and one.dtype.isnative:
        return place(target, *(parts * 3)[:3], less, unit)
    if len(parts) > 1:
        each = (_placed(path, target[..., i : i + 1], (v,), less[i:], unit) for i, v in enumerate(parts))
        return add_checksums(*each)
    place(target, *3 * (one.astype(one.dtype.newbyteorder("=")),), less, unit)
    return checksum(one)


def checksum(values: np.ndarray) -> int:
    """Sum of the 32-bit words of an array, modulo 2^32: the same however a file is cut into pieces."""
    whole = values if values.flags.c_contiguous or values.flags.f_contiguous else np.ascontiguousarray(values)
    words = whole.ravel(order="K").view(np.uint32)
    return int(np.add.reduce(words, dtype=np.uint32))


def add_checksums(*sums: int) -> int:
    """Checksum of what has these checksums in its parts."""
    return sum(sums) & (2**32 - 1)


def joined(pieces: list) -> list:
    """Pieces along z, y, x of their first values; the three components of a place as one, placed in one pass."""
    places: dict = {}
    for piece in sorted(pieces, key=lambda p: [part.start for part in p.where]):
        places.setdefault(tuple((part.start, part.stop) for part in piece.where), []).append(piece)
    return [one for here in places.values() for one in _joined_place(here)]


def _joined_place(pieces):
    if sorted(p.component if p.component is not None else 3 for p in pieces) != [0, 1, 2]:
        return pieces
    x, y, z = (p.read for p in sorted(pieces, key=lambda p: p.component))
    return [Piece(None, pieces[0].where, lambda file: (x(file), y(file), z(file)))]


def slabs(count: int, bytes_each: int, multiple: int = 1) -> Iterator[slice]:
    """Slices that cut ``count`` planes into pieces of at most `LARGEST_PIECE`, of whole multiples where possible."""
    most = max(1, LARGEST_PIECE // max(1, bytes_each))
    most = max(multiple, most // multiple * multiple) if most >= multiple else most
    for begin in range(0, count, most):
        yield slice(begin, min(count, begin + most))


def order_of(axes: str) -> tuple:
    """Axes of an array indexed as ``axes`` says, in the order z, y, x."""
    return tuple(axes.index(a) for a in "zyx")


def cut(shape, axes: str, component, bytes_each: int, read, multiple: int = 1) -> list:
    """Pieces of an array along its slowest axis.

    Parameters
    ----------
    shape : tuple of 3 ints
        Of the spatial axes, as stored.
    axes : str
        Spatial axes as stored, e.g. "zyx".
    component : int or None
    bytes_each : int
        Bytes of a value.
    read : callable
        ``read(file, slice) -> array`` of a range of the slowest axis, axes as stored, components last.
    multiple : int
        Length of a chunk along the slowest axis.
    """
    order = order_of(axes)
    back = (*order, 3) if component is None else order
    pieces = []
    for part in slabs(shape[0], bytes_each * shape[1] * shape[2], multiple):
        full = [part if i == 0 else slice(0, shape[i]) for i in range(3)]
        where = tuple(full[i] for i in order)
        pieces.append(Piece(component, where, lambda file, part=part: np.transpose(read(file, part), back)))
    return pieces


def check_points(path, points) -> tuple:
    """Numbers of values along the axes as ints; FieldFileError where there are too few."""
    points = tuple(int(n) for n in points)
    if min(points) < FEWEST_POINTS:
        text = " x ".join(map(str, points))
        raise FieldFileError(path, f"{text} values; at least {FEWEST_POINTS} along each axis are expected")
    return points


def check_float(path, dtype, what: str) -> None:
    """Refuse values that are not real floating-point numbers."""
    if np.dtype(dtype).kind != "f" or np.dtype(dtype).itemsize not in (4, 8):
        message = f"{what} holds {dtype}; real numbers of 4 or 8 bytes (float32, float64) are expected"
        raise FieldFileError(path, message)


def check_spacing(path, spacing, what: str) -> None:
    """Refuse spacings that are no lengths."""
    spacing = np.asarray(spacing, dtype=float).ravel()
    if spacing.shape != (3,):
        raise FieldFileError(path, f"{what} has {spacing.size} values; 3 are expected")
    bad = np.flatnonzero(~(np.isfinite(spacing) & (spacing > 0)))
    if len(bad):
        raise FieldFileError(path, f"{what}[{bad[0]}] is {spacing[bad[0]]:g}; a length of more than 0 is expected")


def forbid(path, wanted: Wanted, layout: str, **fixed) -> None:
    """Refuse keys that contradict what a layout itself says; ``fixed``: key -> its value, None where it has none."""
    for key, value in fixed.items():
        said = getattr(wanted, key)
        if said is not None and said != value:
            words = f"the layout '{layout}' says itself" + (f" {key} = {value!r}" if value is not None else "")
            raise FieldFileError(path, f"{words}; leave {key} = {said!r} out", key)


def unit_factor(value: float, base: float) -> float:
    """A unit over another, to 15 digits, so that 1 kpc over 1 pc is 1000."""
    return float(f"{value / base:.14e}")


@contextlib.contextmanager
def nothing():
    """Open nothing: for files whose pieces are read from memory maps."""
    yield None

"""Patches from files: measured once on root, before anything is planned; read once a node into shared memory."""

from __future__ import annotations

import math
import zlib

import numpy as np

from hpcmm.deck.section import SectionError
from hpcmm.errors import InputError
from hpcmm.io import patch_file
from hpcmm.io.field_files.cube import add_checksums
from hpcmm.io.field_files.memory import available
from hpcmm.kinds.transport.config import Config
from hpcmm.run.cubes import Changed, alone

PIECE = 2**24
"""Bytes of patches that are read at once; whole planes of x."""


def completed(config: Config) -> Config:
    """The config with its masks measured; those of a run that goes on are looked at, and compared when they are read.

    Raises
    ------
    SectionError
        Where a file cannot be used.
    """
    plain = None
    for place, section in enumerate(config.scatter):
        if not section.masked:
            continue
        try:
            for name in section.mask:
                patch_file.walk(name)
            shapes = [patch_file.of(name, lambda _, data: data.shape) for name in section.mask]
            _check_shapes(config, section.mask, shapes)
            if section.measured and [m.points for m in section.measured] == shapes:
                continue
            plain = plain or config.plain()
            plain["scatter"][place]["measured"] = [_measured(*pair) for pair in zip(section.mask, shapes, strict=True)]
        except InputError as error:
            raise SectionError(("scatter", place, "mask"), str(error)) from None
    return config if plain is None else Config.from_plain(plain)


def _check_shapes(config, names, shapes):
    for name, shape, field, m in zip(names, shapes, config.from_file.file, config.from_file.measured, strict=True):
        if shape != m.points:
            message = f"{name}: 'patch' has {_times(shape)} values; {_times(m.points)} are expected, those of {field}"
            raise InputError(message)
    need, free = max(map(math.prod, shapes)), available()
    if need > free:
        raise InputError(f"its values need {need / 1e9:.3g} GB of memory, this node has {free / 1e9:.3g} GB")


def _times(shape):
    return " x ".join(map(str, shape))


def _measured(name, shape):
    found = [_read(name, part) for part in _pieces(shape)]
    inside = sum(int(np.count_nonzero(values)) for _, values in found)
    words = add_checksums(*(words for words, _ in found))
    return {"points": list(shape), "filling_fraction": inside / math.prod(shape), "checksum": words}


def _pieces(shape):
    """Slices of planes of x."""
    planes = max(1, PIECE // (shape[1] * shape[2]))
    return [slice(begin, min(shape[0], begin + planes)) for begin in range(0, shape[0], planes)]


def _read(name, part):
    """Checksum and values of some planes, as uint8; InputError where one is not 0 or 1."""
    values = patch_file.of(name, lambda _, data: data[part])
    patch_file.demand_patches(name, values, (part.start, 0, 0))
    values = values.astype(np.uint8)
    # keyed by the plane: the same however the file is cut into pieces
    return add_checksums(*(zlib.crc32(plane, x) for x, plane in enumerate(values, part.start))), values


def load(section, number: int, allocate=np.empty, share=alone):
    """Read a mask into an array that processes share; collective where ``share`` is.

    Parameters
    ----------
    section : Micromirrors
        Measured.
    number : int
        Which of its files.
    allocate, share
        As of `hpcmm.parallel.node.Node`; default: alone.

    Returns
    -------
    array of uint8 (nx, ny, nz)

    Raises
    ------
    Changed
        In all processes, if the file is not the one that was measured.
    """
    m, name = section.measured[number], section.mask[number]
    pieces = _pieces(m.points)
    values, sums = allocate(m.points, np.uint8), allocate((len(pieces),), np.int64)
    failed = []

    def fill(i):
        try:
            sums[i], values[pieces[i]] = _read(name, pieces[i])
        except Exception as error:  # raised below, as other processes wait for this one
            failed.append(error)
            sums[i] = -1

    share(fill, len(pieces))
    if failed:
        raise failed[0]
    if (sums < 0).any() or add_checksums(*map(int, sums)) != m.checksum:
        raise Changed(f"{name}: has changed since it was measured")
    return values


def lines(config: Config) -> list[str]:
    """What was measured of each mask, a line each, for the plan and the log."""
    return [
        f"{name}: {_times(m.points)} values, {m.filling_fraction:.4g} of them in patches"
        for section in config.scatter
        if section.masked and section.measured
        for name, m in zip(section.mask, section.measured, strict=True)
    ]

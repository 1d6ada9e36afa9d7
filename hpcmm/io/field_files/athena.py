"""Athena++ .athdf: blocks of one level, B found by the names of the variables."""

from __future__ import annotations

import h5py
import numpy as np

from hpcmm.io.field_files import hdf5
from hpcmm.io.field_files.cube import Cube, FieldFileError, Piece, check_points, check_spacing, forbid

UNIT = "code unit; gauss = sqrt(4 pi) times sqrt(mass/(length time^2))"


def is_mine(file):
    """True if the file has the attributes of .athdf."""
    return "MeshBlockSize" in file.attrs and "DatasetNames" in file.attrs


def open_cube(path, wanted):
    """Describe a file; see `hpcmm.io.field_files`."""
    forbid(path, wanted, "athena", axes=None, components=None, values_at="centres", points=None)
    with hdf5.opened(path) as file:
        attrs = file.attrs
        if int(attrs.get("MaxLevel", 0)) != 0:
            message = "has refined levels; one level is expected: yt's arbitrary_grid(...).save_as_dataset writes that"
            raise FieldFileError(path, message)
        kind = hdf5.text(attrs.get("Coordinates", "cartesian"))
        if kind != "cartesian":
            raise FieldFileError(path, f"Coordinates are {kind}; cartesian is expected")
        block = np.asarray(attrs["MeshBlockSize"], dtype=int)
        points = check_points(path, np.asarray(attrs["RootGridSize"], dtype=int))
        where = _variables(path, attrs)
        data = [hdf5.dataset(path, file, name, 5) for name, _ in where]
        at = np.asarray(hdf5.there(path, file, "LogicalLocations", h5py.Dataset)[...], dtype=int)
        _check_blocks(path, file, at, block, points)
        shape = (len(at), *block[::-1])
        if any(d.shape[1:] != shape for d in data):
            raise FieldFileError(path, f"{data[0].name} has the shape {data[0].shape}; blocks of {shape} are expected")
        sides = [np.asarray(attrs[f"RootGridX{a}"], dtype=float).ravel() for a in (1, 2, 3)]
        ratios = [side[2] if len(side) > 2 else 1.0 for side in sides]
        if any(abs(r - 1) > 1e-4 for r in ratios):
            raise FieldFileError(path, f"cells grow by {ratios} along x1, x2, x3; a uniform grid is expected")
        box = [float(side[1] - side[0]) for side in sides]
        check_spacing(path, box, "RootGridX, upper less lower end,")
        pieces = [_piece(name, row, c, b, block, at) for c, (name, row) in enumerate(where) for b in range(len(at))]
        return Cube(
            str(path), "athena", points, pieces, lambda: hdf5.opened(path),
            sum(d.nbytes // d.shape[0] for d in data),
            box=tuple(box),
            first=tuple(float(side[0]) + b / n / 2 for side, b, n in zip(sides, box, points)),
            unit_name=UNIT,
        )  # fmt: skip


def _variables(path, attrs):
    """(dataset, row) of Bcc1, Bcc2, Bcc3."""
    names, counts = hdf5.texts(attrs["DatasetNames"]), np.asarray(attrs["NumVariables"], dtype=int).ravel()
    variables, found, begin = hdf5.texts(attrs["VariableNames"]), {}, 0
    for name, count in zip(names, counts, strict=True):
        found |= {v: (name, row) for row, v in enumerate(variables[begin : begin + count])}
        begin += count
    wanted = [f"Bcc{a}" for a in (1, 2, 3)]
    if any(name not in found for name in wanted):
        raise FieldFileError(path, f"holds no Bcc1, Bcc2, Bcc3 (but {', '.join(variables)[:80]})")
    return [found[name] for name in wanted]


def _check_blocks(path, file, at, block, points):
    levels = np.asarray(file["Levels"][...]) if "Levels" in file else np.zeros(len(at), int)
    if levels.any():
        raise FieldFileError(path, "has refined levels; one level is expected: see yt's arbitrary_grid")
    per_axis = np.array(points) // block
    good = at.shape == (len(at), 3) and (at >= 0).all() and (at < per_axis).all() and not (points % block).any()
    if not good or len({*map(tuple, at)}) != len(at) or len(at) != per_axis.prod():
        raise FieldFileError(path, f"its {len(at)} blocks do not fill the grid of {points} once")


def _piece(name, row, component, number, block, at):
    begin = at[number] * block
    where = tuple(slice(int(begin[i]), int(begin[i] + block[i])) for i in (2, 1, 0))
    return Piece(component, where, lambda file: file[name][row, number])

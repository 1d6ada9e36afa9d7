"""tracks.h5: places of some particles at equal intervals of time, for pictures and for estimators along single tracks.

`/position` [row, track, point, axis] displacements from each track's start, `/time` [row, point] path lengths c t from
0 on, `/label` [row] the energy or the filling fraction, `/unit` [track] the statistical unit a track belongs to: tracks
of one unit (a field realization) are correlated. Where there are any: `/direction` as `/position`, `/turns`
[row, track] reversals of a walk on a line, `/origin` [row, track, axis] of the start.
"""

import os
from dataclasses import dataclass, field

import numpy as np

from hpcmm.errors import InputError
from hpcmm.io import hdf5
from hpcmm.io.disk import reserve
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.whole_file import replacing

SCHEMA = 1
OPTIONAL = ("direction", "turns", "origin")

METADATA = 2**18
"""Most bytes that the file has beside its datasets and attributes."""


@dataclass(frozen=True)
class Tracks:
    """Contents of tracks.h5.

    Attributes
    ----------
    position : array [row, track, point, axis]
        Displacement from the start, in `length`.
    time : array [row, point]
        c t at equal intervals, the first 0, in `length`.
    label : array [row]
        Energy or filling fraction of each row.
    unit : array [track] of int
        Statistical unit of each track.
    label_name : str
        "energy" [GeV] or "f_mm".
    length : str
        Unit of length: "pc" or "period".
    direction : array [row, track, point, axis], optional
    turns : array [row, track], optional
        Reversals up to the last time.
    origin : array [row, track, axis], optional
    attributes : dict
        Provenance and the resolved deck.
    """

    position: np.ndarray
    time: np.ndarray
    label: np.ndarray
    unit: np.ndarray
    label_name: str
    length: str
    direction: np.ndarray | None = None
    turns: np.ndarray | None = None
    origin: np.ndarray | None = None
    attributes: dict = field(default_factory=dict)


def write(path, tracks):
    """Write tracks.h5 from one process, whole at any moment.

    Raises
    ------
    OSError
        If there is no room.
    """
    columns = {name: getattr(tracks, name) for name in ("position", "time", "label", "unit", *OPTIONAL)}
    columns = {name: values for name, values in columns.items() if values is not None}
    size = sum(np.asarray(values).nbytes for values in columns.values())
    size += sum(len(str(value)) for value in tracks.attributes.values())
    with replacing(path) as part:
        reserve(part, METADATA + size)
        _write(part, tracks, columns)


def _write(path, tracks, columns):
    with writing(path) as file:
        for name, values in columns.items():
            file.create_dataset(name, data=values)
        for name in ("position", "time", "origin"):
            if name in file:
                file[name].attrs["units"] = tracks.length
        file["label"].attrs["units"] = "GeV" if tracks.label_name == "energy" else "1"
        file.attrs.update({"schema": SCHEMA, "label_name": tracks.label_name, "length": tracks.length})
        file.attrs.update(tracks.attributes)


def read(path):
    """Read tracks.h5.

    Raises
    ------
    InputError
        If it is absent, damaged, no HDF5, of another schema, or its datasets do not fit one another.
    """
    if not os.path.isfile(path):
        raise InputError(f"{path}: no such file; a run keeps tracks if its deck says `[output] trajectories = N`")
    with hdf5.product(path, "tracks file") as file:
        attributes = hdf5.attributes(file)
        schema = attributes.get("schema")
        if schema != SCHEMA:
            raise InputError(f"{path}: schema {schema!s:.20}, this version reads {SCHEMA}")
        found = {name: hdf5.read(file, name) for name in ("position", "time", "label", "unit")}
        found |= {name: hdf5.read(file, name) for name in OPTIONAL if name in file}
        names = {name: str(attributes.pop(name)) for name in ("label_name", "length")}
        fault = _fault(**found)
        if fault:
            raise ValueError(fault)
    return Tracks(**found, **names, attributes=attributes)


def _fault(position, time, label, unit, direction=None, turns=None, origin=None):
    """What is wrong with the datasets, or None."""
    if position.ndim != 4 or position.shape[2] < 2:
        return "position is not [row, track, point, axis]"
    rows, tracks, points, axes = position.shape
    expected = {"time": (time, (rows, points)), "label": (label, (rows,)), "unit": (unit, (tracks,))}
    expected |= {"direction": (direction, position.shape), "turns": (turns, (rows, tracks))}
    expected |= {"origin": (origin, (rows, tracks, axes))}
    for name, (values, shape) in expected.items():
        if values is not None and (values.shape != shape or not np.isfinite(values).all()):
            return f"{name} does not fit"
    steps = np.diff(time, axis=1)
    equal = (steps > 0).all() and np.allclose(steps, steps[:, :1], rtol=1e-6, atol=0)
    if not np.isfinite(position).all() or (time[:, 0] != 0).any() or not equal:
        return "places are no numbers, or times are not equal intervals from 0 on"
    return None

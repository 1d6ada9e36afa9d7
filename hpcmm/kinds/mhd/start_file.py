"""Reads the flow of a snapshot as the start of another run, on any number of points, each rank its own planes."""

import os

import numpy as np

from hpcmm.deck.section import SectionError
from hpcmm.errors import InputError
from hpcmm.io import hdf5, probe
from hpcmm.kinds.mhd.transform import Transforms
from hpcmm.parallel.collective import on_all
from hpcmm.parallel.exchange import to_owners

LEAST, MOST = 8, 16384


def completed(config):
    """The config with the points of its file; as it is where they are known: a run that goes on needs the file no more.

    Raises
    ------
    SectionError
        If the file holds no flow.
    """
    if config.initial.file is None or config.initial.file_points is not None:
        return config
    plain = config.plain()
    try:
        plain["initial"]["file_points"] = points_of(config.initial.file)
    except InputError as error:
        raise SectionError(("initial", "file"), str(error)) from None
    return type(config).from_plain(plain)


def points_of(path):
    """Points a side of a snapshot, of which nothing is read but names and shapes.

    Raises
    ------
    InputError
        If it holds no u and b of a cube.
    """
    if not os.path.isfile(path):
        raise InputError(f"{path}: no such file")
    probe.walk(path, "a snapshot is expected")
    points = _points(path)
    if points % 2 or not LEAST <= points <= MOST:
        raise InputError(f"{path}: {points} points a side; an even number, {LEAST} to {MOST}, is expected")
    return points


class _opened:
    """The file, its points a side, and its six datasets; InputError where it holds none."""

    def __init__(self, path):
        self._path = path

    def __enter__(self):
        try:
            self._file = hdf5.opened(self._path)
            iterations = [name for name in hdf5.item(self._file, "data") if name.isdigit()]
            if len(iterations) != 1:
                raise ValueError(f"one iteration is expected, not {len(iterations)}")
            meshes = f"data/{iterations[0]}/meshes"
            data = [hdf5.dataset(self._file, f"{meshes}/{field}/{axis}") for field in "ub" for axis in "xyz"]
            shape = data[0].shape
            if len(shape) != 3 or len(set(shape)) != 1 or any(d.shape != shape for d in data):
                raise ValueError("the six components of u and b on one cube are expected")
        except hdf5.FAULTS as error:
            raise InputError(f"{self._path}: no snapshot of u and b ({hdf5.fault(error)})") from None
        return self._file, shape[0], data

    def __exit__(self, *_):
        self._file.close()


def read(path, transforms):
    """Collective: read the modes of a snapshot into the modes of this rank; those that the cube has not are left out.

    Parameters
    ----------
    path : str
    transforms : Transforms
        Of the run.

    Returns
    -------
    array (6, z, y, row)
        As `Transforms.empty` lays them out; solenoidal.

    Raises
    ------
    InputError
        On all ranks, if the file has changed since it was checked, or holds what is no finite number.
    """
    comm = transforms.comm
    points = on_all(comm, lambda: _points(path))
    theirs = Transforms(comm, points, "double", "auto")
    rows = []
    for field in range(6):
        values = on_all(comm, lambda field=field: _values(path, field, theirs.points_here))
        theirs.points[...] = values
        modes = theirs.empty(1)[0]
        theirs.forward(modes)
        rows.append(theirs.as_complex(modes).reshape(theirs.side, -1).T / points**3)
    # the columns of the file's modes that this cube has too, by their numbers here; each goes to the rank that keeps it
    y, x = (k.astype(int) for k in theirs.wave[1:])
    y, x = np.repeat(y, len(x)), np.tile(x, len(y))
    K = min(theirs.K, transforms.K)
    kept = (np.abs(y) <= K) & (x <= K)
    columns = (y % transforms.side)[kept] * (transforms.side // 2 + 1) + x[kept]
    along = np.arange(-K, K + 1)
    sent = np.stack(rows, axis=1)[kept][:, :, along % theirs.side]
    theirs.close()
    came, modes = to_owners(comm, transforms.owners()[columns], columns, sent)
    full = np.zeros((len(came), 6, transforms.side), complex)
    full[:, :, along % transforms.side] = modes
    found = transforms.empty(6)
    transforms.set_columns(found, came, full)
    transforms.project(found[:3])
    transforms.project(found[3:])
    return found


def _points(path):
    with _opened(path) as (_, points, _):
        return points


def _values(path, field, here):
    with _opened(path) as (_, _, data):
        try:
            found = data[field][here].astype(float)
        except hdf5.FAULTS as error:
            raise InputError(f"{path}: cannot be read ({hdf5.fault(error)})") from None
    if not np.isfinite(found).all():
        raise InputError(f"{path}: {'ub'[field // 3]}_{'xyz'[field % 3]} holds what is no finite number")
    return found

"""VTKHDF files, which ParaView opens, written with h5py alone: values on a grid, values along lines.

Format: https://docs.vtk.org/en/latest/vtk_file_formats/vtkhdf_file_format, version 2.0, ImageData and PolyData.
"""

import contextlib

import numpy as np

from hpcmm.errors import InputError
from hpcmm.io.disk import reason
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.whole_file import replacing

CELLS = ("Vertices", "Lines", "Polygons", "Strips")


@contextlib.contextmanager
def _group(path, kind):
    """Open the group VTKHDF of a new file, which takes its place only when complete."""
    try:
        with replacing(path) as part, writing(part) as file:
            group = file.create_group("VTKHDF")
            group.attrs["Version"] = np.array([2, 0], "<i8")
            # a string of fixed length, as VTK asks
            group.attrs.create("Type", kind.encode("ascii"), dtype=f"S{len(kind)}")
            yield group
    except OSError as error:
        raise InputError(f"{path}: cannot write the file there ({reason(error)})") from None


def write_image(path, values, corner, spacing, name):
    """Write values on a grid of cubic cells.

    Parameters
    ----------
    path : path
    values : array [nx, ny, nz]
    corner : array [axis]
        Place of values[0, 0, 0].
    spacing : float
    name : str
        Name of the values.
    """
    with _group(path, "ImageData") as group:
        extent = [end for n in values.shape for end in (0, n - 1)]
        group.attrs["WholeExtent"] = np.array(extent, "<i8")
        group.attrs["Origin"] = np.array(corner, "<f8")
        group.attrs["Spacing"] = np.full(3, spacing, "<f8")
        group.attrs["Direction"] = np.eye(3).ravel()
        # x is the fastest axis of VTK
        group.create_group("PointData").create_dataset(_named(name), data=np.asarray(values, "<f4").T)


def write_lines(path, places, values):
    """Write polylines.

    Parameters
    ----------
    path : path
    places : array [line, point, axis]
    values : dict
        Name -> array [line * point], line by line.
    """
    lines, points = places.shape[:2]
    with _group(path, "PolyData") as group:
        group["NumberOfPoints"] = np.array([lines * points], "<i8")
        group["Points"] = places.reshape(-1, 3).astype("<f8")
        for kind in CELLS:
            own = (lines, points) if kind == "Lines" else (0, 0)
            group[f"{kind}/NumberOfCells"] = np.array([own[0]], "<i8")
            group[f"{kind}/NumberOfConnectivityIds"] = np.array([own[0] * own[1]], "<i8")
            group[f"{kind}/Connectivity"] = np.arange(own[0] * own[1], dtype="<i8")
            group[f"{kind}/Offsets"] = np.arange(own[0] + 1, dtype="<i8") * own[1]
        data = group.create_group("PointData")
        for name, found in values.items():
            data.create_dataset(_named(name), data=np.asarray(found, "<f8"))


def _named(name):
    """Name of a dataset without slashes, which would make groups."""
    return name.replace("/", "_over_")

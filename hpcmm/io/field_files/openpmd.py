"""openPMD 1.x and 2.0, written by hpcmm and many plasma codes: a mesh B (or b) of three components."""

from __future__ import annotations

import re

import h5py
import numpy as np

from hpcmm.io.field_files import hdf5
from hpcmm.io.field_files.cube import (
    PC_SI,
    UG_SI,
    Cube,
    FieldFileError,
    check_points,
    check_spacing,
    forbid,
    unit_factor,
)

FIELD = (0.0, 1.0, -2.0, -1.0, 0.0, 0.0, 0.0)
"""unitDimension of a magnetic field."""

OWN_UNITS = ((0.0,) * 7, (1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0))
"""unitDimension of fields in units of a code, and of Alfven velocities."""


def is_mine(file):
    """True if the file says that it is openPMD."""
    return "openPMD" in file.attrs


def open_cube(path, wanted):
    """Describe a file; see `hpcmm.io.field_files`."""
    forbid(path, wanted, "openpmd", axes=None, components=None, points=None)
    with hdf5.opened(path) as file:
        mesh, name = mesh_of_field(path, file, wanted)
        axes, reverse = axes_of(path, mesh)
        attrs = mesh.attrs
        _check_geometry(path, attrs, name)
        spacing = np.asarray(attrs["gridSpacing"], dtype=float).ravel()
        check_spacing(path, spacing, f"{name} gridSpacing")
        offset = np.asarray(attrs["gridGlobalOffset"], dtype=float).ravel()
        # the attributes follow axisLabels; the array of a Fortran writer is indexed in the opposite order
        labels = axes[::-1] if reverse else axes
        order = [labels.index(a) for a in "xyz"]
        data = [hdf5.dataset(path, mesh, c, 3) for c in "xyz"]
        if len({d.shape for d in data}) > 1:
            raise FieldFileError(path, f"{name}/x, y, z have different shapes: {[d.shape for d in data]}")
        points = check_points(path, (data[0].shape[axes.index(a)] for a in "xyz"))
        places = np.array([np.asarray(d.attrs.get("position", np.zeros(3)), float).ravel() for d in data])
        if places.shape != (3, 3) or not np.isfinite(places).all() or not np.isfinite(offset).all():
            raise FieldFileError(path, f"{name}: position and gridGlobalOffset of 3 finite numbers are expected")
        places = places[:, order]
        units = {float(d.attrs.get("unitSI", 1.0)) for d in data}
        if len(units) > 1 or not all(np.isfinite(u) and u > 0 for u in units):
            raise FieldFileError(path, f"{name}: one unitSI of more than 0 is expected, not {sorted(units)}")
        forbid(path, wanted, "openpmd", values_at=_values_at(places))
        own = tuple(np.asarray(attrs.get("unitDimension", FIELD), float).ravel()) in OWN_UNITS
        step = spacing[order]
        lower = places.max(axis=0)  # cell centres of a staggered file
        pieces = [piece for c in range(3) for piece in hdf5.pieces(data[c], axes, c)]
        box = _box(path, attrs, step, points)
        unit = float(attrs.get("gridUnitSI", 1.0))
        return Cube(
            str(path), "openpmd", points, pieces, lambda: hdf5.opened(path), sum(d.nbytes for d in data),
            box=box,
            first=tuple(float(v) for v in offset[order] + lower * step),
            length_unit=None if own else unit_factor(unit, PC_SI),
            field_unit=None if own else unit_factor(units.pop(), UG_SI),
            unit_name="the unit of the code that wrote the file" if own else "uG",
            stagger=None if np.ptp(places, axis=0).max() == 0 else tuple(map(tuple, (places - lower).tolist())),
        )  # fmt: skip


def mesh_of_field(path, file, wanted):
    """The mesh of B, and its name: of the last iteration, or of the one that ``dataset`` names."""
    if wanted.dataset:
        return hdf5.there(path, file, wanted.dataset, h5py.Group), wanted.dataset
    base = re.sub(r"%0?\d*T", "*", hdf5.text(file.attrs.get("basePath", "/data/%T/"))).strip("/").split("/")[0]
    iterations = [n for n in hdf5.names(hdf5.there(path, file, base, h5py.Group)) if n.isdigit()]
    if not iterations:
        raise FieldFileError(path, f"/{base} holds no iteration")
    if len(iterations) > 1:
        known = ", ".join(sorted(iterations, key=int))[:60]
        message = f'holds iterations {known}: dataset = "/{base}/N/meshes/B" is expected'
        raise FieldFileError(path, message, "dataset")
    place = f"{base}/{iterations[0]}/{hdf5.text(file.attrs.get('meshesPath', 'meshes/')).strip('/')}"
    meshes = hdf5.names(hdf5.there(path, file, place, h5py.Group))
    found = [name for name in ("B", "b") if name in meshes]
    if not found:
        raise FieldFileError(path, f"/{place} holds no B (but {', '.join(meshes)[:60]})", "dataset")
    return hdf5.there(path, file, f"{place}/{found[0]}", h5py.Group), f"/{place}/{found[0]}"


def axes_of(path, mesh):
    """Axes of the arrays as h5py indexes them; True if axisLabels are the other way round."""
    labels = "".join(hdf5.texts(mesh.attrs["axisLabels"]))
    if sorted(labels) != ["x", "y", "z"]:
        raise FieldFileError(path, f"{mesh.name} axisLabels are {labels!r}; x, y, z in some order are expected")
    reverse = hdf5.text(mesh.attrs.get("dataOrder", "C")) == "F"
    return (labels[::-1], True) if reverse else (labels, False)


def _check_geometry(path, attrs, name):
    geometry = hdf5.text(attrs.get("geometry", "cartesian"))
    if geometry != "cartesian":
        raise FieldFileError(path, f"{name} geometry is {geometry}; cartesian is expected")
    dimension = tuple(np.asarray(attrs.get("unitDimension", FIELD), float).ravel().tolist())
    if dimension != FIELD and dimension not in OWN_UNITS:
        raise FieldFileError(path, f"{name} unitDimension is {list(dimension)}, no magnetic field {list(FIELD)}")


def _box(path, attrs, step, points):
    """Sides: spacing times points, or the sides themselves, which hpcmm writes beside, to the last bit."""
    box = [float(s * n) for s, n in zip(step, points, strict=True)]
    own = np.asarray(attrs.get("hpcmmBox", box), dtype=float).ravel()
    if own.shape != (3,) or not np.allclose(own, box, rtol=1e-9, atol=0):
        raise FieldFileError(path, f"hpcmmBox is {own.tolist()}, but gridSpacing says {box}")
    return tuple(own.tolist())


def _values_at(places):
    if (places == 0.0).all():
        return "nodes"
    return "centres" if (places == 0.5).all() else None

"""Writes a field as openPMD 1.1: mesh B of three components, [z, y, x] in C order, at nodes or cell centres."""

from __future__ import annotations

import numpy as np

from hpcmm.io.field_files.cube import PC_SI, UG_SI
from hpcmm.io.field_files.openpmd import FIELD
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.whole_file import replacing

SHARED = ("geometry", "dataOrder", "axisLabels", "gridSpacing", "gridGlobalOffset", "gridUnitSI", "timeOffset")
"""Attributes that meshes of one grid share."""


def write(path, values, box, first, length_unit, field_unit, software, attributes=None, density=None) -> None:
    """Write a cube that `hpcmm.io.field_files.openpmd` reads back bit for bit.

    Parameters
    ----------
    path : path
    values : array [z, y, x, component]
        float32 or float64, kept as they are.
    box : tuple of 3 floats
        Sides, in ``length_unit``.
    first : tuple of 3 floats
        Place of the first value [cells].
    length_unit : float or None
        [pc]; None: of no known unit.
    field_unit : float or None
        [uG]; None: of no known unit.
    software : str
    attributes : dict, optional
        More attributes of the mesh.
    density : array [z, y, x], optional
        Of electrons or ions, in any unit, at the same places: mesh n.
    """
    points = values.shape[2::-1]
    with replacing(path) as part, writing(part) as file:
        text = np.bytes_
        file.attrs.update(
            openPMD=text("1.1.0"), openPMDextension=np.uint32(0), basePath=text("/data/%T/"),
            meshesPath=text("meshes/"), iterationEncoding=text("groupBased"), iterationFormat=text("/data/%T/"),
            software=text(software),
        )  # fmt: skip
        step = file.create_group("data/0")
        step.attrs.update(time=0.0, dt=1.0, timeUnitSI=1.0)
        mesh = step.create_group("meshes/B")
        spacing = [side / n for side, n in zip(box, points, strict=True)]
        mesh.attrs.update(
            geometry=text("cartesian"), dataOrder=text("C"), axisLabels=np.array([text(a) for a in "zyx"]),
            gridSpacing=np.array(spacing[::-1]), gridGlobalOffset=np.zeros(3),
            gridUnitSI=1.0 if length_unit is None else length_unit * PC_SI,
            unitDimension=np.array(FIELD if field_unit is not None else (0.0,) * 7), timeOffset=0.0,
            hpcmmBox=np.array(box, dtype=float),
        )  # fmt: skip
        mesh.attrs.update(attributes or {})
        for c, name in enumerate("xyz"):
            data = mesh.create_dataset(name, data=np.ascontiguousarray(values[..., c]))
            data.attrs.update(
                unitSI=1.0 if field_unit is None else field_unit * UG_SI, position=np.array(first[::-1], float)
            )
        if density is not None:
            n = step.create_dataset("meshes/n", data=np.ascontiguousarray(density))
            n.attrs.update({key: mesh.attrs[key] for key in SHARED})
            n.attrs.update(unitDimension=np.zeros(7), unitSI=1.0, position=np.array(first[::-1], float))

"""Writes a snapshot as openPMD 1.1: meshes B, u of vectors and n at nodes, pressure of the tensor in cells, [z, y, x].

Lengths are r_gi0, physical at the snapshot; B in B_0, n in n_0, u in v_A0, pressure in n_0 m_i v_A0^2.
"""

import math

import numpy as np

from hpcmm import __version__
from hpcmm.io.disk import reserve
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.whole_file import replacing
from hpcmm.kinds.hybrid_pic.history import gathered
from hpcmm.kinds.hybrid_pic.plasma import INSIDE
from hpcmm.parallel.collective import on_root

PAIRS = ("xx", "yy", "zz", "xy", "xz", "yz")
"""Components of the pressure."""

MESHES = {"B": "xyz", "u": "xyz", "n": (None,), "pressure": PAIRS}
"""Mesh -> its components, in order of the gathered array."""


def pressure(plasma):
    """Pressure tensor in the cells of a brick [6, x, y, z], of all markers; integers, as their order is free."""
    store, box = plasma.markers, plasma.box
    J = box.lengths(plasma.time).prod()
    fastest = 32 * math.sqrt(max(plasma.physics.T)) / box.lengths(plasma.time).min()
    unit = 2.0 ** math.floor(math.log2(2**38 / max(fastest, 1.0) ** 2))
    valid = np.arange(store.capacity) < store.count[:, None]
    w = [np.where(valid, store.rows[:, 3 + d], 0).astype(float) for d in range(3)]
    number = np.maximum(store.count, 1)
    mean = [np.rint(v * unit).sum(axis=1) / unit / number for v in w]
    found = []
    for pair in PAIRS:
        i, j = ("xyz".index(a) for a in pair)
        square = np.rint(w[i] * w[j] * unit).sum(axis=1) / unit / number
        found.append((square - mean[i] * mean[j]) * store.count / (plasma.physics.per_cell * J))
    padded = np.zeros((6, *plasma.density.shape))
    padded[INSIDE] = np.array(found).reshape(6, *plasma.bricks.shape)
    return padded


def write(run, name, plasma):
    """Collective: write one file, whole at any moment.

    Raises
    ------
    OSError
    """
    J = plasma.box.lengths(plasma.time).prod()
    u = plasma.current / plasma.density
    parts = [plasma.magnetic(), u, plasma.density[None] / J, pressure(plasma)]
    found = gathered(plasma, np.concatenate(parts))
    on_root(run.comm, lambda: _put(run.directory / name, found.astype("<f4"), plasma, run.config, run.provenance))


def _put(path, fields, plasma, config, attributes):
    text, L = np.bytes_, plasma.box.lengths(plasma.time)
    box = np.array(config.box.size) * L
    spacing = box / np.array(config.box.cells)
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as part:
        reserve(part, 2**16 + fields.nbytes)
        with writing(part) as file:
            file.attrs.update(
                openPMD=text("1.1.0"), openPMDextension=np.uint32(0), basePath=text("/data/%T/"),
                meshesPath=text("meshes/"), iterationEncoding=text("groupBased"), iterationFormat=text("/data/%T/"),
                software=text("hpcmm"), softwareVersion=text(__version__),
            )  # fmt: skip
            for key, value in attributes.items():
                file.attrs[f"hpcmm_{key}"] = value
            step = file.create_group(f"data/{plasma.steps}")
            step.attrs.update(time=plasma.time, dt=plasma.physics.step, timeUnitSI=1.0, s=plasma.time / plasma.box.tau)
            first = 0
            for name, components in MESHES.items():
                at = np.full(3, 0.5) if name == "pressure" else np.zeros(3)
                facts = {
                    "geometry": text("cartesian"), "dataOrder": text("C"), "gridGlobalOffset": np.zeros(3),
                    "axisLabels": np.array([text(a) for a in "zyx"]), "gridSpacing": spacing[::-1].copy(),
                    "gridUnitSI": 1.0, "unitDimension": np.zeros(7), "timeOffset": 0.0, "hpcmmBox": box,
                    "hpcmmLengths": L,
                }  # fmt: skip
                for component in components:
                    place = f"meshes/{name}/{component}" if component else f"meshes/{name}"
                    data = step.create_dataset(place, data=np.ascontiguousarray(fields[first].T))
                    data.attrs.update(unitSI=1.0, position=at)
                    first += 1
                step[f"meshes/{name}"].attrs.update(facts)

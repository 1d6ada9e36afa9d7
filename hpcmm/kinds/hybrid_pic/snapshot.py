"""Writes a snapshot as openPMD 1.1: meshes B, u of vectors and n at nodes, pressure of the tensor in cells, [z, y, x].

Lengths are r_gi0, physical at the snapshot; B in B_0, n in n_0, u in v_A0, pressure in n_0 m_i v_A0^2.
"""

import math
import os

import numpy as np

from hpcmm import __version__
from hpcmm.io.disk import reserve
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.whole_file import part_of
from hpcmm.kinds.hybrid_pic.plasma import INSIDE
from hpcmm.parallel.collective import on_root
from hpcmm.run import mesh_parts

PAIRS = ("xx", "yy", "zz", "xy", "xz", "yz")
"""Components of the pressure."""

MESHES = {"B": "xyz", "u": "xyz", "n": (None,), "pressure": PAIRS}
"""Mesh -> its components, in order of the gathered array."""


CELLS_AT_ONCE = 4096
"""Cells whose markers are summed at a time, so that little memory is needed beside them."""


def pressure(plasma):
    """Pressure tensor in the cells of a brick [6, x, y, z], of all markers; integers, as their order is free."""
    store, box = plasma.markers, plasma.box
    J = box.lengths(plasma.time).prod()
    fastest = 32 * math.sqrt(max(plasma.physics.T)) / box.lengths(plasma.time).min()
    unit = 2.0 ** math.floor(math.log2(2**38 / max(fastest, 1.0) ** 2))
    found = np.empty((6, len(store.count)))
    for first in range(0, len(store.count), CELLS_AT_ONCE):
        here = slice(first, first + CELLS_AT_ONCE)
        count = store.count[here]
        valid, number = np.arange(store.capacity) < count[:, None], np.maximum(count, 1)
        w = [np.where(valid, store.rows[here, 3 + d], 0).astype(float) for d in range(3)]
        mean = [np.rint(v * unit).sum(axis=1) / unit / number for v in w]
        for q, pair in enumerate(PAIRS):
            i, j = ("xyz".index(a) for a in pair)
            square = np.rint(w[i] * w[j] * unit).sum(axis=1) / unit / number
            found[q, here] = (square - mean[i] * mean[j]) * count / (plasma.physics.per_cell * J)
    return found.reshape(6, *plasma.bricks.shape)


def write(run, name, plasma):
    """Collective: write one file, whole at any moment; each rank its share.

    Raises
    ------
    OSError, AloneError
    """
    path, bricks = run.directory / name, plasma.bricks
    part, J = part_of(path), plasma.box.lengths(plasma.time).prod()

    def lay_out():
        path.parent.mkdir(exist_ok=True)
        _lay_out(part, plasma, run.config, run.provenance)

    on_root(run.comm, lay_out)
    fields = [*plasma.magnetic()[INSIDE], *(plasma.current / plasma.density)[INSIDE], plasma.density[INSIDE] / J]
    fields += [*pressure(plasma)]
    place = tuple(slice(f, f + n) for f, n in zip(bricks.first[::-1], bricks.shape[::-1], strict=True))
    mesh_parts.write(
        run.comm, part, [(at, place, field.T) for at, field in zip(datasets(plasma.steps), fields, strict=True)]
    )
    on_root(run.comm, lambda: os.replace(part, path))


def datasets(steps):
    """Datasets of a snapshot after so many steps, in order of `MESHES`."""
    names = [f"{name}/{c}" if c else name for name, components in MESHES.items() for c in components]
    return [f"data/{steps}/meshes/{name}" for name in names]


def _lay_out(part, plasma, config, attributes):
    """Write all of the file but the values, and reserve room for those."""
    text, L = np.bytes_, plasma.box.lengths(plasma.time)
    box, cells = np.array(config.box.size) * L, config.box.cells
    spacing, places = box / np.array(cells), datasets(plasma.steps)
    reserve(part, 2**16 + 4 * len(places) * math.prod(cells))
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
        step.create_group("meshes")
        for name in ("B", "u", "pressure"):
            step.create_group(f"meshes/{name}")
        for place in places:
            group, _, leaf = place.rpartition("/")
            cell_centred = group.endswith("pressure")
            data = mesh_parts.lay_out(file[group], leaf, cells[::-1])
            data.attrs.update(unitSI=1.0, position=np.full(3, 0.5) if cell_centred else np.zeros(3))
        facts = {
            "geometry": text("cartesian"), "dataOrder": text("C"), "gridGlobalOffset": np.zeros(3),
            "axisLabels": np.array([text(a) for a in "zyx"]), "gridSpacing": spacing[::-1].copy(),
            "gridUnitSI": 1.0, "unitDimension": np.zeros(7), "timeOffset": 0.0, "hpcmmBox": box,
            "hpcmmLengths": L,
        }  # fmt: skip
        for name in MESHES:
            step[f"meshes/{name}"].attrs.update(facts)

"""Small cubes of one known field in the layouts of other codes, written as those codes write them.

On a box of sides L, with X = 2 pi (x/L_x + .07), Y = 2 pi (y/L_y + .11), Z = 2 pi (z/L_z + .19):
B = (sin Z + .6 cos Y + .05, .8 sin X + cos Z - .1, .6 sin Y + .8 cos X + .2). No swap of axes or components, no flip
and no shift by half a cell leaves its values as they are. div B = 0, mean (.05, -.1, .2), <|B|^2> = 2.0525 on any grid,
and l_c = L/2 of a cube.
"""

import struct

import h5py
import numpy as np

RMS, MEAN = np.sqrt(2.0525), (0.05, -0.10, 0.20)
KPC = 3.0856775814913673e19


def field(x, y, z, box):
    """Values at places, shape (3, ...)."""
    X, Y, Z = (2 * np.pi * (v / side + phase) for v, side, phase in zip((x, y, z), box, (0.07, 0.11, 0.19)))
    return np.stack(np.broadcast_arrays(
        np.sin(Z) + 0.6 * np.cos(Y) + MEAN[0], 0.8 * np.sin(X) + np.cos(Z) + MEAN[1],
        0.6 * np.sin(Y) + 0.8 * np.cos(X) + MEAN[2],
    ))  # fmt: skip


def cube(points=(8, 8, 8), box=(1.0, 1.0, 1.0), shift=0.5):
    """Values at (i + shift) spacings, [x, y, z, component]."""
    shifts = np.broadcast_to(shift, 3)
    places = [(np.arange(n) + s) * side / n for n, side, s in zip(points, box, shifts)]
    return np.moveaxis(field(*np.meshgrid(*places, indexing="ij"), box), 0, -1)


def openpmd(path, points=(8, 8, 8), box=(1.0, 1.0, 1.0), order="C", axes="zyx", shift=0.5, staggered=False, **changed):
    """OpenPMD 1.1 in kpc and uG; ``axes``: axisLabels; ``changed``: attributes of the mesh."""
    with h5py.File(path, "w") as file:
        file.attrs.update(openPMD=b"1.1.0", basePath=b"/data/%T/", meshesPath=b"meshes/")
        mesh = file.create_group("data/0/meshes/B")
        seen = axes[::-1] if order == "F" else axes
        labels = ["xyz".index(a) for a in axes]
        mesh.attrs.update({
            "geometry": b"cartesian", "dataOrder": order.encode(), "axisLabels": [a.encode() for a in axes],
            "gridSpacing": np.array([box[i] / points[i] for i in labels]), "gridGlobalOffset": np.zeros(3),
            "gridUnitSI": KPC, "unitDimension": [0.0, 1, -2, -1, 0, 0, 0],
        } | changed)  # fmt: skip
        for c, name in enumerate("xyz"):
            at = [0.0 if i == c else 0.5 for i in range(3)] if staggered else [shift] * 3
            values = cube(points, box, at)[..., c].transpose(["xyz".index(a) for a in seen])
            data = mesh.create_dataset(name, data=np.ascontiguousarray(values))
            data.attrs.update(unitSI=1e-10, position=np.array([at[i] for i in labels]))


def jhtdb(path, values, spacing, first=(0, 0, 0)):
    """A cutout of giverny: values [x, y, z, component]."""
    with h5py.File(path, "w") as file:
        file["magneticfield_0001"] = values.transpose(2, 1, 0, 3).astype("f4")
        for name, n, begin in zip(("xcoor", "ycoor", "zcoor"), values.shape, first):
            file[name] = ((np.arange(n) + begin) * spacing).astype("f4")


def _blocks(values, blocks, at):
    """Values [x, y, z, component] as (component, block, z, y, x)."""
    n = [size // blocks for size in values.shape[:3]]
    parts = [values[tuple(slice(i * m, (i + 1) * m) for i, m in zip(place, n))] for place in at]
    return np.array(parts).transpose(4, 0, 3, 2, 1)


def athena(path, levels=0, coordinates=b"cartesian", variables=(b"Bcc1", b"Bcc2", b"Bcc3")):
    """Athena++ 8^3 in blocks of 4^3, out of order, big-endian."""
    at = [(i, j, k) for k in (0, 1) for j in (0, 1) for i in (0, 1)]
    at = np.array(at)[[0, 1, 2, 4, 3, 5, 6, 7]]
    with h5py.File(path, "w") as file:
        names = [b"rho", b"press", *variables]
        file.attrs.update({
            "Coordinates": coordinates, "RootGridSize": np.array([8, 8, 8], ">i4"), "MaxLevel": np.int32(levels),
            "MeshBlockSize": np.array([4, 4, 4], ">i4"), "DatasetNames": [b"prim", b"B"],
            "NumVariables": np.array([2, 3], ">i4"), "VariableNames": names,
        } | {f"RootGridX{a}": np.array([0.0, 1.0, 1.0], ">f4") for a in (1, 2, 3)})  # fmt: skip
        file["LogicalLocations"] = at.astype(">i8")
        file["Levels"] = np.zeros(8, ">i4")
        file["prim"] = np.ones((2, 8, 4, 4, 4), ">f4")
        file["B"] = _blocks(cube(), 2, at).astype(">f4")


def flash(path, levels=(1,) * 8):
    """FLASH 8^3 in leaves of 4^3."""
    at = [(i, j, k) for k in (0, 1) for j in (0, 1) for i in (0, 1)]
    with h5py.File(path, "w") as file:
        file["bounding box"] = np.array([[[p / 2, p / 2 + 0.5] for p in place] for place in at])
        file["node type"], file["refine level"] = np.ones(8, "i4"), np.array(levels, "i4")
        for name, values in zip(("magx", "magy", "magz"), _blocks(cube(), 2, at)):
            file[name] = values.astype("f4")
        words = [(b"unitsystem".ljust(80), b"none".ljust(80)), (b"xl_boundary_type".ljust(80), b"periodic".ljust(80))]
        file["string runtime parameters"] = np.array(words, dtype=[("name", "S80"), ("value", "S80")])


def pluto(path, points=(8, 10, 12), box=(1.0, 1.25, 1.8)):
    """PLUTO's cells and the corners between them."""
    with h5py.File(path, "w") as file:
        for c in range(3):
            file[f"Timestep_0/vars/Bx{c + 1}"] = cube(points, box)[..., c].transpose(2, 1, 0)
        nodes = np.meshgrid(*(np.arange(n + 1) * side / n for n, side in zip(points, box)), indexing="ij")
        for name, places in zip("XYZ", nodes):
            file[f"node_coords/{name}"] = places.transpose(2, 1, 0).astype("f4")
            file[f"cell_coords/{name}"] = places[:-1, :-1, :-1].transpose(2, 1, 0).astype("f4")


def yt_grid(path, points=(8, 10, 12), box=(1.0, 1.25, 1.8)):
    """A covering grid as yt saves it: gauss, [x, y, z]."""
    with h5py.File(path, "w") as file:
        file.attrs.update(data_type="yt_data_container", left_edge=np.zeros(3), left_edge_units="code_length",
                          length_unit=1.0, length_unit_units="kpc")  # fmt: skip
        for c, name in enumerate("xyz"):
            file[f"grid/magnetic_field_{name}"] = cube(points, box)[..., c] * 1e-6
            file[f"grid/magnetic_field_{name}"].attrs["units"] = "G"
            file[f"grid/d{name}"] = np.full(points, box[c] / points[c])


def ramses(path, points=(8, 10, 12), box=(1.0, 1.25, 1.8)):
    """Three files, of the names that ``path`` with "{x,y,z}" stands for."""
    for c, name in enumerate("xyz"):
        values = cube(points, box)[..., c].ravel("F").astype("<f4").tobytes()
        head = struct.pack("<i3ii", 12, *points, 12)
        with open(str(path).replace("{x,y,z}", name), "wb") as file:
            file.write(head + struct.pack("<i", len(values)) + values + struct.pack("<i", len(values)))

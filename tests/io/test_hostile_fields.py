"""Files that are no good field are refused in one line that says why, before any memory is taken for them."""

import h5py
import numpy as np
import pytest

import hpcmm
from hpcmm.errors import InputError
from tests.io import foreign_fields as foreign

XYZ = {"axes": "xyz", "box": 1.0}


def npy(make):
    return "a.npy", lambda path: np.save(path, make(foreign.cube())), XYZ


def spoilt(value):
    def make(values):
        values[3, 4, 5, 1] = value
        return values

    return make


def repeated(values):
    return np.concatenate([values, values[:1]])


def huge(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("magneticfield_0001", (4096, 4096, 4096, 3), "f4", chunks=(64, 64, 64, 3))


def hollow(path):
    with h5py.File(path, "w") as file:
        data = file.create_dataset("magneticfield_0001", (64, 64, 64, 3), "f4", chunks=(16, 64, 64, 3))
        data[:16] = 1.0


def link(path):
    with h5py.File(path, "w") as file:
        file["magneticfield_0001"] = h5py.ExternalLink("/etc/passwd", "/x")


def without_y(path):
    foreign.openpmd(path)
    with h5py.File(path, "a") as file:
        del file["data/0/meshes/B/y"]


def unequal(path):
    without_y(path)
    with h5py.File(path, "a") as file:
        file["data/0/meshes/B/y"] = np.ones((8, 8, 7))


def truncated(path):
    foreign.openpmd(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4000])


def arepo(path):
    with h5py.File(path, "w") as file:
        file["PartType0/Coordinates"] = file["PartType0/MagneticField"] = np.ones((9, 3))


def pmd(**changed):
    return "a.h5", lambda path: foreign.openpmd(path, **changed), {}


def swapped(path):
    np.save(path, foreign.cube((16, 16, 16)).transpose(1, 0, 2, 3))


def raw(make):
    data = foreign.cube().astype("<f4").tobytes()
    return "a.raw", lambda path: path.write_bytes(make(data)), {"box": 1.0}


CASES = {
    "no number": (*npy(spoilt(np.nan)), r"B_y at index \(3, 4, 5\) in x, y, z is nan"),
    "infinite": (*npy(spoilt(np.inf)), "is inf, no finite number"),
    "too large": (*npy(spoilt(1e200)), "its largest value is 1e\\+200"),
    "a damaged header": (
        "a.npy", lambda p: p.write_bytes(b"\x93NUMPY\x01\0\x10\0{'shape': (((((((("), XYZ,
        "cannot be read as a NumPy array",
    ),
    "a box too large": (*pmd(gridSpacing=[1e200, 0.125, 0.125]), "sides and units between"),
    "one component": (*npy(lambda v: v[..., 0]), "three spatial axes and one of 3 components"),
    "two components": (*npy(lambda v: v[..., :2]), "an axis of 3 components is expected"),
    "two axes": (*npy(lambda v: v[:, :, 0]), "three spatial axes and one of 3 components"),
    "zero": (*npy(lambda v: 0 * v), "zero everywhere"),
    "complex": (*npy(lambda v: v + 0j), "complex128; real numbers"),
    "whole numbers": (*npy(lambda v: (9 * v).astype("i4")), "int32; real numbers"),
    "objects": (*npy(lambda v: np.array([{}], dtype=object)), "cannot be read as a NumPy array"),
    "few": (*npy(lambda v: v[:, :2]), "at least 4 along each axis"),
    "no axes": ("a.npy", lambda p: np.save(p, foreign.cube()), {}, "axes = \"xyz\""),
    "ambiguous": (*npy(lambda v: np.ones((3, 3, 3, 3))), "components = \"last\" or \"first\" is expected"),
    "end plane repeated": (*npy(repeated), "last plane along x repeats the first"),
    "axes swapped": ("a.npy", swapped, XYZ, "axes or components look swapped"),
    "short": (*raw(lambda d: d[:-12]), "points = \\[nx, ny, nz\\] is expected"),
    "long": (*raw(lambda d: d + b"\0" * 12), "points = \\[nx, ny, nz\\] is expected"),
    "odd": (*raw(lambda d: d[:-1]), "no whole number of vectors"),
    "empty": (*raw(lambda d: b""), "no whole number of vectors"),
    "no vector": ("a.txt", lambda p: p.write_text("# x\n1 2 3\n4 five 6\n"), {}, "line 3: three numbers are expected"),
    "no HDF5": ("a.h5", lambda p: p.write_text("hello\n"), {}, "is no HDF5 file"),
    "truncated": ("a.h5", truncated, {}, "cannot be read as HDF5"),
    "a component missing": ("a.h5", without_y, {}, "holds no y"),
    "shapes differ": ("a.h5", unequal, {}, "have different shapes"),
    "not cartesian": (*pmd(geometry=b"thetaMode"), "cartesian is expected"),
    "two spacings": (*pmd(gridSpacing=[0.125, 0.125]), "3 are expected"),
    "spacing no number": (*pmd(gridSpacing=[0.125, np.nan, 0.125]), r"gridSpacing\[1\] is nan"),
    "spacing negative": (*pmd(gridSpacing=[0.125, -0.125, 0.125]), r"gridSpacing\[1\] is -0.125"),
    "wrong dimension": (*pmd(unitDimension=[1.0, 1, -3, -1, 0, 0, 0]), "no magnetic field"),
    "refined": ("a.athdf", lambda p: foreign.athena(p, levels=1), {}, "refined levels"),
    "spherical": ("a.athdf", lambda p: foreign.athena(p, coordinates=b"spherical_polar"), {}, "cartesian is expected"),
    "no B": ("a.athdf", lambda p: foreign.athena(p, variables=(b"u", b"v", b"w")), {}, "holds no Bcc1"),
    "mixed levels": ("flash_plt", lambda p: foreign.flash(p, (1,) * 7 + (2,)), {}, "several levels"),
    "moving mesh": ("a.hdf5", arepo, {}, "arbitrary_grid"),
    "a cutout": (
        "a.h5",
        lambda p: foreign.jhtdb(p, foreign.cube((16,) * 3, (2 * np.pi,) * 3, 0.0)[2:10, 3:11, 4:12], np.pi / 8),
        {}, "part of a larger box",
    ),
    "a seam": (
        "a.npy", lambda p: np.save(p, foreign.cube((16,) * 3, shift=0.0)[2:10, 3:11, 4:12]), XYZ,
        "is not periodic: B steps",
    ),
    "a link": ("a.h5", link, {}, "a link to another file"),
    "a claim": ("a.h5", huge, {}, "GB of memory, this node has"),
    "a claim half written": ("a.h5", hollow, {}, "1 of its 4 chunks were written"),
    "absent": ("a.h5", lambda p: None, {}, "no such file"),
    "a contradiction": ("a.h5", foreign.openpmd, {"values_at": "nodes"}, "leave values_at = 'nodes' out"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_is_no_field_is_refused(tmp_path, case):
    name, write, keys, words = CASES[case]
    write(tmp_path / name)
    with pytest.raises(InputError, match=words) as refusal:
        hpcmm.open_field(tmp_path / name, **keys)
    assert str(refusal.value).startswith(str(tmp_path / name))
    assert "\n" not in str(refusal.value)


def test_a_cutout_is_read_where_nothing_is_beyond_it(tmp_path):
    values = foreign.cube((32,) * 3, (2 * np.pi,) * 3, 0.0)[2:18, 3:19, 4:20]
    foreign.jhtdb(tmp_path / "a.h5", values, np.pi / 16, (2, 3, 4))
    found = hpcmm.open_field(tmp_path / "a.h5", boundary="stop")
    np.testing.assert_allclose(found.B.value, values, atol=1e-6)
    np.testing.assert_allclose(found.first.value, np.array([2, 3, 4]) * np.pi / 16, rtol=1e-6)
    np.testing.assert_allclose(found.box.value, np.pi, rtol=1e-6)
    assert found.seam > 2
    assert found.div_B < 0.01

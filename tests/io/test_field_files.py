"""Every layout of a field gives the values, places and units that its code wrote; what no content says is asked for."""

import numpy as np
import pytest

import hpcmm
from hpcmm.errors import InputError
from hpcmm.io.field_files import LAYOUTS
from tests.io import foreign_fields as foreign

N3, L3 = (8, 10, 12), (1.0, 1.25, 1.8)
UNIT, TWO_PI = (1.0, 1.0, 1.0), (2 * np.pi,) * 3


def raw(path, points=(8, 8, 8), box=UNIT):
    foreign.cube(points, box).astype("<f4").tofile(path)


def text(path):
    np.savetxt(path, foreign.cube().reshape(-1, 3), fmt="%.9e", header="one vector a line")


def legacy(path):
    import h5py

    with h5py.File(path, "w") as file:
        file["_dataset"], file["b00000"] = [4], foreign.cube(box=TWO_PI, shift=0.0).transpose(2, 1, 0, 3).astype("f4")


CASES = {
    "openpmd": ("a.h5", foreign.openpmd, {}, (8, 8, 8), UNIT, 0.5, "uG"),
    "openpmd of Fortran": ("a.h5", lambda p: foreign.openpmd(p, order="F", axes="xyz"), {}, (8, 8, 8), UNIT, 0.5, "uG"),
    "openpmd xyz": ("a.h5", lambda p: foreign.openpmd(p, N3, L3, axes="xyz", shift=0.0), {}, N3, L3, 0.0, "uG"),
    "openpmd staggered": ("a.h5", lambda p: foreign.openpmd(p, staggered=True), {}, (8, 8, 8), UNIT, 0.5, "uG"),
    "numpy zyx": (
        "a.npy", lambda p: np.save(p, foreign.cube().transpose(2, 1, 0, 3)),
        {"axes": "zyx", "values_at": "centres", "box": 1.0}, (8, 8, 8), UNIT, 0.5, "",
    ),
    "numpy big-endian": (
        "a.npy", lambda p: np.save(p, foreign.cube(shift=0.0).astype(">f8")),
        {"axes": "xyz", "box": UNIT}, (8, 8, 8), UNIT, 0.0, "",
    ),
    "numpy Fortran order": (
        "a.npy", lambda p: np.save(p, np.asfortranarray(foreign.cube(N3, L3))),
        {"axes": "xyz", "values_at": "centres", "box": L3}, N3, L3, 0.5, "",
    ),
    "numpy components first": (
        "a.npy", lambda p: np.save(p, foreign.cube().transpose(3, 2, 1, 0).astype("f4")),
        {"axes": "zyx", "values_at": "centres", "box": 1.0}, (8, 8, 8), UNIT, 0.5, "",
    ),
    "npz": (
        "a.npz", lambda p: np.savez(p, **dict(zip(("Bx", "By", "Bz"), np.moveaxis(foreign.cube(), -1, 0)))),
        {"axes": "xyz", "values_at": "centres", "box": 1.0}, (8, 8, 8), UNIT, 0.5, "",
    ),
    "npz packed": (
        "a.npz", lambda p: np.savez_compressed(p, **dict(zip(("Bx", "By", "Bz"), np.moveaxis(foreign.cube(), -1, 0)))),
        {"axes": "xyz", "values_at": "centres", "box": 1.0}, (8, 8, 8), UNIT, 0.5, "",
    ),
    "crpropa_raw": ("a.raw", raw, {"box": 1.0}, (8, 8, 8), UNIT, 0.5, "T"),
    "crpropa_raw by its box": ("a.raw", lambda p: raw(p, N3, L3), {"box": L3}, N3, L3, 0.5, "T"),
    "crpropa_raw by points": ("a.dat", lambda p: raw(p, N3, L3), {
        "box": L3, "points": N3, "layout": "crpropa_raw"}, N3, L3, 0.5, "T"),
    "crpropa_text": ("a.txt", text, {"box": 1.0}, (8, 8, 8), UNIT, 0.5, "T"),
    "jhtdb": ("a.h5", lambda p: foreign.jhtdb(p, foreign.cube(box=TWO_PI, shift=0.0), 2 * np.pi / 8), {},
              (8, 8, 8), TWO_PI, 0.0, ""),
    "jhtdb, every second point": (
        "a.h5", lambda p: foreign.jhtdb(p, foreign.cube((16,) * 3, TWO_PI, 0.0)[::2, ::2, ::2], 2 * np.pi / 8), {},
        (8, 8, 8), TWO_PI, 0.0, "",
    ),
    "jhtdb of before": ("a.h5", legacy, {"box": TWO_PI}, (8, 8, 8), TWO_PI, 0.0, ""),
    "athena": ("a.athdf", foreign.athena, {}, (8, 8, 8), UNIT, 0.5, ""),
    "flash": ("a_hdf5_plt_cnt_0000", foreign.flash, {}, (8, 8, 8), UNIT, 0.5, "3.54491e+06 uG"),
    "pluto": ("a.dbl.h5", foreign.pluto, {}, N3, L3, 0.5, ""),
    "yt": ("a.h5", foreign.yt_grid, {}, N3, L3, 0.5, "G"),
    "ramses": ("a_B{x,y,z}.bin", foreign.ramses, {"box": L3}, N3, L3, 0.5, ""),
}  # fmt: skip


def test_all_layouts_have_a_case():
    assert {name.split()[0].replace("npz", "numpy").strip(",") for name in CASES} == set(LAYOUTS)


@pytest.mark.parametrize("case", CASES)
def test_a_layout_gives_its_field(tmp_path, case):
    name, write, keys, points, box, shift, unit = CASES[case]
    write(tmp_path / name)
    found = hpcmm.open_field(tmp_path / name, **keys)
    scale = 1e6 if unit == "G" else 1.0
    assert found.layout == case.split()[0].replace("npz", "numpy").strip(",")
    assert str(found.B.unit) == unit
    np.testing.assert_allclose(found.B.value * scale, foreign.cube(points, box, shift), rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.box.value, box, rtol=1e-6)
    np.testing.assert_allclose(found.first.value, shift * found.spacing.value, atol=1e-7)
    assert found.rms.value * scale == pytest.approx(foreign.RMS, rel=1e-6)
    np.testing.assert_allclose(found.mean.value * scale, foreign.MEAN, atol=1e-6)
    assert found.div_B < 1e-6
    assert found.seam == pytest.approx(1.0, abs=1e-6)
    if box[0] == box[2]:
        assert found.l_c.value == pytest.approx(box[0] / 2, rel=1e-6)
    k, E = found.spectrum
    assert (E.sum() * k[0]).value * scale**2 == pytest.approx(2.0, rel=1e-6)


def test_ten_pieces_make_the_same_cube_and_checksum(tmp_path, monkeypatch):
    from hpcmm.io.field_files import cube as cubes
    from hpcmm.io.field_files import open_cube

    foreign.openpmd(tmp_path / "a.h5", N3, L3)
    whole = open_cube(tmp_path / "a.h5")
    monkeypatch.setattr(cubes, "LARGEST_PIECE", 8 * 80 * 2)
    cut = open_cube(tmp_path / "a.h5")
    assert len(whole.pieces) == 1
    assert len(cut.pieces) == 6
    for one, other in zip(whole.read_all(), cut.read_all()):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("axes", ["xyz", "zyx", "yxz"])
def test_what_is_written_reads_back_bit_for_bit(tmp_path, dtype, axes):
    B = np.random.default_rng(1).normal(size=(5, 6, 7, 3)).astype(dtype)
    box = (0.1, 1 / 3, np.pi)
    hpcmm.write_field(tmp_path / "f.h5", B, box=box, unit="nG", axes=axes, values_at="centres")
    found = hpcmm.open_field(tmp_path / "f.h5", allow_divergence=True, allow_seams=True)
    assert found.B.value.tobytes() == np.ascontiguousarray(B.transpose(*(axes.index(a) for a in "xyz"), 3)).tobytes()
    assert found.B.unit == "nG"
    assert tuple(found.box.value) == box
    in_kpc = hpcmm.open_field(
        tmp_path / "f.h5", box=["1 kpc", "2 kpc", "3 pc"], allow_divergence=True, allow_seams=True
    )
    assert in_kpc.box.to_value("pc").tolist() == [1000, 2000, 3]


def test_what_is_written_bears_quantities(tmp_path):
    from astropy import units

    hpcmm.write_field(tmp_path / "f.h5", foreign.cube() * units.nT, box=2 * units.kpc)
    found = hpcmm.open_field(tmp_path / "f.h5")
    assert found.rms.to_value("uG") == pytest.approx(10 * foreign.RMS)
    assert found.box.to_value("kpc").tolist() == [2, 2, 2]
    with pytest.raises(InputError, match="no finite number"):
        hpcmm.write_field(tmp_path / "g.h5", np.full((4, 4, 4, 3), np.nan), box=1.0)
    assert not (tmp_path / "g.h5").exists()

"""Patches of a file in transport: bits of all and none, shares of a slab, ranks and restart, what is refused."""

import h5py
import numpy as np
import pytest

from hpcmm import open_run
from tests import decks
from tests.kinds.transport import cubes
from tests.products import bytes_of, datasets

ENERGY = ["30 EeV", "100 EeV"]


def mask(path, values):
    """Write patches [x, y, z]; returns the path as text."""
    with h5py.File(path, "w") as file:
        file["patch"] = values
    return str(path)


def slab(points=32, share=0.25, dtype="u1"):
    return np.broadcast_to((np.arange(points) < share * points)[:, None, None], (points,) * 3).astype(dtype)


def deck(file, *more, **how):
    """Two energies through a cube of 500 kpc, kicked hard in the patches; a checkpoint every 0.2 s."""
    text = {"run": {"particles": 150}, "stepping": {"path_length": "1 Mpc", "step": "0.5 kpc", "samples": 20}}
    return cubes.deck(file, *more, energy=ENERGY, output={"checkpoint_interval": "0.2 s"}, **(text | how))


def gate(*files, **keys):
    return decks.mirrors("30 kpc", gate="file", mask=list(files) if len(files) > 1 else files[0], **keys)


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    return cubes.written(tmp_path_factory.mktemp("field") / "g.h5")


def test_all_and_none_have_the_bits_of_open_and_shut_gates(run_deck, field, tmp_path):
    """All ones: a gate of field strength that is open everywhere; zeros: the run without mirrors, plan and lags too."""
    strong = decks.mirrors("30 kpc", gate="field_strength", filling_fraction=1.0)
    for name, values, same in (("ones", np.ones, [strong]), ("zeros", np.zeros, [])):
        found = run_deck(deck(field, gate(mask(tmp_path / f"{name}.h5", values((32,) * 3)))), name=name).directory
        expected = run_deck(deck(field, *same), name=f"{name}_twin").directory
        assert datasets(found / "moments.h5") == datasets(expected / "moments.h5")


def test_a_slab_is_entered_as_often_as_its_volume_says(run_deck, field, tmp_path):
    """The share of particles in the first step, turned and shifted at random, 2 x 24 x 128 of them; and of its files.

    A quarter within 4 standard errors of a binomial, 0.0078 each of 3072.
    """
    file = mask(tmp_path / "slab.h5", slab(dtype="f8"))
    run = run_deck(deck(field, gate(file), run={"realizations": 24, "particles": 128}))
    for row in run.table:
        assert abs(row["f_mm_volume"] - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 3072)
        assert row["f_mm_time"] == pytest.approx(0.25, abs=0.05)  # a particle's mates share its field: no binomial
    assert run.config.scatter[0].measured[0].filling_fraction == 0.25


@pytest.mark.mpi
def test_bytes_do_not_depend_on_ranks_nor_on_a_stop(done, field, tmp_path):
    """Two fields and their masks in turn; on one and two ranks, and extended; a file that ends."""
    fields = [field, cubes.written(tmp_path / "other.h5", seed=2)]
    files = [mask(tmp_path / "a.h5", slab()), mask(tmp_path / "b.h5", 1 - slab(share=0.5))]
    how = {"run": {"particles": 100, "realizations": 4}, "boundary": "stop"}
    (tmp_path / "deck.toml").write_text(deck(fields, gate(*files), **how))
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "1")
    whole = bytes_of(tmp_path / "1")
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "2", ranks=2)
    assert bytes_of(tmp_path / "2") == whole
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "grown", "--set", "run.realizations=1")
    done("extend", tmp_path / "grown", "--realizations", "4", ranks=2)
    assert bytes_of(tmp_path / "grown") == whole
    assert (open_run(tmp_path / "1").table["f_mm_time"] > 0).all()


def test_a_plan_tells_what_was_measured(done, field, tmp_path):
    (tmp_path / "deck.toml").write_text(deck(field, gate(mask(tmp_path / "slab.h5", slab()))))
    said = done("check", tmp_path / "deck.toml").stdout
    assert "slab.h5: 32 x 32 x 32 values, 0.25 of them in patches" in said


REFUSED = {
    "shape": (lambda p: mask(p, slab(16)), {}, "16 x 16 x 16 values; 32 x 32 x 32 are expected, those of"),
    "values": (lambda p: mask(p, 2 * slab(dtype="f4")), {}, "'patch' at [0, 0, 0] is 2; 0 or 1 is expected"),
    "nan": (lambda p: mask(p, slab(dtype="f4") / slab()), {}, "is nan; 0 or 1 is expected"),
    "absent": (lambda p: str(p), {}, "no such file"),
    "no HDF5": (lambda p: str(p.write_text("x") and p), {}, "an HDF5 file is expected"),
    "text": (lambda p: mask(p, b"abc"), {}, "of three axes of numbers is expected"),
    "fraction": (lambda p: mask(p, slab()), {"filling_fraction": 0.3}, "the patches are those of mask"),
    "B_star": (lambda p: mask(p, slab()), {"B_star": "3 uG"}, "the patches are those of mask"),
    "no gate": (lambda p: mask(p, slab()), {"gate": "none"}, 'gate = "file" is expected with it'),
    "two masks": (lambda p: [mask(p, slab())] * 2, {}, "2 masks of 1 files"),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a NaN is made
@pytest.mark.parametrize("case", REFUSED)
def test_bad_masks_are_refused_in_a_line(hpcmm, field, tmp_path, case):
    make, keys, words = REFUSED[case]
    table = {"gate": "file", "mask": make(tmp_path / "m.h5")} | keys
    (tmp_path / "deck.toml").write_text(deck(field, decks.mirrors("30 kpc", **table)))
    ended = hpcmm("check", tmp_path / "deck.toml")
    assert ended.returncode == 2, ended.stdout
    assert words in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_mask_needs_a_field_of_a_file(hpcmm, tmp_path):
    (tmp_path / "deck.toml").write_text(decks.transport("30 EeV", decks.waves(), gate("m.h5")))
    ended = hpcmm("check", tmp_path / "deck.toml")
    assert ended.returncode == 2
    assert "lie in the box of a field_file" in ended.stderr


@pytest.mark.mpi
def test_a_mask_that_changed_is_noticed(done, hpcmm, field, tmp_path):
    """When it is read, on any number of ranks."""
    file = mask(tmp_path / "slab.h5", slab())
    (tmp_path / "deck.toml").write_text(deck(field, gate(file)))
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "run")
    (tmp_path / "run" / "moments.h5").unlink()
    for path in (tmp_path / "run" / "checkpoint").iterdir():
        path.unlink()
    mask(tmp_path / "slab.h5", np.roll(slab(), 1, axis=0))
    for ranks in (1, 2):
        ended = hpcmm("restart", tmp_path / "run", ranks=ranks)
        assert ended.returncode == 2, ended.stderr
        assert "slab.h5: has changed since it was measured" in ended.stderr

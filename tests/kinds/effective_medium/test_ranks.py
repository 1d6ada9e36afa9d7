"""A run of kind effective_medium from deck to table on ranks, from files, and where something is missing."""

import subprocess
import sys

import h5py
import numpy as np
import pytest

from hpcmm import open_run

pytest.importorskip("petsc4py")
pytestmark = pytest.mark.mpi

DECK = """
title = "patches"
[run]
kind = "effective_medium"
seed = 3
[effective_medium]
grid = [12, 12, 12]
kappa_patch = "1e29 cm2/s"
kappa_background = "1e31 cm2/s"
morphology = "field_threshold"
filling_fraction = [0.0, 0.3, 1.0]
realizations = 2
"""
FROM_FILE = """
[run]
kind = "effective_medium"
[effective_medium]
grid = [16, 8, 4]
morphology = "file"
"""
PHASES = """
kappa_patch = "1e29 cm2/s"
kappa_background = "1e31 cm2/s"
"""


@pytest.fixture(scope="module")
def runs(done, tmp_path_factory):
    """{ranks: run directory} of the same deck."""
    top = tmp_path_factory.mktemp("medium")
    (top / "deck.toml").write_text(DECK)
    for ranks in (1, 2, 4):
        assert "HS+" in done("run", top / "deck.toml", "--out", top / str(ranks), ranks=ranks).stdout
    return {ranks: top / str(ranks) for ranks in (1, 2, 4)}


@pytest.mark.parametrize("ranks", [2, 4])
def test_ranks_agree_to_the_tolerance_of_the_solver(runs, ranks):
    one, many = open_run(runs[1]), open_run(runs[ranks])
    assert list(one.table["filling_fraction_measured"]) == list(many.table["filling_fraction_measured"])
    np.testing.assert_allclose(one.tensor.value, many.tensor.value, rtol=1e-8, atol=1e-8 * one.tensor.value.max())


def test_columns_and_bounds_of_the_product(runs):
    run = open_run(runs[2])
    table = run.table
    assert table.colnames[0] == "filling_fraction"
    wanted = {f"kappa_{i}" for i in ("xx", "xy", "xz", "yy", "yz", "zz", "iso", "iso_err", "iso_discretization")}
    assert wanted | {"harmonic", "arithmetic", "hs_lower", "hs_upper", "iterations"} <= set(table.colnames)
    assert table["kappa_iso"].unit == "cm2 / s"
    assert np.abs(table["filling_fraction_measured"] - table["filling_fraction"]).max() <= 0.5 / 24**3
    for name, exact in (("filling_fraction", [0.0, 0.3, 1.0]), ("realizations", [2, 2, 2])):
        assert list(table[name]) == exact
    np.testing.assert_allclose(table["kappa_iso"][[0, 2]].value, [1e31, 1e29], rtol=1e-12)
    row = table[1]
    assert row["harmonic"] < row["hs_lower"] < row["kappa_iso"] < row["hs_upper"] < row["arithmetic"]
    assert row["kappa_iso_lower"] < row["kappa_iso"] < row["kappa_iso_upper"]
    both = np.hypot(row["kappa_iso_discretization"], row["kappa_iso_realizations"])
    assert row["kappa_iso_err"] == both > 0
    for tensor in run.tensor.value:
        assert (tensor == tensor.T).all()
        assert np.linalg.eigvalsh(tensor).min() > 0


def test_finished_run_is_shown_and_restarted(runs, done):
    before = (runs[2] / "kappa.ecsv").read_bytes()
    for command, words in (("kappa", "HS+"), ("status", "6 of 6"), ("restart", "HS+")):
        assert words in done(command, runs[2]).stdout
    assert (runs[2] / "kappa.ecsv").read_bytes() == before


@pytest.fixture
def stored(hpcmm, tmp_path):
    """Run a deck on a file of one dataset, on two ranks."""

    def call(name, data, ranks=2):
        with h5py.File(tmp_path / "patches.h5", "w") as file:
            file[name] = data
        phases = PHASES if name == "patch" else ""
        (tmp_path / "deck.toml").write_text(f'{FROM_FILE}file = "{tmp_path / "patches.h5"}"{phases}\n')
        return hpcmm("run", tmp_path / "deck.toml", "--out", tmp_path / "run", "--overwrite", ranks=ranks)

    return call


def test_files_of_patches_and_of_kappa_mean_the_same(stored, tmp_path):
    """Half-filled planes along z: harmonic along x where they alternate, in the order of the file's axes."""
    patch = np.zeros((16, 8, 4), dtype="u1")
    patch[::2] = 1
    tensors = []
    for name, data in (("patch", patch), ("kappa", np.where(patch, 1e29, 1e31))):
        ended = stored(name, data, ranks=2 if name == "patch" else 1)
        assert ended.returncode == 0, ended.stderr
        run = open_run(tmp_path / "run")
        tensors.append(run.tensor.value[0])
        exact = [2 / (1e-29 + 1e-31), *2 * ((1e29 + 1e31) / 2,)]
        np.testing.assert_allclose(tensors[-1], np.diag(exact), rtol=1e-8, atol=1e22)
        assert np.isnan(run.table["hs_upper"][0].value) == (name == "kappa")
    np.testing.assert_allclose(tensors[0], tensors[1], rtol=1e-10, atol=1e22)


@pytest.mark.parametrize(("name", "bad", "words"), [("patch", 2.0, "0 or 1 is expected"), ("kappa", -1.0, "cm2/s")])
def test_wrong_values_in_a_file_are_refused_in_a_line(stored, name, bad, words):
    data = np.ones((16, 8, 4))
    data[3, 5, 3] = bad
    refused = stored(name, data, ranks=2 if name == "patch" else 1)
    assert refused.returncode == 2, refused.stderr
    assert refused.stderr.count("hpcmm: ") == 1
    assert words in refused.stderr
    assert "at [3, 5, 3]" in refused.stderr


def test_without_petsc_one_line_says_how_to_get_it(environment, tmp_path):
    (tmp_path / "deck.toml").write_text(DECK)
    program = "import sys; sys.modules['petsc4py'] = None; from hpcmm.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "run", tmp_path / "deck.toml", "--out", tmp_path / "run"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "make setup" in done.stderr
    assert not (tmp_path / "run").exists()

"""A run with kappa_perp from deck to table, on one rank and on two."""

import numpy as np
import pytest

from hpcmm import open_run

pytest.importorskip("petsc4py")
pytestmark = pytest.mark.mpi

DECK = """
title = "along and across"
[run]
kind = "effective_medium"
seed = 3
[effective_medium]
grid = [12, 12, 12]
kappa_patch = "1e29 cm2/s"
kappa_background = "1e31 cm2/s"
kappa_perp_patch = "1e27 cm2/s"
kappa_perp_background = "1e28 cm2/s"
morphology = "field_threshold"
filling_fraction = [0.0, 0.2]
box = "400 kpc"
[medium]
B_rms = "3 uG"
l_c = "80 kpc"
[[field]]
model = "uniform"
B = "2 uG"
[[field]]
model = "plane_waves"
l_max = "400 kpc"
l_min = "140 kpc"
modes = 32
"""


@pytest.fixture(scope="module")
def runs(done, tmp_path_factory):
    """{ranks: run directory} of the same deck."""
    top = tmp_path_factory.mktemp("anisotropic")
    (top / "deck.toml").write_text(DECK)
    for ranks in (1, 2):
        told = done("run", top / "deck.toml", "--out", top / str(ranks), ranks=ranks).stdout
        assert "difference of two grids" in told
    return {ranks: top / str(ranks) for ranks in (1, 2)}


def test_ranks_agree_to_the_tolerance_of_the_solver(runs):
    """Its tolerance is 1e-8; kappa errs by less."""
    one, two = open_run(runs[1]), open_run(runs[2])
    assert list(one.table["filling_fraction_measured"]) == list(two.table["filling_fraction_measured"])
    np.testing.assert_allclose(one.tensor.value, two.tensor.value, rtol=1e-8, atol=1e-8 * one.tensor.value.max())


def test_columns_of_the_product(runs):
    run = open_run(runs[2])
    for row, tensor in zip(run.table, run.tensor.value, strict=True):
        assert 1e27 < np.linalg.eigvalsh(tensor).min() < np.linalg.eigvalsh(tensor).max() < 1e31
        assert tensor[2, 2] == np.diag(tensor).max()  # along the guide
        assert row["harmonic"] < row["kappa_iso"] < row["arithmetic"]
        assert row["kappa_xx_discretization"] > 0
        assert np.isnan(row["kappa_iso_lower"].value)
        assert np.isnan(row["hs_upper"].value)
        assert row["iterations"] > 100
    assert run.table.meta["kappa_perp_patch"] == 1e27
    assert "no bounds" in run.table.meta["kappa"]


@pytest.mark.parametrize("name", ["layers", "spheres"])
def test_kappa_of_shapes_in_a_straight_field_is_exact(done, tmp_path, name):
    """A guide along z, nothing varies along it: kappa_zz of layers is arithmetic, kappa_xx harmonic, of kappa_perp."""
    deck = DECK[: DECK.index('[[field]]\nmodel = "plane')].replace("field_threshold", name)
    deck = deck.replace("[0.0, 0.2]", "[0.25]").replace("12, 12, 12", "16, 16, 16")
    (tmp_path / "deck.toml").write_text(deck)
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "run")
    row, tensor = open_run(tmp_path / "run").table[0], open_run(tmp_path / "run").tensor.value[0]
    if name == "layers":
        across = [1 / (0.25 / 1e27 + 0.75 / 1e28), 0.25e27 + 0.75e28]
        np.testing.assert_allclose(np.diag(tensor), [*across, 0.25e29 + 0.75e31], rtol=1e-8)
        assert row["kappa_iso_discretization"].value < 1e-8 * row["kappa_iso"].value
    assert row["realizations"] == 1
    assert row["kappa_iso_realizations"].value == 0.0


def test_solve_that_does_not_converge_is_reported_in_a_line(hpcmm, tmp_path):
    (tmp_path / "deck.toml").write_text(DECK)
    few = {"PETSC_OPTIONS": "-hpcmm_cell_ksp_max_it 5"}
    refused = hpcmm("run", tmp_path / "deck.toml", "--out", tmp_path / "run", more=few)
    assert refused.returncode == 2
    assert refused.stderr.count("hpcmm: the solver stopped after 5 iterations") == 1


def test_wrong_deck_is_refused_in_a_line_on_two_ranks(hpcmm, tmp_path):
    (tmp_path / "deck.toml").write_text(DECK.replace('"1e27 cm2/s"', '"1e30 cm2/s"'))
    refused = hpcmm("run", tmp_path / "deck.toml", "--out", tmp_path / "run", ranks=2)
    assert refused.returncode == 2
    assert refused.stderr.count("hpcmm: ") == 1
    assert "kappa_perp_patch" in refused.stderr

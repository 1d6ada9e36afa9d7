"""Decks with kappa_perp: what they mean, the lines with which wrong ones are refused, rows of the table."""

import numpy as np
import pytest

from hpcmm import kinds
from hpcmm.deck.load import DeckError, load_deck
from hpcmm.deck.validate import resolved_toml
from hpcmm.kinds import config_from_plain, read_config
from hpcmm.kinds.effective_medium import plan
from hpcmm.kinds.effective_medium.magnetized_medium import directions
from hpcmm.kinds.effective_medium.products import kappa_rows
from hpcmm.kinds.effective_medium.tensor import estimate_on_two_grids
from hpcmm.kinds.effective_medium.two_grids import coarser

MEDIUM = """
title = "across"
[run]
kind = "effective_medium"
[effective_medium]
grid = [16, 16, 16]
kappa_patch = "1e31 cm2/s"
kappa_background = "1e30 cm2/s"
kappa_perp_patch = "1e25 cm2/s"
kappa_perp_background = "1e24 cm2/s"
morphology = "spheres"
filling_fraction = [0.0, 0.3]
realizations = 3
box = "400 kpc"
[medium]
B_rms = "3 uG"
l_c = "80 kpc"
"""
GUIDE = """
[[field]]
model = "uniform"
B = "2 uG"
direction = [1, 2, 2]
"""
GOOD = MEDIUM + GUIDE
WAVES = """
[[field]]
model = "plane_waves"
l_max = "400 kpc"
l_min = "100 kpc"
modes = 32
"""
TANGLED = GOOD + WAVES
ACROSS = 'kappa_perp_background = "1e24 cm2/s"\n'
NONE = ACROSS + 'morphology = "spheres"'

WRONG = [
    (GOOD, ACROSS, "", "effective_medium.kappa_perp_background", "of both media, or of none"),
    (GOOD, '"1e25 cm2/s"', '"1e32 cm2/s"', "effective_medium.kappa_perp_patch", "1 to 1e+08 times as much"),
    (GOOD, '"1e25 cm2/s"', '"1e22 cm2/s"', "effective_medium.kappa_perp_patch", "not 1e+09"),
    (GOOD, '"1e25 cm2/s"', "1e25", "effective_medium.kappa_perp_patch", "needs a unit"),
    (GOOD, "kappa_perp_patch", "kappa_prep_patch", "effective_medium.kappa_prep_patch", "did you mean"),
    (GOOD, '"spheres"', '"file"\nfile = "patches.h5"', "effective_medium.morphology", "a file has no field"),
    (GOOD, "realizations", "samples = 2\nrealizations", "effective_medium.samples", "one direction a cell"),
    (GOOD, "[16, 16, 16]", "[16, 15, 16]", "effective_medium.grid[1]", "8 and more, even, not 15"),
    (GOOD, "[16, 16, 16]", "[16, 16, 6]", "effective_medium.grid[2]", "8 and more, even, not 6"),
    (GOOD, GUIDE, "", "effective_medium.kappa_perp_patch", "a [[field]] is expected"),
    (GOOD, 'box = "400 kpc"\n', "", "field", "needs 'box'"),
    (GOOD, '"spheres"', '"field_threshold"', "field", "one [[field]] of plane_waves is expected, not 0"),
    (TANGLED, "modes = 32", 'modes = 32\ngeometry = "slab"', "field[1].geometry", 'kind = "transport" alone has slab'),
    (TANGLED + WAVES, "across", "more", "field", "plane_waves is expected, not 2"),
    (TANGLED, '"100 kpc"', '"90 kpc"', "field[1].l_min", "waves of four cells"),
    (GOOD + '[[field]]\nmodel = "uniform"\nB = "2 uG"\ndirection = [-1, -2, -2]\n', "across", "none", "field",
     "have no direction"),
]  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def call(text, *overrides):
        path = tmp_path / "medium.toml"
        path.write_text(text)
        return kinds.read(path, overrides)[1]

    return call


@pytest.mark.parametrize(("deck", "good", "bad", "key", "words"), WRONG)
def test_wrong_decks_are_refused_in_a_line(read, deck, good, bad, key, words):
    assert good in deck
    with pytest.raises(DeckError) as caught:
        read(deck.replace(good, bad, 1))
    assert caught.value.key == key
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("deck", [GOOD, TANGLED, TANGLED.replace('"spheres"', '"field_threshold"')])
def test_resolved_deck_gives_the_same_config(read, tmp_path, deck):
    config = read(deck)
    (tmp_path / "resolved.toml").write_text(resolved_toml(config))
    assert read_config(load_deck(tmp_path / "resolved.toml")) == config
    assert config_from_plain(config.plain()) == config
    assert config.effective_medium.samples == 1


def test_realizations_are_of_random_directions_too(read):
    uniform, tangled = read(GOOD), read(TANGLED)
    assert (uniform.draws, tangled.draws) == (1, 3)
    assert len(plan.tasks_of(tangled)) == 6
    assert any("not random" in line for line in plan.warnings(uniform))
    assert any("field lines are coarse" in line for line in plan.warnings(tangled))


def test_the_coarser_grid_has_half_the_cells(read):
    assert coarser(read(GOOD)).effective_medium.grid == (8, 8, 8)
    flat = read(GOOD.replace("[16, 16, 16]", "[16, 8, 1]").replace('"spheres"', '"layers"'))
    assert coarser(flat).effective_medium.grid == (8, 4, 1)


def test_directions_have_length_one_and_are_those_of_the_guide(read):
    places = np.random.default_rng(1).random((3, 5, 4, 3))
    found = directions(read(GOOD), places, 0)
    np.testing.assert_allclose(found, np.array([1, 2, 2])[:, None, None, None] / 3 * np.ones(places.shape))
    tangled = directions(read(TANGLED), places, 0)
    np.testing.assert_allclose((tangled**2).sum(axis=0), 1.0)
    assert np.abs(tangled - found).max() > 0.1


def test_errors_are_what_grids_differ_by():
    coarse = np.array([1.0, 2.0])[:, None, None] * np.eye(3)
    fine = coarse + np.diag([0.1, -0.1, 0.3])
    tensor, components, discretization, spread = estimate_on_two_grids(coarse, fine)
    np.testing.assert_allclose(tensor, np.diag([1.6, 1.4, 1.8]))
    np.testing.assert_allclose(components, np.diag([0.1, 0.1, 0.3]))
    assert discretization == pytest.approx(0.1)
    assert spread == pytest.approx(0.5)
    assert np.isnan(estimate_on_two_grids(coarse[:1], fine[:1])[3])


def test_rows_of_anisotropic_media_have_no_bounds(read):
    part = np.concatenate([[0.3, 1.0, 3.0, 7], np.eye(3).ravel(), 2 * np.eye(3).ravel()])
    rows = kappa_rows(read(GOOD), np.array([[part], [part]]))
    assert rows[0]["kappa_iso"] == 2.0
    assert rows[0]["kappa_iso_discretization"] == rows[0]["kappa_xx_discretization"] == rows[0]["kappa_iso_err"] == 1.0
    assert rows[0]["kappa_xy_discretization"] == rows[0]["kappa_iso_realizations"] == 0.0
    for name in ("kappa_iso_lower", "kappa_iso_upper", "hs_lower", "hs_upper"):
        assert np.isnan(rows[0][name])

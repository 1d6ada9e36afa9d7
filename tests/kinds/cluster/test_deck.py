"""Decks of kind cluster: kappa, losses and plans that they mean, and the lines with which wrong ones are refused."""

import numpy as np
import pytest

from hpcmm import kinds
from hpcmm.deck.load import DeckError
from hpcmm.deck.validate import resolved_toml
from hpcmm.fields.profiles import profiles
from hpcmm.kinds import config_from_plain
from hpcmm.kinds.cluster import plan
from hpcmm.kinds.cluster.kappa import hadronic_rate, inelastic_cross_section, kappa
from hpcmm.theory import PARSEC
from hpcmm.theory.isotropic import LINE_COEFFICIENT, LINE_EXPONENT
from tests.conftest import ROOT

GOOD = """
title = "cluster"
[run]
kind = "cluster"
[particle]
energy = ["1 GeV", "1 TeV"]
[cluster]
radius = "1 Mpc"
cells = 64
[plasma]
r_core = "200 kpc"
B_0 = "3 uG"
[source]
model = "bubble"
radius = "50 kpc"
[losses]
hadronic = false
"""

WRONG = [
    ('kind = "cluster"', 'kind = "clusters"', "run.kind", "did you mean 'cluster'?"),
    ("cells = 64", "cells = 2", "cluster.cells", "4 or more is expected"),
    ('"1 Mpc"', "1.0", "cluster.radius", "needs a unit"),
    ("[losses]", "[loses]", "loses", "did you mean 'losses'?"),
    ("r_core =", "r_cor =", "plasma.r_cor", "did you mean 'r_core'?"),
    ('"200 kpc"', '"200 kpc"\nn_0 = "1e-3 / cm2"', "plasma.n_0", "a number density is expected"),
    ('"200 kpc"', '"200 kpc"\nf_mm = 1.5', "plasma.f_mm", "1.0 or less is expected"),
    ('"200 kpc"', '"200 kpc"\ndelta = 0.4\ncoefficients = "measured"', "plasma.delta", "1/3 or 1/2 is expected"),
    ('radius = "50 kpc"', "", "source.model", "needs the key radius"),
    ('"bubble"', '"point"', "source.model", "has no key radius"),
    ('"50 kpc"', '"2 Mpc"', "source.radius", "reaches out of the cluster"),
    ('"50 kpc"', '"50 kpc"\nposition = [0.1, 0.0]', "source.position", "at least 3"),
    ('"50 kpc"', '"50 kpc"\nposition = [0.1, 0.0, 0.0]', "source.position", 'geometry = "cartesian"'),
    ("cells = 64", 'cells = 64\nboundary = "reflecting"', "cluster.duration", '"10 Gyr"'),
    ("cells = 64", 'cells = 64\ntime_step = "1 Myr"', "cluster.time_step", "auto"),
    ("cells = 64", 'cells = 16\ngeometry = "cartesian"', "cluster.cells", "more cells are expected"),
    ("hadronic = false", 'hadronic = true\n[output]\nwall_tim = "1 h"', "output.wall_tim", "did you mean 'wall_time'?"),
]  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Callable ``read(text)`` -> config of a deck given as text."""

    def call(text):
        (tmp_path / "deck.toml").write_text(text)
        return kinds.read(tmp_path / "deck.toml")[1]

    return call


@pytest.mark.parametrize(("old", "new", "key", "words"), WRONG)
def test_wrong_deck_is_refused_in_one_line(read, old, new, key, words):
    assert old in GOOD
    with pytest.raises(DeckError) as caught:
        read(GOOD.replace(old, new, 1))
    assert len(str(caught.value).splitlines()) == 1
    assert f"key '{key}" in str(caught.value)
    assert words in str(caught.value)


def test_check_prints_the_plan(hpcmm):
    done = hpcmm("check", ROOT / "input_decks" / "cluster.toml")
    assert done.returncode == 0, done.stderr
    for words in ("13.8 Gyr", "memory: about", "core-seconds", "at most 13 ranks"):
        assert words in done.stdout


def test_a_point_keeps_half_a_cell_from_the_wall(read):
    """Nearer its shares could not have their mean there."""
    box = GOOD.replace("cells = 64", 'cells = 64\ngeometry = "cartesian"').replace('"bubble"', '"point"')
    box = box.replace('radius = "50 kpc"', "position = [0.0, {}, 0.0]")
    assert read(box.format(-0.98)).source.position[1] == -0.98
    with pytest.raises(DeckError, match="half a cell from the wall, is expected"):
        read(box.format(0.99))


def test_hadronic_losses_are_of_protons(read):
    with pytest.raises(DeckError, match="known for protons"):
        read(GOOD.replace("energy =", "Z = 2\nenergy =").replace("hadronic = false", "hadronic = true"))


def test_resolved_deck_reads_to_an_equal_config(read):
    config = read(GOOD)
    assert read(resolved_toml(config)) == config == config_from_plain(config.plain())
    assert config.output.directory == "runs/deck"


def test_kappa_is_that_of_the_papers_formulas(read):
    """docs/physics.md 11.3 at 3 uG: kappa_mm 1.081e30, kappa_res 1.418e31 at 1 TeV; rates add inside patches."""
    config = read(GOOD)
    both = 1 / (1 / 1.081e30 + 1 / 1.418e31)
    assert kappa(config, 1000.0, [0.0])[0] == pytest.approx(both, rel=1e-3)
    assert kappa(config, 1000.0, [0.0], f_mm=0.0)[0] == pytest.approx(1.418e31, rel=1e-3)
    third = read(GOOD.replace("r_core", "f_mm = 0.1\nr_core"))
    assert kappa(third, 1.0, [0.0])[0] == pytest.approx(1 / (0.1 / 1.081e24 + 1 / 1.418e30), rel=1e-3)
    # tied to tangled lines 2/9 of eq 4, and a third of a x^delta c l_c
    measured = read(GOOD.replace("r_core", 'coefficients = "measured"\nr_core'))
    x = 3.6034e-9
    res = 9.251e33 / 3 * LINE_COEFFICIENT * x**LINE_EXPONENT
    assert kappa(measured, 1000.0, [0.0])[0] == pytest.approx(1 / (1 / (2 / 9 * 1.081e30) + 1 / res), rel=1e-3)
    # of a plasma's micromirrors, 2.3 of eq 4 along the field: on tangled lines a third of it
    for keys, a_mm, res_there in (("", 2.3, 1.418e31), ('coefficients = "measured"\n', 2.3 / 3, res)):
        own = read(GOOD.replace("r_core", f"{keys}kappa_mm_over_eq_4 = 2.3\nr_core"))
        expected = 1 / (1 / (a_mm * 1.081e30) + 1 / res_there)
        assert kappa(own, 1000.0, [0.0])[0] == pytest.approx(expected, rel=1e-3)
    # B = 3 uG (n/n_0)^0.5: at r_core (1/2)^(0.5625), and kappa_mm goes as B^-2
    ratio = kappa(config, 1.0, [2e5])[0] / kappa(config, 1.0, [0.0])[0]
    assert ratio == pytest.approx(2**1.125, rel=1e-4)
    step = read(GOOD.replace("r_core", 'f_mm_radius = "300 kpc"\nr_core'))
    assert kappa(step, 1.0, [2.9e5])[0] < 1e-4 * kappa(step, 1.0, [3.1e5])[0]


def test_profiles_are_those_of_a_beta_model(read):
    config = read(GOOD.replace("r_core", 'n_0 = "1e-2 / cm3"\nT_0 = "5 keV"\nT_index = 0.2\nl_mm = "auto"\nr_core'))
    here = profiles(config.plasma, [0.0, 2e5])
    assert here.n_e[1] == pytest.approx(1e-2 * 2**-1.125, rel=1e-12)
    assert here.T[1] / here.T[0] == pytest.approx(2**-0.225, rel=1e-12)
    # 5 keV, 3 uG, tau = 1e12 s: 20.3 x 1.104 npc (docs/physics.md 12)
    assert here.l_mm[0] / PARSEC == pytest.approx(22.4e-9, rel=0.01)
    # 8 pi 1e-2 5 keV / (3 uG)^2
    assert here.plasma_beta[0] == pytest.approx(8 * np.pi * 1e-2 * 8.010883e-9 / 9e-12, rel=1e-6)


def test_hadronic_losses():
    """About 30 mb at 10 GeV, 35 mb at 1 TeV (fixed target); none below the threshold."""
    assert inelastic_cross_section(np.array([10.0, 1e3])) * 1e27 == pytest.approx([29.42, 34.89], abs=0.01)
    assert inelastic_cross_section(1.2) == 0.0
    assert hadronic_rate(1e3, 1e-2) == pytest.approx(0.5 * 34.9e-27 * 2.998e10 * 1e-2, rel=0.01)


def test_what_never_ends_needs_a_duration(read):
    """Protons of 1 GeV are below the threshold of hadronic losses, those of 1 TeV are not."""
    closed = GOOD.replace("cells = 64", 'cells = 64\nboundary = "reflecting"').replace("= false", "= true")
    with pytest.raises(DeckError, match="at 1 GeV nothing gets out"):
        read(closed)
    assert read(closed.replace('"1 GeV", ', "")).losses.hadronic
    config = read(closed.replace("cells = 64", 'cells = 64\nduration = "10 Gyr"'))
    assert [plan.ends(config, energy) for energy in (1.0, 1000.0)] == [False, True]


def test_durations_and_warnings(read):
    config = read(GOOD.replace("r_core", 'kappa = "1e31 cm2/s"\nr_core'))
    R = 1e6 * PARSEC
    assert plan.escape_time(config, 1.0) == pytest.approx(R**2 / 6e31, rel=1e-6)
    assert plan.duration(config, 1.0) == pytest.approx(R**2 / 1e31, rel=1e-6)
    assert any("same at all energies" in line for line in plan.warnings(config))
    fast = read(GOOD.replace('"1 TeV"', '"100 EeV"'))
    assert any("not diffusion any more" in line for line in plan.warnings(fast))

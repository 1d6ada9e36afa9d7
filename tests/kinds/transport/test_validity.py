"""One warning for each limit of validity that a deck leaves, naming the range and what to do; none within."""

import pytest

from hpcmm import kinds
from hpcmm.deck.load import DeckError
from hpcmm.kinds.transport.plan import plan
from hpcmm.theory import validity
from hpcmm.theory.slab import kappa_par_slab
from tests import decks


def warned(tmp_path, energies, *parts, **tables):
    (tmp_path / "deck.toml").write_text(decks.transport(energies, *parts, **tables))
    _, config = kinds.read(tmp_path / "deck.toml")
    return kinds.of(config).warnings(config)


def lines_with(words, lines):
    return [line for line in lines if words in line]


@pytest.mark.parametrize(
    ("energies", "Z", "said"),
    [
        (["1 keV"], 1, "at 1 keV v = 1.1e-06 c"),
        (["1 MeV", "1 TeV"], 1, "at 1 MeV v = 0.0011 c"),
        (["1 GeV"], 1, "at 1 GeV v = 0.73 c"),
        (["2.8 GeV", "2.9 GeV"], 1, "at 2.8 GeV v = 0.95 c"),
        (["100 GeV"], 26, "at 100 GeV v = 0.9 c"),
    ],
)
def test_slow_particles(energies, Z, said, tmp_path):
    """beta = E/sqrt(E^2 + m^2) by hand: 1 GeV/sqrt(1 + 0.9383^2) = 0.7293; 1 MeV: 1/938.3."""
    lines = warned(tmp_path, energies, decks.kicks(), particle={"Z": Z})
    found = lines_with(" v = ", lines)
    assert len(found) == 1
    assert said in found[0]
    assert "above" in found[0]


@pytest.mark.parametrize(("energies", "Z"), [(["2.9 GeV"], 1), (["1 TeV", "1 EeV"], 1), (["160 GeV"], 26)])
def test_fast_particles(energies, Z, tmp_path):
    assert not lines_with(" v = ", warned(tmp_path, energies, decks.kicks(), particle={"Z": Z}))


def test_beta():
    assert validity.beta(1.0) == pytest.approx(0.72926, abs=1e-5)
    assert validity.beta(validity.least_energy()) == pytest.approx(0.95, rel=1e-12)
    assert validity.beta(validity.least_energy(-6), 6) == pytest.approx(0.95, rel=1e-12)


@pytest.mark.parametrize(("energy", "few"), [("1 MeV", True), ("100 MeV", True), ("270 MeV", True), ("300 MeV", False)])
def test_micromirrors_that_turn_by_more_than_a_small_angle(energy, few, tmp_path):
    """r_g(3 uG) = 360.34 npc E/GeV, and l_mm = 100 npc: equal at 277.5 MeV; 1 MeV turns by (1/3)/0.0036 = 92 rad."""
    lines = lines_with("r_g is less than l_mm", warned(tmp_path, [energy, "10 GeV"], decks.mirrors()))
    assert len(lines) == few
    if few:
        assert "from 277.5 MeV on" in lines[0]
    if energy == "1 MeV":
        assert "0.0036 of it at 1 MeV, where one micromirror would turn a particle by 92.5 rad" in lines[0]


@pytest.mark.parametrize(("modes", "few"), [(2, True), (20, True), (63, True), (64, False), (512, False)])
def test_few_waves(modes, few, tmp_path):
    lines = warned(tmp_path, ["10 EeV"], decks.waves(modes=modes), run={"realizations": 2})
    assert len(lines_with(f"field[0] has {modes} waves", lines)) == few


BEND = {"spectrum": "bend_over", "dB": "1.8 uG"}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"geometry": "slab", **BEND}, None),
        ({"geometry": "2d", **BEND}, None),
        ({"geometry": "2d", "dB": "1.8 uG"}, None),
        ({"geometry": "slab", "dB": "1.8 uG"}, 'no correlation length: its spectrum has no power at k = 0'),
        ({"geometry": "slab", "q": 1.0, "l_bend": "60 kpc", **BEND}, "no correlation length"),
        ({"geometry": "slab", "l_max": "300 kpc", **BEND}, "no correlation length"),
        ({"geometry": "slab", "l_bend": "10 kpc", **BEND}, "a correlation length of 1.494e+04 pc"),
        ({"geometry": "2d", "l_max": "500 kpc", "dB": "1.8 uG"}, "l_max = 7.854e+05 pc would make them equal"),
        ({"l_bend": "50 kpc", **BEND}, "l_bend = 1.004e+05 pc would make them equal"),
    ],
)  # fmt: skip
def test_correlation_lengths_about_a_guide_field(keys, said, tmp_path):
    """None where the deck's l_c sets the spectrum; slab waves need a spectrum that is flat at large scales."""
    stepping = {"path_length": "30 Mpc"}
    lines = warned(tmp_path, ["100 EeV"], decks.guide("2.4 uG"), decks.waves(**keys), stepping=stepping)
    lines = lines_with("correlation length", lines)
    assert bool(lines) == (said is not None), lines
    assert said is None or said in lines[0]


def test_planned_path_in_slab_waves(tmp_path):
    """50 mean free paths 3 kappa_par/c of quasi-linear theory; 2-D waves alone set none."""
    (tmp_path / "deck.toml").write_text(
        decks.transport(["100 EeV"], decks.guide("2.9 uG"), decks.waves(geometry="slab", spectrum="bend_over"))
    )
    _, config = kinds.read(tmp_path / "deck.toml")
    (p,), waves = plan(config), config.field[1]
    guide, b_squared = 2.9, (9 - 2.9**2) / 2.9**2
    kappa = kappa_par_slab(p.gyroradius * 3 / guide, b_squared, lambda k: waves.energy.density(k, waves.l_max, 0.0))
    assert p.path_length == pytest.approx(150 * kappa, rel=1e-3)
    text = decks.transport(["100 EeV"], decks.guide("2.9 uG"), decks.waves(geometry="2d"))
    (tmp_path / "deck.toml").write_text(text)
    with pytest.raises(DeckError, match=r"stepping\.path_length': nothing sets a path"):
        kinds.read(tmp_path / "deck.toml")


@pytest.mark.parametrize(("realizations", "one"), [(1, True), (2, False)])
def test_one_realization(realizations, one, tmp_path):
    lines = warned(tmp_path, ["10 EeV"], decks.waves(modes=128), run={"realizations": realizations})
    assert len(lines_with("run.realizations = 1", lines)) == one
    assert not lines_with("run.realizations", warned(tmp_path, ["10 EeV"], decks.kicks(), run={"realizations": 1}))


def test_numbers_have_the_prefix_that_people_use(tmp_path):
    """555 PeV, not 5.55e+08 GeV, in every warning."""
    lines = warned(tmp_path, ["555 PeV"], decks.waves(modes=128), stepping={"step": "100 pc"})
    assert lines_with("at 555 PeV the step", lines)
    assert not lines_with("GeV", lines)

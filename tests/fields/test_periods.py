"""Fields with a period: particles and effective media see the same waves and patches; wrong decks say so in a line."""

from pathlib import Path

import numpy as np
import pytest

from hpcmm import kinds
from hpcmm.deck.load import DeckError
from hpcmm.figures.scene import strength_at
from hpcmm.kinds.effective_medium import field_patches
from hpcmm.kinds.effective_medium import medium as media
from hpcmm.kinds.transport import ensemble
from hpcmm.kinds.transport.plan import plan_energy
from hpcmm.kinds.transport.realize import bound_of_patches, realize_field
from hpcmm.parallel.collective import OneRank
from hpcmm.theory.constants import PARSEC, C

DECKS = Path(__file__).parent.parent.parent / "input_decks"
EXACT = "field.0.tolerance=1e-7"
SMALL = ("effective_medium.grid=[16,16,16]", "effective_medium.samples=1")


class Alone(OneRank):
    def allreduce(self, value):
        return value


def transport(*overrides):
    return kinds.read(DECKS / "scales_transport.toml", [EXACT, *overrides])[1]


def medium(*overrides):
    return kinds.read(DECKS / "scales_medium.toml", overrides)[1]


def strengths(config, places, energy=1e11, realization=0):
    """|B| / B_rms where particles find it, [x, y, z]."""
    return strength_at(realize_field(config, plan_energy(config, energy), realization), np.zeros(3), places)


def whole(config):
    """Middles of all cells, in sides of the box [axis, x, y, z], without the layer around them."""
    section = config.effective_medium
    return media.places(section, tuple((0, cells) for cells in section.grid))[:, 1:-1, 1:-1, 1:-1]


@pytest.mark.parametrize("guide", [False, True])
def test_both_kinds_see_the_same_field(guide, tmp_path):
    """At the same places to rounding, in every realization, at any energy."""
    decks = []
    for name in ("scales_transport", "scales_medium"):
        text = (DECKS / f"{name}.toml").read_text()
        if guide:
            text += '\n[[field]]\nmodel = "uniform"\nB = "1 uG"\ndirection = [1, 2, 3]\n'
        decks.append(tmp_path / f"{name}.toml")
        decks[-1].write_text(text)
    particles = kinds.read(decks[0], [EXACT])[1]
    box = kinds.read(decks[1], SMALL)[1]
    places = whole(box)
    for realization in (0, 3):
        solved = field_patches.strengths(box, places, realization)
        for energy in (1e11, 3e11):
            flown = strengths(particles, 1e4 * np.moveaxis(places, 0, -1), energy, realization)
            np.testing.assert_allclose(flown, solved, rtol=1e-11)
    assert not np.allclose(solved, field_patches.strengths(box, places, 0), rtol=0.1)


def test_patches_are_the_same():
    """B* takes |B| on the parts of 32^3 cells; elsewhere the fraction is met within 4 sigma of 50,000 places."""
    box = medium()
    places = media.places(box.effective_medium, ((0, 32),) * 3)
    config = transport("scatter.0.filling_fraction=0.1")
    field = realize_field(config, plan_energy(config, 1e11), 0)
    bound = bound_of_patches(config, 1e11, 0, field)
    solved = field_patches.inside(box, Alone(), places, 0.1, 0)
    assert ((strength_at(field, np.zeros(3), 1e4 * np.moveaxis(places, 0, -1)) >= bound) == solved).all()
    elsewhere = 1e4 * np.random.default_rng(1).random((50_000, 3))
    share = (strength_at(field, np.zeros(3), elsewhere) >= bound).mean()
    assert share == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 50_000))


def test_it_repeats_and_knows_no_size():
    config = transport()
    places = 1e4 * np.random.default_rng(2).random((64, 3))
    here = strengths(config, places)
    for axis in np.eye(3):
        np.testing.assert_allclose(strengths(config, places + 3e4 * axis), here, rtol=1e-9)
    lengths = ("field.0.period=1pc", "field.0.l_max=0.5pc", "field.0.l_min=0.25pc", "medium.l_c=0.185pc")
    np.testing.assert_allclose(strengths(transport(*lengths), places / 1e4), here, rtol=1e-9)


def test_origins_fill_whole_periods():
    config = transport("field.0.period=7kpc")
    assert ensemble.period_of(config.field) == 7000.0
    periods = ensemble.box_of(config) / 7000.0
    assert periods == pytest.approx(np.rint(periods), abs=1e-12)
    assert periods >= 100 * 5 / 7


def test_without_a_period_every_energy_has_its_waves(tmp_path):
    text = (DECKS / "scales_transport.toml").read_text()
    (tmp_path / "deck.toml").write_text("".join(s for s in text.splitlines(True) if not s.startswith("period")))
    config = kinds.read(tmp_path / "deck.toml", [EXACT])[1]
    places = 1e4 * np.random.default_rng(3).random((64, 3))
    one, other, repeating = *(strengths(config, places, e) for e in (1e11, 2e11)), strengths(transport(), places)
    assert not np.allclose(one, other, rtol=0.1)
    assert not np.allclose(one, repeating, rtol=0.1)


WRONG = [
    (transport, ("field.0.l_max=11kpc",), "field[0].l_max", "no wave longer than the period, 10000 pc"),
    (transport, ("field.0.l_min=auto",), "field[0].l_min", "a length is expected"),
    (transport, ("field.0.period=3",), "field[0].period", "needs a unit"),
    (transport, ("field.0.period=3uG",), "field[0].period", "a length is expected"),
    (transport, ("field.0.period=0pc",), "field[0].period", "more than zero"),
    (medium, ("field.0.period=9kpc",), "field[0].period", "the box, 10000 pc, or no period is expected"),
    (medium, ("field.0.l_max=11kpc",), "field[0].l_max", "no wave longer than the box"),
]


@pytest.mark.parametrize(("read", "overrides", "key", "words"), WRONG)
def test_wrong_periods_are_refused_in_a_line(read, overrides, key, words):
    with pytest.raises(DeckError) as caught:
        read(*overrides)
    assert caught.value.key == key
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_decks_of_particles_and_medium_have_one_contrast():
    """kappa = (2/3) c^2/nu inside and outside, of the rates of one deck and the coefficients of the other."""
    particles, box = transport(), medium("field.0.period=10kpc")
    gyroradius = plan_energy(particles, particles.particle.energy[0]).gyroradius
    mirrors, rest = particles.scatter
    inside, outside = mirrors.nu(gyroradius) + rest.nu(gyroradius), rest.nu(gyroradius)
    section = box.effective_medium
    for rate, kappa in ((inside, section.kappa_patch), (outside, section.kappa_background)):
        assert kappa == pytest.approx(2 / 3 * C * PARSEC / rate, rel=1e-5)
    # the field turns directions less than a 1000th as fast as kicks make them forgotten
    assert particles.medium.l_c / (2 * gyroradius**2) < 1e-3 * outside / 2

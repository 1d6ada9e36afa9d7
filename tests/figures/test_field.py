"""The figure of the field as flown: its spectrum is that of the deck, with its errors, and |B| is Gaussian's."""

import numpy as np
import pytest

from hpcmm.errors import InputError
from hpcmm.estimators.ray_spectrum import BINS
from hpcmm.figures.field import field_figure
from hpcmm.figures.field_rays import deck_power, read_field_rays
from hpcmm.kinds.transport.reader import TransportRun
from tests import decks

RUN = {"run": {"realizations": 4, "particles": 2}, "stepping": {"path_length": "300 kpc", "samples": 8}}


def made(done, directory, *fields, **more):
    directory.mkdir()
    (directory / "deck.toml").write_text(decks.transport("100 EeV", *fields, **RUN | more))
    done("run", directory / "deck.toml", "--out", directory / "run")
    return directory / "run"


@pytest.fixture(scope="module")
def waves(done, tmp_path_factory):
    return made(done, tmp_path_factory.mktemp("field") / "waves", decks.waves(modes=200, l_min="5 kpc"))


BEND = {"spectrum": "bend_over", "l_min": "5 kpc"}
FIELDS = {
    "waves": (decks.waves(modes=200, l_min="5 kpc"),),
    "bend": (decks.waves(modes=200, **BEND),),
    "composite": (
        decks.guide("2 uG"),
        decks.waves(geometry="slab", dB="1.5 uG", modes=300, **BEND),
        decks.waves(geometry="2d", dB="1.6583 uG", modes=200, **BEND),
    ),
}


@pytest.mark.parametrize(("which", "rms"), [("waves", 1.0), ("bend", 1.0), ("composite", 0.745)])
def test_spectrum_of_plane_waves_is_that_of_the_deck(which, rms, done, tmp_path):
    """Pulls of all points; 5 % beside for window and aliases (3 % each, `hpcmm.estimators.ray_spectrum.BINS`). Slab and
    2-D waves have the same along lines of all directions. Where the spectrum is flat at large scales, lines are not so
    wide that what is shorter is taken for it.
    """
    run = made(done, tmp_path / which, *FIELDS[which])
    found = read_field_rays(run)
    config = TransportRun(run).config
    turbulent = [section for section in config.field if section.outer_scale]
    expected = deck_power(turbulent, config, np.nan, found.k)  # l_min is in the deck
    inside = found.k < 0.4 * found.deck_k[-1]
    assert inside.sum() > 2 * (len(BINS) - 1)
    error = np.hypot(found.error, 0.05 * expected)
    pull = (found.power - expected)[inside] / error[inside]
    assert np.abs(pull).max() < 4.5
    assert found.k.min() < 1 / 1e5  # l_c
    assert abs(np.log(found.power[inside] / expected[inside]).mean()) < 0.1
    assert found.rms == pytest.approx(rms, abs=0.15)
    assert found.fields == 4


def test_the_figure_names_what_it_shows(waves, tmp_path):
    figure = field_figure([waves], tmp_path / "field.png")
    gids = {a.get_gid() for a in figure.findobj() if a.get_gid()}
    assert {"spectrum 0", "deck 0", "strength 0", "Maxwell"} <= gids
    assert any("100 EeV" in text.get_text() for text in figure.legends[0].texts)
    assert (tmp_path / "field.png").stat().st_size > 1e4


def test_runs_without_turbulence_are_refused(done, tmp_path):
    run = made(done, tmp_path / "guide", decks.guide("3 uG"))
    with pytest.raises(InputError, match="no turbulent field"):
        field_figure([run], tmp_path / "field.png")

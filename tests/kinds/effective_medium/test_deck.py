"""Decks of kind effective_medium: what they mean, and the lines with which wrong ones are refused."""

import re

import h5py
import numpy as np
import pytest

from hpcmm import kinds
from hpcmm.deck.load import DeckError, load_deck
from hpcmm.deck.validate import resolved_toml
from hpcmm.kinds import config_from_plain, read_config
from hpcmm.kinds.effective_medium import plan
from hpcmm.kinds.effective_medium.config import EffectiveMedium
from tests.conftest import ROOT

GOOD = """
title = "spheres"
[run]
kind = "effective_medium"
[effective_medium]
grid = [16, 16, 16]
kappa_patch = "1e29 cm2/s"
kappa_background = "1e31 cm2/s"
morphology = "spheres"
filling_fraction = [0.1, 0.5]
realizations = 1
tolerance = 1e-8
"""
FIELD = """
[medium]
B_rms = "3 uG"
l_c = "40 kpc"
[[field]]
model = "plane_waves"
l_max = "200 kpc"
l_min = "100 kpc"
"""
THRESHOLD = GOOD.replace('"spheres"', '"field_threshold"').replace("tolerance", 'box = "400 kpc"\ntolerance') + FIELD

WRONG = [
    (GOOD, '"effective_medium"', '"effective_media"', "run.kind", "did you mean 'effective_medium'?"),
    (GOOD, '"1e29 cm2/s"', "1e29", "effective_medium.kappa_patch", "needs a unit"),
    (GOOD, '"1e29 cm2/s"', '"1e29 cm"', "effective_medium.kappa_patch", "a diffusion coefficient is expected"),
    (GOOD, '"1e29 cm2/s"', '"-1 cm2/s"', "effective_medium.kappa_patch", "more than zero"),
    (GOOD, "kappa_patch =", "kapa_patch =", "effective_medium.kapa_patch", "did you mean 'kappa_patch'?"),
    (GOOD, 'kappa_patch = "1e29 cm2/s"', "", "effective_medium.morphology", "needs the key kappa_patch"),
    (GOOD, '"spheres"\nf', '"sphere"\nf', "effective_medium.morphology", "did you mean 'spheres'?"),
    (GOOD, "[0.1, 0.5]", "[0.1, 0.6]", "effective_medium.filling_fraction[1]", "where spheres touch"),
    (GOOD, "[0.1, 0.5]", "[0.1, 0.1]", "effective_medium.filling_fraction[1]", "every value once"),
    (GOOD, "[0.1, 0.5]", "0.1", "effective_medium.filling_fraction", "a list is expected"),
    (GOOD, "[16, 16, 16]", "[16, 16]", "effective_medium.grid", "at least 3"),
    (GOOD, "[16, 16, 16]", "[16, 3, 16]", "effective_medium.grid[1]", "4 and more is expected"),
    (GOOD, "[16, 16, 16]", "[16, 16, 1]", "effective_medium.grid[2]", "varies along z"),
    (GOOD, "tolerance = 1e-8", "tolerance = 1.0", "effective_medium.tolerance", "0.001 or less is expected"),
    (GOOD, '"spheres"\nf', '"checkerboard"\nf', "effective_medium.filling_fraction[0]", "0.5 is expected"),
    (GOOD, '"spheres"\nf', '"file"\nf', "effective_medium.morphology", "the key file is expected"),
    (GOOD, "realizations = 1", "realizations = 0", "effective_medium.realizations", "1 or more is expected"),
    (GOOD, "tolerance = 1e-8\n", FIELD, "field", "no [[field]] is expected"),
    (THRESHOLD, 'box = "400 kpc"', "", "field", "needs 'box'"),
    (THRESHOLD, 'l_max = "200 kpc"', 'l_max = "500 kpc"', "field[0].l_max", "no wave longer than the box"),
    (THRESHOLD, 'l_min = "100 kpc"', 'l_min = "30 kpc"', "field[0].l_min", "waves of two cells"),
    (THRESHOLD, 'l_min = "100 kpc"', "", "field[0].l_min", "a length is expected"),
    (THRESHOLD, 'l_min = "100 kpc"', 'l_min = "100 kpc"\ndB = "1 uG"', "medium.B_rms", "within 1 %"),
]


@pytest.fixture
def read(tmp_path):
    def call(text, *overrides):
        path = tmp_path / "medium.toml"
        path.write_text(text)
        return kinds.read(path, overrides)[1]

    return call


def refused(read, text, key, words, *overrides):
    with pytest.raises(DeckError) as caught:
        read(text, *overrides)
    assert caught.value.key == key
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(("deck", "good", "bad", "key", "words"), WRONG)
def test_wrong_decks_are_refused_in_a_line(read, deck, good, bad, key, words):
    assert good in deck
    refused(read, deck.replace(good, bad, 1), key, words)


@pytest.mark.parametrize("deck", [GOOD, THRESHOLD, GOOD.replace('"spheres"\nf', '"field_threshold"\nf')])
def test_resolved_deck_gives_the_same_config(read, tmp_path, deck):
    config = read(deck)
    (tmp_path / "resolved.toml").write_text(resolved_toml(config))
    assert read_config(load_deck(tmp_path / "resolved.toml")) == config
    assert config_from_plain(config.plain()) == config


def test_defaults_depend_on_the_morphology(read):
    config = read(GOOD.replace('"spheres"\nf', '"field_threshold"\nf'))
    assert config.effective_medium.samples == 2
    assert config.effective_medium.box == 2 * config.waves[1].l_max == 8 * config.waves[1].l_min
    assert read(GOOD.replace('"spheres"\nf', '"cubes"\nf')).effective_medium.samples == 1
    assert config.output.directory == "runs/medium"


def test_what_is_not_heeded_is_warned_of(read):
    assert not plan.warnings(read(GOOD))
    config = read(GOOD, "effective_medium.realizations=3", 'effective_medium.file="patches.h5"')
    assert len(plan.warnings(config)) == 2


@pytest.fixture
def stored(tmp_path):
    """A file of the given datasets, and a deck that names it."""

    def call(**datasets):
        with h5py.File(tmp_path / "patches.h5", "w") as file:
            for name, data in datasets.items():
                file[name] = data
        file = f'"file"\nfile = "{tmp_path / "patches.h5"}"'
        return re.sub(r"filling_fraction.*\n", "", GOOD.replace('"spheres"\nf', file + "\nf"))

    return call


def test_files_are_looked_at_before_the_run(read, stored, tmp_path):
    good = np.zeros((16, 16, 16), dtype="i1")
    assert read(stored(patch=good)).effective_medium.fractions != ()
    refused(read, stored(patch=good[:8]), "effective_medium.grid", "has the shape [8, 16, 16]")
    refused(read, stored(other=good), "effective_medium.file", "'patch' or 'kappa' is expected; there is none")
    refused(read, stored(patch=good, kappa=good + 1.0), "effective_medium.file", "there is both")
    refused(read, stored(patch=good[0]), "effective_medium.file", "three axes of numbers")
    no_kappa = stored(patch=good).replace('kappa_patch = "1e29 cm2/s"\n', "")
    refused(read, no_kappa, "effective_medium.file", "needs the key kappa_patch")
    deck = stored(patch=good)
    (tmp_path / "patches.h5").write_bytes(b"nothing")
    refused(read, deck, "effective_medium.file", "an HDF5 file is expected")
    (tmp_path / "patches.h5").unlink()
    refused(read, deck, "effective_medium.file", "no such file")


def test_the_model_names_its_equation_and_its_source():
    assert ".. math::" in EffectiveMedium.__doc__
    assert re.search(r"Source: .*physics", EffectiveMedium.__doc__)


def test_check_prints_unknowns_memory_and_time(hpcmm):
    done = hpcmm("check", ROOT / "input_decks" / "effective_medium.toml")
    assert done.returncode == 0, done.stderr
    for words in ("32,768", "memory: about", "core-seconds", "field_threshold"):
        assert words in done.stdout

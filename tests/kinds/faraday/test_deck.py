"""Decks of kind faraday: the lines with which wrong ones are refused, plans, warnings, what is found in files."""

import re

import numpy as np
import pytest

import hpcmm as package
from hpcmm.deck.load import DeckError
from hpcmm.deck.validate import resolved_toml
from hpcmm.kinds import config_from_plain
from hpcmm.kinds.faraday import plan
from hpcmm.kinds.faraday.config import Faraday
from tests.conftest import ROOT
from tests.kinds.faraday import config_of, deck
from tests.kinds.transport import cubes

MIRRORS = {"model": "mirror_modes", "dB": "1 uG", "l_mm": "100 npc"}
GUIDE = {"model": "uniform", "B": "2.8284271247 uG"}

WRONG = [
    ('"faraday"', '"faraday "', "run.kind", "did you mean 'faraday'?"),
    ("[faraday]", "[faraday]\nray = 1", "faraday.ray", "did you mean 'rays'?"),
    ("[faraday]", '[faraday]\nangle = "along"', "faraday.angle", 'degrees from 0 to 180, or "random"'),
    ("[faraday]", "[faraday]\nangle = 200", "faraday.angle", "degrees from 0 to 180 are expected, not 200"),
    ("[faraday]", '[faraday]\nfrequencies = ["2 m"]', "faraday.frequencies[0]", "'m' is a length, a rate is expected"),
    ("[faraday]", '[faraday]\nsegment = "2 Mpc"', "faraday.segment", "is longer than the path"),
    ("[faraday]", '[faraday]\ndensity = "file"', "faraday.density", "of one field_file"),
    ("[faraday]", "[faraday]\nfilling_fraction = 0.0", "faraday.filling_fraction", "a number above 0 is expected"),
    ("[faraday]", "[faraday]\nrays = 1", "faraday.rays", "128 or more is expected"),
    ('"mirror_modes"', '"nested_grids"', "field[0].model", "mirror_modes"),
    ('"1 uG"', '"2 uG"', "medium.B_rms", "they must agree within 1 %"),
]


@pytest.mark.parametrize(("good", "bad", "key", "words"), WRONG)
def test_wrong_decks_are_refused_in_a_line(tmp_path, good, bad, key, words):
    text = deck(MIRRORS, GUIDE, seed=1, path="1 Mpc")
    assert good in text
    with pytest.raises(DeckError) as caught:
        config_of(tmp_path, text.replace(good, bad, 1))
    assert caught.value.key == key
    assert words in str(caught.value)
    assert re.match(r".*deck\.toml(:\d+)?: ", str(caught.value))
    assert len(str(caught.value).splitlines()) == 1


WAVES = {"model": "plane_waves", "modes": 64}
FILE = {"model": "field_file", "box": "file"}


@pytest.mark.parametrize(
    ("table", "keys", "key", "words"),
    [
        (WAVES, {}, "field[0].l_min", "no particle sets"),
        (WAVES | {"l_min": "1 kpc", "geometry": "slab"}, {}, "field[0].geometry", 'kind = "transport" alone'),
        (WAVES | {"l_min": "1 kpc"}, {"angle": 45.0}, "faraday.angle", "without a mean field"),
        (WAVES | {"l_min": "1 npc"}, {"path": "1 Gpc"}, "faraday.segment", "a shorter one is expected"),
        (FILE | {"boundary": "stop"}, {}, "field[0].boundary", "a periodic field is expected"),
        (FILE, {"density": "file"}, "field[0].file", "holds no n"),
    ],
)
def test_fields_that_do_not_fit_are_refused(tmp_path, table, keys, key, words):
    more = {"file": cubes.written(tmp_path / "f.h5")} if table["model"] == "field_file" else {}
    with pytest.raises(DeckError) as caught:
        _plan(config_of(tmp_path, deck(table | more, **keys)))
    assert caught.value.key == key
    assert words in str(caught.value)


def _plan(config):
    return plan.course(config)


def test_resolved_deck_gives_the_same_config(tmp_path):
    config = config_of(tmp_path, deck(MIRRORS, GUIDE, angle=30.0, frequencies=["150 MHz"]))
    assert config_of(tmp_path, resolved_toml(config)) == config
    assert config_from_plain(config.plain()) == config
    assert config.faraday.frequencies == (1.5e8,)


def test_course_of_mirrors_and_of_turbulence(tmp_path):
    """Segments of 32 wavelengths, 2e13 to a ray of 1 Mpc would be too many; turbulence is one piece."""
    course = plan.course(config_of(tmp_path, deck(MIRRORS, GUIDE, path="1 Mpc")))
    assert course.length == pytest.approx(32 * np.pi * 1e-7, rel=1e-6)
    assert course.whole == pytest.approx(1e6 / (32 * np.pi * 1e-7), rel=1e-6)
    assert (course.flown, course.draws_patches) == (16, False)
    assert course.scale(0.25) == pytest.approx(np.sqrt(0.25 * course.whole / 16))
    one = plan.course(config_of(tmp_path, deck(WAVES | {"l_min": "5 kpc"}, path="1 Mpc")))
    assert (one.length, one.whole, one.spread, one.scale(0.25)) == (1e6, 1, 0.0, 1.0)


def test_warnings(tmp_path):
    assert not plan.warnings(config_of(tmp_path, deck(MIRRORS, GUIDE)))
    (line,) = plan.warnings(config_of(tmp_path, deck(MIRRORS, GUIDE, angle=177.0)))
    assert "along the mean field" in line
    (line,) = plan.warnings(config_of(tmp_path, deck(MIRRORS, GUIDE, segments=2)))
    assert "no Gaussian" in line


def test_a_density_that_is_none_is_refused(tmp_path):
    B = np.ones((4, 5, 6, 3))
    for bad in (np.zeros((4, 5, 6)), np.ones((4, 5, 5)), np.full((4, 5, 6), np.nan), np.ones((4, 5, 6), int)):
        with pytest.raises(package.errors.InputError, match="floats above 0 are expected"):
            package.write_field(tmp_path / "n.h5", B, box="1 pc", density=bad)


def test_density_is_read_as_it_was_written(tmp_path):
    """Over its mean, [z, y, x], whatever the axes of the array; a wrong one in the file is refused."""
    import h5py

    from hpcmm.io.field_files.cube import FieldFileError, Wanted
    from hpcmm.io.field_files.density import read_density

    draw = np.random.default_rng(1)
    B, n = draw.normal(size=(4, 5, 6, 3)), draw.random((4, 5, 6)) + 1
    for axes in ("xyz", "yzx"):
        package.write_field(tmp_path / "n.h5", B, box="1 pc", density=n, axes=axes)
        points = tuple((4, 5, 6)[axes.index(a)] for a in "xyz")
        found = read_density(tmp_path / "n.h5", Wanted(), points)
        expected = np.transpose(n, [axes.index(a) for a in "zyx"])
        assert np.allclose(found * n.mean(), expected, rtol=1e-14, atol=0)
    with pytest.raises(FieldFileError, match="not on the grid"):
        read_density(tmp_path / "n.h5", Wanted(), points[::-1])
    with h5py.File(tmp_path / "n.h5", "r+") as file:
        file["data/0/meshes/n"][0, 0, 0] = -1
    with pytest.raises(FieldFileError, match="densities above 0"):
        read_density(tmp_path / "n.h5", Wanted(), points)


def test_the_model_names_its_equation_and_its_source():
    assert ".. math::" in Faraday.__doc__
    assert re.search(r"Source: .*paper.*physics", Faraday.__doc__)


def test_check_prints_a_plan(hpcmm):
    done = hpcmm("check", ROOT / "input_decks" / "faraday.toml")
    assert done.returncode == 0, done.stderr
    for words in ("segment [pc]", "64 blocks of rays", "scaled as that of independent ones"):
        assert words in done.stdout

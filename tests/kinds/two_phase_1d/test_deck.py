"""Decks of kind two_phase_1d: what they mean, and the lines with which wrong ones are refused."""

import re

import pytest

from hpcmm import kinds
from hpcmm.deck.load import DeckError, load_deck
from hpcmm.deck.validate import resolved_toml
from hpcmm.kinds import config_from_plain, read_config
from hpcmm.kinds.two_phase_1d.config import TwoPhase
from hpcmm.kinds.two_phase_1d.plan import plan, warnings
from tests.conftest import ROOT

GOOD = """
title = "line"
[run]
kind = "two_phase_1d"
seed = 7
particles = 1000
[two_phase]
nu_mm = 100.0
nu_res = 1.0
f_mm = [0.0, 0.1, 1.0]
duration = "auto"
[output]
directory = "runs/line"
"""

WRONG = [
    ('"two_phase_1d"', '"two_phase"', "run.kind", "did you mean 'two_phase_1d'?"),
    ('"two_phase_1d"', '"transport"', "two_phase", "unknown table 'two_phase'"),
    ("nu_mm =", "nu_m =", "two_phase.nu_m", "did you mean 'nu_mm'?"),
    ("[output]", "[medium]", "medium", "unknown table 'medium'; known here: title, run, two_phase, output"),
    ("seed = 7", "realizations = 7", "run.realizations", "unknown key 'realizations'"),
    ("seed = 7", "f_mm = 7", "run.f_mm", "it belongs in [two_phase]"),
    ("nu_res = 1.0", "nu_res = 0.0", "two_phase.nu_res", "1e-06 or more is expected, not 0.0"),
    ("nu_res = 1.0", 'nu_res = "1 / s"', "two_phase.nu_res", "a number is expected"),
    ("nu_mm = 100.0", "nu_mm = 1e9", "two_phase.nu_mm", "1000000.0 or less is expected"),
    ("nu_mm = 100.0", "nu_mm = nan", "two_phase.nu_mm", "number"),
    ("[0.0, 0.1, 1.0]", "0.1", "two_phase.f_mm", "a list is expected, not 0.1"),
    ("[0.0, 0.1, 1.0]", "[]", "two_phase.f_mm", "the list is empty"),
    ("[0.0, 0.1, 1.0]", "[0.5, 1.1]", "two_phase.f_mm[1]", "1.0 or less is expected"),
    ("[0.0, 0.1, 1.0]", "[0.5, 0.2, 0.5]", "two_phase.f_mm[2]", "repeats f_mm[0]"),
    ('"auto"', '"long"', "two_phase.duration", 'a number of periods / c or "auto" is expected'),
    ('"auto"', "-3", "two_phase.duration", "1e-6 to 1e12"),
    ('"auto"', "true", "two_phase.duration", "a number of periods"),
    ("particles = 1000", "particles = 1", "run.particles", "2 or more is expected"),
    ("particles = 1000", "particles = 900_000_000", "run.particles", "at most 2,000,000 are expected"),
    ("[two_phase]", "[[two_phase]]", "two_phase", "is one table"),
    ('"runs/line"', '"runs/line"\ntrajectories = 1001', "output.trajectories", "1001 of 1000 particles"),
    ('"runs/line"', '"runs/line"\ntrajectories = 500\ntrack_points = 1_000_000', "output.trajectories", "12 GB"),
]


@pytest.fixture
def read(tmp_path):
    def call(text, *overrides):
        path = tmp_path / "line.toml"
        path.write_text(text)
        return kinds.read(path, overrides)[1]

    return call


@pytest.mark.parametrize(("good", "bad", "key", "words"), WRONG)
def test_wrong_decks_are_refused_in_a_line(read, good, bad, key, words):
    assert good in GOOD
    with pytest.raises(DeckError) as caught:
        read(GOOD.replace(good, bad, 1))
    assert caught.value.key == key
    assert words in str(caught.value)
    assert re.match(r".*line\.toml:\d+: ", str(caught.value))
    assert len(str(caught.value).splitlines()) == 1


def test_resolved_deck_gives_the_same_config(read, tmp_path):
    config = read(GOOD)
    (tmp_path / "resolved.toml").write_text(resolved_toml(config))
    assert read_config(load_deck(tmp_path / "resolved.toml")) == config
    assert config_from_plain(config.plain()) == config


def test_deck_of_its_kind_alone_has_all_defaults(read):
    config = read('[run]\nkind = "two_phase_1d"\n')
    assert config.two_phase.f_mm == (0.0, 0.01, 0.1, 0.5, 1.0)
    assert (config.two_phase.nu_mm, config.two_phase.nu_res) == (100.0, 1.0)
    assert config.output.directory == "runs/line"


def test_automatic_duration_is_that_of_the_contract(read):
    """T = max(100/nu_eff, 3/kappa_exact)."""
    for p in plan(read(GOOD)):
        rate = 100 * p.f_mm + 1 - p.f_mm
        assert p.kappa_exact == pytest.approx(1 / rate)
        assert p.duration == pytest.approx(max(100 / rate, 3 * rate))
        assert p.turns == pytest.approx(rate * p.duration / 2)


def test_a_short_duration_is_warned_of(read):
    assert not warnings(read(GOOD))
    (line,) = warnings(read(GOOD, "two_phase.duration=40", "two_phase.f_mm=[0.1, 0.5]"))
    assert "f_mm = 0.5: duration 40" in line


def test_the_model_names_its_equation_and_its_source():
    assert ".. math::" in TwoPhase.__doc__
    assert re.search(r"Source: .*paper.*physics", TwoPhase.__doc__)


def test_check_prints_a_plan(hpcmm):
    deck = ROOT / "input_decks" / "two_phase.toml"
    done = hpcmm("check", deck)
    assert done.returncode == 0, done.stderr
    for words in ("kappa, eq 11", "0.09174", "5 values of f_mm", "core-seconds"):
        assert words in done.stdout

"""A checkpoint of an older version, whose decks had fewer keys, is resumed; one of another deck never is."""

import copy
import json
import shutil

import pytest

from hpcmm import kinds
from hpcmm.run import checkpoint
from hpcmm.run.identity import config_of, difference, identity, renewed
from tests import decks
from tests.products import bytes_of
from tests.run.tiny import TINY

RUNS = {name: tiny for name, tiny in TINY.items() if hasattr(tiny.kind, "load")}


def leaves(plain, path=()):
    """Paths of all keys whose values are no tables."""
    items = plain.items() if isinstance(plain, dict) else enumerate(plain)
    for key, value in items:
        is_table = isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, dict) for v in value))
        yield from leaves(value, (*path, key)) if is_table else [(*path, key)]


def without(plain, path):
    """A copy that lacks a key."""
    found = copy.deepcopy(plain)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return found


@pytest.fixture(params=RUNS)
def config(request, tmp_path):
    (tmp_path / "tiny.toml").write_text(RUNS[request.param].deck)
    return kinds.read(tmp_path / "tiny.toml")[1]


def test_a_key_that_was_not_known_then_stands_at_its_default(config):
    """Each key is left out in turn: the checkpoint is of this run where its default is what the deck has."""
    own, same = identity(config), 0
    for path in leaves(own):
        older = without(own, path)
        if (of := config_of(older, config)) is not None:
            assert identity(of) == renewed(older, config), path
            same += renewed(older, config) == own
    assert same > 0


def test_a_key_that_does_not_stand_at_its_default_is_missed(config):
    """A seal without the seed is of a run of seed 0, which is another one than this."""
    own = identity(config)
    if own["run"]["seed"] == 0:
        pytest.skip("nothing of this kind is drawn by a seed")
    assert config_of(without(own, ("run", "seed")), config) is None


@pytest.mark.parametrize("wrong", [None, 3, [], {}, {"run": 3}, {"output": 3}, {"run": {"kind": "none"}}])
def test_what_is_no_deck_is_of_no_run(config, wrong):
    assert config_of(wrong, config) is None


def test_a_key_of_a_later_version_is_of_another_run(config):
    """Nothing that this version does not know is dropped."""
    later = copy.deepcopy(identity(config))
    later["run"]["phase_of_the_moon"] = 1
    assert config_of(later, config) is None
    assert difference(renewed(later, config), identity(config)) == ("run.phase_of_the_moon", 1, None)


def test_restart_of_a_run_of_an_older_version(done, tmp_path):
    """The seal lacks keys that stand at their defaults, as `spectrum` of waves once did."""
    (tmp_path / "deck.toml").write_text(decks.SMALL)
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "run")
    whole = shutil.copytree(tmp_path / "run", tmp_path / "whole")
    for number in checkpoint.numbers(tmp_path / "run" / "checkpoint"):
        path = tmp_path / "run" / "checkpoint" / f"{number:06d}.json"
        seal = json.loads(path.read_text())
        for field in seal["run"]["field"]:
            assert field.pop("spectrum", "power_law") == "power_law"
        path.write_text(json.dumps(seal))
    done("restart", tmp_path / "run")
    assert "resumed from checkpoint" in (tmp_path / "run" / "log.txt").read_text()
    assert bytes_of(tmp_path / "run") == bytes_of(whole)

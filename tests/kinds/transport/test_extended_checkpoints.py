"""Extending changes one file, resolved.toml: before, during and after it some command goes on, to the same bytes."""

import json
import shutil

import pytest

from hpcmm import kinds
from hpcmm.deck.validate import resolved_toml
from hpcmm.kinds.transport import extension
from hpcmm.parallel.collective import OneRank
from hpcmm.run import checkpoint, directory, resume
from tests import decks
from tests.products import bytes_of
from tests.run.processes import start

pytestmark = pytest.mark.mpi

MORE = {"realizations": 5, "path_factor": None}
LONGER = {"realizations": None, "path_factor": 2.0}


@pytest.fixture(scope="module")
def finished(mpirun, environment, tmp_path_factory):
    """A run that is done; the older of its two checkpoints is from amid its work."""
    top = tmp_path_factory.mktemp("finished")
    (top / "deck.toml").write_text(decks.steady(path="2000 kpc"))
    job = start(mpirun, environment, 1, "run", top / "deck.toml", "--out", top / "run", paced={})
    _, stderr = job.communicate(timeout=120)
    assert job.returncode == 0, stderr
    newest, before = (top / "run" / "checkpoint" / f"{n:06d}.json" for n in checkpoint.numbers(top / "run/checkpoint"))
    assert "0 in progress" in newest.read_text()
    assert "1 in progress" in before.read_text()
    return top / "run"


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run")


@pytest.fixture(scope="module")
def whole(done, finished, tmp_path_factory):
    """Callable ``whole(more)`` -> bytes of the run that had as much from the start."""
    top, made = tmp_path_factory.mktemp("whole"), {}

    def of(more):
        name = json.dumps(more)
        if name not in made:
            deck = shutil.copytree(finished, top / str(len(made)) / "less") / "resolved.toml"
            change(deck.parent, more)
            done("run", deck, "--out", top / str(len(made)) / "whole")
            made[name] = bytes_of(top / str(len(made)) / "whole")
        return made[name]

    return of


def change(run, more):
    """What `hpcmm extend` does before its first step, and then dies."""
    _, wanted = extension.wanted(run, kinds.read, **more)
    directory.write_resolved(run, resolved_toml(kinds.config_from_plain(wanted)))


def seal(run, number):
    return run / "checkpoint" / f"{number:06d}.json"


@pytest.mark.parametrize("more", [MORE, LONGER], ids=["more realizations", "longer path"])
def test_extension_that_died_at_once_is_gone_on_with_by_restart(run, done, hpcmm, whole, more):
    """Its checkpoints are those of the shorter run still. Asked again, `extend` names the command."""
    before = checkpoint.numbers(run / "checkpoint")
    change(run, more)
    assert f"checkpoint {before[0]:06d}: 18 of 18 tasks done, 0 in progress, before it was extended" in (
        done("status", run).stdout
    )
    again = hpcmm("extend", run, *(["--realizations", 5] if more is MORE else ["--path-factor", 2]))
    assert again.returncode == 2
    assert f"run it to its end first: hpcmm restart {run}" in again.stderr
    assert checkpoint.numbers(run / "checkpoint") == before
    assert "belongs" not in done("restart", run).stderr
    assert bytes_of(run) == whole(more)


def test_extensions_that_die_again_and_again_lose_nothing(run, done, whole):
    """A shorter run extended three times before any of it was saved."""
    for factor in (2.0, 3.0, 2.0):
        change(run, {"realizations": None, "path_factor": factor})
    change(run, {"realizations": 4, "path_factor": None})
    done("restart", run)
    shutil.copytree(run, run.parent / "other")
    done("run", run / "resolved.toml", "--out", run.parent / "other", "--overwrite")
    assert bytes_of(run) == bytes_of(run.parent / "other")


@pytest.mark.parametrize("more", [MORE, LONGER], ids=["more realizations", "longer path"])
def test_checkpoint_from_amid_the_shorter_run_is_extended_too(run, done, whole, more):
    """The one of its end is damaged, after the deck has changed."""
    newest, before = checkpoint.numbers(run / "checkpoint")
    change(run, more)
    seal(run, newest).write_text("no seal")
    assert f"checkpoint {newest:06d} is damaged" in done("restart", run, ranks=2).stderr
    assert f"resumed from checkpoint {before:06d}" in (run / "log.txt").read_text()
    assert bytes_of(run) == whole(more)


def test_checkpoints_of_the_shorter_run_go_when_two_of_the_longer_are_there(run, done):
    newest, _ = checkpoint.numbers(run / "checkpoint")
    done("extend", run, "--realizations", 4, ranks=2)
    done("restart", run)
    done("restart", run)
    assert min(checkpoint.numbers(run / "checkpoint")) > newest
    assert len(checkpoint.numbers(run / "checkpoint")) == 2


def loaded(run):
    _, config = kinds.read(run / "resolved.toml")
    return resume.load(OneRank(), run, config, kinds.of(config))


def test_a_checkpoint_of_its_own_comes_before_newer_ones_of_the_shorter_run(run, done):
    """Extended, taken back by hand, restarted, extended again: what was done of the longer run is used."""
    often = 'checkpoint_interval = "0.2 s"'
    shorter = (run / "resolved.toml").read_text().replace(often, 'checkpoint_interval = "1 h"')
    assert often not in shorter
    (run / "resolved.toml").write_text(shorter)  # else a slow machine saves twice, and those of the shorter run go
    done("extend", run, "--realizations", 4)
    longer = (run / "resolved.toml").read_text()
    of_longer = max(checkpoint.numbers(run / "checkpoint"))
    (run / "resolved.toml").write_text(shorter)
    assert f"checkpoint {of_longer:06d} belongs to another deck (run.realizations is 4 there, 3 here)" in (
        done("restart", run).stderr
    )
    (run / "resolved.toml").write_text(longer)
    assert loaded(run)[0] == of_longer


def test_what_is_no_shorter_run_is_refused_with_what_to_put_back(run, hpcmm, done):
    """Fewer realizations than were done, other factors, another seed: the line says what resolved.toml must have."""
    text = (run / "resolved.toml").read_text()
    for old, new, key, words in (
        ("realizations = 3", "realizations = 2", "run.realizations", "is 3 there, 2 here"),
        ("seed = 7", "seed = 8", "run.seed", "is 7 there, 8 here"),
    ):
        assert old in text
        (run / "resolved.toml").write_text(text.replace(old, new))
        refused = hpcmm("restart", run)
        assert refused.returncode == 2
        assert f"({key} {words})" in refused.stderr
        assert refused.stderr.endswith(f"put {key} back in {run}/resolved.toml, then hpcmm restart {run}\n")
        assert "overwrite" not in refused.stderr
    (run / "resolved.toml").write_text(text)
    done("restart", run)


def test_longer_path_of_a_run_with_tracks_is_no_extension(run, done, hpcmm, tmp_path):
    out = tmp_path / "tracks"
    done("run", run / "resolved.toml", "--out", out, "--set", "output.trajectories=4")
    text = (out / "resolved.toml").read_text()
    (out / "resolved.toml").write_text(text.replace("path_factors = []", "path_factors = [2.0]"))
    assert (out / "resolved.toml").read_text() != text
    refused = hpcmm("restart", out)
    assert refused.returncode == 2
    assert "put stepping.path_factors back" in refused.stderr

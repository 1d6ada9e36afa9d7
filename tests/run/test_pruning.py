"""Two checkpoints are kept, two that are good; numbers have no end, and nothing that a kill left stays for ever."""

import json
import os
import shutil

import pytest

from hpcmm import kinds
from hpcmm.parallel.collective import OneRank
from hpcmm.run import checkpoint, pruning, resume
from tests import decks
from tests.products import bytes_of

LAST = 999_999
"""The last number of six digits."""


@pytest.fixture(scope="module")
def finished(done, tmp_path_factory):
    """Run directory of a run that is done: it has one checkpoint or two."""
    top = tmp_path_factory.mktemp("finished")
    (top / "deck.toml").write_text(decks.SMALL)
    done("run", top / "deck.toml", "--out", top / "run")
    return top / "run"


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run")


def files(run):
    return sorted(os.listdir(run / "checkpoint"))


def renumber(run, number):
    """Give the run's only checkpoint another number."""
    (old,) = checkpoint.numbers(run / "checkpoint")
    for ending in ("h5", "json"):
        os.rename(run / "checkpoint" / f"{old:06d}.{ending}", run / "checkpoint" / f"{number:06d}.{ending}")


def test_the_checkpoint_after_the_last_of_six_digits_is_seen_and_used(run, done, finished):
    """Three restarts: each reads the newest, writes one more, and drops the oldest of three."""
    renumber(run, LAST)
    for number in (LAST, LAST + 1, LAST + 2):
        assert f"checkpoint {number:06d}" in done("status", run).stdout
        done("restart", run)
        assert f"resumed from checkpoint {number:06d}" in (run / "log.txt").read_text()
    assert checkpoint.numbers(run / "checkpoint") == [LAST + 3, LAST + 2]
    assert bytes_of(run) == bytes_of(finished)


def test_numbers_are_read_as_they_are_written(tmp_path):
    for name in ("000001", "999999", "1000000", "12345678901234567890", "0000002", "00003", "٠٠٠٠٠٤"):
        (tmp_path / f"{name}.json").touch()
    assert checkpoint.numbers(tmp_path) == [12345678901234567890, 1_000_000, 999_999, 1]


def test_what_a_kill_amid_pruning_or_writing_left_goes_at_the_next_start(run, done):
    """A file whose seal is gone already, one whose seal is not there yet, temporaries; what is not ours stays."""
    folder = run / "checkpoint"
    (number,) = checkpoint.numbers(folder)
    for name in ("000000.h5", "000077.h5", "1000077.h5", "000078.h5.part", "000078.json.part", "latest.part"):
        (folder / name).write_bytes(b"left behind")
    (folder / "notes.txt").touch()
    done("restart", run)
    kept = [f"{n:06d}.{ending}" for n in (number, number + 1) for ending in ("h5", "json")]
    assert files(run) == sorted([*kept, "latest", "notes.txt"])


def test_a_checkpoint_more_than_two_goes_after_the_next_save(run, done):
    """Killed between writing and pruning, again and again."""
    folder = run / "checkpoint"
    (number,) = checkpoint.numbers(folder)
    for more in range(1, 4):
        for ending in ("h5", "json"):
            shutil.copy(folder / f"{number:06d}.{ending}", folder / f"{number + more:06d}.{ending}")
    done("restart", run)
    assert checkpoint.numbers(folder) == [number + 4, number + 3]


def test_a_damaged_checkpoint_never_takes_the_place_of_a_good_one(run, done):
    folder = run / "checkpoint"
    (number,) = checkpoint.numbers(folder)
    shutil.copy(folder / f"{number:06d}.json", folder / f"{number + 1:06d}.json")
    (folder / f"{number + 1:06d}.h5").write_bytes(b"no HDF5")
    assert f"checkpoint {number + 1:06d} is damaged" in done("restart", run).stderr
    assert checkpoint.numbers(folder) == [number + 2, number]


def test_a_checkpoint_of_another_run_is_left_alone(run, done):
    folder = run / "checkpoint"
    (number,) = checkpoint.numbers(folder)
    for more in (1, 2):
        seal = json.loads((folder / f"{number:06d}.json").read_text())
        seal["run"]["run"]["seed"] = 99
        (folder / f"{number + more:06d}.json").write_text(json.dumps(seal))
        shutil.copy(folder / f"{number:06d}.h5", folder / f"{number + more:06d}.h5")
    assert "belongs to another deck" in done("restart", run).stderr
    assert checkpoint.numbers(folder) == [number + 3, number + 2, number + 1, number]
    done("restart", run)
    assert checkpoint.numbers(folder) == [number + 4, number + 3, number + 2, number + 1]


def test_a_folder_that_cannot_be_read_is_told_and_not_taken_for_an_empty_one(run, monkeypatch):
    """A run of weeks would else begin anew."""
    _, config = kinds.read(run / "resolved.toml")

    def unreadable(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", unreadable)
    with pytest.raises(Exception, match=r"checkpoint: cannot be read \(Permission denied\)"):
        resume.load(OneRank(), run, config, kinds.of(config))
    pruning.prune(run / "checkpoint", [1, 2], config)  # nor does it end a run that has just saved itself

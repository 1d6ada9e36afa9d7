"""A run that is killed again and again ends with the bytes of the run that never was."""

import random
import time

import pytest

from tests import decks
from tests.products import bytes_of
from tests.run.processes import WAYS, hit, latest, saved, start, wait_for

pytestmark = pytest.mark.mpi


def soak(mpirun, environment, top, path, kills, seed, log=print):
    """Run, kill, restart on another number of ranks until so many kills are done, then to the end.

    Returns
    -------
    path, int
        The run directory, and the number of kills that struck a run that was going on.
    """
    draw, out, struck = random.Random(seed), top / "run", 0
    (top / "deck.toml").write_text(decks.steady(path=path))
    while True:
        ranks = draw.randint(1, 4)
        command = ["restart", out] if (out / "resolved.toml").exists() else ["run", top / "deck.toml", "--out", out]
        job = start(mpirun, environment, ranks, *command)
        if struck == kills:
            _, stderr = job.communicate(timeout=600)
            assert job.returncode == 0, stderr
            return out, struck
        way = WAYS[struck % len(WAYS)]
        # start-up takes a second or two: some kills strike there, most strike the steps and the checkpoints
        time.sleep(draw.uniform(0.5, 5.0))
        going_on = job.poll() is None
        hit(job, ranks, way, draw)
        _, stderr = job.communicate(timeout=60)
        struck += going_on
        log(f"{struck}: {way} of {ranks}: exit {job.returncode} {stderr.strip().splitlines()[-1:]}")
        if not going_on:
            assert job.returncode == 0, stderr
        assert "Traceback" not in stderr
        if going_on and "USR1" in way and "stopped at" in stderr:
            assert job.returncode == 75


def test_run_ended_in_seven_ways_ends_with_the_same_bytes(mpirun, environment, done, uninterrupted, tmp_path):
    """Each goes on from where the last one was struck, on 1 to 4 ranks, until it has saved itself again."""
    out, gate, draw = tmp_path / "run", tmp_path / "gate", random.Random(1)
    (tmp_path / "deck.toml").write_text(decks.steady())
    gate.touch()
    command = ["run", tmp_path / "deck.toml", "--out", out]
    for ranks, way in zip((2, 3, 1, 4, 2, 1, 3), WAYS, strict=True):
        before = latest(out)
        job = start(mpirun, environment, ranks, *command, paced={"gate": gate})
        saved(job, out, before)
        hit(job, ranks, way, draw)
        _, stderr = job.communicate(timeout=60)
        assert "Traceback" not in stderr
        assert job.returncode == 75 if "stopped at" in stderr else job.returncode != 0, stderr
        command = ["restart", out]
    done("restart", out)
    assert bytes_of(out) == uninterrupted()


def test_run_killed_while_it_starts_can_be_started_again(mpirun, environment, done, uninterrupted, tmp_path):
    """Twice, a moment after its decks are there, on the machine's own clock."""
    out = tmp_path / "run"
    (tmp_path / "deck.toml").write_text(decks.steady())
    command = ["run", tmp_path / "deck.toml", "--out", out]
    for ranks in (2, 3):
        job = start(mpirun, environment, ranks, *command)
        assert wait_for(lambda: (out / "resolved.toml").exists(), 120)
        hit(job, ranks, "kill all")
        job.communicate(timeout=60)
        command = ["restart", out]
    done(*command)
    assert bytes_of(out) == uninterrupted()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_thirty_kills_give_the_same_bytes(mpirun, environment, uninterrupted, tmp_path, seed):
    """60 kills in all, at times that are not chosen."""
    out, struck = soak(mpirun, environment, tmp_path, "100000 kpc", 30, seed)
    assert struck == 30
    assert bytes_of(out) == uninterrupted("100000 kpc")


def test_half_written_checkpoint_is_passed_over(mpirun, environment, done, uninterrupted, tmp_path):
    """Killed inside a write: the half-written file is left behind, the one before it is used, the end is the same."""
    out, mark = tmp_path / "run", tmp_path / "writing"
    folder = out / "checkpoint"
    (tmp_path / "deck.toml").write_text(decks.steady())
    job = start(mpirun, environment, 2, "run", tmp_path / "deck.toml", "--out", out, paced={"writing": mark})
    assert wait_for(mark.exists, 120)
    hit(job, 2, "kill all")
    job.communicate(timeout=60)
    assert [path.name for path in folder.glob("*.part")] == ["000003.h5.part"]
    assert latest(out) == "000002\n"
    done("restart", out, ranks=3)
    assert "resumed from checkpoint 000002" in (out / "log.txt").read_text()
    assert bytes_of(out) == uninterrupted()
    assert not list(folder.glob("*.part"))

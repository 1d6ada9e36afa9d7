"""A run that is killed again and again ends with the bytes of the run that never was."""

import random
import time

import pytest

from tests.kinds.transport.test_ranks import bytes_of
from tests.run.kills import DECK, WAYS, hit, start, wait_for


def soak(mpirun, environment, top, path, kills, seed, log=print):
    """Run, kill, restart on another number of ranks until so many kills are done, then to the end.

    Returns
    -------
    path, int
        The run directory, and the number of kills that struck a run that was going on.
    """
    draw, out, struck = random.Random(seed), top / "run", 0
    (top / "deck.toml").write_text(DECK.format(path=path))
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


def test_four_kills(mpirun, environment, uninterrupted, tmp_path):
    out, struck = soak(mpirun, environment, tmp_path, 20_000, 4, seed=1)
    assert struck == 4
    assert bytes_of(out) == uninterrupted(20_000)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_soak(mpirun, environment, uninterrupted, tmp_path, seed):
    """60 kills in all."""
    out, struck = soak(mpirun, environment, tmp_path, 100_000, 30, seed)
    assert struck == 30
    assert bytes_of(out) == uninterrupted(100_000)


def test_killed_inside_a_checkpoint_write(mpirun, environment, uninterrupted, tmp_path):
    """The half-written file is left behind, the one before it is used, the end is the same."""
    out = tmp_path / "run"
    folder = out / "checkpoint"
    (tmp_path / "deck.toml").write_text(DECK.format(path=20_000))
    command = ["run", tmp_path / "deck.toml", "--out", out]
    for _ in range(20):
        job = start(mpirun, environment, 2, *command)
        command = ["restart", out]
        assert wait_for(lambda: folder.is_dir() and any(folder.glob("*.h5")), 60)
        wait_for(lambda: any(folder.glob("*.h5.part")), 60)
        hit(job, 2, "kill all")
        job.communicate(timeout=60)
        if left := list(folder.glob("*.part")):
            break
    assert left, "no kill fell into a write"
    job = start(mpirun, environment, 3, "restart", out)
    _, stderr = job.communicate(timeout=300)
    assert job.returncode == 0, stderr
    assert bytes_of(out) == uninterrupted(20_000)
    assert not list(folder.glob("*.part"))

"""Disks that fill, directories that vanish, ranks that fail: one line, a status that says what to do, nothing lost."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from tests import decks
from tests.products import bytes_of
from tests.run.processes import hit, ranks_of, saved, start, wait_for

pytestmark = pytest.mark.mpi


@pytest.fixture
def whole(uninterrupted):
    """Bytes of the undisturbed run."""
    return uninterrupted()


@pytest.fixture
def deck(tmp_path):
    (tmp_path / "deck.toml").write_text(decks.steady())
    return tmp_path / "deck.toml"


@pytest.fixture
def gate(tmp_path):
    """A file that holds paced runs half-way."""
    (tmp_path / "gate").touch()
    return tmp_path / "gate"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4M", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


@pytest.fixture
def held(mpirun, environment, deck, gate):
    """Callable ``held(out, ranks=2)`` -> job of a run that has saved itself and stands half-way."""
    jobs = []

    def begin(out, ranks=2):
        jobs.append(start(mpirun, environment, ranks, "run", deck, "--out", out, paced={"gate": gate}))
        saved(jobs[-1], out)
        return jobs[-1]

    yield begin
    gate.unlink()  # so that none stays where a test has failed
    for job in jobs:
        job.kill()


def ended(job, *statuses):
    """Its standard error, once it has ended with one of these statuses."""
    _, stderr = job.communicate(timeout=120)
    assert job.returncode in statuses, stderr
    return stderr


def one_line(stderr, words):
    """Exactly one line of ours, with these words, and no traceback."""
    ours = [line for line in stderr.splitlines() if line.startswith("hpcmm: ")]
    assert len(ours) == 1, stderr
    assert words in ours[0]
    assert "Traceback" not in stderr


def fill(disk):
    with open(disk / "filler", "wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            pass


@pytest.mark.parametrize("ranks", [1, 2])
def test_disk_that_fills_stops_the_run_which_resumes_to_the_same_bytes(held, small_disk, whole, done, ranks):
    out = small_disk / "run"
    job = held(out, ranks)
    fill(small_disk)
    one_line(ended(job, 75), "No space left on device")
    (small_disk / "filler").unlink()
    done("restart", out, ranks=3 - ranks)
    assert bytes_of(out) == whole


def test_disk_that_is_full_from_the_start_is_an_input_error(hpcmm, deck, small_disk):
    fill(small_disk)
    refused = hpcmm("run", deck, "--out", small_disk / "run", ranks=2)
    assert refused.returncode == 2
    one_line(refused.stderr, "No space left on device")


@pytest.mark.parametrize(("limit", "status"), [(5_000, 2), (400_000, 75)])
def test_file_size_limit_stops_the_run(mpirun, environment, deck, tmp_path, limit, status, whole, done):
    """As a quota it shows in no free-space figure. 5 kB stop the first checkpoint, 400 kB a later one."""
    job = start(mpirun, environment, 2, "run", deck, "--out", tmp_path / "run", paced={"limit": limit})
    one_line(ended(job, status), "File too large")
    if status == 75:
        done("restart", tmp_path / "run")
        assert bytes_of(tmp_path / "run") == whole


def test_directory_turned_read_only_stops_the_run_which_resumes_to_the_same_bytes(held, small_disk, whole, done):
    out = small_disk / "run"
    job = held(out)
    # a second, read-only mount on top: the first one cannot change while files on it are open for writing
    subprocess.run(["mount", "--bind", small_disk, small_disk], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", small_disk], check=True)
    stderr = ended(job, 75)
    subprocess.run(["umount", small_disk], check=True)
    one_line(stderr, "Read-only file system")
    done("restart", out, ranks=3)
    assert bytes_of(out) == whole


def test_directory_that_vanishes_ends_the_run_in_a_line(held, tmp_path):
    out = tmp_path / "run"
    job = held(out)
    os.rename(out, tmp_path / "elsewhere")
    one_line(ended(job, 2, 75), "No such file or directory")
    shutil.rmtree(tmp_path / "elsewhere")


def test_second_run_in_a_directory_is_refused_and_the_first_goes_on(mpirun, environment, deck, held, tmp_path, hpcmm):
    """Whatever the second one asks."""
    out = tmp_path / "run"
    job = held(out, ranks=1)
    for command in (["run", deck, "--out", out, "--overwrite"], ["restart", out]):
        second = start(mpirun, environment, 2, *command, paced={"patience": 0.5})
        one_line(ended(second, 2), f"a run is in progress there (process {job.pid}")
    status = hpcmm("status", out)
    assert status.returncode == 0
    assert f"{out}: running" in status.stdout
    assert "steps/s" in status.stdout
    assert "checkpoint 0" in status.stdout
    hit(job, 1, "TERM to a rank")
    ended(job, 75)
    assert "stopped" in hpcmm("status", out).stdout


def test_wall_time_stops_each_part_and_the_next_resumes_it(mpirun, environment, deck, tmp_path, whole):
    """34 rounds of 2 ranks fit, 68 of 216 chunks of steps: some three stops, each with a checkpoint."""
    out, stops = tmp_path / "run", 0
    job = start(mpirun, environment, 2, "run", deck, "--out", out, "--set", "output.wall_time=10 s", paced={})
    while "wall_time" in (stderr := ended(job, 0, 75)):
        assert job.returncode == 75
        one_line(stderr, "wall_time")
        assert json.loads((out / "status.json").read_text())["state"] == "stopped"
        stops += 1
        job = start(mpirun, environment, 2, "restart", out, paced={})
    assert job.returncode == 0, stderr
    assert stops >= 2
    assert bytes_of(out) == whole


def test_wall_time_within_which_nothing_advances_is_refused_with_a_checkpoint(
    mpirun, environment, deck, tmp_path, done, whole
):
    """Else each restart would save what it was given; a signal still stops the run."""
    out, command = tmp_path / "run", ["--set", "output.wall_time=10 s"]
    job = start(mpirun, environment, 2, "run", deck, "--out", out, *command, paced={"margin": 10})
    one_line(ended(job, 2), "output.wall_time = 10 s lets nothing advance")
    resolved = out / "resolved.toml"
    resolved.write_text(resolved.read_text().replace('wall_time = "10.0 s"', 'wall_time = "1 h"'))
    done("restart", out)
    assert bytes_of(out) == whole


def test_killed_rank_ends_the_job_within_ten_seconds(held, tmp_path):
    job = held(tmp_path / "run", ranks=3)
    pids, began = ranks_of(job, 3), time.monotonic()
    os.kill(pids[1], signal.SIGKILL)
    job.communicate(timeout=30)
    assert job.returncode not in (0, 2, 75)
    assert wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), 10)
    assert time.monotonic() - began < 10


def test_ranks_die_with_their_launcher(held, tmp_path):
    job = held(tmp_path / "run")
    pids = ranks_of(job, 2)
    assert len(pids) == 2
    job.kill()
    job.communicate(timeout=60)
    # else they would stand for as long as the gate is there
    assert wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), 30)


def test_place_that_is_no_number_ends_the_job_and_spares_the_checkpoint(
    mpirun, environment, tmp_path, deck, done, whole
):
    out = tmp_path / "run"
    job = start(mpirun, environment, 2, "run", deck, "--out", out, paced={"nan": 10})
    stderr = ended(job, 1)
    assert "rank 1 of 2 failed: FloatingPointError" in stderr
    assert "is no number" in stderr
    done("restart", out, ranks=2)
    assert bytes_of(out) == whole


def test_commands_on_a_directory_without_a_run_are_refused(hpcmm, tmp_path):
    for ranks, *command in ((2, "restart"), (1, "status"), (1, "extend", "--realizations", "9")):
        refused = hpcmm(*command, tmp_path, ranks=ranks)
        assert refused.returncode == 2
        assert str(tmp_path) in refused.stderr

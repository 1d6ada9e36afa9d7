"""Disks that fill, directories that vanish, ranks that fail: one line, a status that says what to do, nothing lost."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.kinds.transport.test_ranks import bytes_of
from tests.run.kills import DECK, hit, ranks_of, start, wait_for

PATH = 20_000


@pytest.fixture
def whole(uninterrupted):
    """Bytes of the undisturbed run."""
    return uninterrupted(PATH)


@pytest.fixture
def deck(tmp_path):
    (tmp_path / "deck.toml").write_text(DECK.format(path=PATH))
    return tmp_path / "deck.toml"


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


def first_checkpoint(out):
    """Wait until the run has saved itself once."""
    assert wait_for(lambda: (out / "checkpoint" / "latest").exists(), 60)


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
def test_disk_full_in_mid_run(mpirun, environment, deck, small_disk, whole, hpcmm, ranks):
    out = small_disk / "run"
    job = start(mpirun, environment, ranks, "run", deck, "--out", out)
    first_checkpoint(out)
    fill(small_disk)
    _, stderr = job.communicate(timeout=60)
    assert job.returncode == 75, stderr
    one_line(stderr, "No space left on device")
    (small_disk / "filler").unlink()
    done = hpcmm("restart", out, ranks=2)
    assert done.returncode == 0, done.stderr
    assert bytes_of(out) == whole


def test_disk_full_from_the_start(mpirun, environment, deck, small_disk):
    fill(small_disk)
    job = start(mpirun, environment, 2, "run", deck, "--out", small_disk / "run")
    _, stderr = job.communicate(timeout=60)
    assert job.returncode == 2
    one_line(stderr, "No space left on device")


LIMITED = """
import resource, sys
from mpi4py import MPI  # its own files are larger
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from hpcmm.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(("limit", "status"), [(5_000, 2), (140_000, 75)])
def test_file_size_limit(mpirun, environment, deck, tmp_path, limit, status, whole, hpcmm):
    """As a quota it shows in no free-space figure. 5 kB stop the first checkpoint, 140 kB a later one."""
    (tmp_path / "limited.py").write_text(LIMITED)
    command = [mpirun, "-n", "2", sys.executable, tmp_path / "limited.py", str(limit), "run", deck]
    command += ["--out", tmp_path / "run"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == status, done.stderr
    one_line(done.stderr, "File too large")
    if status == 75:
        done = hpcmm("restart", tmp_path / "run", ranks=2)
        assert done.returncode == 0, done.stderr
        assert bytes_of(tmp_path / "run") == whole


def test_read_only_in_mid_run(mpirun, environment, deck, small_disk, whole, hpcmm):
    out = small_disk / "run"
    job = start(mpirun, environment, 2, "run", deck, "--out", out)
    first_checkpoint(out)
    # a second, read-only mount on top: the first one cannot change while files on it are open for writing
    subprocess.run(["mount", "--bind", small_disk, small_disk], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", small_disk], check=True)
    _, stderr = job.communicate(timeout=60)
    subprocess.run(["umount", small_disk], check=True)
    assert job.returncode == 75, stderr
    one_line(stderr, "Read-only file system")
    assert hpcmm("restart", out, ranks=3).returncode == 0
    assert bytes_of(out) == whole


def test_directory_vanishes(mpirun, environment, deck, tmp_path):
    out = tmp_path / "run"
    job = start(mpirun, environment, 2, "run", deck, "--out", out)
    first_checkpoint(out)
    os.rename(out, tmp_path / "elsewhere")
    _, stderr = job.communicate(timeout=60)
    assert job.returncode in (2, 75), stderr
    one_line(stderr, "No such file or directory")
    shutil.rmtree(tmp_path / "elsewhere")


def test_two_runs_in_one_directory(mpirun, environment, deck, tmp_path, whole, hpcmm):
    """The second one is refused, whatever it asks; the first goes on undisturbed."""
    out = tmp_path / "run"
    job = start(mpirun, environment, 1, "run", deck, "--out", out, "--set", "stepping.path_length=200 Mpc")
    first_checkpoint(out)
    for command in (["run", deck, "--out", out, "--overwrite"], ["restart", out]):
        done = hpcmm(*command, ranks=2)
        assert done.returncode == 2, done.stderr
        one_line(done.stderr, f"a run is going on there (process {job.pid}")
    status = hpcmm("status", out)
    assert status.returncode == 0
    assert f"{out}: running" in status.stdout
    assert "steps/s" in status.stdout
    assert "checkpoint 0" in status.stdout
    hit(job, 1, "TERM to a rank")
    _, stderr = job.communicate(timeout=30)
    assert job.returncode == 75, stderr
    assert "stopped" in hpcmm("status", out).stdout


def test_wall_time(hpcmm, deck, tmp_path, whole):
    """Stops by itself, again and again, until it is done; every part goes on where the last one stopped."""
    out, statuses = tmp_path / "run", []
    done = hpcmm("run", deck, "--out", out, "--set", "output.wall_time=5.8 s", ranks=2)
    while done.returncode == 75:
        one_line(done.stderr, "wall_time")
        assert json.loads((out / "status.json").read_text())["state"] == "stopped"
        statuses.append(done.returncode)
        done = hpcmm("restart", out, ranks=2)
    assert done.returncode == 0, done.stderr
    assert len(statuses) >= 2
    assert bytes_of(out) == whole


def test_a_killed_rank_ends_the_job_within_ten_seconds(mpirun, environment, deck, tmp_path):
    out = tmp_path / "run"
    job = start(mpirun, environment, 3, "run", deck, "--out", out, "--set", "stepping.path_length=200 Mpc")
    first_checkpoint(out)
    pids, began = ranks_of(job, 3), time.monotonic()
    os.kill(pids[1], signal.SIGKILL)
    job.communicate(timeout=30)
    assert job.returncode not in (0, 2, 75)
    assert wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), 10)
    assert time.monotonic() - began < 10


def test_ranks_die_with_their_launcher(mpirun, environment, deck, tmp_path):
    out = tmp_path / "run"
    job = start(mpirun, environment, 2, "run", deck, "--out", out, "--set", "stepping.path_length=200 Mpc")
    first_checkpoint(out)
    pids = ranks_of(job, 2)
    job.kill()
    job.communicate(timeout=30)
    assert wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), 5)


NAN = """
import sys
from mpi4py import MPI
from hpcmm.kinds.transport.block_run import BlockRun
advance = BlockRun.advance_chunk
def poisoned(self):
    if MPI.COMM_WORLD.rank == 1 and self.block.step > 5000:
        self.block.state[0, 3] = float("nan")
    return advance(self)
BlockRun.advance_chunk = poisoned
from hpcmm.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_nan_ends_the_job_and_spares_the_checkpoint(mpirun, environment, tmp_path, deck, hpcmm, whole):
    (tmp_path / "nan.py").write_text(NAN)
    out = tmp_path / "run"
    command = [mpirun, "-n", "2", sys.executable, tmp_path / "nan.py", "run", deck, "--out", out]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "rank 1 of 2 failed: FloatingPointError" in done.stderr
    assert "is no number" in done.stderr
    assert hpcmm("restart", out, ranks=2).returncode == 0
    assert bytes_of(out) == whole


def test_restart_of_no_run(hpcmm, tmp_path):
    for command in ("restart", "status", "extend"):
        done = hpcmm(command, tmp_path, *(["--realizations", "9"] if command == "extend" else []), ranks=2)
        assert done.returncode == 2
        assert str(tmp_path) in done.stderr

"""A new kind of run is a folder and a line: checked, run, killed and resumed on other ranks, no word of it in hpcmm."""

import signal
import subprocess
import sys

import numpy as np
import pytest
from astropy.table import Table

from tests.conftest import ROOT
from tests.run.processes import wait_for

pytestmark = pytest.mark.mpi

DECK = """
[run]
kind = "toy"
[toy]
numbers = 1000
steps = 100
hold = "{hold}"
[output]
checkpoint_interval = "0.05 s"
"""


def expected(numbers=1000, steps=100):
    n = np.arange(numbers)
    for step in range(steps):
        n = (n * 5 + step) % 1_000_003
    return n.sum()


@pytest.fixture
def toy(environment, mpirun):
    def start(*arguments, ranks=1):
        command = [sys.executable, "-m", "tests.run.toy", *map(str, arguments)]
        if ranks > 1:
            command = [mpirun, "-n", str(ranks), *command]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True, **pipes)

    return start


def test_a_kind_in_a_folder_is_killed_half_way_and_resumed_on_three_ranks(toy, tmp_path):
    deck, out, hold = tmp_path / "deck.toml", tmp_path / "run", tmp_path / "hold"
    deck.write_text(DECK.format(hold=hold))
    hold.touch()
    checked = toy("check", deck)
    assert "100 steps" in checked.communicate(timeout=60)[0]
    job = toy("run", deck, "--out", out, ranks=2)
    # the first checkpoint may be earlier than half-way; the second after it stands there
    assert wait_for(lambda: "step 50" in status(toy, out), 120)
    job.send_signal(signal.SIGKILL)
    job.communicate(timeout=60)
    assert not (out / "kappa.ecsv").exists()
    hold.unlink()
    resumed = toy("restart", out, ranks=3)
    stdout, stderr = resumed.communicate(timeout=60)
    assert resumed.returncode == 0, stderr
    assert "checkpoint 0" in (out / "log.txt").read_text()
    assert Table.read(out / "kappa.ecsv")["sum"][0] == expected()
    assert str(expected()) in stdout


def status(toy, out):
    """What `hpcmm status` prints; nothing while there is no run yet."""
    return toy("status", out).communicate(timeout=60)[0]

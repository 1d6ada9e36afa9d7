"""Shared by all tests: the MPI environment of one machine, and real runs of decks on real ranks."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HPCMM = [sys.executable, "-m", "hpcmm"]


def local_mpi():
    """Settings of jobs/local_mpi.env: root and more ranks than cores are fine on a test machine."""
    text = (ROOT / "jobs" / "local_mpi.env").read_text()
    return dict(re.findall(r"^export (\w+)=(\S+)$", text, re.MULTILINE))


@pytest.fixture(scope="session")
def environment():
    """Environment for child processes: none of an outer MPI job, the settings of one machine."""
    outer = ("OMPI_", "PMIX_", "PMI_", "ORTE_", "OPAL_", "PRTE_")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(outer)}
    return clean | local_mpi() | {"COLUMNS": "200"}


@pytest.fixture(scope="session")
def mpirun():
    """The launcher of the MPI that mpi4py is bound to: beside this Python where set-up has put it."""
    beside = Path(sys.executable).with_name("mpirun")
    found = str(beside) if beside.exists() else shutil.which("mpirun")
    assert found, "these tests need mpirun"
    return found


@pytest.fixture(scope="session")
def hpcmm(environment, mpirun):
    """Callable ``hpcmm(*arguments, ranks=1, cwd=None)`` -> CompletedProcess of the real command."""

    def call(*arguments, ranks=1, cwd=None, timeout=600):
        command = [*HPCMM, *map(str, arguments)]
        if ranks > 1:
            command = [mpirun, "-n", str(ranks), *command]
        return subprocess.run(
            command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False
        )

    return call


@pytest.fixture
def run_deck(hpcmm, tmp_path):
    """Callable ``run_deck(text, ranks=2, name="run")`` -> opened Run of a deck given as text."""

    def run(text, ranks=2, name="run"):
        from hpcmm import open_run

        deck, out = tmp_path / f"{name}.toml", tmp_path / name
        deck.write_text(text)
        done = hpcmm("run", deck, "--out", out, ranks=ranks)
        assert done.returncode == 0, done.stderr
        return open_run(out)

    return run

"""Shared by all tests: the MPI environment of one machine, and real runs of decks."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import decks
from tests.fork_server import ForkServer
from tests.products import bytes_of

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
def fork_server(environment):
    """See `tests.fork_server`."""
    server = ForkServer(environment)
    yield server
    server.close()


@pytest.fixture(scope="session")
def hpcmm(environment, mpirun, fork_server):
    """Callable ``hpcmm(*arguments, ranks=1, cwd=None)`` -> CompletedProcess of the command.

    On one rank it is forked from a process that has read its modules; on several it is the real command under mpirun.
    ``more`` is added to its environment.
    """

    def call(*arguments, ranks=1, cwd=None, timeout=600, more=()):
        arguments, surroundings = list(map(str, arguments)), environment | dict(more)
        if ranks == 1:
            return fork_server(arguments, surroundings, cwd, timeout)
        command = [mpirun, "-n", str(ranks), *HPCMM, *arguments]
        how = {"capture_output": True, "text": True, "timeout": timeout, "check": False}
        return subprocess.run(command, env=surroundings, cwd=cwd, **how)

    return call


@pytest.fixture(scope="session")
def done(hpcmm):
    """Callable as `hpcmm`, for what must end with status 0."""

    def call(*arguments, **how):
        ended = hpcmm(*arguments, **how)
        assert ended.returncode == 0, ended.stderr
        return ended

    return call


@pytest.fixture
def run_deck(done, tmp_path):
    """Callable ``run_deck(text, name="run")`` -> opened Run of a deck given as text, on one rank."""

    def run(text, name="run"):
        from hpcmm import open_run

        deck, out = tmp_path / f"{name}.toml", tmp_path / name
        deck.write_text(text)
        done("run", deck, "--out", out)
        return open_run(out)

    return run


@pytest.fixture(scope="session")
def uninterrupted(done, tmp_path_factory):
    """Callable ``uninterrupted(path)`` -> bytes of the undisturbed run of `tests.decks.steady` of that path length."""
    top, made = tmp_path_factory.mktemp("whole"), {}

    def run(path="5000 kpc"):
        if path not in made:
            (top / "deck.toml").write_text(decks.steady(path=path))
            done("run", top / "deck.toml", "--out", top / path)
            made[path] = bytes_of(top / path)
        return made[path]

    return run


@pytest.fixture(scope="session")
def tiny_run(done, tmp_path_factory):
    """Callable ``tiny_run(name)`` -> directory of the finished run of `tests.run.tiny` of that name; change no file."""
    top, made = tmp_path_factory.mktemp("tiny"), {}

    def run(name):
        from tests.run.tiny import TINY

        if name not in made:
            tiny, out = TINY[name], top / name.replace(" ", "_")
            for module in tiny.kind.requires if hasattr(tiny.kind, "requires") else ("torch", "safetensors"):
                pytest.importorskip(module)
            deck = top / f"{out.name}.toml"
            deck.write_text(tiny.deck)
            done("train" if tiny.kind_name == "network" else "run", deck, "--out", out)
            if "estimators.ecsv" in tiny.kind.files:
                done("kappa", out, "--estimator", "all", cwd=top)
            if "pitch_angle.ecsv" in tiny.kind.files:
                done("kappa", out, "--estimator", "pitch_angle")
                done("kappa", out, "--estimator", "autocorrelation")
            made[name] = out
        return made[name]

    return run

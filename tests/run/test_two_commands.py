"""Two commands in one directory at once, in every pair: one waits or refuses in a line, and nothing is lost.

The first stands half-way, by a gate that only runs have (`tests.run.paced`), or holds the lock as the others do.
"""

import itertools
import shutil

import pytest

from hpcmm.run.lock import RunLock
from tests import decks
from tests.products import bytes_of
from tests.run.processes import saved, start, wait_for

pytestmark = pytest.mark.mpi

SECOND = ("run", "restart", "extend", "merge into", "merge of", "estimate", "plot", "report", "status", "kappa")
SAMPLE = (("run", "merge into"), ("extend", "estimate"), ("extend", "plot"))
"""Pairs that are tried beside a real run each time; the others are slow."""

WAITS = ("status", "kappa", "plot", "report")
"""What only reads, or puts whole files in their places, need not wait."""
DECK = decks.steady(path="2 Mpc", trajectories=2)


@pytest.fixture(scope="module")
def made(done, tmp_path_factory):
    """A folder with a finished run and a part of the same deck at another energy; the bytes of both."""
    top = tmp_path_factory.mktemp("made")
    (top / "deck.toml").write_text(DECK)
    done("run", top / "deck.toml", "--out", top / "run", "--part", "1/2")
    done("run", top / "deck.toml", "--out", top / "other", "--part", "2/2")
    return top


@pytest.fixture
def here(made, tmp_path):
    """A copy of `made`."""
    shutil.copytree(made, tmp_path / "here")
    return tmp_path / "here"


def command(name, top):
    """Arguments of a command on the run in ``top``."""
    run, other = top / "run", top / "other"
    return {
        "run": ["run", top / "deck.toml", "--out", run, "--overwrite", "--part", "1/2"],
        "restart": ["restart", run],
        "extend": ["extend", run, "--realizations", "5"],
        "merge into": ["merge", other, "--out", run, "--overwrite"],
        "merge of": ["merge", run, other, "--out", top / "merged"],
        "estimate": ["kappa", run, "--estimator", "all"],
        "plot": ["plot", run, "--figure", "fig4"],
        "report": ["report", run],
        "status": ["status", run],
        "kappa": ["kappa", run],
    }[name]


@pytest.mark.parametrize("second", SECOND)
def test_second_command_beside_one_that_holds_the_directory(mpirun, environment, here, made, second):
    """Whatever holds it: a merge, a restart that writes products, a table of estimators."""
    lock = RunLock(here / "run")
    try:
        job = start(mpirun, environment, 1, *command(second, here), paced={"patience": 0.3})
        _, stderr = job.communicate(timeout=120)
    finally:
        lock.release()
    assert "Traceback" not in stderr
    if second in WAITS:
        assert job.returncode == 0, stderr
    else:
        assert job.returncode == 2, stderr
        assert "in progress there" in stderr
    assert bytes_of(here / "run") == bytes_of(made / "run")
    assert not (here / "merged").exists()


@pytest.fixture(scope="module")
def whole(made, done, tmp_path_factory):
    """Bytes of what the first command ends in, alone."""
    found = {}
    for first in ("run", "extend"):
        top = tmp_path_factory.mktemp(first) / "here"
        shutil.copytree(made, top)
        done(*command(first, top))
        found[first] = bytes_of(top / "run")
    return found


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(first, second, marks=() if (first, second) in SAMPLE else pytest.mark.slow)
        for first, second in itertools.product(("run", "extend"), SECOND)
    ],
)
def test_second_command_beside_a_run_in_progress(mpirun, environment, here, whole, first, second):
    """The first, whose directory others read meanwhile, goes on to its bytes."""
    (here / "gate").touch()
    latest = here / "run" / "checkpoint" / "latest"
    before = latest.read_text() if first == "extend" else None
    job = start(mpirun, environment, 1, *command(first, here), paced={"gate": here / "gate"})
    try:
        if first == "run":
            assert wait_for(lambda: not latest.exists(), 60)  # that of the run before
        saved(job, here / "run", before)
        other = start(mpirun, environment, 1, *command(second, here), paced={"patience": 0.3})
        _, stderr = other.communicate(timeout=120)
        assert "Traceback" not in stderr
        assert other.returncode in ((0, 2) if second in WAITS else (2,)), stderr
    finally:
        (here / "gate").unlink()
    _, stderr = job.communicate(timeout=120)
    assert job.returncode == 0, stderr
    assert bytes_of(here / "run") == whole[first]
    assert not (here / "merged").exists()

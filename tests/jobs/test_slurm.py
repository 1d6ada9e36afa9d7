"""The job scripts on a real Slurm of one node: resume after their time is up, pass on how they ended, join an array."""

import os
import signal
import sys
from pathlib import Path

import pytest

from hpcmm.run import status
from tests import decks
from tests.conftest import ROOT
from tests.jobs.slurm_node import Node, missing
from tests.products import bytes_of

pytestmark = pytest.mark.mpi

SECONDS = 90
"""Within which a job must come to its end, beside its work."""


@pytest.fixture(scope="module")
def node(environment, tmp_path_factory):
    if missing():
        pytest.skip(missing())
    # the caller's wishes are not the tests'
    own = {name: value for name, value in environment.items() if not name.startswith(("SLURM_", "SBATCH_", "SRUN_"))}
    top = tmp_path_factory.mktemp("paced")
    paced = f'exec {sys.executable} -m tests.run.paced gate={top}/gate -- "$@"'
    for name, command in (("hpcmm", paced), ("python", f'exec {sys.executable} "$@"')):
        (top / name).write_text(f"#!/bin/sh\n{command}\n")
        (top / name).chmod(0o755)
    with Node(tmp_path_factory.mktemp("slurm"), own | {"HPCMM": str(top / "hpcmm")}) as node:
        yield node


@pytest.fixture
def gate(node):
    """While this file is there, runs stand half-way; see `tests.run.paced`."""
    path = Path(node.environment["HPCMM"]).with_name("gate")
    path.touch()
    yield path
    path.unlink(missing_ok=True)


@pytest.fixture
def submit(node, tmp_path):
    """Callable ``submit(*arguments)`` -> job number; all output of its tasks goes to tmp_path/out.txt."""

    def sbatch(*arguments):
        options = ["--parsable", f"--chdir={ROOT}", f"--output={tmp_path}/out.txt"]
        return node.call("sbatch", *options, *arguments).strip()

    return sbatch


@pytest.fixture
def deck(tmp_path):
    (tmp_path / "deck.toml").write_text(decks.steady())
    return tmp_path / "deck.toml"


def how(job):
    """How a job ended: state, exit status, number of requeues."""
    return job["JobState"], int(job["ExitCode"].split(":")[0]), int(job["Restarts"])


def first_checkpoint(node, run):
    node.until((run / "checkpoint" / "latest").exists, SECONDS, "a checkpoint")


def stop(node, job):
    """What Slurm does shortly before the time of a job is up."""
    node.call("scancel", "--batch", "--signal=USR1", job)


def test_job_submitted_again_resumes_its_run(node, submit, deck, gate, uninterrupted, tmp_path, monkeypatch):
    """Stopped for good where asked; then finished; then nothing to do. Another deck is refused."""
    run, out = tmp_path / "run", tmp_path / "out.txt"
    monkeypatch.setitem(node.environment, "HPCMM_REQUEUE", "no")
    arguments = ["--ntasks=2", "jobs/transport.slurm", deck, run]
    job = submit(*arguments)
    first_checkpoint(node, run)
    stop(node, job)
    assert how(node.wait(job, SECONDS)) == ("FAILED", 75, 0), out.read_text()
    gate.unlink()
    job = submit(*arguments)
    assert how(node.wait(job, SECONDS)) == ("COMPLETED", 0, 0), out.read_text()
    assert "checkpoint" in out.read_text()  # what came before is kept
    assert "kappa.ecsv" in out.read_text()
    assert bytes_of(run) == uninterrupted()
    job = submit(*arguments)
    assert how(node.wait(job, SECONDS)) == ("COMPLETED", 0, 0), out.read_text()
    assert bytes_of(run) == uninterrupted()
    deck.write_text(decks.steady(path="1000 kpc"))
    job = submit(*arguments)
    assert how(node.wait(job, SECONDS)) == ("FAILED", 2, 0), out.read_text()
    assert "another deck" in out.read_text()


def test_wrong_deck_is_not_tried_again(node, submit, deck, tmp_path):
    deck.write_text(decks.steady(path="-1 kpc"))
    job = submit("--ntasks=2", "jobs/transport.slurm", deck, tmp_path / "run")
    assert how(node.wait(job, SECONDS)) == ("FAILED", 2, 0)
    assert "deck.toml" in (tmp_path / "out.txt").read_text()


def test_array_over_energies_is_merged_to_the_bytes_of_one_run(node, submit, deck, gate, uninterrupted, tmp_path):
    """A task is requeued meanwhile; the merge waits for it, and equals the run at both energies."""
    top = tmp_path / "run"
    array = submit("--array=1-2", "--ntasks=1", "jobs/energies.slurm", deck, top)
    wrapped = f"$HPCMM merge {top}/part* --out {top}/all"
    merge = submit(f"--dependency=afterok:{array}", "--kill-on-invalid-dep=yes", "--ntasks=1", "--wrap", wrapped)
    first_checkpoint(node, top / "part2")
    stop(node, f"{array}_2")
    node.until(lambda: node.job(f"{array}_2")["Restarts"] == "1", SECONDS, "a requeued task")
    gate.unlink()
    assert how(node.wait(merge, SECONDS)) == ("COMPLETED", 0, 0), (tmp_path / "out.txt").read_text()
    assert [int(node.job(f"{array}_{i}")["Restarts"]) for i in (1, 2)] == [0, 1]
    assert bytes_of(top / "all") == uninterrupted()


@pytest.mark.slow
def test_job_cut_twice_by_its_time_limit_ends_with_the_same_bytes(node, submit, deck, gate, uninterrupted, tmp_path):
    """The limit is the least there is, one minute; Slurm looks every 30 s, so a go takes 10 to 40 s."""
    run = tmp_path / "run"
    job = submit("--ntasks=2", "--time=1", "--signal=B:USR1@50", "jobs/transport.slurm", deck, run)
    node.until(lambda: int(node.job(job)["Restarts"]) >= 2, 600, "a second requeue")
    gate.unlink()
    done = node.wait(job, 600)
    assert done["JobState"] == "COMPLETED", (tmp_path / "out.txt").read_text()
    assert int(done["Restarts"]) >= 2
    assert (tmp_path / "out.txt").read_text().count("back into the queue") == int(done["Restarts"])
    assert (run / "log.txt").read_text().count("(SIGUSR1)") == int(done["Restarts"])
    assert bytes_of(run) == uninterrupted()


@pytest.mark.slow
def test_dead_node_requeues_a_job_and_a_dead_rank_ends_it(node, submit, deck, gate, uninterrupted, tmp_path):
    """Slurm requeues the job of a dead node. A dead rank ends the job: what killed it may do so again."""
    run = tmp_path / "run"
    job = submit("--ntasks=2", "jobs/transport.slurm", deck, run)
    first_checkpoint(node, run)
    node.fail()
    node.until(lambda: "resumed from" in (run / "log.txt").read_text(), SECONDS, "a second go")
    os.kill(status.read(run)["pid"], signal.SIGKILL)
    assert how(node.wait(job, SECONDS)) == ("FAILED", 137, 1)
    gate.unlink()
    again = submit("--ntasks=2", "jobs/transport.slurm", deck, run)
    assert how(node.wait(again, SECONDS)) == ("COMPLETED", 0, 0)
    assert bytes_of(run) == uninterrupted()

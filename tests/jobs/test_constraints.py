"""The lock of Python packages belongs to pyproject.toml, and every file in it is known by its hash."""

import importlib
import re
import subprocess
import sys
from contextlib import nullcontext

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT


def wanted(*arguments, **environment):
    """Lines that jobs/required.py prints."""
    command = [sys.executable, "jobs/required.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def locked():
    """Name -> version in the lock."""
    return dict(re.match(r"([\w-]+)==(\S+)", line).groups() for line in everything())


def everything():
    """Lines of the lock: what is always installed, and what the docs need besides."""
    usual, more = wanted("-v", "no-such-package"), wanted("docs")
    assert not {line.split("==")[0] for line in usual} & {line.split("==")[0] for line in more}
    return usual + more


def test_every_requirement_is_locked_within_its_bounds():
    """But PyTorch, and PETSc's binding, whose version is that of the PETSc found."""
    versions = locked()
    for line in [*wanted("-v", "petsc4py", UNLOCKED="1"), *wanted("docs", UNLOCKED="1")]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(versions[requirement.name]), line


def test_every_file_is_known_by_its_hash():
    for line in everything():
        assert re.fullmatch(r"[\w-]+==\S+( +--hash=sha256:[0-9a-f]{64})+", line.rstrip()), line[:80]


def test_names_and_all_others_are_a_partition():
    names = ("numpy", "mpi4py")
    assert sorted([*wanted(*names), *wanted("-v", *names)]) == sorted(wanted("-v", "no-such-package"))


def test_network_is_not_locked():
    assert [line.split("==")[0].split(">")[0] for line in wanted("rnn")] == ["torch", "safetensors"]


@pytest.mark.parametrize(("asked", "taken"), [(None, True), (">=3.9", True), (">=3.11", True), (">=3.11.5", False)])
def test_the_lock_serves_the_oldest_python(monkeypatch, asked, taken):
    """One made with Python 3.11.7 held a package that Debian's 3.11.2 cannot have."""
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT / "jobs"))
    lock = importlib.import_module("lock")
    with nullcontext() if taken else pytest.raises(SystemExit, match=r"soupsieve 4: needs Python >=3\.11\.5"):
        lock.refuse_newer_python("soupsieve", "4", [{"requires-python": asked}])

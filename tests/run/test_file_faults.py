"""Every kind and command, killed or failing at a call that changes a file: a line, then the bytes of the undisturbed.

A sample runs with all tests, drawn by a seed; the slow ones kill a thousand times, and let all sorts of calls fail.
"""

import random
import re

import pytest

from hpcmm.kinds import KINDS
from tests.run.file_faults import Fault, Workshop, library
from tests.run.tiny import TINY

pytest.importorskip("petsc4py")
pytest.importorskip("torch")
pytest.importorskip("safetensors")

KILLS = ("before", "after", "half")
FAILURES = ("fail", "once", "short")
ERRORS = ("ENOSPC", "EDQUOT", "EIO", "EROFS")
PAIRS = [(name, command) for name, tiny in TINY.items() for command in tiny.commands]
SAMPLE = [(*pair, (KILLS, FAILURES)[i % 2]) for i, pair in enumerate(PAIRS) if pair[0] != "network"]
PER_PAIR = -(-1000 // len(PAIRS))


@pytest.fixture(scope="module")
def workshop(environment, tmp_path_factory):
    """See `Workshop`."""
    top = tmp_path_factory.mktemp("faults")
    if library(top) is None:
        pytest.skip("no C compiler `cc` here to build the library with that lets calls fail")
    made = Workshop(top, environment)
    yield made
    made.close()


def strike(workshop, name, command, faults):
    """Try faults one by one; returns exit statuses. What is wrong with any is told at the end."""
    statuses, wrong = [], []
    for fault in faults:
        try:
            statuses.append(workshop.trial(name, command, fault))
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, f"{len(wrong)} of {len(statuses) + len(wrong)}:\n" + "\n\n".join(wrong[:20])
    return statuses


def drawn(workshop, name, command, count, hows, errors=("EIO",)):
    """Faults at so many calls, drawn by a seed."""
    draw, calls = random.Random(f"{name} {command}"), len(workshop.calls(name, command))
    numbers = draw.sample(range(1, calls + 1), min(count, calls))
    return [Fault(draw.choice(hows), number, draw.choice(errors)) for number in numbers]


def test_every_kind_is_tried():
    """A new kind has its line in `tests.run.tiny`."""
    assert {tiny.kind_name for tiny in TINY.values()} == set(KINDS)


@pytest.mark.parametrize(("name", "command", "hows"), SAMPLE)
def test_a_call_of_every_command(workshop, name, command, hows):
    """Killed at one, or failing."""
    strike(workshop, name, command, drawn(workshop, name, command, 1, hows, ERRORS))


@pytest.mark.parametrize(("command", "status"), [("run", 2), ("restart", 75)])
def test_a_log_that_cannot_be_opened(workshop, command, status):
    """Not the start of a run: a line, and 75 where there is a checkpoint."""
    calls = workshop.calls("two_phase_1d", command)
    number = 1 + next(i for i, call in enumerate(calls) if str(call).startswith("open run/log.txt"))
    assert strike(workshop, "two_phase_1d", command, [Fault("fail", number, "ENOSPC")]) == [status]


@pytest.mark.parametrize(("name", "error"), [(n, ("ENOLCK", "EOPNOTSUPP")[i % 2]) for i, n in enumerate(TINY)])
def test_file_systems_without_locks(workshop, name, error):
    """NFS without its lock service, Lustre mounted without flock: all goes on as ever, told or not."""
    command = TINY[name].commands[0]
    workshop.calls(name, command)
    assert strike(workshop, name, command, [Fault("lock", error=error)]) == [0]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "command"), PAIRS)
def test_a_thousand_kills_lose_nothing(workshop, name, command):
    strike(workshop, name, command, drawn(workshop, name, command, PER_PAIR, KILLS))


def calls_of_each_sort(calls):
    """Numbers of the first, the middle and the last call of each sort, which is its name but for numbers."""
    sorts = {}
    for number, call in enumerate(calls, 1):
        sorts.setdefault(re.sub(r"\d+", "N", call), []).append(number)
    return sorted({at[i] for at in sorts.values() for i in (0, len(at) // 2, -1)})


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(len(ERRORS)))
@pytest.mark.parametrize("name", TINY)
def test_every_sort_of_call_of_a_run_fails(workshop, name, turn):
    """Each with one of the errors by turns; the four turns try all errors. Of some 50 sorts a kind has up to 14,000."""
    command = TINY[name].commands[0]
    numbers = calls_of_each_sort(workshop.calls(name, command))
    strike(workshop, name, command, [Fault("fail", n, ERRORS[(i + turn) % 4]) for i, n in enumerate(numbers)])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "command"), PAIRS)
def test_calls_of_every_command_fail(workshop, name, command):
    """For good, once, or after half of their bytes."""
    strike(workshop, name, command, drawn(workshop, name, command, 40, FAILURES, ERRORS))

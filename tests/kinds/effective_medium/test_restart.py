"""A medium is left within a solve and resumed from its iterate, on any number of ranks."""

import subprocess
import sys

import h5py
import numpy as np
import pytest

from hpcmm.io.table import read_table_of
from hpcmm.kinds.effective_medium.state import HEAD, Flight, MediaState, load
from hpcmm.run.checkpoint_read import Damaged, Rows
from tests.thread_ranks import on_ranks

pytest.importorskip("petsc4py")

TOLERANCE = 1e-8
ISOTROPIC = """
[run]
kind = "effective_medium"
[effective_medium]
grid = [12, 10, 8]
kappa_patch = "1e29 cm2/s"
kappa_background = "1e31 cm2/s"
morphology = "spheres"
filling_fraction = [0.2, 0.3]
"""
MAGNETIZED = (
    """
[run]
kind = "effective_medium"
[medium]
B_rms = "1 uG"
l_c = "1 pc"
[[field]]
model = "uniform"
B = "1 uG"
direction = [0.6, 0.8, 0.0]
"""
    + ISOTROPIC.split('"effective_medium"\n')[1]
    + """
box = "1 kpc"
kappa_perp_patch = "1e28 cm2/s"
kappa_perp_background = "1e30 cm2/s"
"""
)


@pytest.fixture
def stopped(environment, mpirun):
    """Callable ``stopped(meeting, *arguments, ranks)``: the command, told to stop at a meeting within its solves."""

    def call(meeting, *arguments, ranks):
        command = [
            mpirun,
            "-n",
            str(ranks),
            sys.executable,
            "-m",
            "tests.run.paced",
            f"stop={meeting}",
            "--",
            *arguments,
        ]
        return subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)

    return call


def kappas(directory):
    """Numbers of the table, but for iterations."""
    table = read_table_of(directory)
    return np.array([np.asarray(table[name], float) for name in table.colnames if name != "iterations"])


@pytest.mark.mpi
@pytest.mark.parametrize("deck", [ISOTROPIC, MAGNETIZED], ids=["bounds", "two grids"])
def test_a_run_that_is_stopped_within_solves_ends_in_the_same_table(done, stopped, tmp_path, deck):
    """Before the first iteration, amid a solve, in later columns; resumed on one rank and two by turns."""
    (tmp_path / "deck.toml").write_text(deck)
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "whole")
    first = stopped(4, "run", tmp_path / "deck.toml", "--out", tmp_path / "cut", ranks=2)
    assert first.returncode == 75, first.stderr
    assert "SIGUSR1" in first.stderr
    seen = []
    for meeting, ranks in ((3, 1), (21, 2), (26, 1), (29, 2)):
        assert stopped(meeting, "restart", tmp_path / "cut", ranks=ranks).returncode == 75
        newest = sorted((tmp_path / "cut" / "checkpoint").glob("*.h5"))[-1]
        with h5py.File(newest) as file:
            seen.append(tuple(int(n) for n in file["flight_head"][0, :4]))
    assert seen == sorted(seen)
    assert seen[0][3] == 7  # 4 iterations, then 3 more of the same solve
    assert seen[-1][:3] >= (0, 0, 2)
    done("restart", tmp_path / "cut")
    cut, whole = kappas(tmp_path / "cut"), kappas(tmp_path / "whole")
    np.testing.assert_allclose(cut[:2], whole[:2])  # filling fractions
    np.testing.assert_allclose(cut[2:], whole[2:], rtol=0, atol=10 * TOLERANCE * np.nanmax(whole[2:]))


@pytest.mark.mpi
def test_bits_are_the_same_where_it_is_stopped_between_solves(done, stopped, tmp_path):
    """The first meeting of a solve, before its first iteration, is between two solves."""
    (tmp_path / "deck.toml").write_text(ISOTROPIC)
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "whole", ranks=2)
    meeting, head = 9, None
    while head is None or head[3] != 0 or head[2] == 0:  # the next axis, iteration 0
        meeting += 1
        assert meeting < 60
        out = tmp_path / f"cut{meeting}"
        assert stopped(meeting, "run", tmp_path / "deck.toml", "--out", out, ranks=2).returncode == 75
        with h5py.File(out / "checkpoint" / "000001.h5") as file:
            head = file["flight_head"][0]
    done("restart", out, ranks=2)
    assert kappas(out).tobytes() == kappas(tmp_path / "whole").tobytes()
    np.testing.assert_array_equal(read_table_of(out)["iterations"], read_table_of(tmp_path / "whole")["iterations"])


def saved(**changes):
    """Content of a checkpoint: task 1 of 3 done, task 2 in the second tensor of 6 cells."""
    head = np.array([2.0, 1, 1, 30, 12, *range(9)])
    chi = np.arange(18.0).reshape(6, 3)
    return MediaState(3, {1: np.ones(22)}, Flight(head, lambda: chi)).arrays() | changes


def read(tmp_path, content, ranks=1):
    """States of the ranks."""
    with h5py.File(tmp_path / "state.h5", "w") as file:
        for name, array in content.items():
            file[name] = array

    def loaded(comm):
        with Rows(comm, tmp_path / "state.h5") as rows:
            return load(3, (4, 6), rows)

    return on_ranks(ranks, loaded)


def test_potentials_are_read_by_shares(tmp_path):
    parts = read(tmp_path, saved(), ranks=4)
    assert [len(part.flight.potentials()) for part in parts] == [1, 2, 1, 2]
    np.testing.assert_array_equal(np.concatenate([p.flight.potentials() for p in parts]), np.arange(18.0).reshape(6, 3))
    assert [list(part.flights) for part in parts] == [[2], [], [], []]
    again = [part.arrays()["flight_head"] for part in parts]
    np.testing.assert_array_equal(np.concatenate(again), saved()["flight_head"])


def test_a_checkpoint_without_potentials_begins_the_medium_anew(tmp_path):
    old = {name: array for name, array in saved().items() if name.startswith("done")}
    assert read(tmp_path, old)[0].flight is None


@pytest.mark.parametrize(("name", "value"), [("task", 1), ("task", 3), ("stage", 0), ("stage", 2), ("axis", 3),
                                             ("iterations", 0.5), ("most", -1), ("iterations", 1e300)])  # fmt: skip
def test_heads_that_the_run_cannot_have_are_refused(tmp_path, name, value):
    head = saved()["flight_head"]
    head[0, HEAD.index(name)] = value
    with pytest.raises(Damaged):
        read(tmp_path, saved(flight_head=head))


@pytest.mark.parametrize("change", [lambda a: a[1:], lambda a: a[:, 1:], lambda a: a * np.nan])
def test_potentials_that_do_not_fit_are_refused(tmp_path, change):
    with pytest.raises(Damaged):
        read(tmp_path, saved(flight_potentials=change(saved()["flight_potentials"])))

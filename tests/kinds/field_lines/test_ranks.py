"""A run on field lines gives the same bytes on any number of ranks, stopped or not, an energy alone or among others."""

import h5py
import numpy as np
import pytest

from hpcmm import open_run
from hpcmm.kinds.field_lines.plan import plan
from hpcmm.kinds.field_lines.state import State, load
from hpcmm.run.checkpoint_read import Damaged, Rows
from tests.kinds.field_lines import deck
from tests.run.processes import hit, saved, start
from tests.thread_ranks import on_ranks

pytestmark = pytest.mark.mpi

SMALL = {"realizations": 3, "particles": 10, "lines": 5, "density": 20}


@pytest.fixture(scope="module")
def runs(done, tmp_path_factory):
    """{ranks: run directory} of the same deck."""
    top = tmp_path_factory.mktemp("lines")
    (top / "deck.toml").write_text(deck("9 PeV", "90 PeV", **SMALL))
    for ranks in (1, 2, 3):
        assert "kappa_par" in done("run", top / "deck.toml", "--out", top / str(ranks), ranks=ranks).stdout
    return {ranks: top / str(ranks) for ranks in (1, 2, 3)}


def product(run):
    return (run / "kappa.ecsv").read_bytes()


@pytest.mark.parametrize("ranks", [2, 3])
def test_bytes_do_not_depend_on_ranks(runs, ranks):
    assert product(runs[ranks]) == product(runs[1])


def test_an_energy_alone_has_the_same_bits(runs, done, tmp_path):
    """9 PeV flies its coarser lines with 90 PeV, which needs longer ones."""
    first, second = (plan(open_run(runs[1]).config)[1].legs[i] for i in range(2))
    assert (first.energy, second.energy) == (0, 1)
    assert first.half < second.half
    (tmp_path / "deck.toml").write_text(deck("9 PeV", **SMALL))
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "alone")
    assert product(tmp_path / "alone").splitlines()[-1] == product(runs[1]).splitlines()[-2]


def test_open_run_gives_the_table(runs):
    run = open_run(runs[2])
    assert run.config.lines.lines == 5
    assert str(run.table["kappa_par"].unit) == "cm2 / s"
    assert not [name for name in run.table.colnames if "iso" in name]
    assert (run.table["kappa_par"] > run.table["kappa_trace"]).all()
    names = {"cut_error", "lag", "lag_over_lambda", "regime", "converged", "kappa_par_err", "kappa_trace_err"}
    assert names < set(run.table.colnames)


def test_stopped_run_resumes_to_the_same_bytes(runs, done, mpirun, environment, tmp_path):
    often = ["--set", "output.checkpoint_interval=0.2 s"]
    command = ["run", runs[1].parent / "deck.toml", *often, "--out", tmp_path / "cut"]
    (tmp_path / "gate").touch()
    job = start(mpirun, environment, 2, *command, paced={"gate": tmp_path / "gate"})
    saved(job, tmp_path / "cut")
    hit(job, 2, "USR1 to the launcher")
    assert job.wait(timeout=60) == 75, job.stderr.read()
    done("restart", tmp_path / "cut", ranks=3)
    assert product(tmp_path / "cut") == product(runs[1])


SHAPE, TASKS = (2, 3, 4, 4), 6


def read(tmp_path, content, ranks=1):
    """States of the ranks."""
    with h5py.File(tmp_path / "state.h5", "w") as file:
        for name, array in content.items():
            file[name] = array

    def loaded(comm):
        with Rows(comm, tmp_path / "state.h5") as rows:
            return load(SHAPE, TASKS, rows)

    return on_ranks(ranks, loaded)


def arrays():
    draw = np.random.default_rng(1)
    return State(SHAPE, TASKS, {0: draw.random(SHAPE), 4: draw.random(SHAPE)}, {1: draw.random(SHAPE)}).arrays()


def test_ranks_share_the_rows(tmp_path):
    one, two = read(tmp_path, arrays(), 2)
    joined = State(SHAPE, TASKS, one.done | two.done, one.flights | two.flights).arrays()
    assert all((joined[name] == array).all() for name, array in arrays().items())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("done_task", lambda a: a + 5),
        ("flight_task", lambda a: a * 0),
        ("done_rows", lambda a: a[:, 1:]),
        ("done_rows", lambda a: a * np.nan),
        ("flight_rows", lambda a: a[:0]),
    ],
)
def test_damage_is_refused(tmp_path, name, change):
    content = arrays()
    content[name] = change(content[name])
    for ranks in (1, 2):
        with pytest.raises(Damaged):
            read(tmp_path, content, ranks)

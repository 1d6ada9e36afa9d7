"""A Faraday run gives the same bytes on any number of ranks, stopped or not; damaged checkpoints are refused."""

import h5py
import numpy as np
import pytest

from cython_kernels.block import LANES
from hpcmm import open_run, write_field
from hpcmm.kinds.faraday.rays import ROWS
from hpcmm.kinds.faraday.state import State, load
from hpcmm.run.checkpoint_read import Damaged, Rows
from tests.kinds.faraday import deck
from tests.kinds.transport import cubes
from tests.run.processes import hit, saved, start
from tests.thread_ranks import on_ranks

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def runs(done, tmp_path_factory):
    """{ranks: run directory} of one deck: a file with its density, a guide field beside it, rays that fill no block."""
    top = tmp_path_factory.mktemp("rays")
    B = cubes.turbulence(points=16)[1] + np.array([3.0, 0.0, 0.0])
    n = 1 + 0.3 * np.sin(B[..., 0])
    write_field(top / "n.h5", B, box="500 kpc", axes="zyx", density=n)
    field = {"model": "field_file", "file": str(top / "n.h5"), "box": "file", "dB": "file", "orientation": "as_given"}
    guide = {"model": "uniform", "B": "1 uG", "direction": [0, 1, 0]}
    keys = {"path": "100 Mpc", "rays": 300, "segments": 4, "density": "file", "frequencies": ["1.4 GHz", "5 GHz"]}
    (top / "deck.toml").write_text(deck(field, guide, B_rms="4.4686 uG", **keys))
    for ranks in (1, 2, 4):
        assert "f_mm seen" in done("run", top / "deck.toml", "--out", top / str(ranks), ranks=ranks).stdout
    return {ranks: top / str(ranks) for ranks in (1, 2, 4)}


def product(run):
    return (run / "faraday.ecsv").read_bytes()


@pytest.mark.parametrize("ranks", [2, 4])
def test_bytes_do_not_depend_on_ranks(runs, ranks):
    assert product(runs[ranks]) == product(runs[1])


def test_open_run_gives_the_table(runs):
    run = open_run(runs[2])
    assert list(run.table["frequency"].value) == [1400.0, 5000.0]
    assert str(run.table["sigma_RM"].unit) == "rad / m2"
    names = {"wavelength", "chi_rms", "depolarization", "depolarization_err", "depolarization_analytic"}
    assert names | {"sigma_RM_constant", "sigma_RM_analytic", "RM_uniform"} < set(run.table.colnames)
    assert run.table["sigma_RM"][0] != run.table["sigma_RM_constant"][0]
    assert run.table["rays"][0] == 300


def test_its_figure_is_drawn(runs, done):
    done("plot", runs[1])
    assert (runs[1] / "figures" / "faraday.png").stat().st_size > 10_000


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


TASKS, FLOWN = 6, 4


def arrays():
    draw = np.random.default_rng(1)

    def rows(segments):
        made = draw.random((len(ROWS), LANES))
        made[ROWS.index("segments")] = segments
        return made

    return State(TASKS, {0: rows(4), 4: rows(4)}, {1: rows(2)}).arrays()


def read(tmp_path, content, ranks=1):
    """States of the ranks."""
    with h5py.File(tmp_path / "state.h5", "w") as file:
        for name, array in content.items():
            file[name] = array

    def loaded(comm):
        with Rows(comm, tmp_path / "state.h5") as rows:
            return load(TASKS, FLOWN, rows)

    return on_ranks(ranks, loaded)


def test_ranks_share_the_rows(tmp_path):
    one, two = read(tmp_path, arrays(), 2)
    joined = State(TASKS, one.done | two.done, one.flights | two.flights).arrays()
    assert all((joined[name] == array).all() for name, array in arrays().items())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("done_task", lambda a: a + 5),
        ("flight_task", lambda a: a * 0),
        ("done_rows", lambda a: a[:, 1:]),
        ("done_rows", lambda a: a * np.nan),
        ("done_rows", lambda a: a * 0.5),
        ("flight_rows", lambda a: a * 3),
        ("flight_rows", lambda a: a[:0]),
    ],
)
def test_damage_is_refused(tmp_path, name, change):
    content = arrays()
    content[name] = change(content[name])
    for ranks in (1, 2):
        with pytest.raises(Damaged):
            read(tmp_path, content, ranks)

"""Products are the same bytes on any number of ranks (docs/architecture.md)."""

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest

from tests import decks
from tests.products import bytes_of

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def runs(done, tmp_path_factory):
    """{ranks: run directory} of the same deck."""
    top = tmp_path_factory.mktemp("ranks")
    (top / "deck.toml").write_text(decks.SMALL)
    made = {}
    for ranks in (1, 2, 3, 4):
        done("run", top / "deck.toml", "--out", top / str(ranks), ranks=ranks)
        made[ranks] = top / str(ranks)
    return made


@pytest.mark.parametrize("ranks", [2, 3, 4])
def test_bytes_do_not_depend_on_ranks(runs, ranks):
    assert bytes_of(runs[ranks]) == bytes_of(runs[1])


def test_each_run_used_its_ranks(runs):
    for ranks, run in runs.items():
        with h5py.File(run / "moments.h5", "r") as file:
            assert file.attrs["ranks"] == ranks


def test_schema_and_provenance(runs):
    with h5py.File(runs[2] / "moments.h5", "r") as file:
        assert file["moments"].shape == (2, 3, 2, 12, 27)
        assert file["moments"].dtype == np.float64
        assert file["done"][...].all()
        assert (file["moments"][..., 0][:, :, 0] == 64).all()
        assert (file["moments"][..., 0][:, :, 1] == 36).all()
        assert len(file["moments"].attrs["names"]) == len(file["moments"].attrs["units"]) == 27
        assert all(file[name].attrs["units"] for name in ("time", "energy", "step", "gyroradius"))
        for name in ("version", "commit", "compiler", "mpi", "seed", "deck", "resolved_deck", "cpu"):
            assert name in file.attrs
        assert file.attrs["deck"] == decks.SMALL
        assert json.loads(file.attrs["config"])["run"]["seed"] == 42


def test_serial_h5py_writes_the_same_bytes_through_root(runs, mpirun, environment, tmp_path):
    """Where h5py has no MPI root gathers and writes; here h5py is made to say so, the rest is real."""
    program = tmp_path / "serial.py"
    program.write_text(
        "import sys, types, h5py\n"
        "h5py.get_config = lambda: types.SimpleNamespace(mpi=False)\n"
        "from hpcmm.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    deck, out = runs[1].parent / "deck.toml", tmp_path / "serial"
    command = [mpirun, "-n", "2", sys.executable, program, "run", deck, "--out", out]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    assert bytes_of(out) == bytes_of(runs[1])
    assert "through rank 0" in (out / "log.txt").read_text()


def test_an_energy_alone_gives_the_bits_of_the_ladder(runs, done, tmp_path):
    out = tmp_path / "alone"
    done("run", runs[1].parent / "deck.toml", "--set", 'particle.energy=["100 EeV"]', "--out", out)
    with h5py.File(out / "moments.h5") as alone, h5py.File(runs[1] / "moments.h5") as ladder:
        assert (alone["moments"][0] == ladder["moments"][1]).all()


def test_fewer_realizations_are_the_first_ones(runs, done, tmp_path):
    out = tmp_path / "fewer"
    done("run", runs[1].parent / "deck.toml", "--set", "run.realizations=2", "--out", out)
    with h5py.File(out / "moments.h5") as fewer, h5py.File(runs[1] / "moments.h5") as all_three:
        assert (fewer["moments"][...] == all_three["moments"][:, :2]).all()


def test_another_seed_gives_other_numbers(runs, done, tmp_path):
    out = tmp_path / "seed"
    done("run", runs[1].parent / "deck.toml", "--set", "run.seed=43", "--out", out)
    with h5py.File(out / "moments.h5") as other, h5py.File(runs[1] / "moments.h5") as first:
        assert not (other["moments"][..., 1] == first["moments"][..., 1]).any()


def test_ranks_beyond_the_tasks_change_no_byte(done, tmp_path):
    (tmp_path / "deck.toml").write_text(decks.SMALL)
    one_task = ["--set", "run.realizations=1", "--set", "run.particles=10", "--set", 'particle.energy=["10 EeV"]']
    for ranks in (1, 3):
        done("run", tmp_path / "deck.toml", *one_task, "--out", tmp_path / str(ranks), ranks=ranks)
    assert bytes_of(tmp_path / "1") == bytes_of(tmp_path / "3")


def test_mean_free_path_is_infinite_where_nothing_scatters(done, tmp_path):
    """A uniform field alone: an infinite mean free path, which is no fault of the file."""
    text = decks.transport("1 EeV", decks.guide("3 uG"), stepping={"path_length": "100 kpc"})
    (tmp_path / "deck.toml").write_text(text)
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "run")
    with h5py.File(tmp_path / "run" / "moments.h5") as file:
        assert np.isinf(file["decay_length"][0])

"""A two-phase run gives the same bytes on any number of ranks, stopped or not, alone or among other f_mm."""

import json
import subprocess
import sys

import h5py
import pytest
from astropy.table import Table

from hpcmm import open_run
from hpcmm.kinds.two_phase_1d.tracks import make_tracks
from tests.run.processes import hit, saved, start

pytestmark = pytest.mark.mpi

DECK = """
title = "line"
[run]
kind = "two_phase_1d"
seed = 4
particles = 1000
[two_phase]
nu_mm = 100.0
nu_res = 1.0
f_mm = [0.0, 0.1, 0.5]
[output]
trajectories = 70
track_points = 50
"""
LONG = ["--set", "two_phase.duration=30000", "--set", "run.particles=300"]


@pytest.fixture(scope="module")
def runs(done, tmp_path_factory):
    """{ranks: run directory} of the same deck."""
    top = tmp_path_factory.mktemp("line")
    (top / "deck.toml").write_text(DECK)
    for ranks in (1, 2, 3):
        assert "eq 11" in done("run", top / "deck.toml", "--out", top / str(ranks), ranks=ranks).stdout
    return {ranks: top / str(ranks) for ranks in (1, 2, 3)}


def product(run):
    return (run / "kappa.ecsv").read_bytes()


def tracks(run):
    """Bytes of the datasets of tracks.h5."""
    with h5py.File(run / "tracks.h5", "r") as file:
        return {name: data[...].tobytes() for name, data in file.items()}


@pytest.mark.parametrize("ranks", [2, 3])
def test_bytes_do_not_depend_on_ranks(runs, ranks):
    assert product(runs[ranks]) == product(runs[1])
    assert tracks(runs[ranks]) == tracks(runs[1])


def test_open_run_gives_table_and_tracks_without_mpi(runs):
    code = f"import hpcmm, sys; hpcmm.open_run({str(runs[2])!r}); sys.exit('mpi4py.MPI' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    run = open_run(runs[2])
    assert run.config.output.trajectories == 70
    assert list(run.table["f_mm"]) == list(run.tracks.label) == [0.0, 0.1, 0.5]
    assert run.tracks.position.shape == (3, 70, 51, 1)
    assert run.tracks.attributes["ranks"] == 2
    made = make_tracks(100.0, 1.0, 0.1, "auto", 50, 70, seed=4)
    assert (made.position[0] == run.tracks.position[1]).all()
    assert (made.turns[0] == run.tracks.turns[1]).all()
    assert (made.time[0] == run.tracks.time[1]).all()


def test_progress_is_counted_in_turns(runs):
    log, status = (runs[2] / "log.txt").read_text(), json.loads((runs[2] / "status.json").read_text())
    assert "turns done" in log
    assert "step" not in log
    assert status["unit"] == "turns"
    assert not any("step" in key for key in status)


def test_its_figure_is_drawn(runs, done):
    done("plot", runs[2])
    assert (runs[2] / "figures" / "fig5.png").stat().st_size > 10_000


def test_columns_of_the_product(runs):
    table = Table.read(runs[2] / "kappa.ecsv", format="ascii.ecsv")
    assert table.colnames[:4] == ["f_mm", "kappa", "kappa_err", "kappa_exact"]
    assert {"mean_residence", "mean_residence_err", "mean_residence_exact", "occupancy"} < set(table.colnames)
    assert list(table["f_mm"]) == [0.0, 0.1, 0.5]
    assert (abs(table["kappa"] - table["kappa_exact"]) < 4 * table["kappa_err"]).all()
    assert list(table["mean_residence_exact"]) == list(table["f_mm"])


def test_a_fraction_alone_gives_the_bits_it_gives_among_others(runs, done, tmp_path):
    done("run", runs[1].parent / "deck.toml", "--set", "two_phase.f_mm=[0.1]", "--out", tmp_path / "alone")
    assert product(tmp_path / "alone").splitlines()[-1] == product(runs[1]).splitlines()[-2]


def test_another_seed_gives_other_numbers(runs, done, tmp_path):
    done("run", runs[1].parent / "deck.toml", "--set", "run.seed=5", "--out", tmp_path / "seed")
    assert product(tmp_path / "seed").splitlines()[-1] != product(runs[1]).splitlines()[-1]


def test_kappa_and_status_show_a_finished_run(runs, done):
    for command, words in (("kappa", "eq 11"), ("status", "6 of 6 tasks")):
        assert words in done(command, runs[2]).stdout


@pytest.mark.parametrize(
    "arguments", [["extend", "{run}", "--realizations", "3"], ["run", "{deck}", "--part", "1/2", "--out", "{new}"],
                  ["plot", "--figure", "fig3", "{run}"], ["kappa", "{run}", "--running"],
                  ["merge", "{run}", "--out", "{new}"]]
)  # fmt: skip
def test_what_is_for_transport_alone_says_so_in_a_line(runs, hpcmm, tmp_path, arguments):
    places = {"run": runs[1], "deck": runs[1].parent / "deck.toml", "new": tmp_path / "new"}
    refused = hpcmm(*(part.format(**places) for part in arguments))
    assert refused.returncode == 2, refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_stopped_run_resumes_to_the_same_bytes(runs, done, mpirun, environment, tmp_path):
    deck = runs[1].parent / "deck.toml"
    done("run", deck, *LONG, "--out", tmp_path / "whole")
    often = ["--set", "output.checkpoint_interval=0.2 s"]
    command = ["run", deck, *LONG, *often, "--out", tmp_path / "cut"]
    (tmp_path / "gate").touch()
    job = start(mpirun, environment, 2, *command, paced={"gate": tmp_path / "gate"})
    saved(job, tmp_path / "cut")
    hit(job, 2, "USR1 to the launcher")
    assert job.wait(timeout=60) == 75, job.stderr.read()
    assert not (tmp_path / "cut" / "kappa.ecsv").exists()
    done("restart", tmp_path / "cut", ranks=3)
    assert "resumed from checkpoint" in (tmp_path / "cut" / "log.txt").read_text()
    assert product(tmp_path / "cut") == product(tmp_path / "whole")
    assert tracks(tmp_path / "cut") == tracks(tmp_path / "whole")

"""A run of kind cluster from deck to products on ranks: the same numbers, stopped and gone on with, shown and drawn."""

import h5py
import numpy as np
import pytest

from hpcmm import open_run
from tests.run.processes import start

pytest.importorskip("petsc4py")
pytestmark = pytest.mark.mpi

DECK = """
title = "a small cluster"
[run]
kind = "cluster"
[particle]
energy = ["100 GeV", "3 TeV", "1 PeV"]
[cluster]
geometry = "{geometry}"
radius = "500 kpc"
cells = {cells}
tolerance = {tolerance}
samples = 6
[plasma]
f_mm_radius = "300 kpc"
[source]
model = "bubble"
radius = "100 kpc"
[losses]
hadronic = true
[output]
wall_time = "{wall}"
"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """Callable ``decks(geometry, wall)`` -> path of a deck."""
    top = tmp_path_factory.mktemp("cluster")

    def call(geometry, wall="1 h"):
        path = top / f"{geometry}_{wall.replace(' ', '')}.toml"
        # an energy of the sphere takes several rounds of the ranks, a step of the box is one
        cells, tolerance = (192, 1e-7) if geometry == "spherical" else (10, 1e-3)
        path.write_text(DECK.format(geometry=geometry, cells=cells, tolerance=tolerance, wall=wall))
        return path

    return call


@pytest.fixture(scope="module")
def runs(done, decks, tmp_path_factory):
    """{(geometry, ranks): run directory}."""
    top, made = tmp_path_factory.mktemp("runs"), {}
    for geometry, ranks in (("spherical", 1), ("spherical", 3), ("cartesian", 1), ("cartesian", 2), ("cartesian", 4)):
        made[geometry, ranks] = top / f"{geometry}{ranks}"
        told = done("run", decks(geometry), "--out", made[geometry, ranks], ranks=ranks).stdout
        assert "half left after" in told
    return made


@pytest.mark.parametrize("of", [("spherical", 1), ("cartesian", 4)])
def test_its_figure_is_drawn(runs, done, of):
    done("plot", runs[of])
    assert (runs[of] / "figures" / "escape.png").stat().st_size > 10_000


def contents(directory):
    """Bytes of the table, and of every dataset."""
    with h5py.File(directory / "profiles.h5") as file:
        found = {name: file[name][...] for name in file}
    return (directory / "escape.ecsv").read_bytes(), found


def assert_same(one, other, exactly):
    (table, data), (other_table, other_data) = contents(one), contents(other)
    assert data.keys() == other_data.keys()
    if exactly:
        assert table == other_table
    for name in data:
        if exactly:
            assert (data[name] == other_data[name]).all(), name
        else:
            # the solver's 1e-12, a thousandfold for some hundred steps and small numbers
            np.testing.assert_allclose(data[name], other_data[name], rtol=1e-8, atol=1e-9 * np.abs(data[name]).max())


def test_spheres_give_the_same_bytes_on_any_number_of_ranks(runs):
    assert_same(runs["spherical", 1], runs["spherical", 3], exactly=True)


@pytest.mark.parametrize("ranks", [2, 4])
def test_boxes_agree_to_the_tolerance_of_the_solver(runs, ranks):
    assert_same(runs["cartesian", 1], runs["cartesian", ranks], exactly=False)


def test_products_hold_together(runs):
    """Shares sum to one, profiles to what is inside, cubes too; micromirrors lengthen lives, losses shorten them."""
    for geometry, ranks in (("spherical", 3), ("cartesian", 2)):
        run = open_run(runs[geometry, ranks])
        shares = sum(run.table[name] for name in ("inside", "escaped", "lost"))
        np.testing.assert_allclose(shares, 1.0, atol=1e-10)
        assert (run.table["balance"] < 1e-10).all()
        assert (run.table["lifetime"] > run.table["lifetime_f0"]).all()
        assert (np.diff(run.table["lifetime"]) < 0).all()
        assert ((run.table["escape_probability"] > 0) & (run.table["escape_probability"] < 1)).all()
        assert run.table["lifetime"].unit == "Gyr"
        density, inside = run.profile("density"), run.profile("inside")
        assert density.shape == (3, 6, len(run.profile("radius")))
        assert density.unit == "1 / pc3"
        if geometry == "spherical":
            shells = 4 / 3 * np.pi * np.diff(run.profile("edge") ** 3)
            np.testing.assert_allclose((density * shells).sum(axis=2), inside, rtol=1e-10)
            assert "cube" not in run.names
        else:
            cell = (run.profile("edge")[-1] * 2 / 10) ** 3
            cube = run.profile("cube")
            np.testing.assert_allclose((cube * cell).sum(axis=(1, 2, 3)), inside[:, -1], rtol=1e-10)
            np.testing.assert_allclose(cube, np.transpose(cube, (0, 3, 2, 1)), rtol=1e-7)
    # homogeneous but for micromirrors: the box lets them live longer than the sphere inside it
    sphere, box = (open_run(runs[key]).table["lifetime"] for key in (("spherical", 1), ("cartesian", 1)))
    assert (sphere < box).all()
    assert (box < 3 * sphere).all()


@pytest.mark.parametrize(("geometry", "first", "then"), [("spherical", 2, 3), ("cartesian", 2, 1)])
def test_stopped_run_resumes_on_other_ranks(mpirun, environment, done, decks, runs, tmp_path, geometry, first, then):
    """A margin lets the wall time be over when the ranks first meet, after a step; then it gets an hour."""
    command = ["run", decks(geometry, "10 s"), "--out", tmp_path / "run"]
    job = start(mpirun, environment, first, *command, paced={"margin": 9.9})
    _, stderr = job.communicate(timeout=120)
    assert job.returncode == 75, stderr
    assert "hpcmm restart" in stderr
    with h5py.File(tmp_path / "run" / "checkpoint" / "000001.h5") as file:
        assert 1 <= len(file["flight_task"]) <= first
    resolved = tmp_path / "run" / "resolved.toml"
    text = resolved.read_text()
    assert 'wall_time = "10.0 s"' in text
    resolved.write_text(text.replace('wall_time = "10.0 s"', 'wall_time = "1 h"'))
    done("restart", tmp_path / "run", ranks=then)
    whole = runs[geometry, 1]
    with h5py.File(tmp_path / "run" / "profiles.h5") as a, h5py.File(whole / "profiles.h5") as b:
        for name in a:
            if geometry == "spherical":
                assert (a[name][...] == b[name][...]).all(), name
            else:
                np.testing.assert_allclose(a[name], b[name], rtol=1e-8, atol=1e-9 * np.abs(b[name][...]).max())


def test_box_stopped_within_solves_resumes_to_the_same_numbers(mpirun, environment, done, decks, runs, tmp_path):
    """Told to stop at an iteration of a steady problem, then of time steps; the step is done again."""
    out, command = tmp_path / "run", ["run", decks("cartesian"), "--out", tmp_path / "run"]
    for meeting in (3, 150, 400):
        job = start(mpirun, environment, 2, *command, paced={"stop": meeting})
        _, stderr = job.communicate(timeout=120)
        assert job.returncode == 75, stderr
        assert "Traceback" not in stderr
        assert "PETSC ERROR" not in stderr
        command = ["restart", out]
    assert "checkpoint 000003" in stderr
    done("restart", out, ranks=2)
    found, whole = contents(out)[1], contents(runs["cartesian", 2])[1]
    for name in whole:  # particles that have left are added up anew, and each solve is of 1e-12
        np.testing.assert_allclose(found[name], whole[name], rtol=1e-8, atol=1e-9 * np.abs(whole[name]).max())


def test_finished_run_is_shown_again(hpcmm, done, runs):
    directory = runs["spherical", 3]
    before = contents(directory)[0]
    shown = {"kappa": "lifetime", "status": "100.0 % of 18 profiles", "restart": "lifetime", "plot": "escape.png"}
    for command, words in shown.items():
        assert words in done(command, directory).stdout
    assert contents(directory)[0] == before
    refused = hpcmm("kappa", directory, "--running")
    assert refused.returncode == 2
    assert "no kappa(t)" in refused.stderr


def test_a_source_between_cells_is_refused_on_all_ranks(hpcmm, decks, tmp_path):
    for ranks in (1, 2):
        small = ["--set", "source.radius=1 pc"]
        refused = hpcmm("run", decks("cartesian"), "--out", tmp_path / "run", *small, ranks=ranks)
        assert refused.returncode == 2
        assert "more cells are expected" in refused.stderr
        assert len([line for line in refused.stderr.splitlines() if line.startswith("hpcmm")]) == 1

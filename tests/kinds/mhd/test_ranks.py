"""A run of kind mhd from deck to products: the same bytes on ranks and through stops; read and shown."""

import os
import shutil
import signal
import time

import h5py
import numpy as np
import pytest

from hpcmm import open_field, open_run
from hpcmm.errors import InputError
from hpcmm.kinds.effective_medium import patch_file
from tests import decks
from tests.products import datasets
from tests.run.processes import start

pytest.importorskip("mpi4py_fft")
pytestmark = pytest.mark.mpi

DECK = """
title = "a small flow"
[run]
kind = "mhd"
seed = 3
[mhd]
points = 12
viscosity = 0.05
resistivity = 0.04
mean_field = [0.0, 0.1, 0.02]
duration = 1.0
[initial]
flow = "taylor_green"
seed_wavenumbers = [1, 2]
[forcing]
model = "random"
wavenumber = 2
power = 0.05
[microphysics]
beta = 50.0
collision_rate = 20.0
[output]
snapshots = [0.5, 1.0]
history_interval = 0.25
spectra_interval = 0.4
wall_time = "1 h"
"""


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    path = tmp_path_factory.mktemp("mhd") / "deck.toml"
    path.write_text(DECK)
    return path


@pytest.fixture(scope="module")
def whole(done, deck, tmp_path_factory):
    """Directory of the run on one rank, and what it printed."""
    out = tmp_path_factory.mktemp("whole") / "run"
    return out, done("run", deck, "--out", out)


def contents(directory):
    files = [
        "spectra.h5",
        *(f"{folder}/{n}.h5" for folder in ("snapshots", "microphysics") for n in ("0000.5", "0001")),
    ]
    tables = [(directory / f"{name}.ecsv").read_text() for name in ("history", "microphysics")]
    rows = [line for table in tables for line in table.splitlines() if not line.startswith("#")]
    return rows, {name: datasets(directory / name) for name in files}


@pytest.mark.parametrize(
    ("ranks", "decomposition"), [(2, "slabs"), (4, "pencils"), pytest.param(4, "slabs", marks=pytest.mark.slow)]
)
def test_same_bytes_on_any_number_of_ranks(done, deck, whole, tmp_path, ranks, decomposition):
    shared = ["--set", f'mhd.decomposition="{decomposition}"']
    done("run", deck, "--out", tmp_path / "run", *shared, ranks=ranks)
    assert contents(tmp_path / "run") == contents(whole[0])


@pytest.mark.parametrize(("first", "then"), [(2, 1), (1, 4)])
def test_stopped_run_resumes_on_other_ranks(mpirun, environment, done, deck, whole, tmp_path, first, then):
    """A wall time that is over at the first meeting of the ranks, after a step."""
    short = tmp_path / "deck.toml"
    short.write_text(DECK.replace("1 h", "10 s"))
    job = start(mpirun, environment, first, "run", short, "--out", tmp_path / "run", paced={"margin": 9.9})
    _, stderr = job.communicate(timeout=120)
    assert job.returncode == 75, stderr
    assert "hpcmm restart" in stderr
    resolved = tmp_path / "run" / "resolved.toml"
    resolved.write_text(resolved.read_text().replace('wall_time = "10.0 s"', 'wall_time = "1 h"'))
    done("restart", tmp_path / "run", ranks=then)
    assert contents(tmp_path / "run") == contents(whole[0])


@pytest.mark.slow
def test_killed_run_resumes_on_other_ranks(mpirun, environment, done, tmp_path):
    """Killed with a checkpoint between two outputs, again and again: the bytes of a run that was left alone."""
    text = DECK.replace("points = 12", "points = 32").replace('wall_time = "1 h"', 'checkpoint_interval = "0.1 s"')
    (tmp_path / "deck.toml").write_text(text.replace("duration = 1.0", "duration = 3.0"))
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "alone", ranks=2)
    command, kills = ["run", tmp_path / "deck.toml", "--out", tmp_path / "run"], 0
    for ranks in (2, 1, 3):
        job = start(mpirun, environment, ranks, *command)
        known = set((tmp_path / "run" / "checkpoint").glob("*.json"))
        while job.poll() is None and len(set((tmp_path / "run" / "checkpoint").glob("*.json")) - known) < 2:
            time.sleep(0.01)
        if job.poll() is None:
            os.killpg(job.pid, signal.SIGKILL)
            kills += 1
        job.communicate(timeout=60)
        command = ["restart", tmp_path / "run"]
    assert kills
    done(*command, ranks=4)
    assert contents(tmp_path / "run") == contents(tmp_path / "alone")


def test_products_are_read_and_shown(done, hpcmm, whole):
    directory, ended = whole
    assert "k_max eta" in ended.stdout
    assert "under-resolved: k_max eta" in ended.stdout
    done("plot", directory)
    assert (directory / "figures" / "mhd.png").stat().st_size > 10_000
    run = open_run(directory)
    assert list(run.table["t"]) == [0.0, 0.25, 0.5, 0.75, 1.0]
    np.testing.assert_allclose(run.spectrum("time"), [0.0, 0.4, 0.8, 1.0])
    for name in ("E_u", "E_b"):
        np.testing.assert_allclose(run.spectrum(name).sum(axis=1)[[0, -1]], run.table[name][[0, -1]], rtol=1e-12)
    row = run.table[-1]
    b = run.field("b", 1.0)
    np.testing.assert_allclose(b.mean(axis=(0, 1, 2)), [0.0, 0.1, 0.02], atol=1e-7)
    fluctuation = b - b.mean(axis=(0, 1, 2))
    assert (fluctuation**2).sum(axis=-1).mean() / 2 == pytest.approx(row["E_b"], rel=1e-6)
    assert np.sqrt((b**2).sum(axis=-1)).max() == pytest.approx(row["b_max"], rel=1e-6)
    shown = {"kappa": "k_max eta", "status": "100.0 %", "restart": "k_max eta", "plot": "mhd.png"}
    for command, words in shown.items():
        assert words in done(command, directory).stdout
    assert "no kappa(t)" in hpcmm("kappa", directory, "--running").stderr


def test_snapshots_are_fields_that_others_read(whole):
    """Mesh b of openPMD, solenoidal, in a box of 2 pi, [z, y, x] at nodes; attributes that say what it is."""
    field = open_field(whole[0] / "snapshots" / "0001.h5")
    run = open_run(whole[0])
    np.testing.assert_allclose(np.asarray(field.B), run.field("b", 1.0), rtol=1e-6)
    with h5py.File(whole[0] / "snapshots" / "0001.h5") as file:
        (step,) = file["data"]
        mesh = file[f"data/{step}/meshes/b"]
        assert file[f"data/{step}"].attrs["time"] == 1.0
        assert mesh.attrs["l_c"] == run.table["l_c_b"][-1]
        assert mesh.attrs["rms"] == pytest.approx(np.sqrt(2 * run.table["E_b"][-1]), rel=1e-12)
        assert mesh["x"].shape == (12, 12, 12)
        assert list(file[f"data/{step}/meshes"]) == ["b", "u"]


def test_patches_are_a_medium_that_others_read(whole):
    """[x, y, z] as an effective medium indexes it; the share is that of the table, Delta that of the snapshot."""
    directory, file = whole[0], whole[0] / "microphysics" / "0001.h5"
    table = open_run(directory).microphysics
    (row,) = table[(table["t"] == 1.0) & (table["collision_rate"] == 20.0)]
    with h5py.File(file) as held:
        delta, patch = held["Delta"][...], held["patch"][...]
    assert patch.mean() == pytest.approx(row["f_mm"], rel=1e-12)
    assert np.sqrt((delta.astype(float) ** 2).mean()) == pytest.approx(row["Delta_rms"], rel=1e-6)
    b = open_run(directory).field("b", 1.0).astype(float)
    square = (b**2).sum(axis=-1)
    clear = np.abs(delta - square / (50 * square.mean())) > 1e-5
    np.testing.assert_array_equal(patch[clear], (delta > square / (50 * square.mean()))[clear])
    found, values = patch_file.read(str(file), ((0, 12), (2, 5), (0, 12)))
    assert found == "patch"
    np.testing.assert_array_equal(values, patch[:, 2:5])


MEDIUM = """
[run]
kind = "effective_medium"
[effective_medium]
grid = [12, 12, 12]
kappa_patch = "1e29 cm2/s"
kappa_background = "1e31 cm2/s"
morphology = "file"
file = "{}"
"""


def test_kappa_of_the_medium_that_the_patches_make(done, whole, tmp_path):
    """The patches of the snapshot as a medium: their fraction, kappa between the bounds, the same on two ranks."""
    pytest.importorskip("petsc4py")
    (tmp_path / "deck.toml").write_text(MEDIUM.format(whole[0] / "microphysics" / "0001.h5"))
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "1")
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "2", ranks=2)
    one, two = (open_run(tmp_path / n).table[0] for n in "12")
    rows = open_run(whole[0]).microphysics
    expected = rows[(rows["t"] == 1.0) & (rows["collision_rate"] == 20.0)]["f_mm"][0]
    assert one["filling_fraction_measured"] == pytest.approx(expected, rel=1e-12)
    assert one["hs_lower"] <= one["kappa_iso"] <= one["hs_upper"]
    assert one["kappa_iso"].value == pytest.approx(two["kappa_iso"].value, rel=1e-9)


def test_particles_are_kicked_in_the_patches_of_a_snapshot(done, whole, tmp_path):
    """Field and mask of one run: the share of particles in patches at the start is that of the points.

    4 sigma of 2048 particles.
    """
    text = decks.transport(
        "277.5 EeV",
        {"model": "field_file", "file": str(whole[0] / "snapshots" / "0001.h5"), "mean": "remove"},
        decks.mirrors("30 kpc", gate="file", mask=str(whole[0] / "microphysics" / "0001.h5")),
        run={"realizations": 16, "particles": 128},
        stepping={"path_length": "200 kpc", "step": "2 kpc", "samples": 8},
    )
    (tmp_path / "deck.toml").write_text(text)
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "run")
    run = open_run(tmp_path / "run")
    f = run.config.scatter[0].measured[0].filling_fraction
    assert 0 < f < 1
    assert abs(run.table["f_mm_volume"][0] - f) < 4 * np.sqrt(f * (1 - f) / 2048)


def test_a_snapshot_starts_another_run(done, deck, whole, tmp_path):
    """On more points and two ranks, and on fewer: the modes that both have, to single precision."""
    file = whole[0] / "snapshots" / "0001.h5"
    text = DECK.replace('flow = "taylor_green"', f'flow = "file"\nfile = "{file}"\nseed_field = 0.0')
    text = text.replace("[0.0, 0.1, 0.02]", "[0, 0, 0]").replace(
        "[microphysics]\nbeta = 50.0\ncollision_rate = 20.0\n", ""
    )
    text = text.replace("snapshots = [0.5, 1.0]", "snapshots = [0.0]")
    (tmp_path / "next.toml").write_text(text.replace("duration = 1.0", "duration = 0.01"))
    before = open_run(whole[0]).table[-1]
    for points, ranks in ((16, 2), (10, 1)):
        out = tmp_path / str(points)
        more = ["--set", f"mhd.points={points}", "--set", "forcing.wavenumber=1"]
        done("run", tmp_path / "next.toml", "--out", out, *more, ranks=ranks)
        run = open_run(out)
        assert len(run.field("u", 0.0)) == points
        for name in ("E_u", "E_b", "H_M", "l_c_b"):
            close = {"rel": 1e-6, "abs": 1e-9} if points >= 12 else {"rel": 0.3, "abs": 1e-3}
            assert run.table[name][0] == pytest.approx(before[name], **close)
    np.testing.assert_allclose(open_run(tmp_path / "16").field("b", 0.0)[::8, ::8, ::8],
                               open_run(whole[0]).field("b", 1.0)[::6, ::6, ::6], atol=1e-6)  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "words"),
    [("nan", "u_y holds what is no finite number"), ("shape", "on one cube"), ("gone", "it has no data")],
)
def test_a_bad_snapshot_is_refused_in_one_line(hpcmm, whole, tmp_path, fault, words):
    """What a look at names and shapes shows, and what only reading shows, on ranks alike."""
    bad = tmp_path / "bad.h5"
    shutil.copy(whole[0] / "snapshots" / "0001.h5", bad)
    with h5py.File(bad, "r+") as file:
        (step,) = file["data"].values()
        if fault == "nan":
            step["meshes/u/y"][3, 4, 5] = np.nan
        elif fault == "shape":
            del step["meshes/b/z"]
            step["meshes/b/z"] = np.zeros((12, 12, 10), "f4")
        else:
            del step["meshes"]
    text = DECK.replace('flow = "taylor_green"', f'flow = "file"\nfile = "{bad}"\nseed_field = 0.0')
    (tmp_path / "deck.toml").write_text(text)
    for ranks in (1, 2) if fault == "nan" else (1,):
        refused = hpcmm("run", tmp_path / "deck.toml", "--out", tmp_path / str(ranks), ranks=ranks)
        assert refused.returncode == 2, refused.stderr
        (line,) = [line for line in refused.stderr.splitlines() if line.startswith("hpcmm")]
        assert words in line
        assert "bad.h5" in line


def test_too_many_ranks_leave_the_run_that_is_there(done, hpcmm, deck, tmp_path):
    """Five slabs of a cube of four modes a side, with --overwrite: refused before anything is removed."""
    small = ("mhd.points=8", "mhd.duration=0.5", "output.snapshots=[0.5]", "forcing.model=none")
    few = [word for key in (*small, "initial.seed_field=0.0", "initial.wavenumber=1") for word in ("--set", key)]
    done("run", deck, "--out", tmp_path / "run", *few)
    before = sorted(path.name for path in (tmp_path / "run").rglob("*"))
    more = ["--set", 'mhd.decomposition="slabs"', "--overwrite"]
    ended = hpcmm("run", deck, "--out", tmp_path / "run", *few, *more, ranks=5)
    assert ended.returncode == 2
    assert "5 ranks cannot share a cube of 8^3 points" in ended.stderr
    assert sorted(path.name for path in (tmp_path / "run").rglob("*")) == before


def test_a_run_goes_on_without_the_file_that_it_started_from(done, hpcmm, deck, whole, tmp_path):
    """Status and restart need the file no more; to begin anew does."""
    shutil.copy(whole[0] / "snapshots" / "0001.h5", tmp_path / "start.h5")
    start_file = ["--set", "initial.flow=file", "--set", f"initial.file={tmp_path / 'start.h5'}"]
    done("run", deck, "--out", tmp_path / "run", *start_file)
    (tmp_path / "start.h5").unlink()
    for command in ("status", "restart", "kappa"):
        done(command, tmp_path / "run")
    ended = hpcmm("run", tmp_path / "run" / "resolved.toml", "--out", tmp_path / "run", "--overwrite")
    assert ended.returncode == 2
    assert "start.h5: no such file" in ended.stderr
    assert (tmp_path / "run" / "history.ecsv").exists()


def test_damaged_products_are_refused_with_what_helps(hpcmm, whole, tmp_path):
    """An earlier snapshot, which no restart writes again; a history without a column."""
    shutil.copytree(whole[0], tmp_path / "run")
    path = tmp_path / "run" / "snapshots" / "0000.5.h5"
    bytes_of = bytearray(path.read_bytes())
    bytes_of[-100] ^= 1
    path.write_bytes(bytes_of)
    with pytest.raises(InputError, match="take it from a copy, or run it anew"):
        open_run(tmp_path / "run").field("b", 0.5)
    table = tmp_path / "run" / "history.ecsv"
    table.write_text(table.read_text().replace("E_b", "E_x"))
    ended = hpcmm("kappa", tmp_path / "run")
    assert ended.returncode == 2
    assert "has no column 'E_b'" in ended.stderr

"""A whole run: double adiabatic in its history, the same products on any ranks and through a stop and a restart."""

import signal
import subprocess
import sys

import h5py
import numpy as np
import pytest
from astropy.table import Table

import hpcmm
from hpcmm.figures.plasma import CURVES, plasma_figure
from tests.conftest import ROOT
from tests.run.processes import wait_for

pytestmark = pytest.mark.mpi

DECK = """
title = "tiny"
[run]
kind = "hybrid_pic"
seed = 3
[plasma]
beta = 20.0
[box]
cells = [16, 8, 8]
size = [9.6, 4.8, 4.8]
[contraction]
time = 40.0
[markers]
per_cell = 16
weights = "{weights}"
[initial]
seed_field = 0.003
[stepping]
step = 0.08
duration = {duration}
[output]
snapshots = [0.8, 2.4]
history_interval = 0.8
checkpoint_interval = "0.1 s"
"""


@pytest.fixture
def command(environment, mpirun):
    def start(*arguments, ranks=1):
        words = [sys.executable, "-m", "hpcmm", *map(str, arguments)]
        if ranks > 1:
            words = [mpirun, "-n", str(ranks), *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(words, env=environment, cwd=ROOT, start_new_session=True, **pipes)

    def done(*arguments, ranks=1, status=0):
        job = start(*arguments, ranks=ranks)
        stdout, stderr = job.communicate(timeout=200)
        assert job.returncode == status, stderr
        return stdout + stderr

    done.start = start
    return done


def products(directory):
    """Rows of the tables and datasets of the snapshots, as bytes."""
    found = {}
    for name in ("history.ecsv", "micromirrors.ecsv"):
        lines = (directory / name).read_text().splitlines()
        found[name] = [line for line in lines if not line.startswith("#")]
    for path in sorted((directory / "snapshots").glob("*.h5")):
        with h5py.File(path) as file:
            file.visititems(
                lambda name, item, path=path: found.update({f"{path.name} {name}": item[()].tobytes()})
                if isinstance(item, h5py.Dataset) else None
            )  # fmt: skip
    assert len(found) == 2 + 2 * 13
    return found


@pytest.mark.parametrize("weights", ["delta_f", pytest.param("full_f", marks=pytest.mark.slow)])
def test_products_are_the_same_on_any_number_of_ranks(command, tmp_path, weights):
    deck = tmp_path / "deck.toml"
    deck.write_text(DECK.format(duration=2.4, weights=weights))
    assert "core-hours" in command("check", deck)
    found = []
    for ranks in (1, 2, 4):
        command("run", deck, "--out", tmp_path / str(ranks), ranks=ranks)
        found.append(products(tmp_path / str(ranks)))
    assert found[0] == found[1] == found[2]
    table = Table.read(tmp_path / "1" / "history.ecsv")
    np.testing.assert_allclose(table["t"], [0, 0.8, 1.6, 2.4], atol=1e-12)
    assert max(table["div_B"]) < 1e-13
    if weights == "delta_f":
        np.testing.assert_allclose(table["Delta"], table["Delta_cgl"], atol=5e-4)
    run = hpcmm.open_run(tmp_path / "2")
    assert run.field("B", 2.4).shape == (16, 8, 8, 3)
    assert run.field("B", 2.4)[..., 0].mean() == pytest.approx((1 + 2.4 / 40) ** 2, rel=1e-6)
    p = run.field("pressure", 2.4).mean(axis=(0, 1, 2))
    assert p[:3] == pytest.approx(10 * np.array([1, 1.06**2, 1.06**2]) * 1.06**2, rel=0.2)
    field = hpcmm.open_field(run.snapshots[2.4])
    np.testing.assert_array_equal(np.asarray(field.B[..., 0], np.float32), run.field("B", 2.4)[..., 0])
    figure = plasma_figure([tmp_path / "1", tmp_path / "2"], tmp_path / "history.png")
    assert [text.get_text() for text in figure.legends[0].get_texts()][:2] == ["1: tiny", "2: tiny"]
    assert len(figure.legends[0].get_texts()) == 2 + len(CURVES) + 2


def test_a_run_that_is_stopped_goes_on_with_other_ranks(command, tmp_path):
    deck = tmp_path / "deck.toml"
    deck.write_text(DECK.format(duration=16.0, weights="delta_f"))
    command("run", deck, "--out", tmp_path / "whole")
    job = command.start("run", deck, "--out", tmp_path / "cut", ranks=2)
    folder = tmp_path / "cut" / "checkpoint"
    assert wait_for(lambda: (folder / "latest").exists(), 100)
    job.send_signal(signal.SIGUSR1)
    _, stderr = job.communicate(timeout=100)
    assert job.returncode == 75, stderr
    assert not (tmp_path / "cut" / "history.ecsv").exists()
    command("restart", tmp_path / "cut", ranks=4)
    assert products(tmp_path / "cut") == products(tmp_path / "whole")


@pytest.mark.parametrize(
    ("key", "value", "advice"),
    [
        ("stepping.step", "0.2", "0.154 or less is expected"),
        ("box.cells", "[8, 8, 8]", "10 or more are expected along x"),
        ("initial.seed_field", "0.2", "initial.seed_field"),
        ("contraction.axes", '"z"', "full_f"),
        ("contraction.time", "-20.0", "|s| < 0.6"),
        ("contraction.time", "0.0", "other than 0"),
        ("markers.per_cell", "4", "8 or more"),
        ("output.snapshots", "[99.0]", "within the duration"),
    ],
)
def test_bad_decks_are_refused(command, tmp_path, key, value, advice):
    deck = tmp_path / "deck.toml"
    deck.write_text(DECK.format(duration=16.0, weights="delta_f"))
    words = command("check", deck, "--set", f"{key}={value}", status=2)
    assert advice in words

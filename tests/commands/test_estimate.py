"""`hpcmm kappa DIR --estimator`: the table side by side, and what is refused in one line."""

import json

import numpy as np
import pytest

from hpcmm.commands import estimate
from hpcmm.errors import InputError
from hpcmm.io import tracks_file
from tests.estimators import walks


@pytest.fixture
def line(tmp_path):
    """Run directory with tracks of two filling fractions."""
    rows = [walks.line(64, 1, f_mm=f, duration=60.0, intervals=64) for f in (0.0, 0.2)]
    tracks = tracks_file.Tracks(
        position=np.array([row.position for row in rows]),
        time=np.array([row.time for row in rows]),
        label=np.array([0.0, 0.2]),
        unit=rows[0].unit,
        label_name="f_mm",
        length="period",
        turns=np.array([row.turns for row in rows]),
        attributes={"config": json.dumps({"two_phase": {"nu_mm": 10.0, "nu_res": 1.0}})},
    )
    tracks_file.write(tmp_path / "tracks.h5", tracks)
    return tmp_path


@pytest.fixture
def space(tmp_path):
    """Run directory with tracks in three dimensions, all of one unit."""
    row = walks.scattered(0.125, 64, 2, 32, 1)
    tracks = tracks_file.Tracks(
        position=row.position[None], time=row.time[None], label=np.array([1.0]), unit=np.zeros(32, dtype=int),
        label_name="energy", length="pc", direction=row.direction[None],
    )  # fmt: skip
    tracks_file.write(tmp_path / "tracks.h5", tracks)
    return tmp_path


def test_all_estimators_stand_side_by_side(hpcmm, line):
    done = hpcmm("kappa", line, "--estimator", "all", cwd=line)
    assert done.returncode == 0, done.stderr
    for words in ("running", "time_differenced", "green_kubo", "time_origins", "telegraph", "eq 11", "0.3571"):
        assert words in done.stdout
    assert "left out: lstm: " in done.stdout
    assert "hpcmm train input_decks/network.toml" in done.stdout


def test_one_estimator_is_shown_alone(hpcmm, line):
    done = hpcmm("kappa", line, "--estimator", "telegraph")
    assert done.returncode == 0, done.stderr
    assert "telegraph" in done.stdout
    assert "running" not in done.stdout


def test_in_space_one_column_an_axis(hpcmm, space):
    done = hpcmm("kappa", space, "--estimator", "running")
    assert done.returncode == 0, done.stderr
    for words in ("kappa_iso [cm2/s]", "kappa_zz", "1 GeV", "errors are unknown"):
        assert words in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("telegraph",), "needs a walk on a line"),
        (("telegraf",), "did you mean 'telegraph'?"),
        (("lstm", "--weights", "none.safetensors"), "none.safetensors: no such weights"),
    ],
)
def test_refused_in_a_line(hpcmm, space, arguments, words):
    done = hpcmm("kappa", space, "--estimator", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_run_without_tracks_is_refused(hpcmm, tmp_path):
    done = hpcmm("kappa", tmp_path, "--estimator", "all")
    assert done.returncode == 2
    assert "trajectories" in done.stderr


def test_values_are_those_of_the_estimators(line):
    tracks = tracks_file.read(line / "tracks.h5")
    found, notes = estimate.estimates(tracks, ["telegraph"])
    assert found["telegraph"][1]["iso"] == pytest.approx(60.0 / (2 * tracks.turns[1].mean()))
    assert notes == []
    with pytest.raises(InputError):
        estimate.estimates(tracks, ["lstm"], weights="nowhere", one=True)

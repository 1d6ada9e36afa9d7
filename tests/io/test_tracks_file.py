"""tracks.h5 comes back as it was written, and what is no tracks file is refused in one line."""

from dataclasses import fields

import h5py
import numpy as np
import pytest

from hpcmm.errors import InputError
from hpcmm.io import tracks_file


@pytest.fixture
def tracks():
    draw = np.random.default_rng(1)
    shape = (2, 3, 5, 3)
    return tracks_file.Tracks(
        position=draw.normal(size=shape),
        time=np.outer([1.0, 2.0], np.linspace(0, 1, 5)),
        label=np.array([1.0, 10.0]),
        unit=np.array([0, 0, 1]),
        label_name="energy",
        length="pc",
        direction=draw.normal(size=shape),
        attributes={"version": "0"},
    )


def test_tracks_written_are_read_back(tracks, tmp_path):
    tracks_file.write(tmp_path / "tracks.h5", tracks)
    found = tracks_file.read(tmp_path / "tracks.h5")
    for part in fields(tracks):
        before, after = getattr(tracks, part.name), getattr(found, part.name)
        if isinstance(before, np.ndarray):
            np.testing.assert_array_equal(after, before)
    assert (found.turns, found.length, found.label_name) == (None, "pc", "energy")
    assert found.attributes["version"] == "0"
    assert [path.name for path in tmp_path.iterdir()] == ["tracks.h5"]


FAULTS = {
    "position": lambda a: a[0],
    "time": lambda a: a + 1,
    "unit": lambda a: a[:2],
    "direction": lambda a: a * np.nan,
    "label": lambda a: np.append(a, 1.0),
}


@pytest.mark.parametrize("name", FAULTS)
def test_damaged_tracks_are_refused(tracks, tmp_path, name):
    path = tmp_path / "tracks.h5"
    tracks_file.write(path, tracks)
    with h5py.File(path, "r+") as file:
        values = FAULTS[name](file[name][...])
        del file[name]
        file[name] = values
    with pytest.raises(InputError, match="not a tracks file") as caught:
        tracks_file.read(path)
    assert "\n" not in str(caught.value)


def test_file_absent_or_no_hdf5_is_refused(tmp_path):
    with pytest.raises(InputError, match="trajectories = N"):
        tracks_file.read(tmp_path / "tracks.h5")
    (tmp_path / "tracks.h5").write_text("no")
    with pytest.raises(InputError, match="not a tracks file"):
        tracks_file.read(tmp_path / "tracks.h5")

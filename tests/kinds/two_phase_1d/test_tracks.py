"""Tracks of a two-phase line in one process."""

import numpy as np
import pytest

from hpcmm.io import tracks_file
from hpcmm.kinds.two_phase_1d.tracks import make_tracks


def test_rows_points_and_units():
    made = make_tracks(100.0, 1.0, [0.0, 0.5], 3.0, 32, 5, seed=7)
    assert made.position.shape == (2, 5, 33, 1)
    assert (made.label_name, made.length) == ("f_mm", "period")
    np.testing.assert_allclose(made.time, np.tile(np.linspace(0, 3, 33), (2, 1)))
    assert (made.position[:, :, 0] == 0).all()
    assert list(made.unit) == [0, 1, 2, 3, 4]


def test_a_track_is_that_of_its_particle(tmp_path):
    """Whoever asks for it, among which others, in how many points."""
    whole = make_tracks(30.0, 2.0, 0.3, 20.0, 64, 40, seed=1)
    some = make_tracks(30.0, 2.0, [0.1, 0.3], 20.0, 32, 3, seed=1, first=17)
    np.testing.assert_array_equal(some.position[1], whole.position[0, 17:20, ::2])
    assert (some.turns[1] == whole.turns[0, 17:20]).all()
    tracks_file.write(tmp_path / "tracks.h5", whole)
    assert (tracks_file.read(tmp_path / "tracks.h5").position == whole.position).all()


def test_spread_is_that_of_a_telegraph():
    """<x^2> = (2/nu^2)(nu t - 1 + exp(-nu t)) of a line all alike, turns nu T/2: 4 sigma, sigma 1.5 times 1/sqrt(n)."""
    nu, n = 2.0, 20_000
    made = make_tracks(nu, 7.0, 1.0, 10.0, 5, n, seed=3)
    t = made.time[0, 1:]
    exact = 2 / nu**2 * (nu * t - 1 + np.exp(-nu * t))
    np.testing.assert_allclose((made.position[0, :, 1:, 0] ** 2).mean(axis=0), exact, rtol=4 * 1.5 / np.sqrt(n))
    assert made.turns.mean() == pytest.approx(nu * 10 / 2, abs=4 * np.sqrt(10 / n))


@pytest.mark.parametrize("wrong", [{"points": 0}, {"tracks": 0}, {"f_mm": 1.5}, {"nu_res": 0.0}, {"duration": "long"}])
def test_what_cannot_be_is_refused(wrong):
    good = {"nu_mm": 1.0, "nu_res": 1.0, "f_mm": 0.5, "duration": 1.0, "points": 4, "tracks": 2, "seed": 0}
    with pytest.raises(ValueError, match=next(iter(wrong))):
        make_tracks(**good | wrong)

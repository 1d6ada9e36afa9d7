"""Tracks cover the whole path at equal intervals, whatever the number of steps."""

from types import SimpleNamespace

import numpy as np
import pytest

from hpcmm.kinds.transport import track_plan
from tests import decks


def config(points, trajectories=1):
    return SimpleNamespace(output=SimpleNamespace(track_points=points, trajectories=trajectories))


@pytest.mark.parametrize(
    ("steps", "points"), [(510, 256), (511, 256), (512, 256), (256, 256), (257, 256), (7, 2), (10**15, 10**6), (999, 7)]
)
def test_places_are_the_nearest_steps_over_the_whole_path(steps, points):
    """Half a step at most from equal intervals, in exact integers; the first 0, the last the end."""
    kept = track_plan.steps_of_places(config(points), steps)
    assert (kept[0], kept[-1], len(kept)) == (0, steps, points + 1)
    assert (np.diff(kept) > 0).all()
    for place in (1, 2, points // 3, points // 2, points - 1):
        assert abs(2 * (int(kept[place]) * points - place * steps)) <= points
    assert len(track_plan.steps_of_places(config(points, 0), steps)) == 0


@pytest.mark.parametrize("points", [64, 250, 333])
def test_straight_tracks_end_at_the_end(points, run_deck):
    """500 steps without a field or kick: every place is n c t at its time, and the last time is that of the moments."""
    text = decks.transport(
        ["1 EeV"],
        decks.guide("3 uG"),
        particle={"Z": 1},
        stepping={"step": "10 pc", "path_length": "5 kpc", "samples": 4},
        output={"trajectories": 5, "track_points": points},
    )
    run = run_deck(text)
    found = run.tracks()
    np.testing.assert_allclose(found.time[0, -1].value, run.time[0, -1].value, rtol=1e-14)
    np.testing.assert_allclose(np.diff(found.time[0].value), found.time[0, 1].value, rtol=1e-9)
    # along the field a particle moves by mu c t; a place between steps lies on the chord, within (step/2)^2/(2 r_g) of
    # the gyration, 0.04 pc, none of it along the field
    z, mu = found.position[0, :, :, 2].to_value("pc"), found.direction[0, :, :1, 2]
    path = 5000.0 * np.arange(points + 1) / points
    np.testing.assert_allclose(z, mu * path, atol=1e-6)
    # the Boris step of 10 pc turns by 2 arctan(5 pc/r_g) in its middle, so that its ends lie on the circle itself
    r_g = run.table["r_g"][0].to_value("pc")
    turn = 2 * np.arctan(5.0 / r_g)
    radius = r_g * np.sqrt(1 - mu**2)
    across = np.linalg.norm(found.position[0, :, :, :2].to_value("pc"), axis=-1)
    np.testing.assert_allclose(across, 2 * radius * np.abs(np.sin(turn * path / 20.0)), atol=0.06)

"""Figure 4: the field of the run along its tracks and around them, the threshold of the patches, the files."""

import sys
from pathlib import Path

import numpy as np
import pytest

from hpcmm import kinds
from hpcmm.cli import main
from hpcmm.errors import InputError
from hpcmm.fields.waves import draw_waves
from hpcmm.figures import scene
from hpcmm.io import tracks_file
from hpcmm.kinds.transport.plan import plan_energy
from hpcmm.parallel import random_streams
from hpcmm.theory.field_strength import field_strength_fractions
from tests import decks
from tests.kernels.twins import plane_waves

DECK = decks.transport(
    ["100 EeV", "50 EeV"],
    decks.waves(modes=40),
    title="tracks",
    run={"seed": 9, "realizations": 2, "particles": 4},
    particle={"common_origin": True},
    stepping={"path_length": "500 kpc", "samples": 8},
    output={"trajectories": 5, "track_points": 40},
)


@pytest.fixture(scope="module")
def run(done, tmp_path_factory):
    top = tmp_path_factory.mktemp("fig4")
    (top / "deck.toml").write_text(DECK)
    done("run", top / "deck.toml", "--out", top / "run")
    return top / "run"


@pytest.fixture(scope="module")
def found(run):
    return scene.scene_of(run, points=9)


def test_strength_is_that_of_the_waves(run, found):
    """|B| along the tracks against a NumPy sum over the waves of the run, 1e-4 being the deck's tolerance."""
    _, config = kinds.read(run / "resolved.toml")
    section, p = config.field[0], plan_energy(config, 50e9)
    k, power = section.wavenumbers(config.medium, p.gyroradius)
    draw = random_streams.generator(config.run.seed, random_streams.WAVES, 0, p.energy, 0)
    waves = draw_waves(k, np.sqrt(2) * section.dB / config.medium.B_rms * np.sqrt(power), draw)
    tracks = tracks_file.read(run / "tracks.h5")
    places = (tracks.origin[1, :3, None] + tracks.position[1, :3]).reshape(-1, 3).T
    expected = np.linalg.norm(plane_waves(*waves, places), axis=0).reshape(3, -1)
    np.testing.assert_allclose(found.strength, expected, atol=1e-3)


def test_scene_holds_the_tracks_of_one_realization(found):
    """The lowest energy; of 3 + 2 tracks those of the first realization; a grid around them."""
    assert found.energy == 50e9
    assert found.position.shape == (3, 41, 3)
    assert found.left_out == 2
    assert max(found.grid.shape) == 9
    far = found.corner + found.spacing * (np.array(found.grid.shape) - 1)
    assert (found.position > found.corner).all()
    assert (found.position < far).all()
    assert field_strength_fractions(found.B_star)[0] == pytest.approx(0.25)


def test_threshold_is_as_asked_or_that_of_the_run():
    """As asked; else as the run's gated kicks have it; else 0.25
    (docs/physics.md 2.4: B* = 1.170, 0.888, 1.444 B_rms).
    """
    for bound, asked, star, gated in (
        (None, None, 1.170, False), (None, 0.1, 1.444, False), (0.888, None, 0.888, True), (0.0, None, 1.170, False),
    ):  # fmt: skip
        B_star, fraction, same = scene.threshold(bound, asked)
        assert B_star == pytest.approx(star, abs=1e-3)
        assert fraction == pytest.approx(field_strength_fractions(B_star)[0])
        assert same == gated


def test_without_scikit_image(run, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "skimage.measure", None)
    assert main(["plot", "--figure", "fig4", str(run)]) == 2
    assert "pip install 'hpcmm[fig4]'" in capsys.readouterr().err


def test_directory_without_tracks_or_field_is_refused(run, tmp_path):
    with pytest.raises(InputError, match="trajectories = N"):
        scene.scene_of(tmp_path)
    with pytest.raises(InputError, match="between 0 and 1"):
        scene.scene_of(run, f_mm=1.5)


def test_command_writes_image_field_and_tracks(run, capsys):
    pytest.importorskip("skimage.measure")
    assert main(["plot", "--figure", "fig4", str(run), "--f_mm", "0.3"]) == 0
    written = Path(capsys.readouterr().out.strip())
    names = {"fig4.png", "fig4_field.vtkhdf", "fig4_tracks.vtkhdf"}
    assert names <= {path.name for path in written.parent.iterdir()}
    from matplotlib.image import imread

    assert imread(written).std() > 0.05

"""tracks.h5 of transport runs: the same bytes on any number of ranks; what the moments say of the same particles."""

import numpy as np
import pytest
from astropy import units

import hpcmm as package
from hpcmm import kinds
from hpcmm.kinds.transport import ensemble
from tests import decks
from tests.products import bytes_of, tracks_of

pytestmark = pytest.mark.mpi

TRACKED = decks.SMALL + "[output]\ntrajectories = 220\ntrack_points = 50\n"


@pytest.fixture(scope="module")
def runs(done, tmp_path_factory):
    """{ranks: run directory} of the same deck, and one without tracks at 0."""
    top, made = tmp_path_factory.mktemp("tracks"), {}
    for ranks, deck in ((0, decks.SMALL), (1, TRACKED), (2, TRACKED), (4, TRACKED)):
        (top / f"{ranks}.toml").write_text(deck)
        done("run", top / f"{ranks}.toml", "--out", top / str(ranks), ranks=ranks or 1)
        made[ranks] = top / str(ranks)
    return made


@pytest.mark.parametrize("ranks", [2, 4])
def test_bytes_do_not_depend_on_ranks(runs, ranks):
    assert tracks_of(runs[ranks]) == tracks_of(runs[1])


def test_results_do_not_depend_on_tracks(runs):
    assert bytes_of(runs[2]) == bytes_of(runs[0])
    assert not (runs[0] / "tracks.h5").exists()


def test_tracks_are_those_of_the_lowest_ids_from_where_they_start(runs):
    """220 tracks of 3 realizations x 100 particles: 74, 73 and 73, of the lowest ids, where these start."""
    found = package.open_run(runs[2]).tracks()
    assert np.bincount(found.unit).tolist() == [74, 73, 73]
    _, config = kinds.read(runs[2] / "resolved.toml")
    for row, energy in enumerate(config.particle.energy):
        for realization in range(3):
            blocks = [ensemble.block_of(config, energy, realization, block).state for block in (0, 1)]
            start = np.concatenate(blocks, axis=1)[3:9, : 74 - (realization > 0)].T
            mine = found.unit == realization
            assert (found.direction[row, mine, 0] == start[:, :3]).all()
            assert (found.origin.to_value("pc")[row, mine] == start[:, 3:]).all()


def test_all_particles_give_the_moments(done, tmp_path):
    """With a track of every particle, <x_i>, <x_i^2> and <n_i(0) n_i(T)> at T are those of moments.h5."""
    (tmp_path / "deck.toml").write_text(TRACKED)
    # a step that is 1/500 of the path, so that the last place is at its end
    whole = ["--set", "output.trajectories=300", "--set", "stepping.step=1 kpc"]
    done("run", tmp_path / "deck.toml", *whole, "--out", tmp_path / "run")
    run = package.open_run(tmp_path / "run")
    found = run.tracks()
    assert found.time.unit == units.s
    np.testing.assert_allclose(found.time[:, -1], run.time[:, -1], rtol=1e-14)
    last, first = found.direction[:, :, -1], found.direction[:, :, 0]
    for i, axis in enumerate("xyz"):
        place = found.position[:, :, -1, i]
        np.testing.assert_allclose(place.mean(axis=1), run.moment(axis)[:, -1], rtol=1e-10)
        np.testing.assert_allclose((place**2).mean(axis=1), run.moment(2 * axis)[:, -1], rtol=1e-12)
        memory = (first[..., i] * last[..., i]).mean(axis=1)
        np.testing.assert_allclose(memory, run.moment(f"v{axis}v{axis}")[:, -1], rtol=1e-10)
    assert (found.position[:, :, 0] == 0).all()
    apart = np.linalg.norm(np.diff(found.position.value, axis=2), axis=-1)
    assert (apart <= 10_000 * (1 + 1e-12)).all()
    np.testing.assert_allclose(np.linalg.norm(found.direction, axis=-1), 1, rtol=1e-12)


def test_one_realization_has_blocks_as_units(done, tmp_path):
    (tmp_path / "deck.toml").write_text(TRACKED)
    one = ["--set", "run.realizations=1", "--set", "output.trajectories=70"]
    done("run", tmp_path / "deck.toml", *one, "--out", tmp_path / "run")
    assert np.bincount(package.open_run(tmp_path / "run").tracks().unit).tolist() == [64, 6]


def test_check_tells_their_size(hpcmm, done, tmp_path):
    (tmp_path / "deck.toml").write_text(TRACKED)
    told = done("check", tmp_path / "deck.toml", "--set", "particle.common_origin=true").stdout
    assert "tracks: 220 an energy at 51 places each; tracks.h5 1 MB" in told
    assert "warning: particle.common_origin" in told
    refused = hpcmm("check", tmp_path / "deck.toml", "--set", "output.track_points=10000")
    assert refused.returncode == 2
    assert "key 'output.track_points': at " in refused.stderr
    assert "fewer intervals" in refused.stderr

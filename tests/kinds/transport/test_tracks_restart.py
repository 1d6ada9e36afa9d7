"""Tracks survive what their run does: kills, extension, merging."""

import shutil

import pytest

from hpcmm.commands.merge import merge
from hpcmm.errors import InputError
from tests import decks
from tests.products import bytes_of, tracks_of
from tests.run.processes import hit, latest, saved, start

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def short(done, tmp_path_factory):
    """Deck of a short run, and the run that nothing disturbs."""
    return whole_run(done, tmp_path_factory.mktemp("short"), "1000 kpc")


def whole_run(done, top, path):
    (top / "deck.toml").write_text(decks.steady(path=path, trajectories=100, track_points=77))
    done("run", top / "deck.toml", "--out", top / "whole")
    return top / "deck.toml", top / "whole"


def test_killed_run_resumes_to_the_same_tracks(done, mpirun, environment, tmp_path):
    """Killed after its first checkpoint and again after another, on other numbers of ranks: the same bytes."""
    deck, whole = whole_run(done, tmp_path, "5000 kpc")
    out, gate = tmp_path / "run", tmp_path / "gate"
    gate.touch()
    for ranks, *command in ((2, "run", deck, "--out", out), (4, "restart", out)):
        before = latest(out)
        job = start(mpirun, environment, ranks, *command, paced={"gate": gate})
        saved(job, out, before)
        hit(job, ranks, "kill all")
        job.communicate(timeout=60)
        assert not (out / "moments.h5").exists()
    done("restart", out, ranks=1)
    assert tracks_of(out) == tracks_of(whole)
    assert bytes_of(out) == bytes_of(whole)


def test_other_tracks_are_another_run(hpcmm, short, tmp_path):
    shutil.copytree(short[1], tmp_path / "run")
    path = tmp_path / "run" / "resolved.toml"
    path.write_text(path.read_text().replace("track_points = 77", "track_points = 78"))
    refused = hpcmm("restart", tmp_path / "run")
    assert refused.returncode == 2
    assert "output.track_points is 77 there, 78 here" in refused.stderr


def test_extended_run_has_the_tracks_of_the_larger_run(done, short, tmp_path):
    deck, whole = short
    done("run", deck, "--out", tmp_path / "grown", "--set", "run.realizations=2")
    (tmp_path / "grown" / "tracks.h5").unlink()
    done("restart", tmp_path / "grown")  # from its checkpoint alone
    done("extend", tmp_path / "grown", "--realizations", "3", ranks=3)
    assert tracks_of(tmp_path / "grown") == tracks_of(whole)
    assert bytes_of(tmp_path / "grown") == bytes_of(whole)


def test_longer_path_is_refused(hpcmm, short):
    refused = hpcmm("extend", short[1], "--path-factor", "2")
    assert refused.returncode == 2
    assert "keeps tracks at equal intervals of its path" in refused.stderr


def test_merged_parts_have_the_tracks_of_the_whole_run(done, short, tmp_path):
    deck, whole = short
    for part in ("2", "1"):
        done("run", deck, "--out", tmp_path / part, "--part", f"{part}/2")
    parts = [tmp_path / "2", tmp_path / "1"]
    assert tracks_of(merge(parts, tmp_path / "merged")) == tracks_of(whole)
    (tmp_path / "2" / "tracks.h5").unlink()
    with pytest.raises(InputError, match=r"tracks\.h5: no such file"):
        merge(parts, tmp_path / "again")
    assert not (tmp_path / "again").exists()

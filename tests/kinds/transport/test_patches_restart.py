"""Runs with patches that live and die: the same bytes on any number of ranks, after kills, and when prolonged."""

import pytest

from tests import decks
from tests.products import bytes_of
from tests.run.processes import hit, saved, start

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    path = tmp_path_factory.mktemp("patches") / "deck.toml"
    lives = {"lifetime": "30 kyr", "cell": "50 kpc"}
    path.write_text(decks.steady(decks.mirrors("30 kpc", gate="field_strength", filling_fraction=0.3, **lives)))
    return path


@pytest.fixture(scope="module")
def whole(done, deck):
    """Bytes of the undisturbed run on one rank."""
    done("run", deck, "--out", deck.parent / "1")
    made = bytes_of(deck.parent / "1")
    assert b"f_mm_time_err" in made[1]
    return made


@pytest.mark.parametrize("ranks", [2, 4])
def test_bytes_do_not_depend_on_ranks(done, deck, whole, ranks):
    done("run", deck, "--out", deck.parent / str(ranks), ranks=ranks)
    assert bytes_of(deck.parent / str(ranks)) == whole


def test_killed_run_resumes_to_the_same_bytes(done, mpirun, environment, deck, whole, tmp_path):
    """Killed between samples, where the count of steps inside is in no moment yet."""
    out = tmp_path / "run"
    (tmp_path / "gate").touch()
    job = start(mpirun, environment, 2, "run", deck, "--out", out, paced={"gate": tmp_path / "gate"})
    saved(job, out)
    hit(job, 2, "kill all")
    job.communicate(timeout=60)
    assert not (out / "moments.h5").exists()
    done("restart", out, ranks=3)
    assert bytes_of(out) == whole


def test_extended_twice_gives_the_bytes_of_the_larger_run(done, deck, tmp_path):
    """More realizations and a longer path than at first: B_star of the old realizations stays."""
    shorter = ["--set", "stepping.path_length=2 Mpc"]
    done("run", deck, "--out", tmp_path / "grown", "--set", "run.realizations=1", *shorter)
    done("extend", tmp_path / "grown", "--path-factor", "2", ranks=2)
    done("extend", tmp_path / "grown", "--realizations", "2")
    more = ["--set", "run.realizations=2", "--set", "stepping.path_factors=[2.0]"]
    done("run", deck, "--out", tmp_path / "whole", *more, *shorter)
    assert bytes_of(tmp_path / "grown") == bytes_of(tmp_path / "whole")

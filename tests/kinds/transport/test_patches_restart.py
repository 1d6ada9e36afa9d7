"""Runs with patches: the same bytes on any number of ranks, after kills, and when prolonged."""

import pytest

from tests.kinds.transport.test_ranks import bytes_of
from tests.run.kills import DECK, hit, start, wait_for

MIRRORS = """
[[scatter]]
model = "micromirrors"
l_mm = "30 kpc"
gate = "field_strength"
filling_fraction = 0.3
[stepping]
"""
PATH = 20_000


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    path = tmp_path_factory.mktemp("patches") / "deck.toml"
    path.write_text(DECK.format(path=PATH).replace("[stepping]\n", MIRRORS))
    return path


@pytest.fixture(scope="module")
def whole(hpcmm, deck):
    """Bytes of the undisturbed run on one rank."""
    done(hpcmm("run", deck, "--out", deck.parent / "1"))
    made = bytes_of(deck.parent / "1")
    assert b"f_mm_time_err" in made[1]
    return made


def done(call):
    assert call.returncode == 0, call.stderr


@pytest.mark.parametrize("ranks", [2, 4])
def test_bytes_do_not_depend_on_ranks(hpcmm, deck, whole, ranks):
    done(hpcmm("run", deck, "--out", deck.parent / str(ranks), ranks=ranks))
    assert bytes_of(deck.parent / str(ranks)) == whole


def test_killed_and_gone_on_with(hpcmm, mpirun, environment, deck, whole, tmp_path):
    """Killed between samples, where the count of steps inside is in no moment yet."""
    out = tmp_path / "run"
    job = start(mpirun, environment, 2, "run", deck, "--out", out)
    assert wait_for(lambda: (out / "checkpoint" / "latest").exists(), 60)
    hit(job, 2, "kill all")
    job.communicate(timeout=60)
    assert not (out / "moments.h5").exists()
    done(hpcmm("restart", out, ranks=3))
    assert bytes_of(out) == whole


def test_longer_and_more(hpcmm, deck, tmp_path):
    """More realizations and a longer path than at first: B_star of the old realizations stays."""
    shorter = ["--set", "stepping.path_length=2 Mpc"]
    done(hpcmm("run", deck, "--out", tmp_path / "grown", "--set", "run.realizations=1", *shorter, ranks=2))
    done(hpcmm("extend", tmp_path / "grown", "--path-factor", "2", ranks=2))
    done(hpcmm("extend", tmp_path / "grown", "--realizations", "2"))
    more = ["--set", "run.realizations=2", "--set", "stepping.path_factors=[2.0]"]
    done(hpcmm("run", deck, "--out", tmp_path / "whole", *more, *shorter, ranks=3))
    assert bytes_of(tmp_path / "grown") == bytes_of(tmp_path / "whole")

"""`extend` and `merge` give the bits that a longer deck would have given from the start."""

import h5py
import numpy as np
import pytest

from tests.kinds.transport.test_ranks import bytes_of
from tests.run.kills import DECK, hit, start, wait_for


@pytest.fixture
def deck(tmp_path):
    (tmp_path / "deck.toml").write_text(DECK.format(path=5_000))
    return tmp_path / "deck.toml"


def done(call):
    assert call.returncode == 0, call.stderr


def test_more_realizations(hpcmm, deck, tmp_path):
    done(hpcmm("run", deck, "--out", tmp_path / "grown", "--set", "run.realizations=2", ranks=2))
    done(hpcmm("extend", tmp_path / "grown", "--realizations", "5", ranks=3))
    done(hpcmm("run", deck, "--out", tmp_path / "whole", "--set", "run.realizations=5", ranks=2))
    assert bytes_of(tmp_path / "grown") == bytes_of(tmp_path / "whole")


def test_longer_paths(hpcmm, deck, tmp_path):
    """Twice: the same as a deck with both factors; and M(T), M(T/2) are those of a deck with the long path itself."""
    done(hpcmm("run", deck, "--out", tmp_path / "grown", ranks=2))
    for factor in ("2", "3"):
        done(hpcmm("extend", tmp_path / "grown", "--path-factor", factor, ranks=3))
    factors = ["--set", "stepping.path_factors=[2.0, 3.0]"]
    done(hpcmm("run", deck, "--out", tmp_path / "whole", *factors, ranks=1))
    assert bytes_of(tmp_path / "grown") == bytes_of(tmp_path / "whole")
    with h5py.File(tmp_path / "whole" / "moments.h5") as file:
        grown = {name: file[name][...] for name in ("time", "moments", "step")}
    # the path that was run is 2 ceil(2 ceil(N/2 2)/2 3) steps; asking for it gives that number of steps again
    path = np.round(grown["time"][:, -1] / grown["step"]) * grown["step"]
    for i, energy in enumerate(("30 EeV", "100 EeV")):
        length = f"{float(path[i])!r} pc"
        alone = ["--set", f'particle.energy=["{energy}"]', "--set", f"stepping.path_length={length}"]
        done(hpcmm("run", deck, "--out", tmp_path / str(i), *alone, ranks=2))
        with h5py.File(tmp_path / str(i) / "moments.h5") as file:
            for fraction in (1.0, 0.5):
                at = [np.argmin(np.abs(t - fraction * t[-1])) for t in (file["time"][0], grown["time"][i])]
                assert file["time"][0][at[0]] == grown["time"][i][at[1]]
                assert (file["moments"][0, :, :, at[0]] == grown["moments"][i, :, :, at[1]]).all()


def test_extension_that_is_cut_off(hpcmm, mpirun, environment, deck, tmp_path):
    """Killed while it extends, restarted: the same."""
    out = tmp_path / "run"
    done(hpcmm("run", deck, "--out", out, ranks=2))
    job = start(mpirun, environment, 2, "extend", out, "--path-factor", "8")
    assert wait_for(lambda: "path_factors = [8.0]" in (out / "resolved.toml").read_text(), 60)
    hit(job, 2, "kill all")
    job.communicate(timeout=60)
    assert hpcmm("status", out).returncode == 0
    done(hpcmm("restart", out, ranks=3))
    done(hpcmm("run", deck, "--out", tmp_path / "whole", "--set", "stepping.path_factors=[8.0]", ranks=2))
    assert bytes_of(out) == bytes_of(tmp_path / "whole")


def test_refusals_of_extend(hpcmm, deck, tmp_path):
    out = tmp_path / "run"
    done(hpcmm("run", deck, "--out", out, "--set", "stepping.path_length=1 Mpc"))
    for arguments, words in (
        (["--realizations", "2"], "has 3 realizations; more are expected"),
        (["--path-factor", "1.5"], "2.0 or more is expected"),
        ([], "--realizations or --path-factor is expected"),
    ):
        refused = hpcmm("extend", out, *arguments, ranks=2)
        assert refused.returncode == 2
        assert words in refused.stderr
        assert "Traceback" not in refused.stderr


def test_merge_of_parts(hpcmm, deck, tmp_path):
    """Parts of the energies, given in any order, against the run of all; products alike, the deck of all."""
    for part in ("2", "1"):
        done(hpcmm("run", deck, "--out", tmp_path / part, "--part", f"{part}/2", ranks=2))
    done(hpcmm("merge", tmp_path / "2", tmp_path / "1", "--out", tmp_path / "merged"))
    done(hpcmm("run", deck, "--out", tmp_path / "whole", ranks=2))
    assert bytes_of(tmp_path / "merged") == bytes_of(tmp_path / "whole")
    done(hpcmm("kappa", tmp_path / "merged"))


def test_refusals_of_merge(hpcmm, deck, tmp_path):
    for part, seed in (("1", 7), ("2", 8)):
        more = ["--set", f"run.seed={seed}", "--set", "stepping.path_length=1 Mpc"]
        done(hpcmm("run", deck, "--out", tmp_path / part, "--part", f"{part}/2", *more))
    for parts, words in (
        (["1", "2"], "run.seed is not that of"),
        (["1", "1"], "every energy once is expected"),
        (["1", "3"], "no such file"),
    ):
        refused = hpcmm("merge", *(tmp_path / p for p in parts), "--out", tmp_path / "merged")
        assert refused.returncode == 2
        assert words in refused.stderr
        assert not (tmp_path / "merged").exists()

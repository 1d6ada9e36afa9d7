"""`extend` and `merge` give the bits that a longer deck would have given from the start."""

import h5py
import numpy as np
import pytest

from hpcmm.run.directory import MERGING
from tests import decks
from tests.products import bytes_of
from tests.run.processes import hit, start, wait_for

pytestmark = pytest.mark.mpi


@pytest.fixture
def deck(tmp_path):
    (tmp_path / "deck.toml").write_text(decks.steady(path="2000 kpc"))
    return tmp_path / "deck.toml"


def test_extended_to_more_realizations_gives_the_bytes_of_the_larger_run(done, deck, tmp_path):
    done("run", deck, "--out", tmp_path / "grown", "--set", "run.realizations=2")
    done("extend", tmp_path / "grown", "--realizations", "5", ranks=3)
    done("run", deck, "--out", tmp_path / "whole", "--set", "run.realizations=5")
    assert bytes_of(tmp_path / "grown") == bytes_of(tmp_path / "whole")


def test_extended_twice_to_longer_paths_gives_the_bytes_of_the_longer_run(done, deck, tmp_path):
    """The same as a deck with both factors; and M(T), M(T/2) are those of a deck with the long path itself."""
    done("run", deck, "--out", tmp_path / "grown")
    for factor, ranks in (("2", 3), ("3", 1)):
        done("extend", tmp_path / "grown", "--path-factor", factor, ranks=ranks)
    factors = ["--set", "stepping.path_factors=[2.0, 3.0]"]
    done("run", deck, "--out", tmp_path / "whole", *factors)
    assert bytes_of(tmp_path / "grown") == bytes_of(tmp_path / "whole")
    with h5py.File(tmp_path / "whole" / "moments.h5") as file:
        grown = {name: file[name][...] for name in ("time", "moments", "step")}
    # the path that was run is 2 ceil(2 ceil(N/2 2)/2 3) steps; asking for it gives that number of steps again
    path = np.round(grown["time"][:, -1] / grown["step"]) * grown["step"]
    for i, energy in enumerate(("30 EeV", "100 EeV")):
        length = f"{float(path[i])!r} pc"
        alone = ["--set", f'particle.energy=["{energy}"]', "--set", f"stepping.path_length={length}"]
        done("run", deck, "--out", tmp_path / str(i), *alone)
        with h5py.File(tmp_path / str(i) / "moments.h5") as file:
            for fraction in (1.0, 0.5):
                at = [np.argmin(np.abs(t - fraction * t[-1])) for t in (file["time"][0], grown["time"][i])]
                assert file["time"][0][at[0]] == grown["time"][i][at[1]]
                assert (file["moments"][0, :, :, at[0]] == grown["moments"][i, :, :, at[1]]).all()


def test_extension_killed_half_way_resumes_to_the_same_bytes(done, mpirun, environment, deck, tmp_path):
    """Killed while it extends, restarted: the same."""
    out = tmp_path / "run"
    done("run", deck, "--out", out)
    (tmp_path / "gate").touch()
    command = ["extend", out, "--path-factor", "8"]
    job = start(mpirun, environment, 2, *command, paced={"gate": tmp_path / "gate"})
    assert wait_for(lambda: "path_factors = [8.0]" in (out / "resolved.toml").read_text(), 120)
    hit(job, 2, "kill all")
    job.communicate(timeout=60)
    done("status", out)
    done("restart", out, ranks=3)
    done("run", deck, "--out", tmp_path / "whole", "--set", "stepping.path_factors=[8.0]")
    assert bytes_of(out) == bytes_of(tmp_path / "whole")


def test_extend_refuses_less_than_there_is_in_a_line(hpcmm, done, deck, tmp_path):
    out = tmp_path / "run"
    done("run", deck, "--out", out, "--set", "stepping.path_length=1 Mpc")
    for arguments, words in (
        (["--realizations", "2"], "has 3 realizations; more are expected"),
        (["--path-factor", "1.5"], "2.0 or more is expected"),
        ([], "--realizations or --path-factor is expected"),
    ):
        refused = hpcmm("extend", out, *arguments, ranks=2 if "1.5" in arguments else 1)
        assert refused.returncode == 2
        assert words in refused.stderr
        assert "Traceback" not in refused.stderr


def test_merged_parts_give_the_bytes_of_the_whole_run(done, deck, tmp_path):
    """Parts of the energies, given in any order, against the run of all; products alike, the deck of all."""
    for part in ("2", "1"):
        done("run", deck, "--out", tmp_path / part, "--part", f"{part}/2", ranks=int(part))
    done("merge", tmp_path / "2", tmp_path / "1", "--out", tmp_path / "merged")
    done("run", deck, "--out", tmp_path / "whole")
    assert bytes_of(tmp_path / "merged") == bytes_of(tmp_path / "whole")
    done("kappa", tmp_path / "merged")


@pytest.fixture
def parts(done, tmp_path):
    """Directories 1 and 2 of finished parts, and the bytes of all that is in them."""
    (tmp_path / "deck.toml").write_text(decks.steady(path="1 Mpc"))
    for part in ("1", "2"):
        done("run", tmp_path / "deck.toml", "--out", tmp_path / part, "--part", f"{part}/2")
    return [tmp_path / "1", tmp_path / "2"]


def everything(directory):
    return {p.relative_to(directory): p.read_bytes() for p in directory.rglob("*") if p.is_file() and p.name != ".lock"}


@pytest.mark.parametrize("name", ["1", "2/", "other/../1", "link", "2/../link"])
@pytest.mark.parametrize("more", [[], ["--overwrite"]])
def test_merge_into_one_of_its_parts_is_refused_and_changes_nothing(hpcmm, parts, tmp_path, name, more):
    (tmp_path / "other").mkdir()
    (tmp_path / "link").symlink_to(parts[0])
    before = [everything(part) for part in parts]
    refused = hpcmm("merge", *parts, "--out", f"{tmp_path}/{name}", *more)
    assert refused.returncode == 2
    assert "is one of the runs to be joined" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert [everything(part) for part in parts] == before


def test_merge_that_was_cut_off_is_done_by_the_same_command_and_taken_for_no_run(hpcmm, done, parts, tmp_path):
    """Killed after it has removed what was there, and before it is whole."""
    out = tmp_path / "merged"
    done("merge", *parts, "--out", out)
    whole = bytes_of(out)
    (out / MERGING).write_text("")
    (out / "kappa.ecsv").unlink()
    for command in (
        ["restart", out],
        ["extend", out, "--realizations", "9"],
        ["run", tmp_path / "deck.toml", "--out", out],
    ):
        refused = hpcmm(*command)
        assert refused.returncode == 2
        assert ("a merge was cut off" if command[0] != "run" else "--overwrite") in refused.stderr
    done("merge", *parts, "--out", out)
    assert bytes_of(out) == whole
    assert not (out / MERGING).exists()


def test_merge_refuses_what_does_not_belong_together_in_a_line(hpcmm, done, deck, tmp_path):
    for part, seed in (("1", 7), ("2", 8)):
        more = ["--set", f"run.seed={seed}", "--set", "stepping.path_length=1 Mpc"]
        done("run", deck, "--out", tmp_path / part, "--part", f"{part}/2", *more)
    for parts, words in (
        (["1", "2"], "run.seed is not that of"),
        (["1", "1"], "every energy once is expected"),
        (["1", "3"], "no such file"),
    ):
        refused = hpcmm("merge", *(tmp_path / p for p in parts), "--out", tmp_path / "merged")
        assert refused.returncode == 2
        assert words in refused.stderr
        assert not (tmp_path / "merged").exists()

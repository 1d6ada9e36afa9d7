"""What a command advises is typed as it stands, on the directory that each other one made; every command knows it."""

import re
import shlex
import shutil

import h5py
import pytest

from tests import decks
from tests.products import bytes_of

PLAIN = decks.transport(
    ["30 EeV", "100 EeV"],
    decks.waves(modes=16),
    run={"realizations": 2, "particles": 64},
    stepping={"path_length": "600 kpc", "samples": 8},
)
"""Too short and too few: one energy is not converged, one undecided."""
TRACKED = PLAIN + "[output]\ntrajectories = 2\n"


@pytest.fixture(
    scope="module", params=[PLAIN, pytest.param(TRACKED, marks=pytest.mark.slow)], ids=["plain", "with tracks"]
)
def made(request, done, tmp_path_factory):
    """A folder with a run, `--part`s of it, their merge, a merge of one, and a run whose checkpoints were removed."""
    top = tmp_path_factory.mktemp("made")
    (top / "deck.toml").write_text(request.param)
    for name, more in (("run", ()), ("a", ("--part", "1/2")), ("b", ("--part", "2/2"))):
        done("run", "deck.toml", "--out", name, *more, cwd=top)
    done("merge", "b", "a", "--out", "merged", cwd=top)
    done("merge", "run", "--out", "alone", cwd=top)
    shutil.copytree(top / "run", top / "bare")
    shutil.rmtree(top / "bare" / "checkpoint")
    return top


MADE = ("run", "merged", "alone", "bare")


@pytest.mark.parametrize("name", ["run", "merged", "bare"])
def test_advice_is_taken(name, made, done, hpcmm, tmp_path):
    """Each line under the table: no command of it is refused, and the number of realizations or the path grows."""
    top = tmp_path / "here"
    shutil.copytree(made, top)
    said = done("restart", name, cwd=top).stdout
    lines = [line for line in said.splitlines() if "hpcmm " in line]
    assert lines, said
    for line in lines:
        for command in re.findall(r"hpcmm ([^;]*)", line):
            ended = hpcmm(*shlex.split(command), cwd=top)
            if name == "bare" and command.startswith("extend"):  # its checkpoint is gone; what to do is said
                assert ended.returncode == 2
                assert "has no checkpoint to go on from: hpcmm run bare/resolved.toml" in ended.stderr
                continue
            assert ended.returncode == 0, (command, ended.stderr)
            if command.startswith("plot"):
                continue
            out = shlex.split(command)[shlex.split(command).index("--out") + 1] if "--out" in command else None
            grown = out or shlex.split(command)[1]
            before = made / (name if out else grown)
            if before.exists():
                with h5py.File(before / "moments.h5") as old, h5py.File(top / grown / "moments.h5") as new:
                    assert new["moments"].size > old["moments"].size or new["time"][:].max() > old["time"][:].max()


@pytest.mark.parametrize("name", MADE)
def test_nothing_is_computed_again(name, made, done):
    """`restart` of what is finished keeps its bytes, and does no step where there is no checkpoint; others know it."""
    before, log = bytes_of(made / name), made / name / "log.txt"
    lines = log.read_text().count("steps done") if log.exists() else 0
    ended = done("restart", name, cwd=made)
    assert bytes_of(made / name) == before
    if name in ("merged", "alone", "bare"):
        assert "is finished, without a checkpoint; there is nothing to resume" in ended.stderr
        assert (log.read_text().count("steps done") if log.exists() else 0) == lines
    status = done("status", name, cwd=made).stdout
    assert f"{name}: finished" in status
    if name == "merged":
        assert "joined from b, a" in status
    done("kappa", name, cwd=made)
    done("plot", name, "--out", made / "x.png", cwd=made)


def test_a_joined_run_that_is_damaged_is_joined_again(made, hpcmm, done, tmp_path):
    top = tmp_path / "here"
    shutil.copytree(made, top)
    (top / "merged" / "moments.h5").write_bytes(b"")
    refused = hpcmm("restart", "merged", cwd=top)
    assert refused.returncode == 2
    done(*shlex.split(refused.stderr.split("hpcmm ")[-1]), cwd=top)
    assert bytes_of(top / "merged") == bytes_of(made / "merged")


def test_a_trained_network_is_known_for_what_it_is(hpcmm, tmp_path):
    (tmp_path / "resolved.toml").write_text('[run]\nkind = "network"\n')
    for command in (("status",), ("kappa",), ("plot",), ("merge", "--out", tmp_path / "m")):
        refused = hpcmm(command[0], tmp_path, *command[1:])
        assert refused.returncode == 2
        assert "holds a trained network, no run; to use it" in refused.stderr
    for command in (("restart",), ("extend", "--realizations", "3")):
        refused = hpcmm(command[0], tmp_path, *command[1:])
        assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)

"""Links that lead out of a run directory: no command writes, appends or removes through them, and none is removed."""

import os
import shutil

import pytest

from hpcmm.errors import InputError
from hpcmm.io import disk, whole_file
from hpcmm.run import directory as run_directory
from tests import decks

SHORT = decks.transport(
    "100 EeV",
    decks.guide("3 uG"),
    decks.kicks(),
    run={"realizations": 2, "particles": 8},
    stepping={"path_length": "1 Mpc", "samples": 4},
    output={"trajectories": 2},
)


@pytest.fixture(scope="module")
def made(done, tmp_path_factory):
    """A finished run."""
    top = tmp_path_factory.mktemp("made")
    (top / "deck.toml").write_text(SHORT)
    done("run", top / "deck.toml", "--out", top / "run")
    done("plot", top / "run")
    return top / "run"


@pytest.fixture
def run(made, tmp_path):
    """A copy of it, with a folder of someone else beside it."""
    shutil.copytree(made, tmp_path / "run")
    (tmp_path / "other").mkdir()
    (tmp_path / "deck.toml").write_text(SHORT)
    return tmp_path / "run"


def contents(folder):
    """What is in a folder, links as links."""
    return {
        path.relative_to(folder): os.readlink(path) if path.is_symlink() else path.is_file() and path.read_bytes()
        for path in folder.rglob("*")
    }


def refused(ended, *words):
    assert ended.returncode == 2, ended.stderr
    lines = [line for line in ended.stderr.splitlines() if line.startswith("hpcmm: ")]
    assert len(lines) == 1, ended.stderr
    assert all(word in lines[0] for word in words), lines[0]
    assert "Traceback" not in ended.stderr


COMMANDS = {
    "restart": lambda run: ("restart", run),
    "extend": lambda run: ("extend", run, "--realizations", 4),
    "overwrite": lambda run: ("run", run.parent / "deck.toml", "--out", run, "--overwrite"),
    "plot": lambda run: ("plot", run),
    "report": lambda run: ("report", run),
    "estimate": lambda run: ("kappa", run, "--estimator", "all"),
}
OF_ALL = ("restart", "extend", "overwrite")
FILES = ["log.txt", "log.txt.part", ".lock", "status.json", "status.json.part", "resolved.toml.part", "deck.toml"]
FILES += ["deck.toml.part", "moments.h5", "moments.h5.part", "tracks.h5.part", "kappa.ecsv", "kappa.ecsv.part"]
FILES += [
    "products.json",
    "figures/guide.png",
    "checkpoint/latest",
    "checkpoint/latest.part",
    "checkpoint/000009.h5.part",
]
PLACES = [(name, OF_ALL[i % 3]) for i, name in enumerate(FILES)]
PLACES += [("resolved.toml", "restart"), ("estimators.ecsv", "estimate"), ("figures/guide.png", "plot")]
PLACES += [("report.html", "report")]
PLACES += [("log.txt", name) for name in OF_ALL] + [("checkpoint/000001.json", "restart")]


@pytest.mark.parametrize(("name", "command"), sorted(set(PLACES)), ids="-".join)
def test_link_where_a_command_writes_is_refused_before_anything_is_touched(hpcmm, run, tmp_path, name, command):
    if len(name) % 2:  # else it leads to nothing
        (tmp_path / "other" / "x").write_text("of someone else")
    (run / name).unlink(missing_ok=True)
    os.symlink(tmp_path / "other" / "x", run / name)
    before = contents(tmp_path)
    refused(hpcmm(*COMMANDS[command](run)), str(run / name), "is a link")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("command", [*OF_ALL, "plot"])
def test_folder_of_figures_that_is_a_link_is_refused(hpcmm, run, tmp_path, command):
    shutil.rmtree(run / "figures")
    (tmp_path / "other" / "kappa.png").write_text("of someone else")
    os.symlink(tmp_path / "other", run / "figures")
    before = contents(tmp_path)
    refused(hpcmm(*COMMANDS[command](run)), str(run / "figures"), "is a link")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
@pytest.mark.parametrize("name", ["log.txt", ".lock", "status.json", "kappa.ecsv.part", "resolved.toml", "checkpoint"])
def test_what_is_no_file_where_a_run_writes_is_refused_without_waiting(hpcmm, run, name, make):
    if name == "checkpoint":
        shutil.rmtree(run / name)
        make = os.mkfifo
    else:
        (run / name).unlink(missing_ok=True)
    make(run / name)
    refused(hpcmm("restart", run, timeout=60), str(run / name), "expected")


@pytest.mark.mpi
def test_two_ranks_refuse_a_link_alike(hpcmm, run, tmp_path):
    (run / "log.txt").unlink()
    os.symlink(tmp_path / "other" / "x", run / "log.txt")
    refused(hpcmm("restart", run, ranks=2), "log.txt", "is a link")
    assert not (tmp_path / "other" / "x").exists()


def test_a_log_of_two_names_is_not_appended_to(hpcmm, run, tmp_path):
    os.link(run / "log.txt", tmp_path / "other" / "log.txt")
    before = contents(tmp_path)
    refused(hpcmm("restart", run), "log.txt", "hard link")
    assert contents(tmp_path) == before


def test_checkpoints_on_another_disk_are_written_there_and_the_link_stays(done, hpcmm, tmp_path):
    """From the first run on, through a restart and an extension; an overwriting one removes nothing behind it."""
    run, scratch = tmp_path / "run", tmp_path / "scratch"
    (tmp_path / "deck.toml").write_text(SHORT)
    scratch.mkdir()
    run.mkdir()
    os.symlink(scratch, run / "checkpoint")
    (tmp_path / "alias").symlink_to(run)  # the directory itself may be one too
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "alias")
    assert {"latest", "000001.h5"} <= set(os.listdir(scratch))
    (scratch / "notes.txt").write_text("mine")
    done("restart", run)
    done("extend", run, "--realizations", 4)
    assert os.readlink(run / "checkpoint") == str(scratch)
    before = contents(tmp_path)
    refused(hpcmm(*COMMANDS["overwrite"](run)), str(run / "checkpoint"), "is a link", "not empty")
    assert contents(tmp_path) == before
    for path in scratch.iterdir():
        path.unlink()
    done(*COMMANDS["overwrite"](run))
    assert os.readlink(run / "checkpoint") == str(scratch)
    assert "latest" in os.listdir(scratch)


@pytest.mark.parametrize("command", OF_ALL)
def test_checkpoints_linked_to_nothing_are_refused(hpcmm, run, tmp_path, command):
    shutil.rmtree(run / "checkpoint")
    os.symlink(tmp_path / "absent", run / "checkpoint")
    refused(hpcmm(*COMMANDS[command](run)), str(run / "checkpoint"), "is a link", "no folder")


def test_checkpoints_of_another_run_behind_a_link_stay(hpcmm, run, tmp_path):
    """A directory whose checkpoints are those of someone else's run, of another deck: nothing there is removed."""
    other = tmp_path / "other"
    (tmp_path / "another.toml").write_text(SHORT.replace("seed = ", "seed = 1"))
    assert hpcmm("run", tmp_path / "another.toml", "--out", other).returncode == 0
    shutil.rmtree(run / "checkpoint")
    os.symlink(other / "checkpoint", run / "checkpoint")
    before = contents(other)
    refused(hpcmm("restart", run), "another deck")
    assert contents(other).items() >= before.items()


def test_products_may_be_read_through_links(done, run, tmp_path):
    """A product that was moved elsewhere and linked: what only reads goes on."""
    shutil.move(run / "moments.h5", tmp_path / "other" / "moments.h5")
    os.symlink(tmp_path / "other" / "moments.h5", run / "moments.h5")
    assert "kappa" in done("kappa", run).stdout
    assert "finished" in done("status", run).stdout


def test_temporaries_are_made_anew_whatever_stands_there(tmp_path):
    """The layer below: a link that appears after the look is removed, and what it leads to is not."""
    (tmp_path / "precious").write_text("x")
    os.symlink(tmp_path / "precious", tmp_path / "a.part")
    with whole_file.replacing(tmp_path / "a") as part, open(part, "w") as file:
        file.write("new")
    os.symlink(tmp_path / "precious", tmp_path / "b")
    disk.reserve(tmp_path / "b", 100)
    assert (tmp_path / "a").read_text() == "new"
    assert not (tmp_path / "b").is_symlink()
    assert (tmp_path / "precious").read_text() == "x"


def test_log_follows_no_link(tmp_path):
    (tmp_path / "x").write_text("x")
    os.symlink(tmp_path / "x", tmp_path / "log.txt")
    with pytest.raises(OSError, match="symbolic"):
        run_directory.logger(tmp_path)
    assert (tmp_path / "x").read_text() == "x"


def test_refusal_is_an_input_error(tmp_path):
    os.mkfifo(tmp_path / "resolved.toml")
    with pytest.raises(InputError, match="is a pipe"):
        run_directory.open_again(tmp_path, ())

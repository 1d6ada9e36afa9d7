"""Paths as a shell takes them, wherever people give one: a deck, an option, Python."""

import os
import re

import numpy as np
import pytest

import hpcmm
from hpcmm import kinds
from hpcmm.deck.load import DeckError
from hpcmm.deck.places import expanded
from hpcmm.errors import InputError
from tests.run import tiny

NAMES = ["~/x", "~/x/y z", "$HERE/x", "${HERE}/x", "$HERE/~x", "/abs/$STEP$STEP", "run_$STEP.d", "~"]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HERE", str(tmp_path / "here"))
    monkeypatch.setenv("STEP", "7")
    monkeypatch.delenv("NOPE", raising=False)
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.mark.parametrize("name", NAMES)
def test_as_the_shell_has_it(name):
    assert expanded(name) == os.path.expandvars(os.path.expanduser(name))
    assert not re.search(r"[$]|^~", expanded(name))


@pytest.mark.parametrize("name", ["x", "./~/x", "a~", "a$", "$1", "a$-b", "/x/~y", "x y", "ä/é"])
def test_plain_names_stay(name):
    assert expanded(name) == name


@pytest.mark.parametrize("name", ["$NOPE/x", "${NOPE}", "a/${NOPE}b", "~no_such_person/x", "${}", "${a b}/x"])
def test_what_means_nothing_is_refused(name, tmp_path):
    for refuse in (expanded, hpcmm.open_run, hpcmm.open_field):
        with pytest.raises(InputError, match=r"no (variable|home)"):
            refuse(name)
    deck = tmp_path / "deck.toml"
    deck.write_text(tiny.TRANSPORT)
    with pytest.raises(DeckError, match=r"key 'output.directory'.*no (variable|home)"):
        kinds.read(deck, [f"output.directory={name}"])


def test_each_path_of_a_deck(tmp_path, home):
    """Directories and files of all kinds that name one; the resolved deck says where that is."""
    deck = tmp_path / "a$b.toml"
    deck.write_text(tiny.TRANSPORT)
    assert kinds.read(deck, ["output.directory=~/x"])[1].output.directory == f"{home}/x"
    assert kinds.read(deck)[1].output.directory == "runs/a_b"
    for kind, table in (("effective_medium", "effective_medium"), ("mhd", "initial")):
        section = kinds.layout(kind).section(table)
        assert "AfterValidator" in str(section.model_fields["file"]), kind
    field = kinds.layout("transport").blocks["field"]["field_file"]
    assert field.model_validate({"model": "field_file", "file": "~/f.npy"}).file == (f"{home}/f.npy",)
    assert field.model_validate({"model": "field_file", "file": ["~/f", "$STEP"]}).file == (f"{home}/f", "7")


def test_run_restart_merge_plot_and_python(done, tmp_path, home):
    """All products stand where the name leads, through every command and `open_run`; no folder "~" is made."""
    (tmp_path / "deck.toml").write_text(tiny.TRANSPORT)
    how = {"cwd": tmp_path, "more": {"HOME": str(home), "SCRATCH": str(home)}}
    done("run", "deck.toml", "--out=~/x", **how)
    for command in (["restart", "~/x"], ["kappa", "$SCRATCH/x"], ["status", "~/x"]):
        done(*command, **how)
    done("merge", "~/x", "--out=~/m", **how)
    done("plot", "~/x", "--out=~/p/f.png", **how)
    assert (home / "m" / "kappa.ecsv").is_file()
    assert (home / "p" / "f.png").is_file()
    assert len(hpcmm.open_run("~/x").table) == 2
    assert not list(tmp_path.rglob("~"))


def test_a_folder_that_is_named_so(done, tmp_path):
    """./~ is the shell's own way to it; libraries that expand names of files themselves get open files."""
    (tmp_path / "~").mkdir()
    (tmp_path / "deck.toml").write_text(tiny.TRANSPORT)
    done("run", "deck.toml", "--out=./~/x", cwd=tmp_path)
    assert (tmp_path / "~" / "x" / "kappa.ecsv").is_file()
    done("plot", "./~/x", cwd=tmp_path)
    assert (tmp_path / "~" / "x" / "figures" / "guide.png").is_file()


def test_fields_in_files(home):
    hpcmm.write_field("~/f.h5", np.random.default_rng(1).normal(size=(8, 8, 8, 3)), box="1 kpc")
    assert hpcmm.open_field("~/f.h5", allow_divergence=True, allow_seams=True).B.shape == (8, 8, 8, 3)
    assert (home / "f.h5").is_file()


@pytest.mark.parametrize("name", ["nothing", "~/nothing", "a/b/c"])
def test_open_run_of_nothing(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"nothing: no such directory|c: no such directory"):
        hpcmm.open_run(name)

"""What a command has made stays made, and its exit status says so, whatever can be shown of it."""

import io
import os
import subprocess
import sys

import numpy as np
import pytest
from rich.table import Table

from hpcmm import cli
from hpcmm.commands import bench
from hpcmm.io import terminal
from tests.conftest import HPCMM
from tests.run import tiny


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    path = tmp_path_factory.mktemp("showing") / "deck.toml"
    path.write_text(tiny.TRANSPORT)
    return path


def sh(line, environment, deck, **more):
    """The real command, as only a shell can start it."""
    words = line.replace("hpcmm", " ".join(HPCMM)).replace("DECK", str(deck))
    how = {"capture_output": True, "text": True, "timeout": 120, "cwd": deck.parent, "check": False}
    return subprocess.run(["bash", "-c", words], env=environment | more, **how)


WAYS = {
    "closed": "hpcmm run DECK --out closed >&-",
    "all closed": "hpcmm run DECK --out all <&- >&- 2>&-",
    "full": "hpcmm run DECK --out full >/dev/full",
    "both full": "hpcmm run DECK --out both >/dev/full 2>/dev/full",
    "pipe": "hpcmm run DECK --out pipe | true; exit ${PIPESTATUS[0]}",
    "ascii": "PYTHONIOENCODING=ascii hpcmm run DECK --out ascii",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_whole_run_ends_with_0(way, environment, deck):
    ended = sh(WAYS[way], environment, deck)
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    out = deck.parent / WAYS[way].split("--out ")[1].split()[0]
    for name in ("kappa.ecsv", "moments.h5", "tracks.h5"):
        assert (out / name).stat().st_size > 0
    if way == "full":
        assert "is whole, but could not be shown: standard output takes nothing (No space left" in ended.stderr


def test_a_view_that_cannot_be_seen_ends_with_1(environment, deck, done):
    """In one line, and in none where the reader of a pipe has gone."""
    done("run", deck, "--out", deck.parent / "seen", "--overwrite")
    full = sh("hpcmm kappa seen >/dev/full", environment, deck)
    assert (full.returncode, full.stderr.count("\n")) == (1, 1)
    assert "standard output takes nothing" in full.stderr
    gone = sh("{ sleep 0.1; hpcmm theory; echo $? >status; } | true", environment, deck)
    assert gone.stderr == ""
    assert (deck.parent / "status").read_text() == "1\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "shift_jis", "utf-8"])
def test_letters_without_a_code_are_replaced(encoding, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    terminal.open_streams()
    table = Table(title="κ ± … 漢")
    table.add_column("value")
    table.add_row(terminal.with_error(6.713e30, 2.31e29))
    terminal.show(table)
    terminal.say("a ± b ✓")
    text = raw.getvalue().decode(encoding)
    plus = "±" if encoding != "ascii" and "±".encode(encoding, "ignore") else "+-"
    assert f"(6.713 {plus} 0.231)e30" in text
    assert f"a {plus} b" in text


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_what_is_no_terminal(stream):
    assert not terminal.on_terminal(stream)
    terminal.Deaf(stream).write("x")
    terminal.Deaf(stream).flush()
    closed = io.StringIO()
    closed.close()
    assert not terminal.on_terminal(closed)
    terminal.Deaf(closed).write("x")


def test_standard_error_that_takes_nothing_stops_nobody(monkeypatch):
    """Its reader has gone, as of `hpcmm run DECK 2>&1 | head`: the bar of progress is drawn all the same."""
    read, write = os.pipe()
    os.close(read)
    broken = os.fdopen(write, "w")
    monkeypatch.setattr(sys, "stderr", broken)
    from hpcmm.run import progress

    monkeypatch.setattr(progress, "on_terminal", lambda stream: True)
    bar = progress.Progress("run", log=None, unit="steps")
    for done in np.arange(3):
        bar(done, 3, 1.0, None)
    bar.close()
    terminal.tell("x")
    monkeypatch.undo()
    os.dup2(os.open(os.devnull, os.O_WRONLY), write)  # so that closing it finds room
    broken.close()


def test_an_error_while_showing_is_a_warning(monkeypatch, deck, done, capsys):
    """Whatever it is; what the user is to blame for stays an error of status 2."""
    out = deck.parent / "merged"
    done("run", deck, "--out", deck.parent / "part", "--overwrite")
    from hpcmm import figures

    def fail(*_, **__):
        raise ImportError("no such backend")

    monkeypatch.setattr(figures, "draw", fail)
    monkeypatch.setattr(terminal, "on_terminal", lambda stream: True)
    assert cli.main(["merge", str(deck.parent / "part"), "--out", str(out)]) == 0
    assert f"{out} is whole, but could not be shown: ImportError: no such backend" in capsys.readouterr().err
    assert cli.main(["merge", str(deck.parent / "part"), "--out", str(out)]) == 2


@pytest.mark.parametrize("seen", [True, False])
def test_a_figure_is_drawn_where_a_person_sees_it(monkeypatch, deck, done, capsys, seen):
    """Elsewhere, as in a batch job, the command that draws it is told."""
    part, out = deck.parent / f"part {seen}", deck.parent / f"merged {seen}"
    done("run", deck, "--out", part)
    monkeypatch.setattr(terminal, "on_terminal", lambda stream: seen)
    assert cli.main(["merge", str(part), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    picture = out / "figures" / "guide.png"
    assert f"figure: {picture}" in said if seen else f"figure: not drawn; to draw it: hpcmm plot {out}\n" in said
    assert picture.exists() is seen


def test_rows_of_bench_are_shown_as_they_come(monkeypatch, capsys):
    def measurements(quick):
        yield "first", 1.0, "step", 0.5
        assert capsys.readouterr().out.splitlines()[-1].split() == ["first", "1.000", "step", "50", "%"]
        yield "second", 2.0, "step", None

    monkeypatch.setattr(bench, "measurements", measurements)
    bench.show(quick=True)
    assert capsys.readouterr().out.splitlines()[0].split() == ["second", "2.000", "step"]

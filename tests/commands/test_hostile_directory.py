"""Texts of a run directory that mean harm, through the real commands: a line, status 2, no wait."""

import json
import os
import shutil

import pytest

from tests import decks

SHORT = decks.transport(
    "100 EeV",
    decks.guide("3 uG"),
    decks.kicks(),
    run={"realizations": 2, "particles": 8},
    stepping={"path_length": "1 Mpc", "samples": 4},
)
LINE = '[run]\nkind = "two_phase_1d"\nparticles = 100\n[two_phase]\nnu_mm = 10.0\nnu_res = 1.0\nf_mm = [0.5]\n'
EVIL = "\x1b]0;evil\x07\x9b31m\u202e"


@pytest.fixture(scope="module")
def made(done, tmp_path_factory):
    """Finished runs of two kinds."""
    top = tmp_path_factory.mktemp("made")
    for name, text in (("space", SHORT), ("line", LINE)):
        (top / f"{name}.toml").write_text(text)
        done("run", top / f"{name}.toml", "--out", top / name)
    return top


@pytest.fixture
def runs(made, tmp_path):
    for name in ("space", "line"):
        shutil.copytree(made / name, tmp_path / name)
    return tmp_path


def changed(**facts):
    """status.json with other facts."""
    return lambda path: path.write_text(json.dumps(json.loads(path.read_text()) | facts))


def text(content):
    return lambda path: path.write_bytes(content if isinstance(content, bytes) else content.encode())


def zero(path):
    path.unlink()
    os.symlink("/dev/zero", path)


def pipe(path):
    path.unlink()
    os.mkfifo(path)


def folder(path):
    path.unlink()
    path.mkdir()


def huge(path):
    os.truncate(path, 10**10)


STRANGE = {
    "zero": zero,
    "pipe": pipe,
    "folder": folder,
    "huge": huge,
    "bytes": text(os.urandom(999)),
    "empty": text(""),
}
STATUS = {
    "deep": text("[" * 10**5),
    "a list": text("[]"),
    "a number": text("1"),
    "no state": text("{}"),
    "another state": changed(state="x"),
    "a state of a list": changed(state=["running"]),
    "a total of words": changed(total="many"),
    "no number": changed(total=float("nan")),
    "done of lists": changed(done=[]),
    "a unit of objects": changed(unit={}),
    "a host of 100 kB": changed(host="x" * 10**5),
    "pid of words": changed(pid="1"),
    "time of words": changed(seconds_left="long"),
    "a reason of lists": changed(reason=[[]]),
}
DECKS = {
    "deep": text("a = " + "[" * 10**5),
    "dotted": text("a" + ".a" * 10**5 + " = 1"),
    "no kind": text("[run]\n"),
    "run is a number": text("run = 1"),
    "kind is a list": text("[run]\nkind = []"),
    "no such kind": text('[run]\nkind="x"'),
    "hexadecimal": text("[run]\nkind = 0x" + "f" * 10**5),
    "evil": text(f'[run]\nkind = "{EVIL[-1]}\\u001b"'),
}
TABLES = {
    "no column": lambda path: path.write_text(path.read_text().replace("occupancy", "occ")),
    "words": lambda path: path.write_text(path.read_text().replace("float64", "string")),
    "half": lambda path: path.write_text(path.read_text()[:500]),
}
CASES = [("status", "space/status.json", name) for name in STATUS]
CASES += [("status", "space/resolved.toml", name) for name in DECKS]
CASES += [("restart", "line/resolved.toml", name) for name in DECKS]
CASES += [("kappa", "line/kappa.ecsv", name) for name in TABLES]
CASES += [
    (*case, name)
    for name in STRANGE
    for case in (
        ("status", "space/status.json"),
        ("status", "line/resolved.toml"),
        ("restart", "line/resolved.toml"),
        ("kappa", "line/kappa.ecsv"),
        ("kappa", "space/resolved.toml"),
        ("plot", "line/kappa.ecsv"),
    )
]


CASES += [("restart", "space/deck.toml", name) for name in STRANGE if name != "empty"]


def refused(ended):
    assert ended.returncode == 2, ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr
    (line,) = [line for line in ended.stderr.splitlines() if line.startswith("hpcmm: ")]
    assert line.isprintable()
    return line


@pytest.mark.parametrize(("command", "place", "how"), CASES, ids=lambda part: str(part).replace("/", "-"))
def test_text_that_means_harm_is_refused_in_a_line(hpcmm, runs, command, place, how):
    (STRANGE | STATUS | DECKS | TABLES)[how](runs / place) if how in STRANGE else (
        STATUS if "status" in place else DECKS if "toml" in place else TABLES
    )[how](runs / place)
    assert place.split("/")[1] in refused(hpcmm(command, runs / place.split("/")[0], timeout=60))


@pytest.mark.mpi
def test_two_ranks_refuse_a_pipe_alike(hpcmm, runs):
    pipe(runs / "space" / "resolved.toml")
    assert "resolved.toml" in refused(hpcmm("restart", runs / "space", ranks=2, timeout=60))


def test_no_control_sequence_of_a_file_reaches_the_terminal(hpcmm, runs):
    changed(state="stopped", reason=EVIL, unit=EVIL)(runs / "space" / "status.json")
    path = runs / "line" / "kappa.ecsv"
    path.write_text(
        path.read_text().replace(
            "# - {kind: two_phase_1d}", '# - {title: "\\e[2J\\u202e[red]x[/red]"}\n# - {kind: two_phase_1d}'
        )
    )
    shown = [hpcmm("status", runs / "space"), hpcmm("kappa", runs / "line"), hpcmm("kappa", runs / EVIL)]
    shown += [hpcmm("status", "--none" + EVIL)]
    for ended in shown:
        assert all(line.isprintable() for line in (ended.stdout + ended.stderr).splitlines()), ended
    assert [ended.returncode for ended in shown] == [0, 0, 2, 2]


def test_log_holds_no_control_sequence(done, runs):
    changed_seal = runs / "space" / "checkpoint" / "000001.json"
    seal = json.loads(changed_seal.read_text())
    changed_seal.write_text(json.dumps(seal | {"cpu": EVIL}))
    ended = done("restart", runs / "space")
    assert "by another build" in ended.stderr
    for words in (ended.stderr, (runs / "space" / "log.txt").read_text()):
        assert all(line.isprintable() for line in words.splitlines())

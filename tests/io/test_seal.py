"""products.json is true at any moment; damaged products are refused, edited tables told of, unsealed ones read."""

import hashlib
import json
import os
import shutil

import pytest

from hpcmm import kinds
from hpcmm.errors import InputError, Notice
from hpcmm.io import seal, table
from tests import decks


@pytest.fixture(scope="module")
def finished(done, tmp_path_factory):
    """A finished run with tracks."""
    top = tmp_path_factory.mktemp("finished")
    (top / "deck.toml").write_text(decks.SMALL + "[output]\ntrajectories = 4\n")
    done("run", top / "deck.toml", "--out", top / "run")
    return top / "run"


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run")


def ours(ended):
    """Lines that are not of mpirun."""
    return [line for line in ended.stderr.splitlines() if line.startswith("hpcmm:")]


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_seal_names_size_and_sha256_of_every_product(finished):

    entries = json.loads((finished / "products.json").read_text())
    there = [name for name in kinds.product_files() if (finished / name).exists()]
    assert sorted(entries) == sorted(there) == ["kappa.ecsv", "moments.h5", "tracks.h5"]
    for name, entry in entries.items():
        data = (finished / name).read_bytes()
        assert entry == {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@pytest.mark.parametrize(
    ("name", "command"),
    [("moments.h5", ("kappa",)), ("tracks.h5", ("kappa", "--estimator", "running")), ("moments.h5", ("merge",))],
)
def test_one_bit_of_hdf5_is_refused_in_a_line_with_a_remedy_that_works(run, hpcmm, done, tmp_path, name, command):
    before = (run / name).read_bytes()
    flip(run / name, len(before) // 2)
    more = ("--out", tmp_path / "merged") if command == ("merge",) else ()
    ended = hpcmm(command[0], run, *command[1:], *more)
    assert ended.returncode == 2
    assert ended.stderr == f"hpcmm: {run / name}: damaged: its bytes are not those that products.json has of it; " \
        f"hpcmm restart {run} writes it again\n"  # fmt: skip
    done("restart", run)
    assert hpcmm(command[0], run, *command[1:], *more).returncode == 0


def test_an_edited_table_is_read_with_a_warning(run, hpcmm):
    path = run / "kappa.ecsv"
    path.write_text(path.read_text().replace("small", "large"))
    ended = hpcmm("plot", run)
    assert ended.returncode == 0
    (line,) = ours(ended)
    assert line.startswith(f"hpcmm: warning: {path}: was edited or damaged since")


def test_a_directory_of_an_earlier_version_is_read_with_one_notice(run, hpcmm, done):
    table_before = hpcmm("kappa", run).stdout
    (run / "products.json").unlink()
    ended = hpcmm("kappa", run)
    assert ended.returncode == 0
    assert ended.stdout == table_before
    (line,) = ours(ended)
    assert line.startswith("hpcmm: warning: ")
    assert "not in products.json, as of an earlier version" in line
    done("restart", run)
    assert hpcmm("kappa", run).stderr == ""


SEALS = {
    "empty": "",
    "no JSON": "{",
    "a list": "[]",
    "an entry that is a number": '{"moments.h5": 3}',
    "a size that is text": '{"moments.h5": {"size": "3", "sha256": "%s"}}' % ("0" * 64),
    "a short checksum": '{"moments.h5": {"size": 3, "sha256": "00"}}',
    "no checksum": '{"moments.h5": {"size": 3}}',
    "nested": "[" * 100_000,
    "a number without end": '{"moments.h5": {"size": %s}}' % ("9" * 10_000),
    "long": " " * (seal.LARGEST + 1),
    "no text": "\xff\xfe",
}


@pytest.mark.parametrize("content", SEALS)
def test_a_seal_that_is_none_is_refused_in_a_line(tmp_path, content):
    (tmp_path / seal.NAME).write_text(SEALS[content], encoding="latin-1")
    (tmp_path / "moments.h5").write_text("abc")
    with pytest.raises(InputError, match=r"products\.json: damaged") as caught:
        seal.check(tmp_path / "moments.h5")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    with pytest.warns(Notice, match="read as it is"):
        seal.check_table(tmp_path / "moments.h5")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_is_no_regular_file_ends_at_once(tmp_path, make):
    make(tmp_path / seal.NAME)
    (tmp_path / "moments.h5").write_text("abc")
    with pytest.raises(InputError):
        seal.check(tmp_path / "moments.h5")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "moments.h5").write_text("abc")
    seal.add(tmp_path / "other", ["moments.h5"])
    (tmp_path / "other" / "moments.h5").unlink()
    make(tmp_path / "other" / "moments.h5")
    with pytest.raises(InputError):
        seal.check(tmp_path / "other" / "moments.h5")


def test_a_product_is_in_the_seal_only_while_it_stands(tmp_path):
    """Cut off anywhere, the seal never names other bytes than the file has; a failed write leaves the rest sealed."""
    for name in "ab":
        (tmp_path / name).write_text("old")
    seal.add(tmp_path, ["a", "b"])

    def fail():
        with seal.sealing(tmp_path, "a"):
            assert "a" not in json.loads((tmp_path / seal.NAME).read_text())
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert [*json.loads((tmp_path / seal.NAME).read_text())] == ["b"]
    with seal.sealing(tmp_path, "a"):
        (tmp_path / "a").write_text("new")
    assert seal.check(tmp_path / "a")
    assert seal.check(tmp_path / "b")


def test_a_product_that_a_run_replaces_meanwhile_is_not_taken_for_damaged(tmp_path, monkeypatch):
    """The seal is read, then the run replaces the product and its entry, then the product is read."""
    path = tmp_path / "moments.h5"
    path.write_text("old")
    seal.add(tmp_path, [path.name])
    entries, replaced = seal.sealed, []

    def read(directory):
        found = entries(directory)
        if not replaced:
            replaced.append(True)
            path.write_text("newer")
            seal.add(tmp_path, [path.name])
        return found

    monkeypatch.setattr(seal, "sealed", read)
    assert seal.check(path)


def test_a_file_is_read_once_a_process_and_again_when_it_changed(tmp_path, monkeypatch):
    path, reads = tmp_path / "a", []
    path.write_bytes(bytes(1000))
    os.utime(path, (1, 1))
    monkeypatch.setattr(seal, "UNSETTLED", -1.0)
    digest = seal.hashlib.file_digest
    monkeypatch.setattr(seal.hashlib, "file_digest", lambda *how: (reads.append(1), digest(*how))[1])
    first = seal.sha256_of(path)
    assert seal.sha256_of(path) == first
    assert len(reads) == 1
    path.write_bytes(bytes(999) + b"1")
    assert seal.sha256_of(path) != first


def test_status_tells_of_products_that_are_gone_or_cut(run, hpcmm):
    (run / "tracks.h5").unlink()
    (run / "moments.h5").write_bytes((run / "moments.h5").read_bytes()[:-1])
    shown = hpcmm("status", run).stdout
    assert f"warning: {run / 'tracks.h5'}: sealed in products.json, but not there" in shown
    assert f"warning: {run / 'moments.h5'}: " in shown


def test_an_edited_table_warns_in_python_too(tmp_path):
    path = tmp_path / "kappa.ecsv"
    path.write_text("# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: int64}\na\n1\n")
    seal.add(tmp_path, [path.name])
    assert table.read_table(path)["a"].tolist() == [1]
    path.write_text(path.read_text().replace("\n1\n", "\n2\n"))
    with pytest.warns(Notice, match="edited"):
        assert table.read_table(path)["a"].tolist() == [2]


def test_estimators_are_sealed_beside_what_is_there(run, hpcmm):
    assert hpcmm("kappa", run, "--estimator", "all").returncode == 0
    entries = json.loads((run / "products.json").read_text())
    assert sorted(entries) == ["estimators.ecsv", "kappa.ecsv", "moments.h5", "tracks.h5"]
    assert not [*seal.faults(run)]

"""Files that others made: pipes, devices, folders and sizes without end are refused at once; text for a terminal."""

import os
import socket

import pytest

from hpcmm import foreign


def pipe(path):
    os.mkfifo(path)


def unix_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


STRANGE = {
    "a pipe": (pipe, "is a pipe"),
    "a folder": (os.mkdir, "is a folder"),
    "a link to a device": (lambda path: os.symlink("/dev/zero", path), "is a device"),
    "a link to a terminal": (lambda path: os.symlink("/dev/tty", path), "is a device|No such device"),
    "a socket": (unix_socket, "No such device"),
    "a link to itself": (lambda path: os.symlink(path, path), "Too many levels"),
    "a dangling link": (lambda path: os.symlink(f"{path}2", path), "No such file"),
    "nothing": (lambda path: None, "No such file"),
    "10 GB": (lambda path: (path.touch(), os.truncate(path, 10**10)), "has 10000000000 bytes, more than 100"),
    "a file of /proc without size": (lambda path: os.symlink("/proc/self/smaps", path), "has more than 100 bytes"),
    "a byte too many": (lambda path: path.write_bytes(bytes(101)), "has 101 bytes"),
    "no UTF-8": (lambda path: path.write_bytes(b"ab\xff"), "byte 2 is not UTF-8"),
    "NUL": (lambda path: path.write_bytes(b"ab\0"), "byte 2 is NUL"),
}


@pytest.mark.parametrize("case", STRANGE)
def test_what_is_no_small_plain_text_is_refused_without_waiting(tmp_path, monkeypatch, case):
    make, words = STRANGE[case]
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    make(tmp_path / "x") if case != "a socket" else make("x")
    with pytest.raises(OSError, match=words) as caught:
        foreign.read_text(tmp_path / "x", 100)
    assert caught.value.strerror


def test_a_text_of_the_largest_size_is_read_also_through_a_link(tmp_path):
    (tmp_path / "x").write_text("é" * 50)
    os.symlink(tmp_path / "x", tmp_path / "link")
    assert foreign.read_text(tmp_path / "link", 100) == "é" * 50


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "{", "1" * 10_000, "nul"])
def test_json_that_is_none_or_too_deep_is_refused(tmp_path, text):
    (tmp_path / "x").write_text(text)
    with pytest.raises(OSError, match="no JSON text"):
        foreign.read_json(tmp_path / "x", 2**20)


CONTROLS = [
    "\x1b[2J",
    "\x07",
    "\x9b31m",
    "\u202eabc",
    "\u2066",
    "\ud800",
    "\r",
    "\n",
    "\x7f",
    "\u200b",
    "\u2028",
    "\x85",
]


@pytest.mark.parametrize("text", CONTROLS, ids=ascii)
def test_no_control_reaches_a_terminal(text):
    shown = foreign.printable(f"κ ± {text}…")
    assert shown.isprintable()
    assert shown.startswith("κ ± ?")

"""Reading decks: files, TOML faults, line numbers, overrides."""

import os
import pickle
import tomllib

import pytest

from hpcmm.deck.load import Deck, DeckError, load_deck
from hpcmm.deck.toml_text import scan_lines, write_toml

DECK = """\
# a comment
title = "x = [1"  # [not.a.table]

[run]
kind = "transport"
seed = 1

[medium]  # reference
l_c = "100 kpc"
'B_rms' = "3 uG"

[particle]
energy = [
    "1 GeV",  # ]
    "1 TeV",
]
note = \"\"\"
[run]
seed = 2
\"\"\"

[[field]]
model = "plane_waves"
[[field]]
model = "uniform"
direction = [0, 0, 1]
[[scatter]]
model = "constant_rate"
[stepping]
"samples" = 64
"""


@pytest.fixture
def deck_file(tmp_path):
    def write(content):
        path = tmp_path / "run.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refused(path, overrides=()):
    """The error of a deck that must be refused, checked to be one line that starts with the file."""
    with pytest.raises(DeckError) as caught:
        load_deck(path, overrides)
    text = str(caught.value)
    assert len(text.splitlines()) == 1
    assert text.startswith(str(path))
    return caught.value


@pytest.mark.parametrize(
    ("keypath", "line"),
    [
        (("title",), 2),
        (("run",), 4),
        (("run", "kind"), 5),
        (("run", "seed"), 6),
        (("run", "nothing"), 4),
        (("medium", "l_c"), 9),
        (("medium", "B_rms"), 10),
        (("particle", "energy"), 13),
        (("particle", "energy", 1), 13),
        (("particle", "note"), 17),
        (("field",), 22),
        (("field", 0, "model"), 23),
        (("field", 1), 24),
        (("field", 1, "model"), 25),
        (("field", 1, "direction", 2), 26),
        (("field", 1, "B"), 24),
        (("scatter", 0, "model"), 28),
        (("stepping", "samples"), 30),
        (("output", "directory"), None),
        ((), None),
    ],
)
def test_line_of_a_key_is_where_it_stands(deck_file, keypath, line):
    assert load_deck(deck_file(DECK)).line_of(keypath) == line


def test_lines_of_dotted_keys_and_nested_blocks():
    text = "a.b = 1\n[x . y]\nc = [\n1]\n[[x.z]]\n[[x.z]]\n[x.z.w]\nq = '''\n'''\nd = 2\n"
    lines, owners = scan_lines(text)
    assert lines[("a", "b")] == 1
    assert lines[("x", "y", "c")] == 3
    assert owners[4] == ("x", "y", "c")
    assert lines[("x", "z", 1, "w", "q")] == 8
    assert lines[("x", "z", 1, "w", "d")] == 10


def test_text_is_kept_as_given_and_data_are_toml(deck_file):
    deck = load_deck(deck_file(DECK))
    assert isinstance(deck, Deck)
    assert deck.text == DECK
    assert deck.data == tomllib.loads(DECK)


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + DECK.encode(), DECK.replace("\n", "\r\n").encode()])
def test_byte_order_mark_and_windows_lines_are_accepted(deck_file, content):
    deck = load_deck(deck_file(content))
    assert deck.data["run"]["seed"] == 1
    assert deck.line_of(("run", "seed")) == 6


@pytest.mark.parametrize(
    ("content", "line", "key", "words"),
    [
        ("", None, None, "empty"),
        ("# only a comment\n\n", None, None, "empty"),
        (b"title = 1\nl = \xff", 2, None, "byte 14 is not UTF-8"),
        (DECK.encode("utf-16"), 1, None, "UTF-8"),
        ("a = 1\nb = 'x\0'\n", 2, None, "NUL"),
        ("a = 1\n" * 300_000, None, None, "larger than 1000 kB"),
        ("[medium]\nl_c = 100 kpc\n", 2, "medium.l_c", "quotes"),
        ("[medium]\nl_c = kpc\n", 2, "medium.l_c", "quotes"),
        ('[medium]\nl_c = "100 kpc\n', 2, "medium.l_c", "not valid TOML"),
        ("[medium]\nl_c\n", 2, None, "key = value"),
        ("[medium]\nl_c =\n", 2, "medium.l_c", "quotes"),
        ("[medium\nl_c = 1\n", 1, None, "not valid TOML"),
        ("[run]\nseed = 1\nkind = 2\nseed = 2\n", 4, "run.seed", "given twice"),
        ("[run]\nseed = 1\n[medium]\n[run]\n", 4, "run", "given twice"),
        ("[run]\nseed = 01\n", 2, "run.seed", "not valid TOML"),
        ("[particle]\nenergy = ['1 GeV', '1 TeV'\n", 2, "particle.energy", "]"),
        ("a = 1\n\rb = 2\n", 2, "b", "not valid TOML"),
        ("a = " + "[" * 5000, None, None, "nested too deeply"),
        ("a = " + "9" * 5000, None, None, "too many digits"),
        ("a = 2025-13-01\n", 1, "a", "not valid TOML"),
    ],
)
def test_faulty_text_is_refused_at_its_line(deck_file, content, line, key, words):
    error = refused(deck_file(content))
    assert (error.line, error.key) == (line, key)
    assert words in error.message
    if line:
        assert f"run.toml:{line}: " in str(error)


def test_missing_file_offers_a_near_name(deck_file):
    path = deck_file(DECK)
    error = refused(path.with_name("rum.toml"))
    assert error.message == "no such file (did you mean 'run.toml'?)"
    assert refused(path.parent / "no" / "where.toml").message == "no such file"


def test_directory_is_no_deck(tmp_path):
    assert "directory" in refused(tmp_path).message


def test_file_without_permission_is_refused(deck_file, monkeypatch):
    path = deck_file(DECK)
    path.chmod(0)
    if os.access(path, os.R_OK):  # root reads everything

        def denied(*args, **kwargs):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("os.open", denied)
    assert "permission" in refused(path).message


def test_name_that_is_too_long_is_refused(tmp_path):
    assert "cannot be read" in refused(tmp_path / ("x" * 5000)).message


@pytest.mark.parametrize(
    ("item", "where", "value"),
    [
        ("medium.l_c=50 kpc", ("medium", "l_c"), "50 kpc"),
        ('medium.l_c = "50 kpc"', ("medium", "l_c"), "50 kpc"),
        ("run.seed=7", ("run", "seed"), 7),
        ("field.0.modes=512", ("field", 0, "modes"), 512),
        ("field[1].model=nested_grids", ("field", 1, "model"), "nested_grids"),
        ("field.1.direction=[1, 0, 0]", ("field", 1, "direction"), [1, 0, 0]),
        ("field.1.direction.2=5", ("field", 1, "direction", 2), 5),
        ("output.directory=/a/b=c", ("output", "directory"), "/a/b=c"),
        ("scatter.0.rate=1e-10 / s", ("scatter", 0, "rate"), "1e-10 / s"),
        ("title=", ("title",), ""),
    ],
)
def test_override_replaces_a_value(deck_file, item, where, value):
    deck = load_deck(deck_file(DECK), [item])
    here = deck.data
    for part in where:
        here = here[part]
    assert here == value
    assert deck.overrides == (where,)
    assert deck.text == DECK


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("medium.l_c", "malformed"),
        ("=5", "malformed"),
        ("medium..l_c=5", "malformed"),
        (".l_c=5", "malformed"),
        ("run.seed=1\nrun.kind=2", "malformed"),
        ("field.2.modes=5", "has 2 entries"),
        ("field.-1.modes=5", "by number"),
        ("field.modes=5", "by number"),
        ("run.seed.x=5", "single value"),
        ("field.1.direction.3=5", "has 3 entries"),
    ],
)
def test_faulty_override_is_refused(deck_file, item, words):
    error = refused(deck_file(DECK), [item])
    assert "--set" in str(error)
    assert words in error.message


def test_error_survives_pickling():
    error = DeckError("wrong\nhere", "a.toml", 3, "run.seed")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "a.toml:3: key 'run.seed': wrong here"
    assert (again.file, again.line, again.key, again.message) == ("a.toml", 3, "run.seed", "wrong here")


def test_error_of_a_key_names_its_place(deck_file):
    path = deck_file(DECK)
    error = load_deck(path).error(("particle", "energy", 1), "too long")
    assert str(error) == f"{path}:13: key 'particle.energy[1]': too long"


def test_control_characters_do_not_reach_the_terminal():
    assert str(DeckError("x", "a.toml", 1, "a\x1b[31m\u2028b")) == "a.toml:1: key 'a?[31m b': x"


def test_written_toml_reads_back():
    data = {
        "title": 'quote " slash \\ bell \x07 del \x7f µ\nnew line',
        "none": None,
        "run": {"on": True, "n": 2**63, "x": 1e-10, "y": 1e16, "list": ["a", 2.5], "empty": []},
        "field": [{"model": "a"}, {"model": "b"}],
    }
    expected = {key: value for key, value in data.items() if value is not None}
    assert tomllib.loads(write_toml(data)) == expected
    with pytest.raises(TypeError):
        write_toml({"x": object()})

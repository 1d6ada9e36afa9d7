"""deck.toml is the deck byte by byte, and compared as bytes: byte order mark, line ends, blanks, no last line end."""

import h5py
import pytest

from hpcmm.deck.load import load_deck
from tests.run import tiny

TEXT = tiny.TRANSPORT.replace('title = "tiny"', 'title = "tiny ü"')
FORMS = {
    "as it is": TEXT.encode(),
    "bom": TEXT.encode("utf-8-sig"),
    "crlf": TEXT.replace("\n", "\r\n").encode(),
    "bom, crlf": TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
    "blanks, no end": (TEXT.replace("\n", "  \t\n") + "\n\n# end").encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_read_alike(form, tmp_path):
    (tmp_path / "deck.toml").write_bytes(FORMS[form])
    deck = load_deck(tmp_path / "deck.toml")
    assert deck.raw == FORMS[form]
    assert deck.data["title"] == "tiny ü"


@pytest.mark.parametrize("form", ["bom, crlf", "blanks, no end"])
def test_kept_by_every_command(form, done, tmp_path):
    """In its own folder too, where the deck is taken for what a killed run left, and through a merge."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "deck.toml").write_bytes(FORMS[form])
    done("run", own / "deck.toml", "--out", own)
    done("restart", own)
    done("merge", own, "--out", tmp_path / "merged")
    for directory in (own, tmp_path / "merged"):
        assert (directory / "deck.toml").read_bytes() == FORMS[form]
        with h5py.File(directory / "moments.h5") as file:
            assert file.attrs["deck"].encode() == FORMS[form]

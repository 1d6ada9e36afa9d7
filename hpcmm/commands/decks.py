"""`hpcmm deck`: the example decks, from the checkout or the installed package."""

import tomllib
from pathlib import Path

import hpcmm
from hpcmm.deck.load import did_you_mean
from hpcmm.errors import InputError
from hpcmm.foreign import read_text
from hpcmm.io.terminal import say, say_all

MOST_BYTES = 1_000_000


def folder():
    """Folder of the example decks: that of the package, or input_decks beside it in a checkout."""
    package = Path(hpcmm.__file__).parent
    found = next((place for place in (package / "decks", package.parent / "input_decks") if place.is_dir()), None)
    if found is None:
        raise InputError(f"{package}: the example decks are not there: install hpcmm anew")
    return found


def show(name=None):
    """List the decks with their titles, or print one, byte by byte but for its line ends.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    known = {path.stem: path for path in sorted(folder().glob("*.toml"))}
    if name is None:
        for stem, path in known.items():
            deck = tomllib.loads(read_text(path, MOST_BYTES))
            say(f"{stem:22} {deck['run']['kind']:18} {deck.get('title', '')}")
        say("hpcmm deck NAME > mine.toml copies one")
        return
    if name.removesuffix(".toml") not in known:
        raise InputError(f"hpcmm deck: no example {name!r:.60}{did_you_mean(name, known)}; hpcmm deck lists them")
    say_all(read_text(known[name.removesuffix(".toml")], MOST_BYTES).rstrip("\n"))

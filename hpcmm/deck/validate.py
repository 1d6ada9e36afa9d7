"""Turns a deck into the typed config of its kind, and a config into TOML with every default filled in."""

from __future__ import annotations

from pydantic import ValidationError

from hpcmm.deck.load import Deck
from hpcmm.deck.messages import Layout, explain
from hpcmm.deck.section import Section
from hpcmm.deck.toml_text import write_toml


def read_config(deck: Deck, layout: Layout) -> Section:
    """Validate a deck and fill in every default; what depends on the energy stays "auto".

    Parameters
    ----------
    deck : Deck
        From `hpcmm.deck.load.load_deck`.
    layout : Layout
        Which model validates which part, for the deck's kind of run.

    Returns
    -------
    Section
        An instance of ``layout.root``.

    Raises
    ------
    DeckError
        Describes the first fault of the deck in one line.
    """
    try:
        config = layout.root.model_validate(deck.data)
        return layout.root.from_plain(config.completed(deck.path.stem))
    except ValidationError as error:
        raise explain(deck, error, layout) from None


def resolved_toml(config: Section) -> str:
    """The deck with its defaults filled in; reading it gives an equal config.

    Parameters
    ----------
    config : Section
        A complete config.

    Returns
    -------
    str
        TOML.
    """
    return "# The deck as run, defaults filled in.\n" + write_toml(config.model_dump(mode="deck"))

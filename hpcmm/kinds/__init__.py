"""Kinds of run: a folder each, named by the deck's word ``run.kind``; its `kind.py` ends with ``KIND``.

To add a kind, write the folder (`hpcmm.run.kind.Kind` says what it must answer) and name it in `KINDS`. Folders are
imported when their kind is asked for, so that a run loads its own kind alone.
"""

import os
from importlib import import_module
from pathlib import Path

from pydantic import ValidationError

from hpcmm.deck import messages, validate
from hpcmm.deck.load import did_you_mean, load_deck
from hpcmm.deck.section import SectionError
from hpcmm.errors import InputError
from hpcmm.run.kind import RunKind

KINDS = {
    name: f"hpcmm.kinds.{name}"
    for name in (
        "transport",
        "two_phase_1d",
        "effective_medium",
        "cluster",
        "field_lines",
        "mhd",
        "hybrid_pic",
        "faraday",
        "network",
    )
}
"""Name of a kind in the deck -> its package."""


def named(name):
    """Import the `hpcmm.run.kind.Kind` of a name in `KINDS`."""
    return import_module(f"{KINDS[name]}.kind").KIND


def layout(name):
    """Import the `hpcmm.deck.messages.Layout` of a kind's deck; needs neither MPI nor HDF5."""
    return import_module(f"{KINDS[name]}.config").LAYOUT


def of(config):
    """Import the `hpcmm.run.kind.Kind` that a config names."""
    return named(config.run.kind)


def product_files():
    """Files that runs of any kind leave in their directory, beside decks, log and figures."""
    packages = map(import_module, KINDS.values())  # not their kinds: that would import the code of all
    return tuple(dict.fromkeys(name for package in packages for name in getattr(package, "FILES", ())))


def config_from_plain(data):
    """Rebuild a config of any kind from its `plain`."""
    return layout(data["run"]["kind"]).root.from_plain(data)


def read_config(deck):
    """Validate a deck of any kind and fill in every default that does not depend on the energy.

    Parameters
    ----------
    deck : Deck
        From `hpcmm.deck.load.load_deck`.

    Raises
    ------
    DeckError
        Describes the first fault of the deck in one line.
    """
    return validate.read_config(deck, layout(_kind_of(deck)))


def read(path, overrides=()):
    """Read and validate a deck file, down to the plan of its work.

    Parameters
    ----------
    path : path
    overrides : iterable of str
        ``a.b=value``, as given to ``--set``.

    Returns
    -------
    Deck, config

    Raises
    ------
    DeckError
        If it is not a good deck.
    """
    deck = load_deck(path, overrides)
    try:
        config = read_config(deck)
        config = of(config).completed(config)
        of(config).check(config)
    except SectionError as error:
        raise deck.error(error.key, str(error)) from None
    except ValidationError as error:
        raise messages.explain(deck, error, layout(config.run.kind)) from None
    except RecursionError:
        raise deck.error((), "lists or tables are nested too deeply") from None
    return deck, config


def name_in(directory):
    """Name of the kind of run that a directory holds; "transport" where there is no deck.

    Raises
    ------
    InputError
        If this version has no such kind, or the deck cannot be read.
    """
    path = Path(directory) / "resolved.toml"
    if not os.path.lexists(path):  # moments.h5 alone holds all of a transport run
        return "transport"
    run = load_deck(path).data.get("run")
    kind = run.get("kind") if isinstance(run, dict) else None
    if not isinstance(kind, str) or kind not in KINDS or not isinstance(named(kind), RunKind):
        if kind == "network":
            weights = Path(directory) / "weights.safetensors"
            use = f"hpcmm kappa RUN --estimator lstm --weights {weights}"
            raise InputError(f"{path}: holds a trained network, no run; to use it: {use}")
        raise InputError(f"{path}: holds no run of a kind known here, but {kind!r:.60}")
    return kind


def of_directory(directory):
    """The `hpcmm.run.kind.RunKind` of the run that a directory holds; raises InputError as `name_in` does."""
    return named(name_in(directory))


def figure_of(directories):
    """Name of the figure that shows runs, by the kind of the first; raises InputError as `name_in` does."""
    kind = of_directory(directories[0])
    alike = [directory for directory in directories if of_directory(directory) is kind]
    return kind.figure_of(alike) if len(alike) == len(directories) else kind.figure


def _kind_of(deck):
    """Kind named by a deck; an unknown one is refused first, as errors on its own keys would only confuse."""
    run = deck.data.get("run")
    kind = run.get("kind") if isinstance(run, dict) else None
    if not isinstance(kind, str):
        return "transport"  # whose model says what is expected
    if kind not in KINDS:
        kinds = " or ".join(f"'{name}'" for name in KINDS)
        near = did_you_mean(kind, [*KINDS])
        raise deck.error(("run", "kind"), f"{kinds} is expected, not {kind[:60]!r}{near}")
    return kind

"""A run from deck to products: reads the deck on root, opens the directory, hands the config to its kind."""

import json
import logging
import sys
from pathlib import Path

from hpcmm import moments_file, parallel, provenance, run_directory
from hpcmm.config import Config, read_config, resolved_toml
from hpcmm.deck import load_deck
from hpcmm.kinds import transport
from hpcmm.progress import Progress
from hpcmm.section import SectionError
from hpcmm.stepping import plan, warnings
from hpcmm.tasks import tasks_of

KINDS = {"transport": transport.run}


def read(deck_path, overrides=()):
    """Read and validate a deck, down to the plan of its steps and the list of its tasks.

    Returns
    -------
    Deck, Config

    Raises
    ------
    DeckError
        If it is not a good deck.
    """
    deck = load_deck(deck_path, overrides)
    config = read_config(deck)
    try:
        tasks_of(config, plan(config))
    except SectionError as error:
        raise deck.error(error.key, str(error)) from None
    return deck, config


def run(deck_path, comm, overrides=(), out=None, overwrite=False):
    """Run a deck on all ranks of a communicator; returns the run directory.

    Raises
    ------
    DeckError, InputError
        On every rank, if the user's input is at fault.
    """
    directory, plain = parallel.on_root(comm, lambda: _open(deck_path, overrides, out, overwrite))
    # only root reads units: the others get plain numbers and never import astropy
    config = Config.from_plain(plain)
    log = logging.getLogger("hpcmm.run")
    progress, attributes = _nothing, None
    if comm.rank == 0:
        log = run_directory.logger(directory)
        attributes = provenance.record(comm, config.run.seed) | _decks(directory, plain)
        log.info("started on %d ranks: %s", comm.size, attributes["command"])
        if comm.size > 1 and not moments_file.is_parallel():
            log.info("h5py has no MPI: moments.h5 is written through rank 0")
        for line in warnings(config):
            log.warning(line)
            print(f"hpcmm: warning: {line}", file=sys.stderr, flush=True)
        log.info("this version writes no checkpoints: a run that is cut off starts anew")
        progress = Progress(Path(deck_path).stem, log)
    try:
        KINDS[config.run.kind](config, comm, directory, attributes, progress)
    finally:
        if comm.rank == 0:
            progress.close()
    log.info("done")
    return directory


def _open(deck_path, overrides, out, overwrite):
    deck, config = read(deck_path, overrides)
    directory = out or config.output.directory
    return run_directory.open_new(directory, deck.text, resolved_toml(config), overwrite), config.plain()


def _decks(directory, plain):
    """The decks, so that a moments file alone tells what was run."""
    return {
        "deck": (directory / "deck.toml").read_text(encoding="utf-8"),
        "resolved_deck": (directory / "resolved.toml").read_text(encoding="utf-8"),
        "config": json.dumps(plain),
    }


def _nothing(done, total):
    """Progress of the ranks that show none."""

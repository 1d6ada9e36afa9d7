"""A run from deck to products: reads the deck on root, opens the directory, hands the config to its kind."""

from pathlib import Path

from hpcmm import kinds
from hpcmm.io import provenance
from hpcmm.kinds.transport import extension
from hpcmm.parallel import collective as parallel
from hpcmm.run import directory as run_directory, resume
from hpcmm.kinds.transport.config import config_from_plain, read_config, resolved_toml
from hpcmm.deck.load import load_deck
from hpcmm.errors import Stopped
from hpcmm.run.keeper import Keeper
from hpcmm.deck.section import SectionError
from hpcmm.run.watch import NoWatch, Watch


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
        kinds.of(config).tasks(config)
    except SectionError as error:
        raise deck.error(error.key, str(error)) from None
    return deck, config


def run(deck_path, comm, signal, overrides=(), out=None, overwrite=False, part=None):
    """Run a deck on all ranks of a communicator; returns the run directory.

    Raises
    ------
    DeckError, InputError
        On every rank, if the user's input is at fault.
    Stopped
        On every rank, if a signal or the wall time stopped it, with a checkpoint.
    """
    with run_directory.Held() as held:
        directory, plain = parallel.on_root(comm, lambda: _open(held, deck_path, overrides, out, overwrite, part))
        config = config_from_plain(plain)
        return _go(comm, directory, config, kinds.of(config).new_state(config), None, signal, [])


def restart(directory, comm, signal):
    """Go on with a run from its newest whole checkpoint, on any number of ranks; from its start if there is none.

    Raises
    ------
    InputError
        On every rank, if the directory holds no run, or only checkpoints that are damaged or of another deck.
    Stopped
        As in `run`.
    """
    with run_directory.Held() as held:
        directory, plain = parallel.on_root(comm, lambda: _reopen(held, directory))
        config = config_from_plain(plain)
        number, state, notes = resume.load(comm, directory, config)
        return _go(comm, directory, config, state, number, signal, notes)


def extend(directory, comm, signal, realizations=None, path_factor=None):
    """Go on from a finished run: to more realizations, or along longer paths.

    Parameters
    ----------
    directory, comm, signal
        See `restart`.
    realizations : int, optional
        In all.
    path_factor : float, optional
        New path length over the present one, at least 2.

    Raises
    ------
    InputError
        On every rank, if the run is not finished, or asked for less than it has.
    Stopped
        As in `run`.
    """
    with run_directory.Held() as held:
        directory, _ = parallel.on_root(comm, lambda: _reopen(held, directory))
        config, wanted = map(
            config_from_plain,
            parallel.on_root(comm, lambda: extension.wanted(directory, read, realizations, path_factor)),
        )
        number, state, notes = resume.load(comm, directory, config)
        state = extension.extended(comm, directory, config, wanted, state)
        # saved under the new deck before that is put there: cut off between, the run is still the old one
        keeper = Keeper(comm, directory, wanted, signal, NoWatch(), number)
        keeper.save(state, 0.0)
        parallel.on_root(comm, lambda: run_directory.write_resolved(directory, resolved_toml(wanted)))
        return _go(comm, directory, wanted, state, keeper.number, signal, notes)


def _go(comm, directory, config, state, number, signal, notes):
    """Start or go on, to the end."""
    kind, watch, attributes = kinds.of(config), NoWatch(), None
    if comm.rank == 0:
        attributes = provenance.record(comm, config.run.seed) | run_directory.decks(directory, config.plain())
        watch = Watch(directory, comm.size, attributes, number, kind.UNIT)
        watch.warn([*notes, *kind.warnings(config)])
    keeper = Keeper(comm, directory, config, signal, watch, number)
    try:
        kind.run(config, comm, directory, state, keeper, attributes)
    except BaseException as error:
        watch.close("stopped" if isinstance(error, Stopped) else "failed", str(error))
        raise
    watch.close("finished")
    return directory


def _read_run(deck_path, overrides=()):
    deck, config = read(deck_path, overrides)
    if not hasattr(kinds.of(config), "run"):
        raise deck.error(("run", "kind"), f"a network is trained, not run: hpcmm train {deck_path}")
    getattr(kinds.of(config), "demand", lambda: None)()
    return deck, config


def _open(held, deck_path, overrides, out, overwrite, part):
    deck, config = _read_run(deck_path, overrides)
    if part:
        config = extension.part_of(config, part)
    directory = out or config.output.directory
    held.lock = run_directory.open_new(directory, deck.text, resolved_toml(config), overwrite)
    return Path(directory), config.plain()


def _reopen(held, directory):
    held.lock = run_directory.open_again(directory)
    _, config = _read_run(Path(directory) / "resolved.toml")
    return Path(directory), config.plain()

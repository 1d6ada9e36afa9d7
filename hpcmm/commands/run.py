"""A run from deck to products: reads the deck on root, opens the directory, hands the run to its kind."""

from pathlib import Path

from hpcmm import figures, kinds
from hpcmm.deck.validate import resolved_toml
from hpcmm.errors import InputError, Stopped
from hpcmm.io import provenance
from hpcmm.io.disk import reason
from hpcmm.io.terminal import tell
from hpcmm.kinds.transport import extension
from hpcmm.parallel.collective import on_root
from hpcmm.run import directory as run_directory
from hpcmm.run import resume, settled
from hpcmm.run.keeper import Keeper
from hpcmm.run.kind import Run, RunKind
from hpcmm.run.watch import NoWatch, Watch


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
        directory, plain = on_root(comm, lambda: _open(held, deck_path, overrides, out, overwrite, part, comm.size))
        config = kinds.config_from_plain(plain)
        return _finish(comm, directory, config, signal, (None, kinds.of(config).start(config), []))


def restart(directory, comm, signal):
    """Resume a run from its newest whole checkpoint, on any number of ranks; from its start if there is none.

    Nothing is done where it is finished and has no checkpoint: it stays as it is.

    Raises
    ------
    InputError
        On every rank, if the directory holds no run, or only checkpoints that are damaged or of another deck.
    Stopped
        As in `run`.
    """
    with run_directory.Held() as held:
        directory, plain = on_root(comm, lambda: _reopen(held, directory))
        config = kinds.config_from_plain(plain)
        if on_root(comm, lambda: _tell_settled(directory, kinds.of(config))):
            return directory
        found = resume.load(comm, directory, config, kinds.of(config))
        return _finish(comm, directory, config, signal, found)


def extend(directory, comm, signal, realizations=None, path_factor=None):
    """Resume a finished run: to more realizations, or along longer paths.

    Parameters
    ----------
    directory, comm, signal
        See `restart`.
    realizations : int, optional
        Total number.
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
        directory, _ = on_root(comm, lambda: _reopen(held, directory))
        options = extension.options(realizations, path_factor)
        on_root(comm, lambda: settled.refuse_extension(directory, options))
        config, wanted = map(
            kinds.config_from_plain,
            on_root(comm, lambda: extension.wanted(directory, kinds.read, realizations, path_factor)),
        )
        number, state, notes = resume.load(comm, directory, config, kinds.of(config))
        extension.refuse_unfinished(comm, directory, state)
        state = extension.extended(config, wanted, state)
        # one file changes, at once: before, a restart is one of the old run, afterwards it extends the same checkpoint
        on_root(comm, lambda: run_directory.change_resolved(directory, resolved_toml(wanted)))
        return _finish(comm, directory, wanted, signal, (number, state, notes))


def _tell_settled(directory, kind):
    found = settled.is_settled(directory, kind.table)
    if found:
        tell(f"hpcmm: {directory}: is finished, without a checkpoint; there is nothing to resume")
    return found


def _finish(comm, directory, config, signal, found):
    """Run to the end from ``found``: number of the checkpoint or None, state, and notes that are shown as warnings."""
    number, state, notes = found
    kind, begun = kinds.of(config), []

    def begin():
        attributes = provenance.record(comm, config.run.seed) | run_directory.decks(directory, config.plain())
        try:
            watch = Watch(directory, comm.size, attributes, number, kind.unit)
        except OSError as error:
            message = (
                f"{directory}: no log.txt can be written ({reason(error)}); make room, then hpcmm restart {directory}"
            )
            raise (InputError if number is None else Stopped)(message) from None
        watch.note(kind.notes(config))
        watch.warn([*notes, *kind.warnings(config)])
        begun.extend((watch, attributes))

    on_root(comm, begin)
    watch, attributes = begun or (NoWatch(), None)
    keeper = Keeper(comm, directory, config, signal, watch, number)
    try:
        kind.run(Run(comm, directory, config, keeper, attributes), state)
    except BaseException as error:
        watch.close("stopped" if isinstance(error, Stopped) else "failed", str(error))
        raise
    watch.close("finished")
    return directory


def _read_run(deck_path, overrides=()):
    deck, config = kinds.read(deck_path, overrides)
    kind = kinds.of(config)
    if not isinstance(kind, RunKind):
        raise deck.error(("run", "kind"), f"a network is trained, not run: hpcmm train {deck_path}")
    kind.demand(config.run.kind)
    return deck, config


def _open(held, deck_path, overrides, out, overwrite, part, ranks):
    deck, config = _read_run(deck_path, overrides)
    if part:
        config = extension.part_of(config, part)
    kinds.of(config).demand_begin(config, ranks)
    directory = out or config.output.directory
    products = kinds.product_files() + figures.files()
    held.lock = run_directory.open_new(directory, deck.raw, resolved_toml(config), overwrite, products)
    return Path(directory), config.plain()


def _reopen(held, directory):
    held.lock = run_directory.open_again(directory, kinds.product_files() + figures.files())
    _, config = _read_run(Path(directory) / "resolved.toml")
    return Path(directory), config.plain()

"""`hpcmm train`: from a deck of kind "network" to weights, training curve, errors on test tracks, and a figure."""

import sys
from pathlib import Path

import numpy as np

from hpcmm import __version__, figures, kinds
from hpcmm.deck.validate import resolved_toml
from hpcmm.estimators import telegraph_log10
from hpcmm.io import provenance, seal, terminal
from hpcmm.io.disk import refusing
from hpcmm.io.table import read_table, write_table
from hpcmm.io.terminal import on_terminal, say
from hpcmm.kinds.network import report as network_report
from hpcmm.kinds.network import requirements
from hpcmm.run import directory as run_directory

TEST_TRACKS = 400
"""Tracks to test on, drawn like the training tracks from a random stream of their own (docs/physics.md 6.5)."""


def train(deck_path, overrides=(), out=None, overwrite=False):
    """Train a network and write weights, tables and figure; runs in one process.

    Returns
    -------
    Path
        Run directory: deck.toml, resolved.toml, weights.safetensors, training.ecsv, test.ecsv, figures/training.png.

    Raises
    ------
    DeckError, InputError
        If the deck or the directory is at fault, or torch is missing.
    """
    deck, config = kinds.read(deck_path, overrides)
    if config.run.kind != "network":
        raise deck.error(("run", "kind"), f"'network' is expected to train by; hpcmm run {deck_path}")
    requirements.require_torch()
    from hpcmm.figures import training as training_figure
    from hpcmm.kinds.network import train as training
    from hpcmm.kinds.network import weights

    directory = Path(out or config.output.directory)
    with run_directory.Held() as held:
        products_of_all = kinds.product_files() + figures.files()
        held.lock = run_directory.open_new(directory, deck.raw, resolved_toml(config), overwrite, products_of_all)
        trained = training.train(config, _tell)
        made_by = {**provenance.machine(), "version": __version__, "commit": provenance.commit()}
        with refusing(directory), seal.sealing(directory, *kinds.of(config).files):
            _write_table(directory / "training.ecsv", trained.curve, config, made_by | {"best_epoch": trained.best})
            _write_table(directory / "test.ecsv", _test(config, trained, training), config, made_by)
            weights.write(directory / "weights.safetensors", trained.network, config, made_by | {"deck": deck.text})
            training_figure.draw(directory, directory / "figures" / "training.png")
    return directory


def show(directory):
    """Print the errors on the test tracks, and where the products are."""
    terminal.show(network_report.test_table(read_table(directory / "test.ecsv")))
    for what, name in (("weights", "weights.safetensors"), ("figure", "figures/training.png")):
        say(f"{what + ':':8} {directory / name}")


def _tell(epoch, error):
    if on_terminal(sys.stderr):
        print(f"\repoch {epoch}: {error:.4f} dex ", end="", file=terminal.Deaf(sys.stderr), flush=True)


def _test(config, trained, training):
    """Draw test tracks; returns columns of log10 of kappa/(c^2 T): the truth, and each estimator's answer by track."""
    data = training.labelled_tracks(config, TEST_TRACKS, training.TEST_SET)
    return {
        "true": data["label"],
        "lstm": trained.reader(data["increments"]),
        "telegraph": telegraph_log10(data["turns"]),
        "classical": np.log10(np.maximum(data["end"] ** 2, 1e-12) / 2),
    }


def _write_table(path, columns, config, meta):
    """Write columns as a table with their units."""
    from astropy.table import Table

    table = Table({name: np.asarray(values) for name, values in columns.items()})
    for name in table.colnames:
        if name != "epoch":
            table[name].unit = "dex"
    table.meta = {"title": config.title, "seed": config.run.seed} | meta
    write_table(path, table)

"""Tables on the terminal for the recurrent network: plan of its training, errors on tracks it was not trained on."""

import numpy as np
from rich.table import Table

from hpcmm.io.terminal import add_columns

SECONDS_PER_WINDOW = 3e-7
"""Core time [s] to learn from one window of one track once, over the root of the layer's units; for planning only."""


def plan_table(config):
    """Make the terminal table of a network's sizes and of the ranges it learns from."""
    network, ranges = config.network, config.training.ranges
    shown = Table(title="plan")
    add_columns(shown, "units", "increments", "a step", "tracks", "epochs", *ranges)
    spans = [f"{low:g} to {high:g}" for low, high in ranges.values()]
    sizes = (network.hidden, network.points, network.window, network.tracks, network.epochs)
    shown.add_row(*map(str, sizes), *spans)
    return shown


def plan_lines(config):
    """Totals of the plan, one fact a line."""
    network = config.network
    windows = network.tracks * network.epochs * network.points // network.window
    seconds = windows * SECONDS_PER_WINDOW * network.hidden**0.5
    weights = 4 * network.hidden * (network.window + network.hidden + 2) + network.hidden + 1
    return [
        f"weights: {weights}",
        f"expected cost: at most {seconds:.2g} s of one core; it stops {network.patience} epochs after the best",
    ]


def errors(test):
    """Rms error of log10 kappa [dex] of each column of the table of test tracks, and of the best constant."""
    true = np.asarray(test["true"])
    found = {name: rms(np.asarray(test[name]) - true) for name in test.colnames if name != "true"}
    return found | {"constant": float(true.std())}


def rms(values):
    """Root of the mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def test_table(test):
    """Make the terminal table of errors on test tracks."""
    found = errors(test)
    shown = Table(title=f"{len(test)} tracks not trained on", caption="dex: of log10 kappa, one track at a time")
    add_columns(shown, "estimator", "rms error [dex]", "over telegraph")
    for name, error in found.items():
        shown.add_row(name, f"{error:.4f}", f"{error / found['telegraph']:.2f}")
    return shown

"""Tables on the terminal for the recurrent network: the plan of its training, its errors on tracks it never saw."""

import numpy as np
from rich.table import Table

from hpcmm.io.terminal import add_columns

SECONDS_PER_WINDOW = 3e-7
"""To learn from so many increments of one track once, per unit^1/2 of the layer; measured, for planning only."""


def plan_table(config):
    """What a network is and learns from."""
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
    """Errors on test tracks, for people."""
    found = errors(test)
    shown = Table(title=f"{len(test)} tracks not trained on", caption="dex: of log10 kappa, one track at a time")
    add_columns(shown, "estimator", "rms error [dex]", "over telegraph")
    for name, error in found.items():
        shown.add_row(name, f"{error:.4f}", f"{error / found['telegraph']:.2f}")
    return shown

"""Draws figures/training.png: how a network learned, and its kappa of tracks it was not trained on."""

import matplotlib
import numpy as np
from astropy.table import Table
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from hpcmm.figures.style import RUN_COLOURS, STYLE, write
from hpcmm.foreign import read_text
from hpcmm.io.ecsv_guard import MOST_BYTES
from hpcmm.kinds.network.report import rms

_INCHES = (7.0, 3.1)
_DPI = 300
_READERS = {"telegraph": (RUN_COLOURS[1], "s", "reversals counted (maximum likelihood)"),
            "lstm": (RUN_COLOURS[0], "o", "network")}  # fmt: skip


def draw(directory, output_path):
    """Draw the curves of training.ecsv, and predicted against true kappa of test.ecsv.

    Parameters
    ----------
    directory : Path
        Run directory of `hpcmm train`.
    output_path : Path

    Returns
    -------
    matplotlib.figure.Figure
    """
    curve, test = (_read(directory / name) for name in ("training.ecsv", "test.ecsv"))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=_INCHES, dpi=_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2)
        _draw_curves(left, curve, test)
        _draw_answers(right, test)
        write(figure, output_path)
    return figure


def _draw_curves(axes, curve, test):
    axes.plot(curve["epoch"], curve["train"], color=RUN_COLOURS[0], linewidth=1.0, label="tracks trained on")
    held_out = {"color": RUN_COLOURS[1], "linewidth": 1.0, "linestyle": "--"}
    axes.plot(curve["epoch"], curve["validation"], label="tracks held out", **held_out)
    bound = rms(np.asarray(test["telegraph"]) - test["true"])
    axes.axhline(bound, color="0.4", linestyle=":", linewidth=1.0, label="reversals counted, test tracks")
    best = curve.meta["best_epoch"]
    axes.plot(
        best, curve["validation"][best - 1], color=RUN_COLOURS[1], marker="s", markersize=4, linestyle="none",
        label=f"weights kept, epoch {best}",
    )  # fmt: skip
    axes.set_yscale("log")
    axes.set_yticks(ticks := [0.05, 0.1, 0.2, 0.4], [f"{t:g}" for t in ticks])
    axes.set_yticks([], minor=True)
    axes.set_ylim(min(0.05, 0.8 * bound), 1.2 * max(curve["train"].max(), curve["validation"].max()))
    axes.set_xlabel("epoch")
    axes.set_ylabel(r"rms error of $\log_{10}\kappa$ [dex]")
    axes.legend(frameon=False)


def _draw_answers(axes, test):
    true = np.asarray(test["true"])
    span = np.array([true.min() - 0.15, true.max() + 0.15])
    axes.plot(10**span, 10**span, color="0.4", linewidth=0.8, zorder=1)
    for name, (colour, marker, label) in _READERS.items():
        error = rms(np.asarray(test[name]) - true)
        axes.plot(
            10**true, 10 ** np.asarray(test[name]), color=colour, marker=marker, markersize=2.6, linestyle="none",
            markerfacecolor="none", markeredgewidth=0.6, label=f"{label}: {error:.3f} dex",
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    highest = max(np.asarray(test[name]).max() for name in _READERS)
    axes.set_xlim(10**span)
    axes.set_ylim(10 ** span[0], 10 ** max(span[1] + 0.6, highest + 0.6))  # the legend's room
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(r"$\kappa/(c^2 T)$, equation (11)")
    axes.set_ylabel(r"$\kappa/(c^2 T)$, read from one track")
    title = f"{len(test)} tracks not trained on; rms error"
    axes.legend(loc="upper left", frameon=False, title=title, title_fontsize=6.2, alignment="left")


def _read(path):
    return Table.read(read_text(path, MOST_BYTES).split("\n"), format="ascii.ecsv")

"""Micromirrors and anisotropy against time of kinetic-plasma runs, and maps of their field: drawn from products alone.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hpcmm.errors import InputError
from hpcmm.figures import plasma_maps, style
from hpcmm.kinds.hybrid_pic.reader import HybridRun

LEAST_FIELD = 1e-5
"""Smallest dB/B that is drawn."""

CURVES = {
    "dB_par": ("-", r"$\delta B_\parallel/B$; below, $\Delta$ of markers"),
    "dB_perp": ("--", r"$\delta B_\perp/B$"),
    "dn": ((0, (4, 1, 1, 1)), r"$\delta n/n$"),
    "band": (":", r"$\delta B_\parallel/B$ of micromirrors alone; below, $\Delta$ of weights"),
}
"""Columns of the upper panel: dashes and meaning."""

DELTAS = {"Delta_markers": "-", "Delta": ":"}
"""Columns of the lower panel: where they part, noise has moved the weights."""


def plasma_figure(run_directories, output_path):
    """Draw the history of runs, and beside it the maps of the first one, where it has snapshots in two dimensions
    or three, as `fig1.png`.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Finished runs of kind "hybrid_pic".
    output_path : path
        The image of the history; see `hpcmm.figures.Figure` for what all figures have in common.
    """
    runs, path = [HybridRun(directory) for directory in style.listed(run_directories)], Path(output_path)
    figure = style.drawn(path, _history, runs)
    if runs[0].config.output.snapshots and sum(n > 1 for n in runs[0].config.box.cells) > 1:
        maps_figure(run_directories, path.with_name(f"fig1{path.suffix}"))
    return figure


def maps_figure(run_directories, output_path):
    """Draw dB_par in three planes of the box at the first and the last snapshot of a run: the paper's figure 1.

    Parameters
    ----------
    run_directories : path or iterable of paths
        The first is drawn.
    output_path : path

    Raises
    ------
    InputError
        If the run has no snapshots, or they are malformed.
    """
    run = HybridRun(style.listed(run_directories)[0])
    times = list(dict.fromkeys(run.config.output.snapshots[:1] + run.config.output.snapshots[-1:]))
    if not times:
        raise InputError(f"{run.directory}: has no snapshots to draw; output.snapshots are expected in its deck")
    return style.drawn(output_path, plasma_maps.draw, run, times)


def _history(runs):
    contracts = all(run.table["s"][-1] != 0 for run in runs)
    legend = style.LEGEND_ROW_INCHES * (len(CURVES) + 2 + (len(runs) if len(runs) > 1 else 0)) + 0.08
    plot, gap, top, bottom = 1.9, 0.10, 0.08, 0.36
    height = legend + bottom + 2 * plot + gap + top
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    places = (legend + bottom + plot + gap, legend + bottom)
    upper, lower = (figure.add_axes((0.165, y / height, 0.795, plot / height)) for y in places)
    entries = []
    for i, run in enumerate(runs):
        _draw_run(upper, lower, run, i, "s" if contracts else "t")
        if len(runs) > 1:
            title = style.title_text(str(run.table.meta.get("title") or ""))
            entries.append((Line2D([], [], color=style.colour(i), linewidth=1.0), f"{run.directory.name}: {title}"))
    # one run has its colour in the key of the curves, several share a black one
    colour = style.colour(0) if len(runs) == 1 else "black"
    for dashes, text in CURVES.values():
        entries.append((Line2D([], [], color=colour, linewidth=1.0, linestyle=dashes), text))
    grey = {"color": style.THEORY_GREY, "linewidth": 0.9}
    entries += [
        (Line2D([], [], linestyle="--", **grey), r"$\Delta$ if double adiabatic"),
        (
            Line2D([], [], linestyle=":", **grey),
            r"marginal: $1/\beta_\perp$ (mirrors), $-2/\beta_\parallel$ (firehoses)",
        ),
    ]
    upper.set_yscale("log")
    sizes = np.concatenate([run.table[name] for run in runs for name in ("dB_par", "dB_perp")])
    upper.set_ylim(max(LEAST_FIELD, 0.7 * sizes[sizes > 0].min(initial=1.0)), max(1.3 * sizes.max(), 2 * LEAST_FIELD))
    upper.set_ylabel(r"$\delta B/B$, $\delta n/n$", labelpad=2)
    upper.tick_params(labelbottom=False)
    lower.set_ylabel(r"$\Delta = T_\perp/T_\parallel - 1$", labelpad=2)
    lower.set_xlabel(r"$s = t/\tau$" if contracts else r"$t\,\Omega_{i0}$", labelpad=2)
    for axes in (upper, lower):
        ends = [run.table["s" if contracts else "t"][-1] for run in runs]
        axes.set_xlim(*sorted((0, max(ends, key=abs))))
        style.ticks_inside(axes)
    style.add_legend(figure, entries)
    return figure


def _draw_run(upper, lower, run, i, across):
    table, colour = run.table, style.colour(i)
    x = table[across]
    for name, (dashes, _) in CURVES.items():
        how = {"color": colour, "linestyle": dashes, "linewidth": 1.0, "gid": f"{name} {i}"}
        upper.plot(x, np.maximum(table[name], 1e-12), **how)
    for name, dashes in DELTAS.items():
        lower.plot(x, table[name], color=colour, linewidth=1.0, linestyle=dashes, gid=f"{name} {i}")
    grey = {"color": style.THEORY_GREY, "linewidth": 0.9, "zorder": 1}
    lower.plot(x, table["Delta_cgl"], linestyle="--", gid=f"Delta_cgl {i}", **grey)
    if max(table["Delta_cgl"]) > 0:
        lower.plot(x, table["Delta"] - table["lambda_mirror"], linestyle=":", gid=f"mirror {i}", **grey)
    if min(table["Delta_cgl"]) < 0:
        lower.plot(x, -2 / table["beta_par"], linestyle=":", gid=f"firehose {i}", **grey)

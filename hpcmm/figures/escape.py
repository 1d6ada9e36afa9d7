"""Escape times against energy, and profiles: drawn from products alone.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from hpcmm.figures import style
from hpcmm.io.terminal import energy_text
from hpcmm.kinds.cluster.reader import ClusterRun
from hpcmm.kinds.cluster.report import time_text

HUBBLE_TIME = 13.8
"""Age of the Universe [Gyr]; Planck Collaboration 2020, A&A 641, A6."""

SHADES = (0.0, 0.27, 0.54, 0.8)
"""Colours of profiles, early to late, as places on matplotlib's perceptually uniform "viridis"."""

LEAST_INSIDE = 0.05
"""The last profile drawn is the last with at least this share of the largest number of particles inside."""


def escape_figure(run_directories, output_path):
    """Draw the mean lifetime against energy, with micromirrors and without, and below it profiles of the density.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Finished runs of kind "cluster"; profiles are those of the first.
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.
    """
    runs = [ClusterRun(directory) for directory in style.listed(run_directories)]
    return style.drawn(output_path, _draw, runs)


def _draw(runs):
    shown = _profiles_shown(runs[0])
    rows = 2 * len(runs) + 3
    legend, plot, gap, top, bottom = style.LEGEND_ROW_INCHES * rows + 0.05, 2.0, 0.42, 0.08, 0.36
    lower = 1.6
    height = legend + bottom + lower + gap + plot + top
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    width = 0.795
    times = figure.add_axes((0.165, (legend + bottom + lower + gap) / height, width, plot / height))
    entries = _draw_times(times, runs)
    panels = []
    for i in range(len(shown)):
        left = 0.165 + i * width / len(shown)
        share = panels[0] if panels else None
        where = (left, (legend + bottom) / height, width / len(shown), lower / height)
        panels.append(figure.add_axes(where, sharey=share))
    entries += _draw_profiles(panels, runs[0], shown)
    style.add_legend(figure, entries)
    return figure


def _draw_times(axes, runs):
    """Draw lifetimes of all runs, and the age of the Universe; returns legend entries."""
    entries, finite = [], []
    for i, run in enumerate(runs):
        energy, colour = run.table["energy"].to_value("eV"), style.colour(i)
        label = style.title_text(str(run.table.meta.get("title") or ""))
        for name, dashes, text in (("lifetime", "-", label), ("lifetime_f0", "--", f"{label}: without micromirrors")):
            values = run.table[name].to_value("Gyr")
            finite.append(values[np.isfinite(values)])
            how = {"color": colour, "linestyle": dashes, "linewidth": 1.1}
            if dashes == "-":
                how |= {"marker": style.marker(i), "markersize": 3.2}
            (line,) = axes.plot(energy, np.where(np.isfinite(values), values, np.nan), gid=f"{name} {i}", **how)
            entries.append((line, text))
    energies = np.concatenate([run.table["energy"].to_value("eV") for run in runs])
    axes.set_xlim(energies.min() / 1.5, energies.max() * 1.5)
    age = axes.axhline(HUBBLE_TIME, color=style.THEORY_GREY, linestyle=":", linewidth=1.0, gid="age")
    axes.set_xscale("log")
    axes.set_yscale("log")
    every = np.concatenate([*finite, [HUBBLE_TIME]])
    axes.set_ylim(every.min() / 3, every.max() * 3)
    axes.set_xlabel("energy $E$ [eV]", labelpad=2)
    axes.set_ylabel("mean lifetime in the cluster [Gyr]", labelpad=2)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=8))
        axis.set_minor_locator(LogLocator(numticks=99))
        axis.set_minor_formatter(NullFormatter())
    style.ticks_inside(axes)
    return [*entries, (age, "age of the Universe, 13.8 Gyr")]


def _profiles_shown(run):
    """Rows of the table whose profiles are drawn: the lowest energy, one in the middle, the highest."""
    count = len(run.table)
    return sorted({0, count // 2, count - 1})


def _draw_profiles(panels, run, shown):
    """Draw profiles at four times in each panel; returns legend entries."""
    radius, density = run.profile("radius").to_value("Mpc"), run.profile("density").to_value("1 / Mpc3")
    colours = matplotlib.colormaps["viridis"](SHADES)
    times, inside = run.profile("time").to_value("Gyr"), run.profile("inside").value
    peaks, reach = [], run.profile("edge").to_value("Mpc")[-1]
    for axes, energy in zip(panels, shown, strict=True):
        last = int(np.flatnonzero(inside[energy] >= LEAST_INSIDE * inside[energy].max())[-1])
        picked = np.unique(np.linspace(last // 3, last, len(SHADES)).astype(int))
        how = {"ha": "right", "va": "top", "transform": axes.transAxes, "fontsize": 6.2}
        axes.text(0.95, 0.95, energy_text(run.table["energy"][energy].value), **how)
        for line, (sample, colour) in enumerate(zip(picked, colours, strict=False)):
            values = density[energy, sample]
            axes.plot(radius, np.where(values > 0, values, np.nan), color=colour, linewidth=1.0)
            axes.text(0.95, 0.95 - 0.075 * (line + 1), time_text(times[energy, sample], 2), color=colour, **how)
        peaks.append(np.nanmax(density[energy, picked]))
        axes.set_yscale("log")
        axes.set_xlim(0, reach)
        axes.xaxis.set_major_locator(MaxNLocator(2, prune="upper" if energy != shown[-1] else None))
        style.ticks_inside(axes)
    panels[0].set_ylim(max(peaks) * 1e-7, max(peaks) * 3)
    panels[0].yaxis.set_major_locator(LogLocator(numticks=6))
    panels[0].set_ylabel("density $n$ [Mpc$^{-3}$]\nof one particle set free", labelpad=2)
    for axes in panels[1:]:
        axes.tick_params(labelleft=False)
    panels[0].figure.text(0.165 + 0.795 / 2, panels[0].get_position().y0 - 0.30 / panels[0].figure.get_figheight(),
                          "distance from the centre $r$ [Mpc]", ha="center", va="center")  # fmt: skip
    return [(Line2D([], [], color=colours[1]), "profiles: four times after the start, as labelled")]

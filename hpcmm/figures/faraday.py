"""Faraday depolarization against frequency, and the filling fraction of micromirrors that would be seen; from products.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

import textwrap

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from hpcmm.figures import style
from hpcmm.io.table import read_table_of
from hpcmm.kinds.faraday.reader import NEEDS
from hpcmm.theory.constants import C
from hpcmm.theory.faraday import filling_fraction_seen, lost_behind

TELESCOPES = {"LOFAR": (30.0, 190.0), "VLA": (1000.0, 10_000.0)}
"""Name -> range of frequencies [MHz] in which it is shown."""

LEAST_LOST = 1e-16
"""Least 1 - p that is drawn: that of double precision."""


def faraday_figure(run_directories, output_path):
    """Draw rotation angle and depolarization of runs against frequency, and the least filling fraction that is seen.

    Points are those of the rays, lines the formulas exp(-2 sigma_RM^2 lambda^4) and lambda^2 sigma_RM at the sigma_RM
    of each run.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Finished runs of kind "faraday".
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.
    """
    tables = [read_table_of(directory, "faraday.ecsv", NEEDS) for directory in style.listed(run_directories)]
    return style.drawn(output_path, _draw, tables)


def _draw(tables):
    legend = style.LEGEND_ROW_INCHES * (len(tables) + 4) + 0.08
    plot, gap, top, bottom = (1.45, 1.45, 1.45), 0.06, 0.2, 0.36
    height = legend + bottom + sum(plot) + 2 * gap + top
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    panels, lower = [], legend + bottom
    for size in reversed(plot):
        shared = {"sharex": panels[0]} if panels else {}
        panels.insert(0, figure.add_axes((0.165, lower / height, 0.795, size / height), **shared))
        lower += size + gap
    _label(panels, tables)
    entries = [_draw_run(panels, i, table) for i, table in enumerate(tables)]
    entries.append(
        (
            Line2D([], [], color="0.3", linewidth=0.9),
            r"lines: $\lambda^2\sigma_{RM}$, $1-\exp(-2\sigma_{RM}^2\lambda^4)$",
        )
    )
    entries.append((Line2D([], [], color="none"), r"points: rays, bars 1$\sigma$; $1-p$ of sources behind"))
    words = ", ".join(sorted({f"{table.meta['sensitivity']:g}" for table in tables}))
    entries.append((Line2D([], [], color="0.3", linestyle="--", linewidth=0.7), f"dashed: $1-p$ that is seen, {words}"))
    entries.append(
        (Line2D([], [], color="0.3", linestyle=":", linewidth=0.7), r"dotted: $f_{\rm mm}=1$; above it unseen")
    )
    style.add_legend(figure, entries)
    panels[1].set_ylim(None, 10 * max(panels[1].get_ylim()[1], max(table.meta["sensitivity"] for table in tables)))
    return figure


def _label(panels, tables):
    for axes, name in zip(panels, (r"$\chi_{\rm rms}$ [rad]", "$1 - p$", r"$f_{\rm mm}$ seen"), strict=True):
        axes.set_xscale("log")
        axes.set_yscale("log", nonpositive="clip")
        axes.set_ylabel(name, labelpad=2)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(LogLocator(numticks=7))
            axis.set_minor_locator(LogLocator(numticks=99))
            axis.set_minor_formatter(NullFormatter())
        for low, high in TELESCOPES.values():
            axes.axvspan(low, high, color=style.BAND_COLOUR, alpha=0.15, linewidth=0, zorder=0)
        style.ticks_inside(axes)
    frequencies = np.concatenate([table["frequency"].to_value("MHz") for table in tables])
    panels[0].set_xlim(min(frequencies.min(), 30.0) / 1.3, max(frequencies.max(), 10_000.0) * 1.3)
    for name, (low, high) in TELESCOPES.items():
        place = panels[0].get_xaxis_transform()
        panels[0].text(np.sqrt(low * high), 1.02, name, ha="center", va="bottom", transform=place, fontsize=6.2)
    for axes in panels[:2]:
        axes.tick_params(labelbottom=False)
    panels[2].axhline(1.0, color="0.3", linestyle=":", linewidth=0.7)
    panels[2].set_xlabel("frequency [MHz]", labelpad=2)


def _draw_run(panels, i, table):
    """Draw a run in all panels; returns its legend entry."""
    how = {"color": style.colour(i), "marker": style.marker(i)} | style.POINTS
    nu, sigma = table["frequency"].to_value("MHz"), float(table["sigma_RM"][0].to_value("rad / m2"))
    x = np.geomspace(*panels[0].get_xlim(), 300)
    lam = C / (x * 1e6)  # cm
    line = {"color": style.colour(i), "linewidth": 0.9}
    panels[0].plot(x, (lam / 100) ** 2 * sigma, gid=f"chi {i}", **line)
    panels[0].plot(nu, table["chi_rms"].to_value("rad"), **how)
    panels[1].plot(x, -np.expm1(-lost_behind(sigma / 1e4, lam)), gid=f"lost {i}", **line)
    lost, bar = np.asarray(table["lost"]), np.asarray(table["lost_err"])
    there = lost > LEAST_LOST
    panels[1].errorbar(nu[there], lost[there], yerr=bar[there], **how | style.BARS)
    least = table.meta["sensitivity"]
    panels[1].axhline(least, color=style.colour(i), linestyle="--", linewidth=0.7)
    whole = sigma / np.sqrt(table.meta["f_mm"]) / 1e4
    panels[2].plot(x, filling_fraction_seen(whole, lam, least), gid=f"seen {i}", **line)
    seen = np.asarray(table["f_mm_seen"])
    panels[2].plot(nu[np.isfinite(seen)], seen[np.isfinite(seen)], **how)
    label = style.title_text(textwrap.shorten(str(table.meta.get("title") or ""), 28, placeholder="…"))
    return Line2D([], [], **how), f"{label}: $\\sigma_{{RM}}$ = {sigma:.3g} rad m$^{{-2}}$"

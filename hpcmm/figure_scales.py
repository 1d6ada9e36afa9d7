"""The tie between scales: kappa of patches small and large beside mean free paths, and of diffusion; from products.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

import os
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hpcmm import figure_style as style
from hpcmm import theory
from hpcmm.scale_points import read_scales

_LEFT, _WIDTH = 0.145, 0.825

SHIFT = 0.008
"""Of f_mm, by which points of neighbouring series stand apart."""


def scales_figure(run_directories, output_path):
    """Draw kappa/kappa_res against f_mm, and how far it is from equation (11) to diffusion against the period.

    Upper panel: equation (11), the arithmetic mean, Hashin and Shtrikman's bounds; the effective medium between the
    bounds of its cells; particles, a colour each period. Lower panel: ln(kappa/kappa_11) / ln(kappa_diffusion/kappa_11)
    of the f_mm that both kinds have.

    Parameters
    ----------
    run_directories : path or iterable of paths
        One effective medium, and transport runs in fields with a period.
    output_path : path
        Image to write; its suffix names the format. It appears whole or not at all.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, as drawn.

    Raises
    ------
    InputError
        Naming the directory that does not fit.
    """
    if isinstance(run_directories, str | os.PathLike):
        run_directories = [run_directories]
    medium, series = read_scales(run_directories)
    with matplotlib.rc_context(style.STYLE):
        figure = draw(medium, series)
        style.write(figure, Path(output_path))
    return figure


def draw(medium, series):
    """Figure of a Diffusion and a list of Flown."""
    legend, gap, lower, upper = style.LEGEND_ROW_INCHES * (len(series) + 6) + 0.07, 0.36, 1.1, 2.3
    height = legend + gap + lower + gap + upper + 0.06
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    below = figure.add_axes((_LEFT, (legend + gap) / height, _WIDTH, lower / height))
    above = figure.add_axes((_LEFT, (legend + gap + lower + gap) / height, _WIDTH, upper / height))
    entries = _particles(above, series) + _curves(above, medium)
    _crossover(below, medium, series)
    for axes in (above, below):
        style.ticks_inside(axes)
    style.add_legend(figure, entries)
    return figure


def _particles(axes, series):
    """Points with their errors, a colour and a marker each period; returns legend entries."""
    entries = []
    for i, s in enumerate(series):
        how = {"color": style.colour(i), "marker": style.marker(i)} | style.POINTS
        inner = (s.f_mm > 0) & (s.f_mm < 1)
        x = s.f_mm + np.where(inner, SHIFT * (i - (len(series) - 1) / 2), 0.0)
        drawn = axes.errorbar(x, s.kappa, yerr=s.kappa_err, **how | style.BARS)
        drawn.lines[0].set_gid(f"series {i}")
        entries.append((Line2D([], [], **how), rf"particles: period ${s.period:g}\,\lambda_{{\rm res}}$"))
    return entries


def _curves(axes, medium):
    f = np.linspace(0.0, 1.0, 401)
    c = medium.contrast
    (exact,) = axes.plot(f, theory.kappa_eff(c, 1.0, f), color="0.15", linewidth=1.1, gid="eq 11")
    mean = {"color": style.THEORY_GREY, "linestyle": ":", "linewidth": 1.1}
    (arithmetic,) = axes.plot(f, theory.kappa_arithmetic(c, 1.0, f), gid="arithmetic", **mean)
    bounds = theory.hashin_shtrikman_bounds(c, 1.0, f)
    band = axes.fill_between(f, *bounds, color=style.BAND_COLOUR, alpha=0.3, linewidth=0, zorder=0)
    band.set_gid("Hashin-Shtrikman")
    x, low, middle, high = (
        np.concatenate([[a], values, [b]]) for a, values, b in
        ((0.0, medium.f_mm, 1.0), (1.0, medium.lower, c), (1.0, medium.kappa, c), (1.0, medium.upper, c))
    )  # fmt: skip
    solved = axes.fill_between(x, low, high, color="0.35", alpha=0.35, linewidth=0, zorder=1, gid="effective medium")
    (line,) = axes.plot(x, middle, color="0.2", linestyle="--", linewidth=0.8, zorder=2)
    axes.set_yscale("log")
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(c / 1.5, 1.4)
    axes.set_xlabel(r"volume fraction of patches $f_{\rm mm}$", labelpad=2)
    axes.set_ylabel(r"$\kappa_{\rm iso}/\kappa_{\rm res}$", labelpad=1)
    axes.text(0.03, 0.05, rf"$\kappa_{{\rm mm}}/\kappa_{{\rm res}}=1/{1 / c:.3g}$", transform=axes.transAxes)
    return [
        ((solved, line), "diffusion through the same patches: bounds of its cells, their mean"),
        (exact, "eq. (11), harmonic mean"),
        (arithmetic, "arithmetic mean"),
        (band, "Hashin-Shtrikman bounds"),
        (Line2D([], [], color="none"), r"bars: 1$\sigma$ of the particles; points of one $f_{\rm mm}$ set apart"),
    ]


def _crossover(axes, medium, series):
    """ln(kappa/kappa_11)/ln(kappa_diffusion/kappa_11) against the period, a thin line each f_mm."""
    tracks = {}
    for i, s in enumerate(series):
        for f, kappa, error in zip(s.f_mm, s.kappa, s.kappa_err, strict=True):
            there = medium.at(f)
            if 0 < f < 1 and there is not None and kappa > 0:
                exact = theory.kappa_eff(medium.contrast, 1.0, f)
                whole = np.log(there[0] / exact)
                point = s.period, np.log(kappa / exact) / whole, error / kappa / whole
                tracks.setdefault(f, []).append((*point, i))
    for row, (f, points) in enumerate(sorted(tracks.items())):
        period, way, error, index = np.array(points).T
        shifted = period * 1.07 ** (row - (len(tracks) - 1) / 2)
        axes.plot(shifted, way, color="0.6", linewidth=0.5, zorder=1, gid=f"f_mm {f:g}")
        for x, y, bar, i in zip(shifted, way, error, index.astype(int), strict=True):
            axes.errorbar(x, y, yerr=bar, color=style.colour(i), marker=style.marker(i), **style.POINTS | style.BARS)
    for level, words in ((0.0, "eq. (11)"), (1.0, "diffusion")):
        axes.axhline(level, color="0.2", linewidth=0.7, linestyle="-" if level == 0 else "--", zorder=0)
        axes.annotate(words, (0.985 if level == 0 else 0.015, level), (0, 2), xycoords=("axes fraction", "data"),
                      textcoords="offset points", ha="right" if level == 0 else "left", fontsize=6.2)  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlabel(r"period of the field $L/\lambda_{\rm res}$", labelpad=2)
    axes.set_ylabel("share of the way\n(in $\\ln\\kappa$)", labelpad=2)

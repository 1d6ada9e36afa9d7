"""The tie between scales: kappa of patches smaller and larger than mean free paths, and of diffusion; from products.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator

from hpcmm import theory
from hpcmm.figures import style
from hpcmm.figures.scale_points import read_scales

_LEFT, _WIDTH = 0.145, 0.825

BEYOND = 5.0
"""The lower panel draws the bounds of the effective medium at this multiple of the longest period."""


NOTE = r"bars: 1$\sigma$; below, $f_{\rm mm}$ rises to the right; bounds of cells last"


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
        The image; see `hpcmm.figures.Figure` for what all figures have in common.
    """
    medium, series = read_scales(style.listed(run_directories))
    return style.drawn(output_path, draw, medium, series)


def draw(medium, series):
    """Draw the figure of a Diffusion and a list of Flown."""
    legend, gap, lower, upper = style.LEGEND_ROW_INCHES * (len(series) + 5) + 0.05, 0.34, 1.1, 2.3
    height = legend + gap + lower + gap + upper + 0.05
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
    """Draw points with their errors, a colour and a marker each period; returns legend entries."""
    entries = []
    for i, s in enumerate(series):
        how = {"color": style.colour(i), "marker": style.marker(i)} | style.POINTS
        drawn = axes.errorbar(s.f_mm, s.kappa, yerr=s.kappa_err, **how | style.BARS)
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
    axes.plot(medium.f_mm, medium.kappa, color="0.2", marker="_", markersize=3, linestyle="none", zorder=2)
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
        (Line2D([], [], color="none"), NOTE),
    ]


def _crossover(axes, medium, series):
    """Draw ln(kappa/kappa_11)/ln(kappa_diffusion/kappa_11) against period, a line each f_mm; bounds of cells last."""
    tracks = {}
    for i, s in enumerate(series):
        for f, kappa, error in zip(s.f_mm, s.kappa, s.kappa_err, strict=True):
            if 0 < f < 1 and kappa > 0 and medium.at(f) is not None:
                exact = theory.kappa_eff(medium.contrast, 1.0, f)
                whole = np.log(medium.at(f)[0] / exact)
                tracks.setdefault(f, []).append((s.period, np.log(kappa / exact) / whole, error / kappa / whole, i))
    last = BEYOND * series[-1].period
    for row, (f, points) in enumerate(sorted(tracks.items())):
        apart = 1.15 ** (row - (len(tracks) - 1) / 2)
        x, way = apart * np.array([p[0] for p in points]), [p[1] for p in points]
        axes.plot(x, way, color="0.6", linewidth=0.5, zorder=1, gid=f"f_mm {f:g}")
        for place, (_, y, bar, i) in zip(x, points, strict=True):
            how = {"color": style.colour(i), "marker": style.marker(i)} | style.POINTS
            axes.errorbar(place, y, yerr=bar, **how | style.BARS)
        exact = theory.kappa_eff(medium.contrast, 1.0, f)
        middle, low, high = (np.log(k / exact) for k in medium.at(f))
        axes.plot([last * apart] * 2, [low / middle, high / middle], color="0.35", alpha=0.6, linewidth=2.2, zorder=2)
    for level, line in ((0.0, "-"), (1.0, "--")):
        axes.axhline(level, color="0.2", linewidth=0.7, linestyle=line, zorder=0)
    axes.text(0.985, 0.04, "eq. (11)", transform=axes.get_yaxis_transform(), ha="right", fontsize=6.2)
    axes.text(0.015, 1.03, "diffusion", transform=axes.get_yaxis_transform(), fontsize=6.2)
    axes.set_xscale("log")
    axes.set_xlim(series[0].period / 2.5, last * 2.5)
    axes.set_ylim(-0.12, 1.22)
    axes.yaxis.set_major_locator(FixedLocator([0.0, 0.5, 1.0]))
    axes.set_xlabel(r"period of the field $L/\lambda_{\rm res}$", labelpad=2)
    axes.set_ylabel("share of the way\nin $\\ln\\kappa$", labelpad=2)

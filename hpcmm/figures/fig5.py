"""Figure 5: effective kappa against the micromirror fraction, beside the means of composites; from products alone.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, LogLocator, NullFormatter, NullLocator

from hpcmm import theory
from hpcmm.figures import style
from hpcmm.figures.fraction_points import contrast_of, read_fraction_points

CURVES = {
    "eq 11": (
        theory.kappa_eff,
        r"two phases, eq. (11) $=$ harmonic mean: exact in 1D",
        {"color": "0.15", "linestyle": "-", "linewidth": 1.1},
    ),
    "arithmetic": (
        theory.kappa_arithmetic,
        "arithmetic mean: layers along the gradient",
        {"color": style.THEORY_GREY, "linestyle": ":", "linewidth": 1.1},
    ),
    "Maxwell-Garnett": (
        theory.kappa_maxwell_garnett,
        "Maxwell-Garnett: isolated spheres of micromirrors",
        {"color": "0.3", "linestyle": "--", "linewidth": 0.9},
    ),
}
"""Name of a curve -> kappa(kappa_mm, kappa_res, f_mm), its legend, its style."""

_LEFT, _ZERO, _GAP, _RIGHT = 0.145, 0.065, 0.012, 0.02
"""Shares of the figure's width: left margin, panel of f_mm = 0, gap, right margin."""


def fraction_figure(run_directories, output_path):
    """Draw kappa/kappa_res against f_mm, and its ratio to equation (11) below.

    The axis of f_mm is logarithmic up to 1; f_mm = 0 has a panel of its own. Lines: equation (11), the arithmetic
    mean, Maxwell and Garnett's value; band: Hashin and Shtrikman's bounds, of which the upper is Maxwell and Garnett's
    where micromirrors diffuse less.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Two-phase runs, all of one kappa_mm / kappa_res; transport runs of one medium, one of them with f_mm = 0.
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.

    Raises
    ------
    InputError
        Naming the file, where a table is missing or malformed, or the runs differ in kappa_mm / kappa_res.
    """
    series = read_fraction_points(style.listed(run_directories))
    return style.drawn(output_path, draw, series)


def draw(series):
    """Draw the figure of a list of FractionPoints of one contrast, at least one."""
    contrast = contrast_of(series)
    figure, panels = _empty_figure(series, contrast)
    curves = _draw_curves(panels, contrast)
    points = _draw_points(panels, series, contrast)
    for row in panels:
        _break_marks(*row)
    style.add_legend(figure, points + curves)
    return figure


def _empty_figure(series, contrast):
    """Make the figure and its panels [[zero, log], [zero ratio, log ratio]], with space for the legend below."""
    rows = len(series) + 1 + len(CURVES) + 1 + any(_has_own(s, contrast) for s in series)
    legend, ratio, plot, bottom = style.LEGEND_ROW_INCHES * rows + 0.07, 0.75, 2.1, 0.36
    height = legend + bottom + ratio + 0.07 + plot + 0.08
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    panels, least = [], min([0.01, *(f for s in series for f in s.f_mm if f > 0)])
    for inches, size in ((legend + bottom + ratio + 0.07, plot), (legend + bottom, ratio)):
        y, h = inches / height, size / height
        zero = figure.add_axes((_LEFT, y, _ZERO, h))
        start = _LEFT + _ZERO + _GAP
        main = figure.add_axes((start, y, 1 - _RIGHT - start, h), sharey=zero)
        zero.set_xlim(-1, 1)
        zero.xaxis.set_major_locator(FixedLocator([0]))
        zero.xaxis.set_major_formatter(FixedFormatter(["0"]))
        main.set_xscale("log")
        main.set_xlim(least / 1.6, 1.35)
        main.xaxis.set_major_locator(LogLocator(numticks=12))
        main.xaxis.set_minor_formatter(NullFormatter())
        panels.append((zero, main))
    _label(panels, series, contrast)
    return figure, panels


def _label(panels, series, contrast):
    (zero, main), (zero_ratio, main_ratio) = panels
    zero.set_yscale("log", nonpositive="clip")
    every = np.concatenate([s.kappa[s.drawable] for s in series] + [[1.0, contrast]])
    zero.set_ylim(every.min() / 1.7, every.max() * 1.7)
    zero.set_ylabel(r"effective $\kappa/\kappa_{\rm res}$ (of $f_{\rm mm}=0$)", labelpad=2)
    zero_ratio.set_ylabel("$\\kappa$ / eq. (11)", labelpad=2)
    main_ratio.set_xlabel(r"micromirror fraction $f_{\rm mm}$", labelpad=2, x=0.45)
    for axes in (zero, main):
        axes.tick_params(labelbottom=False)
    for row in panels:
        for axes in row:
            style.ticks_inside(axes)
        row[0].xaxis.set_minor_locator(NullLocator())


def _draw_curves(panels, contrast):
    """Draw lines and band in both rows, each artist's gid naming its own; returns legend entries."""
    entries = []
    (zero, main), (_, main_ratio) = panels
    f = np.geomspace(*main.get_xlim(), 400)
    f = np.append(f[f < 1], 1.0)
    exact = theory.kappa_eff(contrast, 1.0, f)
    for name, (formula, label, how) in CURVES.items():
        kappa = formula(contrast, 1.0, f)
        (line,) = main.plot(f, kappa, gid=name, **how)
        main_ratio.plot(f, kappa / exact, **how)
        for panel in (zero, panels[1][0]):
            panel.plot([-1, 1], [1.0, 1.0], **how)  # without micromirrors all are kappa_res
        entries.append((line, label))
    bounds = theory.hashin_shtrikman_bounds(contrast, 1.0, f)
    band = main.fill_between(f, *bounds, color=style.BAND_COLOUR, alpha=0.3, linewidth=0, zorder=0)
    band.set_gid("Hashin-Shtrikman")
    low, high = (bound / exact for bound in bounds)
    main_ratio.fill_between(f, low, high, color=style.BAND_COLOUR, alpha=0.3, linewidth=0, zorder=0)
    return [*entries, (band, "Hashin-Shtrikman bounds: isotropic in 3D, Fickian")]


def _draw_points(panels, series, contrast):
    """Draw points of every series in both rows; returns legend entries."""
    entries, reach = [], 0.0
    for i, s in enumerate(series):
        how = {"color": style.colour(i), "marker": style.marker(i)} | style.POINTS
        own = s.contrast or contrast
        exact = theory.kappa_eff(own, 1.0, s.f_mm)
        if _has_own(s, contrast):
            f = np.geomspace(panels[0][1].get_xlim()[0], 1.0, 200)
            line = {"color": how["color"], "linewidth": 0.6, "gid": f"eq 11 series {i}", "zorder": 2.5}
            panels[0][1].plot(f, theory.kappa_eff(own, 1.0, f), **line)
        for row, scale in zip(panels, (np.ones_like(exact), exact), strict=True):
            for axes, chosen in zip(row, (s.f_mm == 0, s.f_mm > 0), strict=True):
                chosen = chosen & s.drawable
                x, y, bar = s.f_mm[chosen], (s.kappa / scale)[chosen], (s.kappa_err / scale)[chosen]
                drawn = axes.errorbar(x, y, yerr=bar, **how | style.BARS)
                drawn.lines[0].set_gid(f"series {i}")
        off = np.abs(s.kappa / exact - 1) + s.kappa_err / exact
        reach = max([reach, *off[s.drawable & np.isfinite(off)]])
        hidden = int((~s.drawable).sum())
        note = f" ({hidden} not positive, not shown)" if hidden else ""
        entries.append((Line2D([], [], **how), (style.title_text(s.label) if s.titled else s.label) + note))
    zero_ratio = panels[1][0]
    if reach < 0.8:
        half = 1.25 * max(reach, 0.01)
        zero_ratio.set_ylim(1 - half, 1 + half)
    else:  # in three dimensions eq 11 is no law
        zero_ratio.set_yscale("log", nonpositive="clip")
    if any(_has_own(s, contrast) for s in series):
        words = r"thin, in colour: eq. (11) with $\kappa_{\rm mm}/\kappa_{\rm res}$ of that series"
        entries.append((Line2D([], [], color="0.3", linewidth=0.6), words))
    return [*entries, (Line2D([], [], color="none"), r"bars: 1$\sigma$; lower panel: the same over eq. (11)")]


def _has_own(series, contrast):
    """True if a series has another kappa_mm / kappa_res than the curves."""
    return series.contrast is not None and not np.isclose(series.contrast, contrast, rtol=1e-2)


def _break_marks(zero, main):
    """Open the frame between f_mm = 0 and the logarithmic axis."""
    zero.spines.right.set_visible(False)
    main.spines.left.set_visible(False)
    main.tick_params(which="both", left=False, labelleft=False, right=True)
    zero.tick_params(which="both", right=False)
    slash = {"marker": [(-0.5, -1), (0.5, 1)], "markersize": 4, "linestyle": "none", "color": "k", "mew": 0.6}
    for axes, x in ((zero, 1), (main, 0)):
        axes.plot([x, x], [0, 1], transform=axes.transAxes, clip_on=False, **slash)

"""Kappa along and across a guide field against energy, and their ratio; drawn from products alone.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from hpcmm.errors import InputError
from hpcmm.figures import style
from hpcmm.figures.guide_points import KICKS, NAMES, SLAB, read_guide_points

MARKERS = {"par": "o", "perp": "s"}
DASHES = {(KICKS, "par"): "-", (KICKS, "perp"): "--", (SLAB, "par"): ":"}

LEAST_SPAN = 30.0
"""Least ratio of the ends of an axis."""


def guide_figure(run_directories, output_path):
    """Draw kappa_par and kappa_perp against energy, and below them their ratio.

    Lines are what theory has: both of kicks in a uniform field, exactly (docs/physics.md 4.4); kappa_par of slab waves
    by quasi-linear theory (2.7 there).

    Parameters
    ----------
    run_directories : path or iterable of paths
        Runs of transport with a guide field.
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.

    Raises
    ------
    InputError
        Naming the run that has no kappa_par, or none that is positive.
    """
    series = [read_guide_points(directory) for directory in style.listed(run_directories)]
    for s in series:
        if not any((s.kappa[name] > 0).any() for name in NAMES):
            raise InputError(f"{s.path / 'kappa.ecsv'}: no kappa in it is positive: nothing to draw")
    return style.drawn(output_path, _draw, series)


def _draw(series):
    keys = _keys(series)
    upper, lower, gap, top, bottom = 2.3, 1.0, 0.07, 0.38, 0.36
    legend = style.LEGEND_ROW_INCHES * (len(series) + len(keys)) + 0.1
    height = legend + bottom + lower + gap + upper + top
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    below = figure.add_axes((0.165, (legend + bottom) / height, 0.805, lower / height))
    above = figure.add_axes((0.165, (legend + bottom + lower + gap) / height, 0.805, upper / height), sharex=below)
    entries = [_draw_series(above, below, s, i, len(series) > 1) for i, s in enumerate(series)]
    _frame(above, below, series)
    style.add_legend(figure, entries + keys)
    return figure


def _draw_series(above, below, s, i, several):
    """Draw points and lines of a run; returns its legend entry."""
    colour = style.colour(i)
    for name in NAMES:
        if name in s.expected:
            how = _line(s.theory, name) | {"color": colour, "gid": f"theory {name} {i}"}
            above.plot(s.line_energy, s.expected[name], **how)
        for face, chosen in (({}, s.settled[name]), (style.HALF, ~s.settled[name])):
            chosen = chosen & (s.kappa[name] > 0)
            how = {"color": colour, "marker": MARKERS[name]} | style.POINTS | style.BARS | face
            drawn = above.errorbar(s.energy[chosen], s.kappa[name][chosen], yerr=s.error[name][chosen], **how)
            drawn[0].set_gid(f"{name} {i} {'half' if face else 'full'}")
    if len(s.expected) == len(NAMES):
        below.plot(s.line_energy, s.expected["perp"] / s.expected["par"], color=colour, linewidth=0.9)
    shown = (s.kappa["par"] > 0) & (s.kappa["perp"] > 0)
    ratio = s.kappa["perp"][shown] / s.kappa["par"][shown]
    error = ratio * np.hypot(*(s.error[name][shown] / s.kappa[name][shown] for name in NAMES))
    both = (s.settled["par"] & s.settled["perp"])[shown]
    for face, chosen in (({}, both), (style.HALF, ~both)):
        how = {"color": colour, "marker": "D"} | style.POINTS | style.BARS | face
        below.errorbar(s.energy[shown][chosen], ratio[chosen], yerr=error[chosen], **how)[0].set_gid(f"ratio {i}")
    label = style.title_text(s.title)
    where = style.title_text(s.path.absolute().name)
    pair = tuple(Line2D([], [], color=colour, marker=marker, **style.POINTS) for marker in MARKERS.values())
    return pair, f"{where}: {label}" if several else label


def _line(theory, name):
    return {"linewidth": 0.9 if theory == KICKS else 1.2, "linestyle": DASHES[theory, name]}


def _frame(above, below, series):
    """Set scales, labels and ticks, and r_g/l_c on top where all runs have it alike."""
    energy = np.concatenate([s.energy for s in series])
    for axes in (above, below):
        axes.set_xscale("log")
        axes.set_yscale("log", nonpositive="clip")
        for axis in (axes.xaxis, axes.yaxis):
            _set_ticks(axis)
        style.ticks_inside(axes)
        axes.tick_params(which="both", right=True)
    beside = LEAST_SPAN**0.5 if np.ptp(energy) == 0 else 2.0  # so that some power of ten is there
    above.set_xlim(energy.min() / beside, energy.max() * beside)
    kappa = np.concatenate([s.kappa[name][s.kappa[name] > 0] for s in series for name in NAMES])
    above.set_ylim(kappa.min() / 4, kappa.max() * 4)
    low, high = below.get_ylim()
    if high < LEAST_SPAN * low:
        below.set_ylim((low * high / LEAST_SPAN) ** 0.5, (low * high * LEAST_SPAN) ** 0.5)
    above.tick_params(labelbottom=False)
    above.set_ylabel(r"$\kappa$ [cm$^2$ s$^{-1}$]", labelpad=2)
    below.set_ylabel(r"$\kappa_\perp/\kappa_\parallel$", labelpad=2)
    below.set_xlabel("energy $E$ [eV]", labelpad=2)
    factor = np.concatenate([s.radius / s.energy for s in series])
    if np.ptp(factor) < 1e-9 * factor[0]:
        ratio = above.secondary_xaxis("top", functions=(lambda x: x * factor[0], lambda x: x / factor[0]))
        ratio.set_xlabel(r"$r_{\rm g}/l_{\rm c}$", labelpad=3)
        _set_ticks(ratio.xaxis)
        style.ticks_inside(ratio)


def _set_ticks(axis):
    axis.set_major_locator(LogLocator(numticks=8))
    axis.set_minor_locator(LogLocator(subs=range(2, 10), numticks=99))
    axis.set_minor_formatter(NullFormatter())


def _keys(series):
    """Legend entries of symbols and lines, in grey."""
    grey = {"color": "0.3"} | style.POINTS
    par, perp = (Line2D([], [], marker=marker, **grey) for marker in MARKERS.values())
    full, half = (Line2D([], [], marker="o", **grey | face) for face in ({}, style.HALF))
    keys = [
        ((par, perp), r"$\kappa_\parallel$, $\kappa_\perp$; bars 1$\sigma$, often within the symbol"),
        ((full, half), "full: converged; half: not, or not known to be"),
    ]
    for theory in dict.fromkeys(s.theory for s in series if s.theory):
        names = next(s for s in series if s.theory == theory).expected
        lines = tuple(Line2D([], [], color="0.3", **_line(theory, name)) for name in names)
        keys.append((lines if len(lines) > 1 else lines[0], theory))
    return keys

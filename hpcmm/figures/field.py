"""Spectrum of the field of transport runs as flown, and the distribution of its strength.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hpcmm.figures import style
from hpcmm.figures.field_rays import read_field_rays
from hpcmm.io.terminal import energy_text


def field_figure(run_directories, output_path):
    """Draw k E_1(k) along lines through each run's field, beside that of its deck; below, the distribution of |B|.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Transport runs.
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.

    Raises
    ------
    InputError
        Naming the directory that holds no such run.
    """
    return style.drawn(output_path, _draw, [read_field_rays(directory) for directory in style.listed(run_directories)])


def _draw(fields):
    legend = style.LEGEND_ROW_INCHES * (len(fields) + 3) + 0.1
    plots, gap, top, bottom = (2.0, 1.5), 0.42, 0.06, 0.36
    height = legend + bottom + sum(plots) + gap + top
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    low = legend + bottom
    below = figure.add_axes((0.165, low / height, 0.795, plots[1] / height))
    above = figure.add_axes((0.165, (low + plots[1] + gap) / height, 0.795, plots[0] / height))
    for i, field in enumerate(fields):
        _draw_spectrum(above, i, field)
        _draw_strength(below, i, field)
    x = np.linspace(0, 3, 301)
    gauss = np.sqrt(2 / np.pi) * 3**1.5 * x**2 * np.exp(-1.5 * x**2)
    below.plot(x, gauss, color=style.THEORY_GREY, linestyle="--", linewidth=0.9, gid="Maxwell")
    _label(above, below)
    points = style.POINTS | {"color": "0.3", "marker": "o"}
    grey = {"color": style.THEORY_GREY, "linewidth": 0.9}
    runs = [
        (Line2D([], [], **points | {"color": style.colour(i), "marker": style.marker(i)}), _text(field))
        for i, field in enumerate(fields)
    ]
    deck = [(Line2D([], [], **grey), "the deck's spectrum, lines of all directions, to the shortest wave")]
    entries = [
        *runs,
        (Line2D([], [], **points), r"along lines in any direction, $\pm1\sigma$ between lines"),
        *(deck if any(field.deck_power is not None for field in fields) else []),
        (Line2D([], [], linestyle="--", **grey), "isotropic Gaussian field without a mean"),
    ]
    style.add_legend(figure, entries)
    return figure


def _draw_spectrum(axes, i, field):
    how = style.POINTS | style.BARS | {"color": style.colour(i), "marker": style.marker(i), "markersize": 2.4}
    drawn = axes.errorbar(field.k * field.l_c, field.k * field.power, field.k * field.error, **how)
    drawn.lines[0].set_gid(f"spectrum {i}")
    if field.deck_power is not None:
        x, y = field.deck_k * field.l_c, field.deck_k * field.deck_power
        axes.plot(x, y, color=style.THEORY_GREY, linewidth=0.9, zorder=1, gid=f"deck {i}")


def _draw_strength(axes, i, field):
    edges = np.linspace(0, max(3.0, field.strength.max()), 61)
    share, _ = np.histogram(field.strength, edges, density=True)
    axes.stairs(share, edges, color=style.colour(i), linewidth=0.9, gid=f"strength {i}")


def _label(above, below):
    above.set_xscale("log")
    above.set_yscale("log")
    above.set_xlabel(r"$k\,l_{\rm c}$", labelpad=1)
    above.set_ylabel(r"$k\,E_1(k)/B_{\rm rms}^2$", labelpad=2)
    low, high = above.get_ylim()
    above.set_ylim(max(low, 1e-5 * high), high)
    below.set_xlabel(r"$|B|/B_{\rm rms}$", labelpad=1)
    below.set_ylabel("probability density", labelpad=2)
    below.set_ylim(bottom=0)
    below.set_xlim(left=0)
    for axes in (above, below):
        style.ticks_inside(axes)
        axes.tick_params(which="both", right=True, top=True)


def _text(field):
    many = f"{field.fields} fields" if field.fields > 1 else "one field"
    name = field.path.absolute().name
    return (f"{style.title_text(name)}: as flown at {energy_text(field.energy)}, {many}, "
            rf"$\delta B/B_{{\rm rms}}={field.rms:.3g}$")  # fmt: skip

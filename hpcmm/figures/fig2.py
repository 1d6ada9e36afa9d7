"""Figure 2: kappa of cosmic rays through snapshots of micromirrors against r_g, beside the paper's equations.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from hpcmm.errors import InputError
from hpcmm.figures import style
from hpcmm.figures.snapshot_points import read_snapshot_points, reference_of
from hpcmm.theory import EV, energy_of_gyroradius
from hpcmm.theory.constants import PARSEC, C

FACES = {
    "hollow": {"markerfacecolor": "white"},
    "half": {"fillstyle": "left", "markerfacecoloralt": "white"},
    "full": {},
}
"""Hollow: few waves; half: not converged."""

BANDS = {"par": (0.6, 1.6), "perp": (0.5, 1.2)}
"""kappa over quasi-linear theory in boxes of many waves at dB/B > .3, within which agreement is said."""

MARKERS = {"par": "o", "perp": "v"}


def snapshot_figure(run_directories, output_path):
    """Draw kappa along and across the mean field against r_g in it, and below both over quasi-linear theory.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Runs of transport through one snapshot each, filtered or not; the unfiltered one of largest dB/B sets l_mm,
        the unit of the axis, and the vertical lines.
    output_path : path
        Image to write; its suffix names the format. It appears whole or not at all.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If a run is none of these, or its snapshot is gone.
    """
    series = [read_snapshot_points(directory) for directory in style.listed(run_directories)]
    return style.drawn(output_path, _draw, series, reference_of(series))


def _draw(series, reference):
    rows = len(series) + 7
    legend, upper, lower, gap, top, bottom = style.LEGEND_ROW_INCHES * rows + 0.08, 2.9, 1.1, 0.07, 0.36, 0.36
    height = legend + bottom + lower + gap + upper + top
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    below = figure.add_axes((0.155, (legend + bottom) / height, 0.70, lower / height))
    above = figure.add_axes((0.155, (legend + bottom + lower + gap) / height, 0.70, upper / height), sharex=below)
    entries = [_draw_series(above, below, s, i, reference) for i, s in enumerate(series)]
    _frame(above, below, series, reference)
    style.add_legend(figure, entries + _lengths(above, below, reference) + _keys(series))
    return figure


def _draw_series(above, below, s, i, reference):
    """Draw points and lines of one snapshot; returns its legend entry."""
    colour = "0.4" if s.left is not None else style.colour(i)
    line = np.geomspace(s.l_mm, 1.6 * max(s.r_g.max(), s.l_mm), 50)
    for name, marker in MARKERS.items():
        factor = s.linear[name][-1] / (s.r_g[-1] ** 2 if name == "par" else 1.0)
        linear = factor * (line**2 if name == "par" else np.ones_like(line))
        above.plot(line / reference.l_mm, linear, color=colour, linewidth=0.9, gid=f"quasi-linear {name} {i}")
        if s.left is None:
            dashes = {"par": "--", "perp": "-."}[name]
            how = {
                "color": colour,
                "linewidth": 0.8,
                "linestyle": dashes,
                "gid": f"eq {'4' if name == 'par' else '6'} {i}",
            }
            above.plot(line / reference.l_mm, s.printed(line)[name], **how)
        for face, chosen in _faces(s, name).items():
            x, kappa, error = s.r_g[chosen] / reference.l_mm, s.kappa[name][chosen], s.error[name][chosen]
            how = {"color": colour, "marker": marker} | style.POINTS | style.BARS | FACES[face]
            above.errorbar(x, kappa, yerr=error, **how)[0].set_gid(f"{name} {i} {face}")
            chosen = chosen & s.straight
            theory = s.linear[name][chosen]
            apart = {"par": 1.0, "perp": 1.06}[name] * 1.03**i
            x = s.r_g[chosen] / reference.l_mm * apart
            below.errorbar(x, s.kappa[name][chosen] / theory, yerr=s.error[name][chosen] / theory, **how)
    both = tuple(Line2D([], [], color=colour, marker=marker, **style.POINTS) for marker in MARKERS.values())
    mirrors = rf"$\delta B_\parallel/B={s.dB_over_B:.2g}$, $l_{{\rm mm}}={s.l_mm:.3g}\,r_{{\rm gi0}}$, "
    lost = sum(int((~(s.kappa[name] > 0)).sum()) for name in MARKERS)
    note = f" ({lost} not positive, not shown)" if lost else ""
    return both, f"{style.title_text(s.title)}: {mirrors}{s.carriers:.0f} waves{note}"


def _faces(s, name):
    """How each point is drawn -> which are."""
    there = s.kappa[name] > 0
    settled = s.converged[name]
    few = np.full(len(s.r_g), s.few)
    return {"hollow": there & few, "half": there & ~few & ~settled, "full": there & ~few & settled}


def _frame(above, below, series, reference):
    """Set scales, limits and labels; E above, kappa in cm2/s at the right."""
    kappa = np.concatenate([s.kappa[name][s.kappa[name] > 0] for s in series for name in MARKERS])
    if not len(kappa):
        raise InputError(f"{reference.path}: no kappa in it is positive: nothing to draw")
    r_g = np.concatenate([s.r_g for s in series]) / reference.l_mm
    above.set_xscale("log")
    above.set_yscale("log", nonpositive="clip")
    below.set_yscale("log", nonpositive="clip")
    above.set_xlim(0.7 * min(r_g.min(), reference.spacing.min() / reference.l_mm),
                   1.5 * max(r_g.max(), reference.box.max() / reference.l_mm))  # fmt: skip
    above.set_ylim(10.0 ** np.floor(np.log10(kappa.min() / 2)), 10.0 ** np.ceil(np.log10(2 * kappa.max())))
    below.set_ylim(0.25, 7.0)
    for low, high in BANDS.values():
        below.axhspan(low, high, color=style.BAND_COLOUR, alpha=0.18, linewidth=0)
    below.axhline(1.0, color="0.2", linewidth=0.7)
    above.set_ylabel(r"$\kappa\ [c\,r_{\rm gi0}]$", labelpad=2)
    below.set_ylabel("over quasi-\nlinear theory", labelpad=2)
    below.set_xlabel(r"$r_{\rm g}/l_{\rm mm}$, $r_{\rm g}$ in the mean field", labelpad=2)
    mev = reference.l_mm * energy_of_gyroradius(reference.unit, reference.B, reference.Z) / (1e6 * EV)
    energy = above.secondary_xaxis("top", functions=(lambda x: x * mev, lambda x: x / mev))
    npc = reference.unit / PARSEC * 1e9
    energy.set_xlabel(
        rf"$E=pc$ [MeV] for $r_{{\rm gi0}}={npc:.3g}$ npc, $B={reference.B * 1e6:.3g}\,\mu$G, $Z={reference.Z}$",
        labelpad=3,
    )
    cgs = C * reference.unit
    right = above.secondary_yaxis("right", functions=(lambda y: y * cgs, lambda y: y / cgs))
    right.set_ylabel(r"$\kappa$ [cm$^2$ s$^{-1}$]", labelpad=2)
    for axes in (above, below):
        style.ticks_inside(axes)
    above.tick_params(labelbottom=False)
    for axis in (above.yaxis, right.yaxis):
        axis.set_major_locator(LogLocator(numticks=12))
        axis.set_minor_formatter(NullFormatter())
    below.yaxis.set_minor_formatter(NullFormatter())
    below.set_yticks([0.3, 1.0, 3.0], ["0.3", "1", "3"])
    for axis in (energy, right):
        style.ticks_inside(axis)
    where = above.get_yaxis_transform()
    for name, s in (("par", reference), ("perp", reference)):
        y = s.kappa[name][np.argmax(s.r_g)]
        above.text(
            0.985, y, rf"$\kappa_\{'parallel' if name == 'par' else 'perp'}$", transform=where, ha="right", va="center"
        )


def _lengths(above, below, reference):
    """Vertical lines of l_mm, of the grid and of the box; returns legend entries."""
    entries = []
    lines = (
        (
            [reference.l_mm],
            {"color": style.RUN_COLOURS[4], "linewidth": 1.2},
            r"$l_{\rm mm}=2\langle 1/k_\perp\rangle$",
        ),
        (
            reference.spacing,
            {"color": "#7A4BA0", "linewidth": 0.7, "linestyle": ":"},
            "spacing of the grid, three axes",
        ),
        (reference.box, {"color": "#7A4BA0", "linewidth": 0.7, "linestyle": "-."}, "sides of the box"),
    )
    for lengths, how, text in lines:
        for length in np.unique(np.round(lengths, 9)):
            for axes in (above, below):
                axes.axvline(length / reference.l_mm, zorder=0, **how)
        entries.append((Line2D([], [], **how), text))
    pair = (entries[1][0], entries[2][0])
    return [entries[0], (pair, "spacing of the grid (dotted), sides of the box (dash-dotted)")]


def _keys(series):
    grey = {"color": "0.3", "linewidth": 0.9}
    points = {"color": "0.3", "marker": "o"} | style.POINTS
    par, perp = (Line2D([], [], **points | {"marker": marker}) for marker in MARKERS.values())
    entries = [
        (Line2D([], [], **grey), "quasi-linear theory of the snapshot's own waves"),
        (
            tuple(Line2D([], [], linestyle=dashes, **grey) for dashes in ("--", "-.")),
            r"eq. (5), eq. (6) with the measured $l_{\rm mm}$, $\delta B_\parallel/B$",
        ),
        ((par, perp), r"$\kappa_\parallel$, $\kappa_\perp$; bars 1$\sigma$, without the scatter of snapshots"),
    ]
    faces = [(face, _any(series, face)) for face in ("half", "hollow")]
    words = {"half": "half: not converged", "hollow": "hollow: few waves carry the power"}
    shown = [face for face, any_ in faces if any_]
    if shown:
        handles = tuple(Line2D([], [], **points | FACES[face]) for face in shown)
        entries.append((handles if len(handles) > 1 else handles[0], "; ".join(words[face] for face in shown)))
    return entries


def _any(series, face):
    return any(_faces(s, name)[face].any() for s in series for name in MARKERS)

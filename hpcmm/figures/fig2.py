"""Figure 2: kappa of cosmic rays through snapshots of micromirrors against r_g, beside the paper's equations.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter

from hpcmm.errors import InputError
from hpcmm.figures import style
from hpcmm.figures.snapshot_points import read_snapshot_points, reference_of
from hpcmm.theory import EV, energy_of_gyroradius
from hpcmm.theory.constants import PARSEC, C

FACES = {
    "hollow": {"markerfacecolor": "white"},
    "half": style.HALF,
    "full": {},
}
"""Hollow: few waves, or too weak to scatter through 90 degrees; half: not converged; full: converged or undecided."""

BANDS = {"par": (0.6, 1.6), "perp": (0.5, 1.2)}
"""kappa over quasi-linear theory in boxes of many waves at dB/B > .3, within which agreement is said."""

MARKERS = (("o", "v"), ("s", "^"))
"""Symbols that mark kappa_par and kappa_perp of a snapshot; snapshots take the pairs in turn."""

FILTERED = (("0.4", ("D", "d")), ("0.65", ("P", "X")))
"""The same of fields without micromirrors, and their shades."""

NAMES = ("par", "perp")


def snapshot_figure(run_directories, output_path):
    """Draw kappa along and across the mean field against r_g in it, and below both over quasi-linear theory.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Runs of transport through one snapshot each, filtered or not; the unfiltered one of largest dB/B sets l_mm,
        the unit of the axis, and the vertical lines.
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.

    Raises
    ------
    InputError
        If a run is none of these, or its snapshot is gone.
    """
    series = [read_snapshot_points(directory) for directory in style.listed(run_directories)]
    return style.drawn(output_path, _draw, series, reference_of(series))


def _draw(series, reference):
    keys = _keys(series)
    rows = len(series) + len(_LENGTHS) + len(keys)
    legend, upper, lower, gap, top, bottom = style.LEGEND_ROW_INCHES * rows + 0.08, 2.9, 1.1, 0.07, 0.36, 0.36
    height = legend + bottom + lower + gap + upper + top
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    below = figure.add_axes((0.155, (legend + bottom) / height, 0.70, lower / height))
    above = figure.add_axes((0.155, (legend + bottom + lower + gap) / height, 0.70, upper / height), sharex=below)
    entries = [_draw_series(above, below, s, i, _look(series, i), reference) for i, s in enumerate(series)]
    _frame(above, below, series, reference)
    style.add_legend(figure, entries + _lengths(above, below, reference) + keys)
    return figure


def _draw_series(above, below, s, i, look, reference):
    """Draw points and lines of one snapshot; returns its legend entry."""
    colour, markers = look
    line = np.geomspace(s.l_mm, 1.6 * max(s.r_g.max(), s.l_mm), 50)
    for name, marker in zip(NAMES, markers, strict=True):
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
    both = tuple(Line2D([], [], color=colour, marker=marker, **style.POINTS) for marker in markers)
    mirrors = rf"$\delta B_\parallel/B={s.dB_over_B:.2g}$, $l_{{\rm mm}}={s.l_mm:.3g}\,r_{{\rm gi0}}$, "
    lost = sum(int((~(s.kappa[name] > 0)).sum()) for name in NAMES)
    note = f" ({lost} not positive, not shown)" if lost else ""
    return both, f"{style.title_text(s.title)}: {mirrors}{s.carriers:.0f} waves{note}"


def _look(series, i):
    """Colour and symbols of a snapshot."""
    if series[i].left is None:
        return style.colour(i), MARKERS[i % len(MARKERS)]
    return FILTERED[sum(s.left is not None for s in series[:i]) % len(FILTERED)]


def _faces(s, name):
    """How each point is drawn -> which are."""
    there = s.kappa[name] > 0
    settled = s.flag[name] != "no"
    hollow = s.doubtful & s.straight if name == "par" else np.full(len(s.r_g), s.few)
    return {"hollow": there & hollow, "half": there & ~hollow & ~settled, "full": there & ~hollow & settled}


def _frame(above, below, series, reference):
    """Set scales, limits and labels; E above, kappa in cm2/s at the right."""
    kappa = np.concatenate([s.kappa[name][s.kappa[name] > 0] for s in series for name in NAMES])
    if not len(kappa):
        raise InputError(f"{reference.path}: no kappa in it is positive: nothing to draw")
    r_g = np.concatenate([s.r_g for s in series]) / reference.l_mm
    above.set_xscale("log")
    above.set_yscale("log", nonpositive="clip")
    below.set_yscale("log", nonpositive="clip")
    above.set_xlim(0.7 * min(r_g.min(), reference.spacing.min() / reference.l_mm),
                   1.5 * max(r_g.max(), reference.box.max() / reference.l_mm))  # fmt: skip
    above.set_ylim(10.0 ** np.floor(np.log10(kappa.min() / 2)), 10.0 ** np.ceil(np.log10(2 * kappa.max())))
    below.set_ylim(0.25, 14.0)
    for low, high in BANDS.values():
        below.axhspan(low, high, color=style.BAND_COLOUR, alpha=0.18, linewidth=0)
    below.axhline(1.0, color="0.2", linewidth=0.7)
    _other_axes(above, reference)
    above.set_ylabel(r"$\kappa\ [c\,r_{\rm gi0}]$", labelpad=2)
    below.set_ylabel("over quasi-\nlinear theory", labelpad=2)
    below.set_xlabel(r"$r_{\rm g}/l_{\rm mm}$, $r_{\rm g}$ in the mean field", labelpad=2)
    above.tick_params(labelbottom=False)
    below.yaxis.set_minor_formatter(NullFormatter())
    below.set_yticks([0.3, 1.0, 3.0, 10.0], ["0.3", "1", "3", "10"])
    for axes in (above, below):
        style.ticks_inside(axes)
    place = {"transform": above.get_yaxis_transform(), "ha": "right", "va": "center", "fontsize": 8}
    for name, text in (("par", r"$\kappa_\parallel$"), ("perp", r"$\kappa_\perp$")):
        y = reference.kappa[name][np.argmax(reference.r_g)]
        above.text(0.98, y, text, bbox={"color": "white", "pad": 0.6}, **place)


def _other_axes(above, reference):
    """Draw E on top, kappa in cm2/s at the right."""
    mev = reference.l_mm * energy_of_gyroradius(reference.unit, reference.B, reference.Z) / (1e6 * EV)
    energy = above.secondary_xaxis("top", functions=(lambda x: x * mev, lambda x: x / mev))
    units = rf"$r_{{\rm gi0}}={reference.unit / PARSEC * 1e9:.3g}$ npc, $B={reference.B * 1e6:.3g}\,\mu$G"
    energy.set_xlabel(rf"$E=pc$ [MeV] for {units}, $Z={reference.Z}$", labelpad=3)
    cgs = C * reference.unit
    right = above.secondary_yaxis("right", functions=(lambda y: y * cgs, lambda y: y / cgs))
    right.set_ylabel(r"$\kappa$ [cm$^2$ s$^{-1}$]", labelpad=2)
    for axis in (above.yaxis, right.yaxis):
        axis.set_major_locator(LogLocator(numticks=12))
        axis.set_minor_formatter(NullFormatter())
    for axis in (energy, right):
        style.ticks_inside(axis)


_LENGTHS = {
    r"$l_{\rm mm}=2\langle 1/k_\perp\rangle$": {"color": style.RUN_COLOURS[4], "linewidth": 1.2},
    "spacing of the grid, along its axes": {"color": "#7A4BA0", "linewidth": 0.7, "linestyle": ":"},
    "sides of the box": {"color": "#7A4BA0", "linewidth": 0.7, "linestyle": "-."},
}


def _lengths(above, below, reference):
    """Draw vertical lines of l_mm, of the grid and of the box; returns legend entries."""
    for lengths, how in zip(([reference.l_mm], reference.spacing, reference.box), _LENGTHS.values(), strict=True):
        for length in np.unique(np.round(lengths, 9)):
            for axes in (above, below):
                axes.axvline(length / reference.l_mm, zorder=0, **how)
    return [(Line2D([], [], **how), text) for text, how in _LENGTHS.items()]


def _keys(series):
    grey = {"color": "0.3", "linewidth": 0.9}
    points = {"color": "0.3", "marker": "o"} | style.POINTS
    par, perp = (Line2D([], [], **points | {"marker": marker}) for marker in MARKERS[0])
    entries = [
        (Line2D([], [], **grey), "quasi-linear theory of the snapshot's own waves"),
        (
            tuple(Line2D([], [], linestyle=dashes, **grey) for dashes in ("--", "-.")),
            r"eq. (5), eq. (6) with the measured $l_{\rm mm}$, $\delta B_\parallel/B$",
        ),
        ((par, perp), r"$\kappa_\parallel$, $\kappa_\perp$; bars 1$\sigma$, without the scatter of snapshots"),
    ]
    words = {"half": "half: not converged", "hollow": "hollow: waves too weak, or few"}
    shown = [face for face in words if any(_faces(s, name)[face].any() for s in series for name in NAMES)]
    if shown:
        handles = tuple(Line2D([], [], **points | FACES[face]) for face in shown)
        entries.append((handles, "; ".join(words[face] for face in shown)))
    bands = ", ".join(f"{low:g} to {high:g}" for low, high in BANDS.values())
    patch = Patch(color=style.BAND_COLOUR, alpha=0.3, linewidth=0)
    return [*entries, (patch, rf"wanted at $\delta B/B>0.3$ of many waves: {bands}")]

"""Effective media: kappa and its components against filling fraction, between their bounds; from kappa.ecsv alone.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from hpcmm import theory
from hpcmm.figures import style
from hpcmm.figures.medium_points import APART, AXES, PHASES, REFERENCES, read_medium_points, share

_LEFT, _WIDTH = 0.145, 0.825

CELLS = {"linewidth": 4.0, "alpha": 0.3, "zorder": 2}
"""How bounds of the cells look."""

ASIDE = {"iso": 0.0, "xx": -0.018, "yy": 0.0, "zz": 0.018}
"""Shift of symbols along the axis of fractions: two components of layers have one value."""

LINES = {"harmonic": {"linestyle": "-", "linewidth": 1.1}, "arithmetic": {"linestyle": ":", "linewidth": 1.1}}

LETTERS = {"markersize": 4.4, "markeredgewidth": 0.25}
"""How symbols that are letters look, beside those of points."""

NARROW = 30.0
"""Largest over least kappa up to which the axis has numbers between powers of ten."""

MOST_IN_TEXT = 24
"""Characters of a directory's name in the legend."""


def medium_figure(run_directories, output_path):
    """Draw kappa over that of the background against filling fraction, and its way from harmonic to arithmetic mean.

    Upper panel: kappa_iso with its error, between the bounds of the cells, and components where they differ by more
    than their errors; harmonic and arithmetic mean, Hashin and Shtrikman's bounds. Lower panel: ln(kappa/harmonic) /
    ln(arithmetic/harmonic), which is between 0 and 1 for any medium. Where there is but one filling fraction, kappa_iso
    and the components stand side by side.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Finished runs of kind "effective_medium".
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.
    """
    media = read_medium_points(style.listed(run_directories))
    return style.drawn(output_path, draw, media)


def draw(media):
    """Draw the figure of a list of MediumPoints, at least one."""
    alone = all(len(medium.fraction) == 1 for medium in media)
    alone &= len({f"{medium.fraction[0]:.3f}" for medium in media}) == 1
    entries = _entries(media, alone)
    legend, lower, gap, upper = style.LEGEND_ROW_INCHES * len(entries) + 0.07, 1.0, 0.07, 2.3
    height = legend + 0.36 + lower + gap + upper + 0.06
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    below = figure.add_axes((_LEFT, (legend + 0.36) / height, _WIDTH, lower / height))
    above = figure.add_axes((_LEFT, (legend + 0.36 + lower + gap) / height, _WIDTH, upper / height), sharex=below)
    _label(above, below, media, alone)
    _draw_references(above, below, media, alone)
    for i, medium in enumerate(media):
        _draw_medium(above, below, medium, i, i - (len(media) - 1) / 2, alone)
    style.add_legend(figure, entries)
    return figure


def _label(above, below, media, alone):
    _set_range(above, media, alone)
    unit = r"\kappa_{\rm background}" if media[0].phases else r"\langle\kappa\rangle"
    above.set_ylabel(rf"$\kappa/{unit}$" + (r" along $B$" if all(m.anisotropic for m in media) else ""), labelpad=1)
    below.set_ylabel("share of the way\nin $\\ln\\kappa$", labelpad=2)
    below.set_ylim(-0.12, 1.12)
    below.set_yticks([0.0, 0.5, 1.0])
    for level, name in enumerate(LINES):
        below.axhline(level, color="0.3", zorder=0, **LINES[name] | {"linewidth": 0.7})
    if alone:
        below.set_xlim(-0.5, len(AXES) + 0.5)
        below.set_xticks(range(len(AXES) + 1), [r"$\kappa_{\rm iso}$", *(rf"$\kappa_{{{axis}}}$" for axis in AXES)])
        below.tick_params(axis="x", top=False, bottom=False)
        f = media[0].fraction[0]
        below.set_xlabel(f"at a volume fraction of patches $f={f:.4g}$" if np.isfinite(f) else "of a file of $\\kappa$")
    else:
        below.set_xlim(-0.045, 1.045)
        below.set_xlabel("volume fraction of patches $f$", labelpad=2)
    above.tick_params(labelbottom=False)
    for axes in (above, below):
        style.ticks_inside(axes)


def _set_range(axes, media, alone):
    """Set the range of kappa, with numbers at 1, 2 and 5 where it is narrow."""
    values = [value for m in media for value in (m.kappa, m.lower, m.upper, *(m.references[n] for n in LINES))]
    values += [m.components[:, m.distinct | alone].ravel() for m in media]
    values += [[m.contrast, 1.0] for m in media if m.contrast and not alone]
    values = np.concatenate(values)
    values = values[np.isfinite(values) & (values > 0)]
    axes.set_yscale("log", nonpositive="clip")
    axes.set_ylim(values.min() / 1.5, values.max() * 1.5)
    axes.yaxis.set_minor_formatter(NullFormatter())
    if values.max() < NARROW * values.min():
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _references(medium, alone):
    """Places and values of the references: a level each, or curves of the filling fraction; with kappa_perp between the
    rows of the table.
    """
    if alone:
        ends = np.array([-1.0, len(AXES) + 1.0])
        return ends, {name: np.repeat(medium.references[name][0], 2) for name in REFERENCES}
    if medium.contrast is None:  # the arithmetic mean is a line of f, as the trace knows no direction
        rows, known = medium.fraction, medium.references
        f = np.union1d(np.linspace(rows[0], rows[-1], 401), rows)
        means = 1 / np.interp(f, rows, 1 / known["harmonic"]), np.interp(f, rows, known["arithmetic"])
        return f, dict(zip(REFERENCES, (*means, *np.full((2, len(f)), np.nan)), strict=True))
    f = np.linspace(0.0, 1.0, 401)
    means = (mean(medium.contrast, 1.0, f) for mean in (theory.kappa_harmonic, theory.kappa_arithmetic))
    return f, dict(zip(REFERENCES, (*means, *theory.hashin_shtrikman_bounds(medium.contrast, 1.0, f)), strict=True))


def _groups(media):
    """First medium of each set of references -> its number: with kappa_perp every run has its own."""
    found = {}
    for i, medium in enumerate(media):
        found.setdefault(i if medium.contrast is None else f"{medium.contrast:.6g}", i)
    return list(found.values())


def _draw_references(above, below, media, alone):
    firsts = _groups(media)
    for i in firsts:
        x, values = _references(media[i], alone)
        colour = "0.2" if len(firsts) == 1 else style.colour(i)
        for name, how in LINES.items():
            lone = {"marker": "_", "markersize": 7} if len(x) == 1 else {}
            above.plot(x, values[name], color=colour, zorder=1, gid=f"{name} {i}", **how | lone)
        band = {"color": style.BAND_COLOUR if len(firsts) == 1 else colour, "linewidth": 0, "zorder": 0}
        band["alpha"] = 0.3 if len(firsts) == 1 else 0.12
        bounds = values["hs_lower"], values["hs_upper"]
        if np.isfinite(bounds[0]).any():
            above.fill_between(x, *bounds, gid=f"Hashin-Shtrikman {i}", **band)
            below.fill_between(x, *(share(bound, values) for bound in bounds), **band)


def _draw_medium(above, below, medium, i, side, alone):
    """Draw the points of a run in both panels, ``side`` places aside from the others."""
    means = medium.references
    rows = [("iso", medium.kappa, medium.error), *zip(AXES, medium.components, medium.component_error, strict=True)]
    for column, (name, kappa, error) in enumerate(rows):
        shown = medium.distinct | alone | (name == "iso")
        kappa, error = (np.where(shown, values, np.nan) for values in (kappa, error))
        x = np.array([column + 0.14 * side]) if alone else medium.fraction + 0.008 * side + ASIDE[name]
        how = {"color": style.colour(i), "marker": style.marker(i)} | style.POINTS | style.BARS
        if name != "iso":
            how |= {"markerfacecolor": "white"} if alone else LETTERS | {"marker": f"${name[0]}$"}
        panels = [(above, kappa, error, "")]
        if name == "iso" or not medium.anisotropic:  # <K> and <1/K> of a component are not in the table
            panels.append((below, share(kappa, means), share(kappa + error, means) - share(kappa, means), "share "))
        for axes, y, bar, gid in panels:
            drawn = axes.errorbar(x, y, np.where(bar > 0, bar, np.nan), **how)
            drawn.lines[0].set_gid(f"{gid}{name} {i}")
        if name == "iso" and np.isfinite(medium.lower).any():
            bounds = np.array([medium.lower, medium.upper])
            above.vlines(x, *bounds, color=style.colour(i), gid=f"cells {i}", **CELLS)
            below.vlines(x, *share(bounds, means), color=style.colour(i), **CELLS)


def _entries(media, alone):
    """Entries of the legend: a row a run, then what is drawn."""
    entries = [
        (Line2D([], [], color=style.colour(i), marker=style.marker(i), **style.POINTS), _name(medium, media))
        for i, medium in enumerate(media)
    ]
    grey = {"color": "0.3"}
    if _one_pair(media) and media[0].phases:
        entries.append((Line2D([], [], color="none"), _phases(media[0])))
    if not alone and any(medium.distinct.any() for medium in media):
        letters = tuple(Line2D([], [], marker=f"${axis[0]}$", **grey | style.POINTS | LETTERS) for axis in AXES)
        words = r"$\kappa_{xx}$, $\kappa_{yy}$, $\kappa_{zz}$ where they differ by more than "
        entries.append((letters, f"{words}{APART:g} errors"))
    if any(np.isfinite(medium.lower).any() for medium in media):
        cells = Line2D([], [], **grey | CELLS)
        entries.append((cells, r"bounds of the medium of these cells; bars: 1$\sigma$ between realizations"))
    if any(medium.anisotropic for medium in media):
        entries.append(
            (Line2D([], [], color="none"), r"with $\kappa_\perp$, bars: 1$\sigma$ and difference of two grids")
        )
    harmonic, arithmetic = (Line2D([], [], color="0.2", **LINES[name]) for name in LINES)
    tensors = r"; with $\kappa_\perp$ of traces" if any(medium.anisotropic for medium in media) else ""
    entries.append(((harmonic, arithmetic), f"harmonic mean, eq. (11); arithmetic mean{tensors}"))
    if any(np.isfinite(medium.references["hs_lower"]).any() for medium in media):
        band = Patch(color=style.BAND_COLOUR, alpha=0.3, linewidth=0)
        entries.append((band, "Hashin-Shtrikman bounds, of isotropic media of two phases"))
    return entries


def _name(medium, media):
    """Text of the legend for a run: its title, of several its directory, and the phases where they differ."""
    title = style.title_text(medium.title)
    if len(media) == 1:
        return title
    name = style.title_text(medium.path.absolute().name[:MOST_IN_TEXT])
    return f"{name}: {title if _one_pair(media) else _phases(medium)}"


def _one_pair(media):
    """True if all media are of the same two phases."""
    return len({tuple(medium.phases.items()) for medium in media}) == 1


def _phases(medium):
    """The phases in words: kappa in patches and across the field over that of the background."""
    numbers = ", ".join(rf"${PHASES[name]}={value:.3g}$" for name, value in medium.phases.items())
    return rf"{numbers} of $\kappa_{{\rm background}}$"

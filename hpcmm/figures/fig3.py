"""Figure 3: kappa against energy, beside the paper's equations; drawn from product files only.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from hpcmm import theory
from hpcmm.errors import InputError
from hpcmm.figures import style
from hpcmm.figures.kappa_points import read_kappa_points
from hpcmm.theory import EV

# equation (7): exponent -> its label, where on the visible part of the line, and whether above it
RESONANT_LINES = {
    0.0: (r"$\delta=0$", 0.55, True),
    1 / 3: (r"$\delta=1/3$", 0.55, True),
    1 / 2: (r"$\delta=1/2$", 0.55, False),
    1.0: (r"Bohm, $\delta=1$", 0.42, False),
}
BAND_DELTAS = (1 / 2, 1 / 3)

FIG_3_ENERGY = (1e9, 1e21)
"""Energies the paper's figure 3 spans [eV]."""


def kappa_figure(run_directories, output_path):
    """Draw kappa(E) in the layout of the paper's figure 3.

    Points are kappa_trace, <dr^2>/2t as equation (20) is printed (3 kappa_iso; docs/physics.md 1.3), of runs on field
    lines kappa_par. Lines: equation
    (5) with exact constants, (7) for delta = 0, 1/3, 1/2, 1 (Bohm), (11) for each f_mm < 1 among the runs with
    delta = 1/3, (18); band: equation (9) between delta = 1/2 and 1/3. Lines of micromirrors are left out where
    no run has any.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Directories with a kappa.ecsv; each has a symbol of its own, but that of scattering alone at the same f_mm.
    output_path : path
        Image to write; its suffix names the format. It appears whole or not at all.

    Runs of media that differ are drawn without lines, which belong to one medium; the legend names the media.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, as drawn.

    Raises
    ------
    InputError
        Naming the file, where a table is missing or malformed.
    """
    runs = [read_kappa_points(directory) for directory in style.listed(run_directories)]
    medium, micromirrors = _shared(runs)
    with matplotlib.rc_context(style.STYLE):
        figure, axes = _empty_figure(runs, medium, micromirrors)
        theory_entries = _draw_theory(axes, runs, medium, micromirrors) if medium else []
        style.add_legend(figure, _draw_points(axes, runs) + theory_entries)
        style.write(figure, Path(output_path))
    return figure


def _shared(runs):
    """Medium and micromirrors that all runs share; None where they differ, as the lines belong to one medium."""
    medium = runs[0].medium
    with_mirrors = [run for run in runs if run.micromirrors]
    micromirrors = with_mirrors[0].micromirrors if with_mirrors else None
    one = all(_same(run.medium, medium) for run in runs)
    one = one and all(_same(run.micromirrors, micromirrors) for run in with_mirrors)
    return (medium, micromirrors) if one else (None, None)


def _same(left, right):
    return all(np.isclose(left[key], right[key], rtol=1e-9) for key in left)


def _empty_figure(runs, medium, micromirrors):
    """Make figure and axes with their ranges and labels, and space for the legend below."""
    rows = len(_groups(runs)) + any(run.scattering_only for run in runs) + 3
    rows += 2 + len(_partial_fractions(runs)) if micromirrors else 0
    legend, plot, top, bottom = style.LEGEND_ROW_INCHES * rows + 0.05, 2.75, 0.38, 0.36
    height = legend + plot + top + bottom
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.165, (legend + bottom) / height, 0.815, plot / height))

    points = [run.energy[run.drawable] for run in runs]
    if not any(len(energies) for energies in points):
        raise InputError(f"{runs[0].path}: no kappa in it is positive: nothing to draw")
    energy = np.concatenate([*points, FIG_3_ENERGY if medium else []])
    axes.set_xscale("log")
    axes.set_yscale("log", nonpositive="clip")
    axes.set_xlim(energy.min() / 2, energy.max() * 2)
    lowest = FIG_3_ENERGY[0] * EV
    kappa = [run.kappa[run.drawable] for run in runs]
    if medium:
        kappa.append([theory.kappa_res(lowest, 0.5, **medium), theory.kappa_res(lowest, 0.0, **medium)])
    if micromirrors:
        kappa.append([theory.kappa_mm(lowest, **_mirror_medium(medium, micromirrors))])
    kappa = np.concatenate(kappa)
    axes.set_ylim(10.0 ** np.floor(np.log10(kappa.min() / 10)), 10.0 ** np.ceil(np.log10(kappa.max() * 3)))
    _set_labels(axes, medium)
    return figure, axes


def _set_labels(axes, medium):
    """Set axis labels and ticks, and the axis of r_g / l_c on top."""
    axes.set_xlabel("energy $E$ [eV]", labelpad=2)
    axes.set_ylabel(
        "diffusion coefficient $\\kappa$ [cm$^2$ s$^{-1}$]\n"
        r"points: $\kappa_{\rm trace}=\langle\Delta r^2\rangle/2t$,"
        r" eq. (20) as printed ($=3\,\kappa_{\rm iso}$)",
        labelpad=2,
    )
    if medium is None:
        _set_ticks(axes, axes.xaxis, axes.yaxis)
        return
    energy_at_l_c = theory.energy_of_gyroradius(medium["l_c"], medium["B"], medium["Z"]) / EV
    ratio = axes.secondary_xaxis("top", functions=(lambda x: x / energy_at_l_c, lambda x: x * energy_at_l_c))
    ratio.set_xlabel(r"$r_{\rm g}/l_{\rm c}$", labelpad=3)
    _set_ticks(axes, axes.xaxis, axes.yaxis, ratio.xaxis)
    style.ticks_inside(ratio)


def _set_ticks(axes, *all_axes):
    for axis in all_axes:
        axis.set_major_locator(LogLocator(numticks=8))
        axis.set_minor_locator(LogLocator(numticks=99))
        axis.set_minor_formatter(NullFormatter())
    style.ticks_inside(axes)
    axes.tick_params(which="both", right=True)


def _mirror_medium(medium, micromirrors):
    return {"Z": medium["Z"], "B": medium["B"]} | micromirrors


def _partial_fractions(runs):
    """Micromirror fractions for which equation (11) differs from (5) and from (7), from high to low."""
    return sorted({run.f_mm for run in runs if 0 < run.f_mm < 1}, reverse=True)


def _draw_theory(axes, runs, medium, micromirrors):
    """Draw lines and band of the paper's equations, each artist's gid naming its own; returns legend entries."""
    x = np.geomspace(*axes.get_xlim(), 400)
    for delta, label in RESONANT_LINES.items():
        kappa = theory.kappa_res(x * EV, delta, **medium)
        how = {"color": style.THEORY_GREY, "linestyle": "-.", "linewidth": 0.8}
        (resonant,) = axes.plot(x, kappa, gid=f"eq 7 delta={delta:.3g}", **how)
        _label_line(axes, resonant, *label)

    how = {"color": style.THEORY_GREY, "linestyle": ":", "linewidth": 1.0}
    (streaming,) = axes.plot(x, np.full_like(x, theory.kappa_st()), gid="eq 18", **how)
    entries = _draw_micromirrors(axes, x, runs, medium, micromirrors) if micromirrors else []
    return [
        *entries,
        (resonant, r"resonant scattering $\kappa_{\rm res}$, eq. (7)"),
        (streaming, r"streaming $\kappa_{\rm st}$, eq. (18): $l_{\rm A}=1$ kpc, $v_{\rm A}=100$ km s$^{-1}$"),
    ]


def _draw_micromirrors(axes, x, runs, medium, micromirrors):
    kappa_mm = theory.kappa_mm(x * EV, **_mirror_medium(medium, micromirrors))
    (line,) = axes.plot(x, kappa_mm, gid="eq 5", color="0.25", linestyle="--", linewidth=1.1)
    entries = [(line, r"micromirrors $\kappa_{\rm mm}$, eq. (5); eq. (11) for $f_{\rm mm}=1$ is the same")]

    kappa_res = theory.kappa_res(x * EV, 1 / 3, **medium)
    for f_mm in _partial_fractions(runs):
        colour, _ = _style_of(runs, next(_group_of(run, runs) for run in runs if run.f_mm == f_mm))
        kappa = theory.kappa_eff(kappa_mm, kappa_res, f_mm)
        (line,) = axes.plot(x, kappa, gid=f"eq 11 f_mm={f_mm:g}", color=colour, linewidth=0.8, zorder=2.5)
        label = rf"two phases $\kappa_{{\rm eff}}$, eq. (11): $f_{{\rm mm}}={f_mm:g}$, $\delta=1/3$"
        entries.append((line, label))

    edges = [theory.transition_energy(d, **medium, **micromirrors) / EV for d in BAND_DELTAS]
    band = axes.axvspan(*edges, gid="eq 9", color=style.BAND_COLOUR, alpha=0.35, linewidth=0, zorder=0)
    return [*entries, (band, r"transition, eq. (9), $1/2\geq\delta\geq1/3$")]


def _label_line(axes, line, text, position, above):
    """Write along a line, above or below it, at a fraction of the part of it that the axes show."""
    x, y = line.get_data()
    low, high = axes.get_ylim()
    shown = np.flatnonzero((y > low) & (y < high))
    if shown.size < 10:
        return
    i = shown[int(position * shown.size)]
    left, right = axes.transData.transform([(x[i - 2], y[i - 2]), (x[i + 2], y[i + 2])])
    angle = np.arctan2(right[1] - left[1], right[0] - left[0])
    points_off = 2.0 if above else -2.0
    axes.annotate(
        text,
        (x[i], y[i]),
        xytext=(-points_off * np.sin(angle), points_off * np.cos(angle)),
        textcoords="offset points",
        rotation=np.degrees(angle),
        rotation_mode="anchor",
        ha="center",
        va="bottom" if above else "top",
        fontsize=5.8,
        color="0.3",
    )


def _groups(runs):
    """Group each run with that of scattering alone at its f_mm, in the order given: one colour and marker a group."""
    groups = {}
    for run in runs:
        groups.setdefault(_group_of(run, runs), []).append(run)
    return groups


def _is_patchy(run):
    return run.patches and 0 < run.f_mm < 1  # at 0 and 1 a probability and a share of the volume are the same


def _kind_of(run):
    return run.f_mm, _is_patchy(run), run.along_lines


def _group_of(run, runs):
    like = [r for r in runs if (_kind_of(r), r.scattering_only) == (_kind_of(run), run.scattering_only)]
    return *_kind_of(run), next(i for i, r in enumerate(like) if r is run)


def _style_of(runs, group):
    """Colour and marker of a group."""
    index = list(_groups(runs)).index(group)
    return style.colour(index), style.marker(index)


_HALF = {"fillstyle": "left", "markerfacecoloralt": "white"}
_HOLLOW = {"markerfacecolor": "white"}


def _draw_points(axes, runs):
    """Draw points of every run: full where converged, half where not, hollow where the run has scattering alone.

    Returns
    -------
    list
        Legend entries.
    """
    for i, run in enumerate(runs):
        colour, marker = _style_of(runs, _group_of(run, runs))
        how = style.POINTS | {"color": colour, "marker": marker}
        for converged in (True, False):
            chosen = run.drawable & (run.converged == converged)
            face = _HOLLOW if run.scattering_only else {} if converged else _HALF
            x, y, error = run.energy[chosen], run.kappa[chosen], run.kappa_err[chosen]
            points = axes.errorbar(x, y, yerr=error, **how | style.BARS | face)
            points.lines[0].set_gid(f"run {i} {'converged' if converged else 'not converged'}")
    entries = []
    for key, group in _groups(runs).items():
        colour, marker = _style_of(runs, key)
        entries.append(
            (Line2D([], [], **style.POINTS | {"color": colour, "marker": marker}), _group_label(group, runs))
        )
    grey = style.POINTS | {"color": "0.3", "marker": "o"}
    full, half, hollow = (Line2D([], [], **grey | face) for face in ({}, _HALF, _HOLLOW))
    entries.append(((full, half), r"full: converged; half: not; bars: 1$\sigma$, often within the symbol"))
    if any(run.scattering_only for run in runs):
        entries.append((hollow, r"hollow: scattering only, no field; $\kappa$ along a line, $\kappa_{\rm iso}$"))
    return entries


def _group_label(group, runs):
    """Text of the legend for a group: of several its directory, then the title, and the medium where they differ."""
    first = group[0]
    mirrors = rf"$f_{{\rm mm}}={first.f_mm:g}$" if first.micromirrors else "no micromirrors"
    mirrors += " of the volume, in patches" if _is_patchy(first) else ""
    mirrors += r", on field lines: $\kappa_\parallel$" if first.along_lines else ""
    if _shared(runs)[0] is None:
        B, l_c = first.medium["B"] / theory.GAUSS_MICRO, first.medium["l_c"] / theory.PARSEC / 1e3
        mirrors += rf", $Z={first.medium['Z']}$, {B:.3g} $\mu$G, $l_{{\rm c}}={l_c:.3g}$ kpc"
    left_out = sum(int((~run.drawable).sum()) for run in group)
    note = f" ({left_out} not positive, not shown)" if left_out else ""
    if len(runs) == 1:
        return f"{style.title_text(first.title)}, {mirrors}{note}"
    names = ", ".join(run.path.absolute().parent.name for run in group)
    return f"{style.title_text(names)}: {mirrors}{note}"

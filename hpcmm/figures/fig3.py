"""Figure 3: kappa against energy, beside the paper's equations; drawn from product files only.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from hpcmm import theory
from hpcmm.errors import InputError
from hpcmm.figures import style
from hpcmm.figures.fig3_plasma import draw_stars, read_stars
from hpcmm.figures.fig3_points import draw_points, groups_of, partial_fractions, shared
from hpcmm.figures.fig3_ratio import draw_ratios
from hpcmm.figures.fig3_theory import draw_theory, draw_transition, mirror_medium
from hpcmm.figures.kappa_points import read_kappa_points
from hpcmm.theory import EV

FIG_3_ENERGY = (1e9, 1e21)
"""Energies the paper's figure 3 spans [eV]."""

PLOT_INCHES = 2.75
RATIO_INCHES, GAP_INCHES = 0.9, 0.08


def kappa_figure(run_directories, output_path):
    """Draw kappa(E) in the layout of the paper's figure 3, and below it kappa over the paper's equation.

    Points are kappa_trace, <dr^2>/2t as equation (20) is printed (3 kappa_iso; docs/physics.md 1.3), of runs on field
    lines kappa_par; crosses those through turbulence of a file. Stars are kappa_par in micromirrors of a plasma, all
    lengths multiplied so that their l_mm is that of the other runs; they need a run with micromirrors beside them.

    Lines: equation (5) with exact constants, (7) for delta = 0, 1/3, 1/2, 1 (Bohm), (11) for each f_mm < 1 among the
    runs with delta = 1/3, (18), kappa_trw; bands: equation (9) between delta = 1/2 and 1/3, and the transition that the
    points show, where they show one. Lines of micromirrors are left out where no run has any.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Directories with a kappa.ecsv; each has a symbol of its own, but that of scattering alone at the same f_mm.
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.

    Runs of media that differ are drawn without lines, which belong to one medium; the legend names the media.
    """
    runs = [read_kappa_points(directory) for directory in style.listed(run_directories)]
    mirrors = next((run for run in runs if run.micromirrors), None)
    of_plasma = [run for run in runs if run.of_plasma and not run.micromirrors] if mirrors else []
    runs = [run for run in runs if not any(run is other for other in of_plasma)]
    stars = [read_stars(run.path.parent, mirrors) for run in of_plasma]
    medium, micromirrors = shared(runs)
    with matplotlib.rc_context(style.STYLE):
        figure, axes, below = _empty_figure(runs, stars, medium, micromirrors)
        entries = draw_theory(axes, runs, medium, micromirrors) if medium else []
        if micromirrors:
            entries += draw_transition(axes, runs)
        points = draw_points(axes, runs) + draw_stars(axes, stars, micromirrors and mirror_medium(medium, micromirrors))
        if below:
            draw_ratios(below, runs, stars, medium, micromirrors)
        style.add_legend(figure, points + entries)
        style.write(figure, Path(output_path))
    return figure


def _empty_figure(runs, stars, medium, micromirrors):
    """Make figure and axes with their ranges and labels, and space for the legend below."""
    rows = len(groups_of(runs)) + any(run.scattering_only for run in runs) + 4 + len(stars)
    rows += 3 + len(partial_fractions(runs)) if micromirrors else 0
    legend, top, bottom = style.LEGEND_ROW_INCHES * rows + 0.05, 0.38, 0.36
    ratio = RATIO_INCHES + GAP_INCHES if medium else 0.0
    height = legend + PLOT_INCHES + ratio + top + bottom
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.165, (legend + bottom + ratio) / height, 0.815, PLOT_INCHES / height))
    place = (0.165, (legend + bottom) / height, 0.815, RATIO_INCHES / height)
    below = figure.add_axes(place, sharex=axes) if medium else None

    points = [run.energy[run.drawable] for run in runs]
    if not any(len(energies) for energies in points):
        raise InputError(f"{runs[0].path}: no kappa in it is positive: nothing to draw")
    energy = np.concatenate([*points, *(s.energy for s in stars), FIG_3_ENERGY if medium else []])
    axes.set_xscale("log")
    axes.set_yscale("log", nonpositive="clip")
    axes.set_xlim(energy.min() / 2, energy.max() * 2)
    lowest = FIG_3_ENERGY[0] * EV
    kappa = [run.kappa[run.drawable] for run in runs] + [s.kappa for s in stars]
    if medium:
        kappa.append([theory.kappa_res(lowest, 0.5, **medium), theory.kappa_res(lowest, 0.0, **medium)])
    if micromirrors:
        kappa.append([theory.kappa_mm(lowest, **mirror_medium(medium, micromirrors))])
    kappa = np.concatenate(kappa)
    axes.set_ylim(10.0 ** np.floor(np.log10(kappa.min() / 10)), 10.0 ** np.ceil(np.log10(kappa.max() * 3)))
    _set_labels(axes, below, medium)
    return figure, axes, below


def _set_labels(axes, below, medium):
    """Set axis labels and ticks, and the axis of r_g / l_c on top."""
    (below or axes).set_xlabel("energy $E$ [eV]", labelpad=2)
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
    axes.tick_params(labelbottom=False)


def _set_ticks(axes, *all_axes):
    for axis in all_axes:
        axis.set_major_locator(LogLocator(numticks=8))
        axis.set_minor_locator(LogLocator(numticks=99))
        axis.set_minor_formatter(NullFormatter())
    style.ticks_inside(axes)
    axes.tick_params(which="both", right=True)

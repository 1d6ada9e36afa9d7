"""D_mumu from tracks against |mu|, lag by lag, beside the quasi-linear value; from pitch_angle.ecsv alone.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hpcmm.errors import InputError
from hpcmm.figures import style
from hpcmm.io.table import Needs, read_table
from hpcmm.io.terminal import energy_text

FILE = "pitch_angle.ecsv"

MOST_ENERGIES = 4

NEEDS = Needs(
    {"energy": "GeV", "r_g": "pc", "lag": "pc", "mu_low": "", "mu_high": "", "pairs": "count"}
    | dict.fromkeys(("D_mumu", "D_mumu_err", "D_mumu_expected"), "1 / s")
)
"""What the figure needs of the table."""

SHADES = (0.0, 0.27, 0.54, 0.8)
"""Colours of lags, short to long, as places on matplotlib's perceptually uniform "viridis"."""


def pitch_angle_figure(run_directories, output_path):
    """Draw D_mumu against |mu|, a panel an energy, up to four lags from the shortest to the longest.

    Parameters
    ----------
    run_directories : path or iterable of one path
        A run for which `hpcmm kappa DIR --estimator pitch_angle` has been given.
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.
    """
    directories = style.listed(run_directories)
    path = Path(directories[0]) / FILE
    if len(directories) > 1:
        raise InputError(f"--figure pitch_angle draws one run, not {len(directories)}")
    if not path.is_file():
        raise InputError(f"{path}: no such file; `hpcmm kappa {directories[0]} --estimator pitch_angle` writes it")
    table = read_table(path, NEEDS)
    energies = np.unique(table["energy"].value)
    if len(energies) > MOST_ENERGIES:
        raise InputError(f"{path}: {len(energies)} energies; at most {MOST_ENERGIES} fit into the figure")
    return style.drawn(output_path, _draw, table, energies)


def _draw(table, energies):
    legend, panel, gap, top, bottom = style.LEGEND_ROW_INCHES * 2 + 0.1, 1.9, 0.25, 0.08, 0.36
    height = legend + bottom + len(energies) * panel + (len(energies) - 1) * gap + top
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    for i, energy in enumerate(energies):
        low = legend + bottom + (len(energies) - 1 - i) * (panel + gap)
        axes = figure.add_axes((0.165, low / height, 0.815, panel / height))
        _draw_energy(axes, table[table["energy"].value == energy])
    axes.set_xlabel(r"$|\mu|$ of the local field", labelpad=2)
    points = Line2D([], [], color="0.3", marker="o", **style.POINTS)
    line = Line2D([], [], color="0.2", linewidth=1.0)
    style.add_legend(
        figure,
        [
            (points, r"tracks: $B^2\,d\langle\Delta M^2\rangle/d L/8\mu^2$, $M=(1-\mu^2)/B$; bars: 1$\sigma$"),
            (line, "expected: quasi-linear gyroresonance, kicks"),
        ],
    )
    return figure


def _draw_energy(axes, table):
    lags = np.unique(table["lag"].value)
    chosen = lags[np.unique(np.linspace(0, len(lags) - 1, len(SHADES)).round().astype(int))]
    r_g = table["r_g"].value[0]
    for shade, marker, lag in zip(SHADES, style.RUN_MARKERS, chosen, strict=False):
        rows = table[(table["lag"].value == lag) & (table["pairs"] > 0)]
        mu = (rows["mu_low"] + rows["mu_high"]) / 2
        value, error = rows["D_mumu"].value, rows["D_mumu_err"].value
        shown = value > 0
        how = style.POINTS | style.BARS | {"color": matplotlib.colormaps["viridis"](shade), "marker": marker}
        axes.errorbar(mu[shown], value[shown], error[shown], label=f"{lag / r_g:.3g} $r_g$", **how)
    expected = table["D_mumu_expected"].value[table["lag"].value == chosen[0]]
    first = table[table["lag"].value == chosen[0]]
    axes.plot((first["mu_low"] + first["mu_high"]) / 2, expected, color="0.2", linewidth=1.0)
    axes.set_yscale("log", nonpositive="clip")
    axes.set_xlim(0, 1)
    style.ticks_inside(axes)
    axes.set_ylabel(r"$D_{\mu\mu}$ [s$^{-1}$]")
    axes.legend(title=f"{energy_text(table['energy'].value[0])}, lag", frameon=False, loc="lower left")

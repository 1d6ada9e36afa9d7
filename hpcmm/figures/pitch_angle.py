"""Distribution of mu along tracks, and D_mumu against |mu| beside the quasi-linear value; from their tables alone.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hpcmm.errors import InputError
from hpcmm.estimators.mu_distribution import UNIFORM
from hpcmm.figures import style
from hpcmm.io.table import Needs, read_table
from hpcmm.io.terminal import energy_text

FILE, DENSITY_FILE = "pitch_angle.ecsv", "pitch_angle_distribution.ecsv"

MOST_ENERGIES = 4

NEEDS = Needs(
    {"energy": "GeV", "r_g": "pc", "lag": "pc", "mu_low": "", "mu_high": "", "pairs": "count"}
    | dict.fromkeys(("D_mumu", "D_mumu_err", "D_mumu_expected"), "1 / s")
)
"""What the figure needs of the table of D_mumu."""

DENSITY_NEEDS = Needs(
    {"energy": "GeV", "samples": "count"} | dict.fromkeys(("mu_low", "mu_high", "density", "density_err"), "")
)
"""What it needs of that of the distribution."""

SHADES = (0.0, 0.27, 0.54, 0.8)
"""Colours of lags, short to long, as places on matplotlib's perceptually uniform "viridis"."""


def pitch_angle_figure(run_directories, output_path):
    """Draw the density of mu, and D_mumu against |mu|, a panel an energy, up to four lags from short to long.

    Parameters
    ----------
    run_directories : path or iterable of one path
        A run for which `hpcmm kappa DIR --estimator pitch_angle` has been given.
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.
    """
    directories = style.listed(run_directories)
    if len(directories) > 1:
        raise InputError(f"--figure pitch_angle draws one run, not {len(directories)}")
    path = Path(directories[0]) / FILE
    table, densities = (_table(Path(directories[0]), *each) for each in ((FILE, NEEDS), (DENSITY_FILE, DENSITY_NEEDS)))
    energies = np.unique(table["energy"].value)
    if len(energies) > MOST_ENERGIES:
        raise InputError(f"{path}: {len(energies)} energies; at most {MOST_ENERGIES} fit into the figure")
    return style.drawn(output_path, _draw, table, densities, energies)


def _table(directory, name, needs):
    path = directory / name
    if not path.is_file():
        raise InputError(f"{path}: no such file; `hpcmm kappa {directory} --estimator pitch_angle` writes it")
    return read_table(path, needs)


def _draw(table, densities, energies):
    legend, panel, gap, top, bottom = style.LEGEND_ROW_INCHES * 3 + 0.1, 1.9, 0.25, 0.08, 0.36
    upper = 1.2
    height = legend + 2 * bottom + len(energies) * panel + (len(energies) - 1) * gap + upper + top
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    for i, energy in enumerate(energies):
        low = legend + bottom + (len(energies) - 1 - i) * (panel + gap)
        axes = figure.add_axes((0.165, low / height, 0.8, panel / height))
        _draw_energy(axes, table[table["energy"].value == energy])
    axes.set_xlabel(r"$|\mu|$ of the local field", labelpad=2)
    low = legend + 2 * bottom + len(energies) * panel + (len(energies) - 1) * gap
    _draw_densities(figure.add_axes((0.165, low / height, 0.8, upper / height)), densities)
    points = Line2D([], [], color="0.3", marker="o", **style.POINTS)
    line = Line2D([], [], color="0.2", linewidth=1.0)
    style.add_legend(
        figure,
        [
            (points, r"tracks: $B^2\,d\langle\Delta M^2\rangle/d L/8\mu^2$, $M=(1-\mu^2)/B$; bars: 1$\sigma$"),
            (line, "expected: quasi-linear gyroresonance, kicks"),
            (Line2D([], [], color="0.2", linewidth=0.7), r"at the top: density of $\mu$; isotropic particles have 1/2"),
        ],
    )
    return figure


def _draw_densities(axes, densities):
    """Draw the density of mu of every energy, beside each other within a bin."""
    energy = densities["energy"].to_value("GeV")
    known = np.unique(energy)
    reach = 0.02
    for i, each in enumerate(known):
        rows = densities[energy == each]
        low, high, value, error = (np.asarray(rows[n]) for n in ("mu_low", "mu_high", "density", "density_err"))
        error = np.where(np.isfinite(error), error, 0.0)
        place = low + (high - low) * (i + 1) / (len(known) + 1)
        how = style.POINTS | style.BARS | {"color": style.colour(i), "marker": style.marker(i), "markersize": 2.6}
        drawn = axes.errorbar(place, value, error, label=energy_text(each), **how)
        drawn.lines[0].set_gid(f"density {each:g}")
        reach = max(reach, np.abs(value - UNIFORM).max() + error.max())
    axes.axhline(UNIFORM, color="0.2", linewidth=0.7, zorder=0)
    axes.set_xlim(-1, 1)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["-1", "-0.5", "0", "0.5", "1"])
    axes.set_ylim(max(0.0, UNIFORM - 1.2 * reach), UNIFORM + 1.9 * reach)  # space for the legend
    axes.set_xlabel(r"$\mu$ of the local field", labelpad=2)
    axes.set_ylabel(r"density of $\mu$")
    axes.legend(frameon=False, loc="upper center", ncols=len(known), columnspacing=1.2, handletextpad=0.2)
    style.ticks_inside(axes)


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
    _leave_space(axes, [*expected, *table["D_mumu"].value[np.isin(table["lag"].value, chosen)]])
    style.ticks_inside(axes)
    axes.set_ylabel(r"$D_{\mu\mu}$ [s$^{-1}$]")
    title = f"{energy_text(table['energy'].value[0])}, lag"
    axes.legend(title=title, frameon=False, loc="upper center", ncols=len(SHADES), columnspacing=1.2, handletextpad=0.2)


def _leave_space(axes, values):
    """Set the range of D from its values, with space for the legend at the top."""
    good = [value for value in values if np.isfinite(value) and value > 0]
    if good:
        low, high = min(good) / 2, max(good) * 2
        axes.set_ylim(low, high * (high / low) ** 0.3)

"""kappa against lag and time, each energy of transport runs, with the lag that the table reads; from products alone.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

from dataclasses import dataclass
from pathlib import Path

import astropy.units as u
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter

from hpcmm import kinds
from hpcmm.errors import InputError
from hpcmm.estimators import lags
from hpcmm.figures import style
from hpcmm.io.table import flag
from hpcmm.io.terminal import energy_text
from hpcmm.theory.constants import PARSEC, C

MOST_CURVES = 24
"""Most curves whose shades can still be told apart, with the symbols of the runs."""

KNOWN = 0.5
"""Relative error up to which a curve sets the limits of the axes."""

LEAST = 0.03
"""Least kappa from the starts, over that of the table, that sets them: before, flight is ballistic."""

RATIOS = (0.4, 1.6)
"""Range of the lower panel."""

YEARS = (PARSEC / C * u.s).to_value("yr")
"""Time of light for a parsec [yr]."""

TEXTS = {
    "iso": r"$\kappa_{\rm iso}$",
    "trace": r"$\kappa_{\rm trace}$",
    "par": r"$\kappa_\parallel$",
    "perp": r"$\kappa_\perp$",
}


@dataclass(frozen=True)
class Curve:
    """kappa of one component of one energy of a run.

    Attributes
    ----------
    run : int
        Number of the run, of whose symbol it is.
    energy : float
        [GeV].
    name : str
        Key of TEXTS.
    lag, kappa, kappa_err : arrays
        [pc], [cm2/s].
    path, running : arrays
        c t [pc] and <x^2>/2t from the starts, of the same component [cm2/s].
    read : tuple of float
        First and last lag of the headline [pc]; its kappa and error [cm2/s].
    free_path : float
        Mean free path, 3/c of what the table has: of kappa_par with a guide field [pc].
    converged : bool
    """

    run: int
    energy: float
    name: str
    lag: np.ndarray
    kappa: np.ndarray
    kappa_err: np.ndarray
    path: np.ndarray
    running: np.ndarray
    read: tuple
    free_path: float
    converged: bool


def running_figure(run_directories, output_path):
    """Draw kappa(L, 2L) and <x^2>/2t of transport runs; below, over kappa of the table against L in mean free paths.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Finished transport runs.
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.

    Raises
    ------
    InputError
        Naming the directory that holds no such run, or if there are more curves than can be told apart.
    """
    directories = [Path(directory) for directory in style.listed(run_directories)]
    curves = [curve for i, directory in enumerate(directories) for curve in _curves(i, directory)]
    if len(curves) > MOST_CURVES:
        raise InputError(f"--figure running: {len(curves)} curves; at most {MOST_CURVES} can be told apart")
    return style.drawn(output_path, _draw, curves, [directory.absolute().name for directory in directories])


def _curves(number, directory):
    """Yield the curves of a run: kappa_par and kappa_perp with a guide field, else what its table has."""
    kind = kinds.of_directory(directory)
    if kind is not kinds.named("transport"):
        raise InputError(f"{directory}: {kind.no_running}")
    run = kind.open(directory)
    for row, over_lags, over_times in zip(run.table, run.kappa_over_lags(), run.kappa_over_times(), strict=True):
        names = ["par", "perp"] if "kappa_par" in row.colnames else ["iso"]
        if names == ["iso"] and not np.isfinite(row["kappa_iso"]):
            names = ["trace"]  # of particles on their field lines
        for name in names:
            kappa, error = (row[f"kappa_{name}{end}"].to_value("cm2 / s") for end in ("", "_err"))
            own = "lag_perp" if name == "perp" and "lag_perp" in row.colnames else "lag"
            lag = row[own].to_value("pc")
            path = row["path_length"].to_value("pc")
            window = (lag, 4 * lag) if np.isfinite(lag) else (path / 2, path)
            yield Curve(
                number,
                row["energy"].to_value("GeV"),
                name,
                over_lags["lag"].to_value("pc"),
                *(over_lags[f"kappa_{name}{end}"].to_value("cm2 / s") for end in ("", "_err")),
                over_times["lag"].to_value("pc"),
                over_times[f"kappa_{name}"].to_value("cm2 / s"),
                (*window, kappa, error),
                3 * row[f"kappa_{names[0]}"].to_value("cm2 / s") / (C * PARSEC),
                flag(row["kappa_perp_converged" if name == "perp" else "converged"]) == "yes",
            )


def _draw(curves, names):
    columns = 2 if len(curves) > 4 else 1
    legend = style.LEGEND_ROW_INCHES * (-(-len(curves) // columns) + 4) + 0.1
    plots, gap, top, bottom = (2.5, 1.35), 0.36, 0.36, 0.34
    height = legend + bottom + sum(plots) + gap + top
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    low = legend + bottom
    ratio = figure.add_axes((0.165, low / height, 0.795, plots[1] / height))
    upper = figure.add_axes((0.165, (low + plots[1] + gap) / height, 0.795, plots[0] / height))
    shades = style.shades([curve.energy for curve in curves])
    for curve, shade in zip(curves, shades, strict=True):
        _draw_curve(upper, ratio, curve, shade)
    _label(upper, ratio, curves)
    entries = [_entry(curve, shade, names) for curve, shade in zip(curves, shades, strict=True)]
    meanings = _meanings(any(not curve.converged for curve in curves))
    style.add_legend(figure, entries, columns, rows_below=len(meanings))
    style.add_legend(figure, meanings)
    return figure


def _dashes(curve):
    return "--" if curve.name == "perp" else "-"


def _draw_curve(upper, ratio, curve, shade):
    start, end, kappa, error = curve.read
    line = {"color": shade, "linestyle": _dashes(curve), "linewidth": 0.9}
    band = {"color": shade, "alpha": 0.25, "linewidth": 0}
    face = {} if curve.converged else style.HALF
    point = {"color": shade, "marker": style.marker(curve.run)} | style.POINTS | style.BARS | face
    own = f"run {curve.run} {curve.energy:g} {curve.name}"
    upper.plot(curve.lag, curve.kappa, gid=f"{own} lags", **line)
    upper.fill_between(curve.lag, *_between(curve), gid=f"{own} band", **band)
    upper.plot(curve.path, curve.running, gid=f"{own} times", color=shade, linestyle=":", linewidth=0.8)
    upper.plot([start, end], [kappa, kappa], gid=f"{own} window", color=shade, linewidth=2.2, solid_capstyle="butt")
    upper.errorbar(start, kappa, error, **point)
    if not (kappa > 0 and curve.free_path > 0):
        return
    free_paths = curve.lag / curve.free_path
    ratio.plot(free_paths, curve.kappa / kappa, gid=f"{own} ratio", **line)
    ratio.fill_between(free_paths, *(edge / kappa for edge in _between(curve)), **band)
    ratio.errorbar(start / curve.free_path, 1.0, error / kappa, **point)


def _between(curve):
    error = np.where(np.isfinite(curve.kappa_err), curve.kappa_err, 0.0)
    return curve.kappa - error, curve.kappa + error


def _label(upper, ratio, curves):
    for axes in (upper, ratio):
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=9))
        axes.xaxis.set_minor_locator(LogLocator(numticks=99))
        axes.xaxis.set_minor_formatter(NullFormatter())
    upper.set_yscale("log", nonpositive="clip")
    _set_limits(upper, curves)
    upper.set_ylabel(r"$\kappa$ [cm$^2$ s$^{-1}$]", labelpad=2)
    upper.set_xlabel(r"lag $L$; path $c\,t$ [pc]", labelpad=1)
    second = upper.secondary_xaxis("top", functions=(lambda pc: pc * YEARS, lambda years: years / YEARS))
    second.set_xlabel(r"$L/c$; $t$ [yr]", labelpad=3)
    ratio.set_ylim(*RATIOS)
    ratio.axhspan(1 - lags.FLAT, 1 + lags.FLAT, color=style.BAND_COLOUR, alpha=0.2, linewidth=0, zorder=0)
    ratio.axhline(1.0, color="0.3", linewidth=0.5, zorder=0)
    ratio.set_ylabel(r"$\kappa(L,2L)$ / table", labelpad=2)
    ratio.set_xlabel(r"lag in mean free paths, $L/\lambda$ with $\lambda=3\kappa/c$ of the table", labelpad=2)
    for axes in (upper, ratio):
        style.ticks_inside(axes)
    second.tick_params(which="both", direction="in", width=0.5, length=2)


def _set_limits(axes, curves):
    """Set the ranges of lag and kappa by what is known, of all curves, and by what the table has."""
    x, y = [], []
    for curve in curves:
        start, end, kappa, _ = curve.read
        with np.errstate(invalid="ignore"):
            known = (curve.kappa > 0) & ~(curve.kappa_err > KNOWN * curve.kappa)
            flown = (curve.running > 0) & ~(curve.running < LEAST * kappa)
        x += [start, end, *curve.lag[known], *curve.path[flown]]
        y += [kappa, *curve.kappa[known], *curve.running[flown]]
    for values, limit in ((x, axes.set_xlim), (y, axes.set_ylim)):
        good = [value for value in values if np.isfinite(value) and value > 0]
        if good:
            limit(min(good) / 1.6, max(good) * 1.6)


def _entry(curve, shade, names):
    symbol = Line2D([], [], color=shade, linestyle=_dashes(curve), linewidth=0.9, markersize=3.2)
    symbol.set_marker(style.marker(curve.run))
    text = f"{energy_text(curve.energy)}, {TEXTS[curve.name]}"
    return symbol, text if len(names) == 1 else f"{style.title_text(names[curve.run][:24])}: {text}"


def _meanings(some_not):
    grey = {"color": "0.3"}
    window = (Line2D([], [], linewidth=2.2, **grey), Line2D([], [], marker="o", **grey | style.POINTS))
    half = "; half symbols: not converged" if some_not else ""
    return [
        (
            (Line2D([], [], linewidth=0.9, **grey), Patch(alpha=0.25, linewidth=0, **grey)),
            r"$\kappa(L,2L)$, all origins; band: 1$\sigma$",
        ),
        (window, f"$L$ to $4L$ that the table reads{half}"),
        (
            Line2D([], [], linestyle=":", linewidth=0.8, **grey),
            r"from the starts, $\langle\Delta x^2\rangle/2t$ of that component",
        ),
        (Patch(color=style.BAND_COLOUR, alpha=0.2, linewidth=0), f"within {100 * lags.FLAT:g} % of the table"),
    ]

"""How long particles remember direction and pitch angle: autocorrelation against lag; from autocorrelation.ecsv alone.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from hpcmm.errors import InputError
from hpcmm.figures import style
from hpcmm.io.table import Needs, read_table
from hpcmm.io.terminal import energy_text

FILE = "autocorrelation.ecsv"

MOST_CURVES = 24
"""Most curves whose shades can still be told apart, with the symbols of the runs."""

LABELS = {
    "n_n": r"$\langle n(0)\cdot n(L)\rangle$",
    "mu_mu": r"$\langle\mu(0)\,\mu(L)\rangle\,/\,\langle\mu^2\rangle$",
}
"""Column -> the label of its panel."""

NEEDS = Needs(
    {"energy": "GeV", "lag": "pc", "pairs": "count", "n_n": "", "n_n_err": "", "n_n_exact": ""},
    {"mu_mu": "", "mu_mu_err": "", "mu_mu_exact": ""},
)
"""What the figure needs of the table."""


@dataclass(frozen=True)
class Curve:
    """Autocorrelation of one energy of a run.

    Attributes
    ----------
    run : int
        Number of the run, of whose symbol it is.
    name : str
        Of its directory.
    energy : float
        [GeV].
    rows : QTable
    """

    run: int
    name: str
    energy: float
    rows: object


def autocorrelation_figure(run_directories, output_path):
    """Draw <n(0).n(L)>, and below <mu(0) mu(L)>/<mu^2> where there is a field, against the lag L.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Runs for which `hpcmm kappa DIR --estimator autocorrelation` has been given.
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.

    Raises
    ------
    InputError
        Naming the table that is missing or malformed, or if there are more curves than can be told apart.
    """
    directories = [Path(directory) for directory in style.listed(run_directories)]
    curves = [curve for i, directory in enumerate(directories) for curve in _curves(i, directory)]
    if len(curves) > MOST_CURVES:
        raise InputError(f"--figure autocorrelation: {len(curves)} curves; at most {MOST_CURVES} can be told apart")
    return style.drawn(output_path, _draw, curves)


def _curves(number, directory):
    path = directory / FILE
    if not path.is_file():
        raise InputError(f"{path}: no such file; `hpcmm kappa {directory} --estimator autocorrelation` writes it")
    table = read_table(path, NEEDS)
    energy = table["energy"].to_value("GeV")
    for each in np.unique(energy):
        yield Curve(number, directory.absolute().name, float(each), table[energy == each])


def _draw(curves):
    names = [name for name in LABELS if any(name in curve.rows.colnames for curve in curves)]
    several = len({curve.run for curve in curves}) > 1
    columns = 2 if len(curves) > 4 and not several else 1
    entries, meanings = [], _meanings(curves, names)
    legend = style.LEGEND_ROW_INCHES * (-(-len(curves) // columns) + len(meanings)) + 0.1
    panel, gap, top, bottom = 1.75, 0.07, 0.06, 0.36
    height = legend + bottom + len(names) * panel + (len(names) - 1) * gap + top
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    panels = []
    for i, name in enumerate(names):
        low = legend + bottom + (len(names) - 1 - i) * (panel + gap)
        shared = {"sharex": panels[0]} if panels else {}
        panels.append(figure.add_axes((0.145, low / height, 0.825, panel / height), **shared))
        _label(panels[-1], LABELS[name], last=name == names[-1])
    for curve, shade in zip(curves, style.shades([curve.energy for curve in curves]), strict=True):
        how = {"color": shade, "marker": style.marker(curve.run)} | style.POINTS | {"markersize": 3.0}
        for axes, name in zip(panels, names, strict=True):
            if name in curve.rows.colnames:
                _draw_curve(axes, curve, name, how)
        text = energy_text(curve.energy)
        entries.append((Line2D([], [], **how), f"{style.title_text(curve.name[:24])}: {text}" if several else text))
    for axes in panels:
        axes.set_ylim(None, 1.05)
    style.add_legend(figure, entries, columns, rows_below=len(meanings))
    style.add_legend(figure, meanings)
    return figure


def _draw_curve(axes, curve, name, how):
    lag = curve.rows["lag"].to_value("pc")
    value, error, exact = (np.asarray(curve.rows[f"{name}{end}"], dtype=float) for end in ("", "_err", "_exact"))
    own = f"{name} {curve.run} {curve.energy:g}"
    drawn = axes.errorbar(lag, value, np.where(np.isfinite(error), error, 0.0), **how | style.BARS)
    drawn.lines[0].set_gid(own)
    if np.isfinite(exact).all():
        steady = (np.diff(exact) <= 0).all()  # else gyration turns more than once between lags, and no line leads over
        line = {"linestyle": "-"} if steady else {"linestyle": "none", "marker": "_", "markersize": 8}
        axes.plot(lag, exact, color=how["color"], linewidth=0.8, zorder=1, gid=f"{own} exact", **line)


def _label(axes, label, last):
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(numticks=12))
    axes.xaxis.set_minor_locator(LogLocator(subs="all", numticks=99))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.axhline(0.0, color="0.3", linewidth=0.5, zorder=0)
    axes.set_ylabel(label, labelpad=2)
    style.ticks_inside(axes)
    axes.tick_params(labelbottom=last)
    if last:
        axes.set_xlabel("lag $L$ [pc]", labelpad=2)


def _meanings(curves, names):
    text = r"$n$ the direction, $\mu$ its cosine with the local field" if "mu_mu" in names else r"$n$ the direction"
    grey = {"color": "0.3"}
    rows = [
        (Line2D([], [], color="none"), text),
        (Line2D([], [], marker="o", **grey | style.POINTS), r"all origins of time of the tracks; bars: 1$\sigma$"),
    ]
    if any(np.isfinite(curve.rows["n_n_exact"]).all() for curve in curves):
        line = Line2D([], [], linewidth=0.8, **grey)
        rows.append((line, "line or dashes: exact; kicks everywhere, gyration in a uniform field"))
    return rows

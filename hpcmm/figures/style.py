"""What all figures share: colours, sizes, legend below, files that appear whole.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

import os
import textwrap
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.legend_handler import HandlerTuple

from hpcmm.errors import InputError
from hpcmm.io.whole_file import replacing

# Okabe and Ito's palette, distinct under all common colour-vision deficiencies; its light blue is for bands
RUN_COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#000000")
RUN_MARKERS = ("o", "s", "^", "D", "v", "P")
BAND_COLOUR = "#56B4E9"
THEORY_GREY = "0.45"

STYLE = {
    "font.family": "sans-serif",
    "font.size": 7.0,
    "mathtext.fontset": "dejavusans",
    "text.usetex": False,
    "axes.linewidth": 0.6,
    "legend.fontsize": 6.2,
    "savefig.bbox": None,
}
COLUMN_INCHES = 3.5
DPI = 300
LEGEND_ROW_INCHES = 0.118

POINTS = {"linestyle": "none", "markersize": 3.8, "markeredgewidth": 0.8}
HALF = {"fillstyle": "left", "markerfacecoloralt": "white"}
"""Symbol of a point that is not converged."""
BARS = {"elinewidth": 0.7, "capsize": 1.5, "capthick": 0.7, "zorder": 5}


def listed(run_directories):
    """Run directories of a figure, one or several, as a list.

    Raises
    ------
    InputError
        If there is none.
    """
    found = [run_directories] if isinstance(run_directories, str | os.PathLike) else list(run_directories)
    if not found:
        raise InputError("no run directory given")
    return found


def colour(index):
    """Colour of run number ``index``."""
    return RUN_COLOURS[index % len(RUN_COLOURS)]


def marker(index):
    """Marker of run number ``index``."""
    return RUN_MARKERS[index % len(RUN_MARKERS)]


def shades(energies):
    """Colour of each energy, from low to high: places on matplotlib's perceptually uniform "viridis"."""
    known = sorted(set(energies))
    places = dict(zip(known, np.linspace(0, 0.88, len(known)), strict=True))
    return [matplotlib.colormaps["viridis"](places[energy]) for energy in energies]


def title_text(title):
    """Title of a run for a legend: a dollar sign would start a formula, a leading underscore would hide the entry."""
    title = textwrap.shorten(title, 50, placeholder="…").replace("$", r"\$")
    return (" " + title if title.startswith("_") else title) or "untitled"


def ticks_inside(axes):
    """Set short ticks on the inner side."""
    axes.tick_params(which="both", direction="in", width=0.5, length=2)
    axes.tick_params(which="major", length=3.5)


def add_legend(figure, entries, columns=1, rows_below=0):
    """Add a legend of (artist, text) below the axes, where it cannot cover a point, above so many rows of another."""
    handles, labels = zip(*entries)
    spacing = {"handlelength": 2.8, "labelspacing": 0.25, "borderaxespad": 0.0, "borderpad": 0.0}
    pairs_side_by_side = {tuple: HandlerTuple(ndivide=None, pad=0.6)}
    bottom = 0.012 + rows_below * LEGEND_ROW_INCHES / figure.get_size_inches()[1]
    place = {"loc": "lower left", "bbox_to_anchor": (0.03, bottom), "ncols": columns}
    figure.legend(handles, labels, handler_map=pairs_side_by_side, frameon=False, **place, **spacing)


def drawn(path, draw, *what):
    """Draw ``draw(*what)`` in this style and write it to a path; returns the figure."""
    with matplotlib.rc_context(STYLE):
        figure = draw(*what)
        write(figure, Path(path))
    return figure


def write(figure, path):
    """Save under a temporary name beside the target, then rename."""
    try:
        part = path.with_name(f".{path.name[:100]}.{os.getpid()}.part")  # two commands may draw one figure at once
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, part), open(part, "wb") as file:
            figure.savefig(file, format=path.suffix.lstrip(".") or "png")
    except (ValueError, OSError) as error:  # a suffix matplotlib does not know, a directory that is none
        raise InputError(f"{path}: cannot write the figure there ({error})") from None

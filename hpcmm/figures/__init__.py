"""Figures, drawn from product files alone; a figure is a file here and its line in `FIGURES`."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from hpcmm.run.places import refuse_foreign


@dataclass(frozen=True)
class Figure:
    """The function that draws a figure and the files it writes; its module is imported when it is drawn.

    Each such function takes run directories, a path or an iterable of them, and the path of the image to write: its
    suffix names the format, and it appears whole or not at all. It returns the `matplotlib.figure.Figure` as drawn. It
    raises `InputError`, which names the file or directory that is missing, malformed or does not fit.

    Attributes
    ----------
    draw : str
        "module:function(directories, path)".
    files : tuple of str
        Files that it writes in DIR/figures, the picture first.
    report : str or None
        "module:function(directories)" that gives lines on what it shows, in numbers.
    """

    draw: str
    files: tuple
    report: str | None = None


WITH = "_with_"
"""What the name of a figure of several runs has between those of the figure and the other runs."""

FIGURES = {
    "autocorrelation": Figure("autocorrelation:autocorrelation_figure", ("autocorrelation.png",)),
    "fig1": Figure("plasma:maps_figure", ("fig1.png",)),
    "fig2": Figure("fig2:snapshot_figure", ("fig2.png",), "snapshot_points:report"),
    "fig3": Figure("fig3:kappa_figure", ("kappa.png",), "transition_fit:report"),
    "fig4": Figure("fig4:patches_figure", ("fig4.png", "fig4_field.vtkhdf", "fig4_tracks.vtkhdf")),
    "fig5": Figure("fig5:fraction_figure", ("fig5.png",)),
    "escape": Figure("escape:escape_figure", ("escape.png",)),
    "faraday": Figure("faraday:faraday_figure", ("faraday.png",)),
    "field": Figure("field:field_figure", ("field.png",)),
    "guide": Figure("guide:guide_figure", ("guide.png",)),
    "hybrid_pic": Figure("plasma:plasma_figure", ("history.png", "fig1.png")),
    "medium": Figure("medium:medium_figure", ("medium.png",)),
    "mhd": Figure("mhd:mhd_figure", ("mhd.png",)),
    "pitch_angle": Figure("pitch_angle:pitch_angle_figure", ("pitch_angle.png",)),
    "running": Figure("running:running_figure", ("running.png",)),
    "scales": Figure("scales:scales_figure", ("scales.png",), "scale_points:report"),
}
"""Name of a figure, as `hpcmm plot --figure` takes it -> `Figure`."""


def draw(name, directories, out=None, **more):
    """Draw a figure of run directories.

    Parameters
    ----------
    name : str
        Key of `FIGURES`.
    directories : list of path
    out : path, optional
        Default: in the folder ``figures`` of the first directory.
    more
        Options of that figure.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the directories do not hold what it shows, or it cannot be written.
    """
    figure = FIGURES[name]
    if out is None:  # a place that people name may be a link of theirs
        refuse_foreign(directories[0], [f"figures/{name}" for name in figure.files])
    path = Path(out) if out else Path(directories[0]) / "figures" / file_name(figure.files[0], directories)
    _function(figure.draw)(directories, path, **more)
    return path


def report(name, directories):
    """Lines that say in numbers what a figure shows; none where the figure has no report."""
    found = FIGURES[name].report
    return _function(found)(directories) if found else ()


def files():
    """Files of all figures, below a run directory; patterns, of figures of several."""
    own = [f"figures/{name}" for figure in FIGURES.values() for name in figure.files]
    return (*own, *(f"figures/{Path(figure.files[0]).stem}{WITH}*" for figure in FIGURES.values()))


def file_name(name, directories):
    """Name of a file on several runs that is not that of the first one's own."""
    if len(directories) == 1:
        return name
    others = "_".join(Path(directory).absolute().name for directory in directories[1:])
    return f"{Path(name).stem}{WITH}{others[:80]}{Path(name).suffix}"


def _function(place):
    module, name = place.split(":")
    return getattr(import_module(f"{__name__}.{module}"), name)

"""`hpcmm report DIR...`: one HTML page on runs, whole in itself: it loads nothing and runs no script.

What files say stands in it as text: the template escapes all that is put into it, and letters that would control a
terminal or turn the direction of text are shown as "?".
"""

from importlib import resources
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from hpcmm import __version__, figures
from hpcmm.commands import report_pictures
from hpcmm.commands.report_run import page_of
from hpcmm.commands.report_tables import Grid
from hpcmm.errors import InputError
from hpcmm.foreign import printable
from hpcmm.io.disk import reason
from hpcmm.io.provenance import now
from hpcmm.io.whole_file import replacing
from hpcmm.run.directory import REPORT
from hpcmm.run.places import refuse_foreign

CITATION = {
    "software": "The hpcmm developers, hpcmm: cosmic-ray diffusion from micromirrors to cluster turbulence",
    "article": "P. Reichherzer, A. F. A. Bott, R. J. Ewart, G. Gregori, P. Kempf, M. W. Kunz and A. A. Schekochihin, "
    "Efficient micromirror confinement of sub-teraelectronvolt cosmic rays in galaxy clusters, Nature Astronomy, 2025.",
}
"""As CITATION.cff has it, which a test compares."""


def write(directories, out=None):
    """Write the page of runs.

    Parameters
    ----------
    directories : list of path
        Finished runs, or trained networks.
    out : path, optional
        Default: report.html in the first directory; of several runs with their names.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        In a line, if a directory holds no finished run, a product is damaged, or the page cannot be written.
    """
    if out is None:
        out = Path(directories[0]) / figures.file_name(REPORT, directories)
        refuse_foreign(directories[0], [out.name])
    pages = [page_of(directory) for directory in directories]
    text, out = render(pages, directories), Path(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as part, open(part, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        raise InputError(f"{out}: cannot write the report there ({reason(error)})") from None
    return out


def render(pages, directories):
    """Text of the page.

    Parameters
    ----------
    pages : list of RunPage
    directories : list of path
        Of which figures of several runs are drawn.
    """
    together, notes = _together(pages, directories)
    return (
        templates()
        .get_template("report.html")
        .render(
            heading=(pages[0].title or pages[0].name) if len(pages) == 1 else f"{len(pages)} runs of hpcmm",
            version=__version__,
            date=now(),
            pages=pages,
            overview=_overview(pages),
            together=together,
            together_notes=notes,
            costs=[_costs(page) for page in pages],
            starts=[_starts(page) for page in pages],
            citation=CITATION,
        )
        .lstrip()
    )


def templates():
    """The jinja2 environment of pages: all that is put into them is cleaned, then escaped; templates of this folder."""

    def text(name):
        return resources.files(__package__).joinpath(name).read_text("utf-8")

    return Environment(
        loader=FunctionLoader(text), autoescape=True, finalize=_cleaned, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def _cleaned(value):
    """What is put into the page: lines of letters that can be shown; it is escaped afterwards."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value  # of a macro, which has cleaned its own, or a number
    return "\n".join(printable(line.replace("\t", "    ")) for line in value.replace("\r\n", "\n").split("\n"))


def _together(pages, directories):
    """Figure of several runs of one kind, and notes."""
    from hpcmm import kinds

    names = {page.kind for page in pages}
    if len(pages) == 1 or len(names) > 1:
        return [], []
    try:
        name = kinds.named(names.pop()).figure_of(directories)
        return (report_pictures.drawn(name, directories) if name else []), []
    except InputError as error:
        return [], [f"no figure of all: {error}"]


def _overview(pages):
    heads = ["run", "title", "kind", "converged", "planned [core-hours]", "measured [core-hours]", "version", "seed"]
    rows = [
        [
            page.name, page.title, page.kind, page.converged, _hours(page.planned), _hours(page.log.core_seconds),
            page.made_by.get("version", "?"), page.made_by.get("seed", "-"),
        ]
        for page in pages
    ]  # fmt: skip
    return Grid("", heads, rows)


def _costs(page):
    planned, measured = page.planned, page.log.core_seconds
    ratio = f"{measured / planned:.3g}" if planned and measured is not None else "-"
    heads = ["", "core-hours", "core-seconds"]
    rows = [
        ["planned by this version", _hours(planned), _number(planned)],
        ["measured: ranks times wall time of all starts, with writing", _hours(measured), _number(measured)],
        ["measured / planned", ratio, ratio],
    ]
    return Grid("", heads, rows)


def _starts(page):
    heads = ["start", "begun", "ranks", "wall time [s]", "core-hours", "end"]
    rows = [
        [
            session.how, session.begun.isoformat(" ", "seconds"), str(session.ranks), f"{session.seconds:.3f}",
            _hours(session.core_seconds), session.end,
        ]
        for session in page.log.sessions
    ]  # fmt: skip
    return Grid("", heads, rows)


def _hours(seconds):
    return _number(None if seconds is None else seconds / 3600)


def _number(value):
    return "unknown" if value is None else f"{value:.3g}"

"""Writes runs/paper/index.html: the account of docs/paper.md, section by section, with the figures of the small runs.

``python jobs/paper_page.py [runs/paper]``, which jobs/paper.sh calls. The tables of claims are those of docs/paper.md,
whose columns are COLUMNS; they are also written as claims.ecsv beside the page.
"""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt  # which rich needs, too
from markupsafe import Markup

sys.path.insert(0, str(Path(__file__).parent))
from paper_numbers import measured

from hpcmm import __version__, figures
from hpcmm.commands import report_pictures
from hpcmm.commands.report import templates
from hpcmm.errors import InputError
from hpcmm.io.provenance import commit, now
from hpcmm.io.table import write_table

ACCOUNT = Path(__file__).parent.parent / "docs" / "paper.md"

COLUMNS = ("no.", "the paper", "its value", "hpcmm", "shown by", "comment")

FIGURES = {
    "Figure 1": "fig1", "Figure 2": "fig2", "Figure 3": "fig3", "Figure 4": "fig4", "Figure 5": "fig5",
    "Between eq 11": "scales", "The title": "escape", "The outlook": "faraday",
}  # fmt: skip
"""Beginning of a heading in the account -> name of its figure in jobs/figure.sh."""


@dataclass(frozen=True)
class Claim:
    """A row of a table of claims, as plain texts in the order of COLUMNS."""

    number: str
    statement: str
    value: str
    ours: str
    shown_by: str
    comment: str


def markdown():
    """Reader of the account: CommonMark with tables; HTML in it stays text."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def sections(text):
    """Split the account at its headings: list of (heading, text below it)."""
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def claims(text):
    """Read the tables of claims of the account.

    Returns
    -------
    list of Claim

    Raises
    ------
    ValueError
        If a row has other cells than COLUMNS, or a number comes twice.
    """
    found, row, head = [], None, None
    for token in markdown().parse(text):
        if token.type == "table_open":
            head = None
        elif token.type == "tr_open":
            row = []
        elif token.type == "inline" and row is not None:
            row.append("".join(_words(child) for child in token.children))
        elif token.type == "tr_close":
            if head is None:
                head = tuple(row)
            elif head == COLUMNS:
                found.append(Claim(*row))
            row = None
    numbers = [claim.number for claim in found]
    if len(set(numbers)) < len(numbers) or not all(re.fullmatch(r"\d+\.\d+", number) for number in numbers):
        raise ValueError(f"{ACCOUNT}: numbers of claims that are no numbers or come twice: {numbers}")
    return found


def _words(token):
    return token.content if token.type in ("text", "code_inline") else " " if token.type == "softbreak" else ""


def figure_of(name, top):
    """Picture that `jobs/figure.sh NAME small` has drawn, with what it says in numbers; None where it has not."""
    folder = top / f"{name}-small"
    if not (folder / f"{name}.png").is_file():
        return None
    try:
        lines = [*figures.report(name, sorted(path.parent for path in folder.glob("*/resolved.toml")))]
    except InputError as error:
        lines = [str(error)]
    return report_pictures.picture_of(folder / f"{name}.png", lines)


def write(out, top=Path("runs")):
    """Write the page and claims.ecsv into the folder ``out``; returns the path of the page."""
    from astropy.table import Table

    text, parts = ACCOUNT.read_text(encoding="utf-8"), []
    reader, small = markdown(), measured(Path(top))
    links = os.path.relpath(ACCOUNT.parent, out)
    for heading, below in sections(text):
        name = next((figure for start, figure in FIGURES.items() if heading.startswith(start)), None)
        body = re.sub(r"^!\[.*\]\(.*\)$\n", "", below, flags=re.MULTILINE)  # figures of the full runs
        body = re.sub(r"\]\((?!https?:|#)", f"]({links}/", body)
        picture = figure_of(name, Path(top)) if name else None
        page = f"{name}.html" if name and (Path(out) / f"{name}.html").is_file() else None
        numbers = [(c.number, c.statement, small[c.number]) for c in claims(below) if c.number in small]
        parts.append((heading, name, picture, page, numbers, Markup(reader.render(body))))
    rows = [vars(claim) | {"small_runs": small.get(claim.number, "")} for claim in claims(text)]
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    table = Table(rows=rows)
    table.meta = {"source": "docs/paper.md", "version": __version__, "commit": commit()}
    write_table(out / "claims.ecsv", table)
    template = templates().from_string(Path(__file__).with_name("paper.html").read_text(encoding="utf-8"))
    heading = "The paper, claim by claim"
    page = template.render(
        heading=heading, version=__version__, commit=commit(), date=now(), parts=parts, count=len(rows)
    )
    (out / "index.html").write_text(page, encoding="utf-8")
    return out / "index.html"


if __name__ == "__main__":
    try:
        print(write(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/paper")))
    except (InputError, OSError, ValueError) as error:
        raise SystemExit(f"paper_page: {error}") from None

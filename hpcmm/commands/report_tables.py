"""Tables for the page of `hpcmm report`, as grids of texts: of tables of products, and of those for the terminal."""

from dataclasses import dataclass

import numpy as np
from rich.errors import MarkupError
from rich.text import Text

MOST_ROWS = 60
"""Most rows of a table that a page has; of a longer one the first and the last."""


@dataclass(frozen=True)
class Grid:
    """A table of texts.

    Attributes
    ----------
    title : str
    heads : list of str
    rows : list of list of str
    note : str
        What is left out, or the caption.
    """

    title: str
    heads: list
    rows: list
    note: str = ""


def grid_of(title, table):
    """Make the grid of a table of a product: units in the heads, six digits."""
    heads, columns = [], []
    for name in table.colnames:
        column = table[name]
        unit = str(getattr(column, "unit", None) or "")
        heads.append(f"{name} [{unit}]" if unit else name)
        columns.append([_text(value) for value in np.asarray(getattr(column, "value", column))])
    rows, note = [*map(list, zip(*columns, strict=True))], ""
    if len(rows) > MOST_ROWS:
        note = f"{len(rows)} rows; shown are the first and the last {MOST_ROWS // 2}"
        rows = rows[: MOST_ROWS // 2] + rows[-(MOST_ROWS // 2) :]
    return Grid(title, heads, rows, note)


def _text(value):
    return f"{value:.6g}" if isinstance(value, np.floating) else str(value)


def grid_of_terminal(table):
    """Make the grid of a table that `hpcmm.io.terminal.show` would print.

    Parameters
    ----------
    table : rich.table.Table
    """
    cells = [[_plain(cell) for cell in column.cells] for column in table.columns]
    heads, title = [_plain(column.header) for column in table.columns], _plain(table.title or "")
    return Grid(title, heads, [*map(list, zip(*cells, strict=True))], _plain(table.caption or ""))


def _plain(text):
    """What a cell shows, without the marks of colours."""
    try:
        return Text.from_markup(str(text), emoji=False).plain
    except MarkupError:
        return str(text)

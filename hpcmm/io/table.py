"""Tables in ECSV files: units and provenance in the header."""

import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hpcmm.errors import InputError
from hpcmm.foreign import read_text
from hpcmm.io import ecsv_guard, seal
from hpcmm.io.whole_file import replacing


def write_table(path, table):
    """Write a table under another name, then rename it, so that the file is whole at any moment.

    Parameters
    ----------
    path : path
    table : astropy.table.Table

    Raises
    ------
    OSError
        If it cannot be written; a table that was there stays.
    """
    with replacing(path) as part, open(part, "w", encoding="utf-8", newline="\n") as file:
        table.write(file, format="ascii.ecsv")  # a name with "~" would be another to astropy


def made_by(attributes):
    """Entries of a table's header on what made it, from the provenance of its run."""
    return {name: str(attributes.get(name, "")) for name in ("version", "commit", "compiler", "cpu")}


FLAGS = ("yes", "no", "undecided")


def flag(value):
    """Word of a flag column: itself, or "yes" and "no" for the booleans of earlier versions.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if str(value) not in FLAGS:
        raise ValueError(f"{str(value)[:20]!r} is not one of {', '.join(FLAGS)}")
    return str(value)


@dataclass(frozen=True)
class Needs:
    """What a reader needs of a table: columns of one number or word a row, none empty, and numbers in its header.

    Attributes
    ----------
    columns : dict
        Name -> unit; "" for bare numbers, "count" for whole ones, "words", "flag" for `FLAGS`.
    optional : dict
        Likewise, of columns that may be missing.
    facts : tuple of str
        Names of numbers in the header.
    """

    columns: dict = field(default_factory=dict)
    optional: dict = field(default_factory=dict)
    facts: tuple = ()


def read_table_of(directory, name="kappa.ecsv", needs=None):
    """Read a table of a run that has what is needed of it.

    Raises
    ------
    InputError
        If it is absent or no such table.
    """
    path = Path(directory) / name
    if not path.is_file():
        raise InputError(f"{path}: no such file; is this the directory of a finished run?")
    return read_table(path, needs)


def read_table(path, needs=None):
    """Read a table from an existing file.

    Parameters
    ----------
    path : path
    needs : Needs, optional

    Raises
    ------
    InputError
        If it holds no such table.
    """
    from astropy.table import QTable

    seal.check_table(path)
    try:
        text = read_text(path, ecsv_guard.MOST_BYTES)
        ecsv_guard.check(text)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # as of a unit that is none
            found = QTable.read(text.split("\n"), format="ascii.ecsv")
        for name in [name for name, value in found.meta.items() if value is None]:  # a key that its deck had not
            del found.meta[name]
        _demand(found, needs or Needs())
    except Exception as error:
        words = getattr(error, "strerror", None) or (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{path}: not a table of hpcmm ({words:.200})") from None
    return found


def _demand(found, needs):
    """Raise ValueError unless the facts of the header are plain ones and what is needed is there."""
    for name, value in found.meta.items():
        if not all(isinstance(item, (str, int, float)) for item in (value if isinstance(value, list) else [value])):
            raise ValueError(f"{str(name)[:40]!r} of its header is no plain value")
    if not len(found):
        raise ValueError("it has no rows")
    for name in needs.facts:
        if isinstance(found.meta.get(name), bool) or not isinstance(found.meta.get(name), (int, float)):
            raise ValueError(f"its header has no number {name!r}")
    for name, unit in (needs.columns | {n: u for n, u in needs.optional.items() if n in found.colnames}).items():
        if name not in found.colnames:
            raise ValueError(f"it has no column {name!r}")
        if np.any(getattr(found[name], "mask", False)):
            raise ValueError(f"column {name!r} has empty cells")
        if not _holds(found[name], unit):
            raise ValueError(f"column {name!r} does not hold {_EXPECTED.get(unit, f'numbers in {unit}')}")


_EXPECTED = {"": "numbers", "count": "whole numbers", "words": "words", "flag": ", ".join(FLAGS)}


def _holds(column, unit):
    if unit == "flag":
        return column.dtype.kind == "b" or all(str(value) in FLAGS for value in column)
    if unit in ("words", "count"):
        return column.dtype.kind in ("U" if unit == "words" else "iu")
    own = getattr(column, "unit", None)
    return column.dtype.kind in "iuf" and (not unit or (own is not None and own.is_equivalent(unit)))

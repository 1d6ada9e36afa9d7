"""Tables in ECSV files: units and provenance in the header."""

from pathlib import Path

import numpy as np

from hpcmm.errors import InputError
from hpcmm.io import seal
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
    with replacing(path) as part:
        table.write(part, format="ascii.ecsv", overwrite=True)


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


def read_table_of(directory, name="kappa.ecsv"):
    """Read a table of a run.

    Raises
    ------
    InputError
        If it is absent or no such table.
    """
    path = Path(directory) / name
    if not path.is_file():
        raise InputError(f"{path}: no such file; is this the directory of a finished run?")
    return read_table(path)


def read_table(path):
    """Read a table from an existing file; InputError if it holds none."""
    from astropy.table import QTable

    seal.check_table(path)
    try:
        return QTable.read(path, format="ascii.ecsv")
    except Exception as error:
        raise InputError(f"{path}: not a table of hpcmm ({str(error).splitlines()[0]})") from None

"""A finished run whose result is a table: what `hpcmm.open_run` gives of every kind but transport."""

from pathlib import Path

from hpcmm.config import read_config
from hpcmm.deck import load_deck
from hpcmm.errors import InputError
from hpcmm.products import read_table


class TableRun:
    """A finished run.

    Parameters
    ----------
    directory : path

    Attributes
    ----------
    config : AnyConfig
        The resolved deck.
    table : QTable
        Its table.

    Raises
    ------
    InputError, DeckError
        If the directory holds no finished run.
    """

    TABLE = "kappa.ecsv"

    def __init__(self, directory):
        self.directory = Path(directory)
        for name in (self.TABLE, "resolved.toml"):
            if not (self.directory / name).is_file():
                raise InputError(f"{self.directory / name}: no such file; is this the directory of a finished run?")
        self.table = read_table(self.directory / self.TABLE)
        self.config = read_config(load_deck(self.directory / "resolved.toml"))

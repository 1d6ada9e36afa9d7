"""A finished run whose result is a table: base of what `hpcmm.open_run` returns for every kind but transport."""

from pathlib import Path

from hpcmm.deck.load import load_deck
from hpcmm.deck.messages import Layout
from hpcmm.deck.validate import read_config
from hpcmm.errors import InputError
from hpcmm.foreign import printable
from hpcmm.io import table
from hpcmm.io.terminal import energies_text


def described(directory, config, table):
    """What a finished run is, in a line: its kind, title, place and rows."""
    title = printable(config.title) or "untitled"
    energies = table["energy"].to_value("GeV") if "energy" in table.colnames else ()
    rows = energies_text(energies) if len(energies) else f"{len(table)} rows"
    return f"<{config.run.kind} run '{title}' in {printable(directory)}: {rows}; table: {', '.join(table.colnames)}>"


class TableRun:
    """A finished run.

    Parameters
    ----------
    directory : path

    Attributes
    ----------
    LAYOUT : Layout
        Of its kind's deck.
    TABLE, NEEDS : str, Needs
        File of the table of results, and what is needed of it.
    config : Config
        The resolved deck.
    table : QTable
        The results.

    Raises
    ------
    InputError, DeckError
        If the directory holds no finished run.
    """

    LAYOUT: Layout
    TABLE = "kappa.ecsv"
    NEEDS = table.Needs()

    def __init__(self, directory):
        self.directory = Path(directory)
        self.table = table.read_table_of(self.directory, self.TABLE, self.NEEDS)
        path = self.directory / "resolved.toml"
        if not path.is_file():
            raise InputError(f"{path}: no such file; is this the directory of a finished run?")
        self.config = read_config(load_deck(path), self.LAYOUT)

    def __repr__(self):
        return described(self.directory, self.config, self.table)

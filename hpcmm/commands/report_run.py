"""What a page of `hpcmm report` says of one run: taken from its directory by the readers of its kind."""

import warnings
from dataclasses import dataclass, field
from pathlib import Path

from hpcmm import kinds
from hpcmm.commands import report_pictures
from hpcmm.commands.report_tables import Grid, grid_of, grid_of_terminal
from hpcmm.deck.load import read_raw, text_of
from hpcmm.errors import InputError, Notice
from hpcmm.io import seal
from hpcmm.io.table import flag, read_table
from hpcmm.run import log_file, settled
from hpcmm.run.kind import RunKind


@dataclass
class RunPage:
    """One run, as texts and grids of texts; nothing is escaped yet.

    Attributes
    ----------
    directory, name, title, kind : str
    decks : dict
        Heading -> text of a deck.
    result : Grid or None
        The table that the terminal shows.
    advice, notes : list of str
        What would make its numbers better; what a reader of its files should know.
    tables : list of Grid
        All of its ECSV products, whole columns.
    checks : Grid or None
        Columns that say how good the rows are.
    converged : str
        "3 of 4 rows", or "-".
    pictures : list of report_pictures.Picture
    plan : Grid
    plan_lines : list of str
    planned : float or None
        [core-seconds].
    log : log_file.Log
    parts : list of str
        Runs that it was joined from.
    made_by : dict
        Provenance.
    products : Grid or None
    """

    directory: str
    name: str
    title: str
    kind: str
    decks: dict
    plan: Grid
    plan_lines: list
    planned: float | None
    log: log_file.Log
    parts: list
    result: Grid | None = None
    checks: Grid | None = None
    converged: str = "-"
    advice: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    tables: list = field(default_factory=list)
    pictures: list = field(default_factory=list)
    made_by: dict = field(default_factory=dict)
    products: Grid | None = None


def page_of(directory):
    """Read a finished run, or a trained network.

    Parameters
    ----------
    directory : path

    Returns
    -------
    RunPage

    Raises
    ------
    InputError
        In a line, if it holds no such run or one of its products is damaged.
    """
    directory = Path(directory)
    if not (directory / "resolved.toml").is_file():
        raise InputError(f"{directory}: holds no run (no resolved.toml); give the directory of a finished one")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        page = _read(directory)
    for warning in caught:
        warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    page.notes += [str(warning.message) for warning in caught if issubclass(warning.category, Notice)]
    page.notes += seal.faults(directory)
    return page


def _read(directory):
    _, config = kinds.read(directory / "resolved.toml")
    kind = kinds.of(config)
    table, lines = kind.plan(config)
    page = RunPage(
        str(directory), directory.absolute().name, config.title, config.run.kind, _decks(directory),
        grid_of_terminal(table), lines, kind.core_seconds(config), log_file.read(directory), settled.merged(directory),
    )  # fmt: skip
    tables = {name: read_table(path) for name in kind.files if (path := directory / name).is_file() and _is_table(name)}
    if isinstance(kind, RunKind):
        kind.open(directory)  # refused where a product is damaged
        _add_result(page, kind, directory)
    elif not tables:
        raise InputError(f"{directory}: holds none of {', '.join(kind.files)}; `hpcmm train` writes them")
    page.tables = [grid_of(name, table) for name, table in tables.items()]
    page.pictures, notes = report_pictures.pictures_of(directory, kind)
    page.notes += notes
    page.made_by = _provenance(config, [table.meta for table in tables.values()], page.log)
    page.products = _products(directory)
    return page


def _is_table(name):
    return name.endswith(".ecsv")


def _add_result(page, kind, directory):
    found = kind.read_table(directory)
    page.result = grid_of_terminal(kind.show(found))
    page.advice = kind.advice(found, directory)
    columns = [name for name in kind.checks if name in found.colnames]
    if columns:
        page.checks = grid_of("", found[[*found.colnames[:1], *columns]])
    if "converged" in found.colnames:
        flags = [flag(value) for value in found["converged"]]
        page.converged = f"{flags.count('yes')} of {len(flags)} rows"


def _decks(directory):
    found = {}
    for heading, name in (("deck.toml, as given", "deck.toml"), ("resolved.toml, with every default", "resolved.toml")):
        if (directory / name).is_file():
            found[heading] = text_of(directory / name, read_raw(directory / name))
    return found


def _provenance(config, headers, log):
    """Names and texts of what made the results: from the headers of tables and the log."""
    found = {}
    for header in headers:
        for name in ("version", "commit", "compiler", "cpu"):
            if header.get(name):
                found.setdefault(name, []).append(str(header[name]))
    made_by = {name: ", ".join(dict.fromkeys(values)) for name, values in found.items()}
    if getattr(config.run, "seed", None) is not None:
        made_by["seed"] = str(config.run.seed)
    if log.sessions:
        made_by["ranks"] = ", ".join(dict.fromkeys(str(session.ranks) for session in log.sessions))
        packages = dict.fromkeys(session.made_by for session in log.sessions if session.made_by)
        made_by["run with"] = "; ".join(packages) or "not in the log, which an earlier version wrote"
        made_by["command"] = log.sessions[0].command
    return made_by


def _products(directory):
    rows = [[name, f"{entry['size']:,}", entry["sha256"]] for name, entry in seal.sealed(directory).items()]
    return Grid("", ["product", "size [bytes]", "SHA-256"], rows) if rows else None

"""What a kind of run answers. A kind is a folder of `hpcmm.kinds`; its `kind.py` ends with ``KIND = TheClass()``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from hpcmm.errors import InputError
from hpcmm.io import table

if TYPE_CHECKING:
    import numpy as np
    from rich.table import Table

    from hpcmm.run.checkpoint_read import Rows
    from hpcmm.run.keeper import Keeper

Config = Any
"""The pydantic model of a kind's deck, a `hpcmm.deck.tables.Deck`."""


class State(Protocol):
    """What one rank holds of a run, and how a checkpoint keeps it: rows with global ids, readable on any ranks."""

    def arrays(self) -> dict[str, np.ndarray]:
        """Arrays for `hpcmm.run.checkpoint.write`; those of the ranks follow one another along the first axis."""

    def summary(self, comm) -> str:
        """Collective: one line on the whole run for `hpcmm status`: "12 of 24 tasks done, 3 in progress"."""


@dataclass(frozen=True)
class Run:
    """A run in progress, handed on whole.

    Attributes
    ----------
    comm : communicator
    directory : Path
        The run directory.
    config : Config
    keeper : Keeper
        Saves the run, and stops it.
    provenance : dict or None
        Attributes for product files, root's alone.
    """

    comm: Any
    directory: Path
    config: Config
    keeper: Keeper
    provenance: dict | None


class Kind(ABC):
    """A deck that can be checked."""

    files: tuple[str, ...] = ()
    """Products below the run directory, which `--overwrite` removes."""

    @abstractmethod
    def check(self, config: Config) -> None:
        """Plan the work; raise SectionError where the deck cannot be run."""

    @abstractmethod
    def plan(self, config: Config) -> tuple[Table, list[str]]:
        """What `hpcmm check` shows. Root alone: rich, astropy and matplotlib are imported inside."""

    def warnings(self, config: Config) -> list[str]:
        """What is allowed but likely not meant, a line each."""
        return []


class RunKind(Kind):
    """A deck that is run on ranks, saved, resumed, and ends in a table."""

    unit: str
    """What progress is counted in, as people say it: "particle steps"."""
    table: str = "kappa.ecsv"
    """File of the table that is shown at the end."""
    figure: str | None = None
    """Name in `hpcmm.figures.FIGURES`, drawn at the end of a run."""
    requires: Mapping[str, str] = {}
    """Modules without which it cannot run, and how to get them."""
    no_running: str = "has no kappa(t)"
    """Why `hpcmm kappa --running` shows nothing of it."""

    @abstractmethod
    def start(self, config: Config) -> State:
        """State of this rank before the first step."""

    @abstractmethod
    def load(self, config: Config, rows: Rows) -> State:
        """Collective: this rank's share of a checkpoint; raises Damaged on all ranks where it is not of this run."""

    @abstractmethod
    def run(self, run: Run, state: State) -> None:
        """From ``state`` to the product files; calls `hpcmm.run.rounds.work`."""

    @abstractmethod
    def show(self, found: Any) -> Table:
        """The table of a finished run, for people. Root alone, as all below."""

    @abstractmethod
    def open(self, directory: Path) -> Any:
        """A finished run for `hpcmm.open_run`: ``config``, ``table`` and what else there is, with units."""

    def progress(self, config: Config, directory: Path) -> Table | None:
        """What is known of the results of a run in progress, for `hpcmm status`."""
        return None

    def recompute(self, directory: Path, running: bool = False) -> Table:
        """What `hpcmm kappa` shows: the table, as far as products allow computed anew; ``running``: kappa(t).

        Raises
        ------
        InputError
            If the products are missing or hold no kappa(t).
        """
        if running:
            raise InputError(f"{directory}: {self.no_running}")
        return self.show(table.read_table_of(directory, self.table))

    def demand(self, name: str) -> None:
        """Refuse to begin without a library that it needs.

        Raises
        ------
        InputError
        """
        for module, remedy in self.requires.items():
            try:
                import_module(module)
            except ImportError:
                raise InputError(f"kind '{name}' needs {module}, which is not here; {remedy}") from None

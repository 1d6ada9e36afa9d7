"""Base classes of kinds of run. A kind is a folder of `hpcmm.kinds`; its `kind.py` ends with ``KIND = TheClass()``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from hpcmm.errors import InputError
from hpcmm.io.table import Needs, read_table_of

if TYPE_CHECKING:
    import numpy as np
    from rich.table import Table

    from hpcmm.run.checkpoint_read import Rows
    from hpcmm.run.keeper import Keeper

Config = Any
"""The pydantic model of a kind's deck, a `hpcmm.deck.tables.DeckModel`."""


class State(Protocol):
    """The part of a run that one rank holds, saved as rows with global ids that any number of ranks can read."""

    def arrays(self) -> dict[str, np.ndarray]:
        """Arrays for `hpcmm.run.checkpoint.write`; those of the ranks follow one another along the first axis."""

    def summary(self, comm) -> str:
        """Collective: one line on the whole run for `hpcmm status`: "12 of 24 tasks done, 3 in progress"."""


@dataclass(frozen=True)
class Run:
    """A run in progress: all that the code of a kind needs of it.

    Attributes
    ----------
    comm : communicator
    directory : Path
        The run directory.
    config : Config
    keeper : Keeper
        Saves the run, and stops it.
    provenance : dict or None
        Attributes for product files; None but on root.
    """

    comm: Any
    directory: Path
    config: Config
    keeper: Keeper
    provenance: dict | None


@dataclass(frozen=True)
class Progress:
    """Preliminary results of a run in progress.

    Attributes
    ----------
    number : int or None
        Number of the checkpoint that they are from; None if none can be used.
    notes : list of str
        A line for each newer checkpoint that cannot be used.
    table : rich.table.Table or None
    """

    number: int | None
    notes: list
    table: Table | None


class Kind(ABC):
    """A deck that can be checked."""

    files: tuple[str, ...] = ()
    """Products below the run directory, which `--overwrite` removes: FILES of the kind's package."""
    figure: str | None = None
    """Name in `hpcmm.figures.FIGURES`, drawn at the end of a run; see `figure_of`."""
    lag_figure: str | None = None
    """Name in `hpcmm.figures.FIGURES` of kappa against lag."""

    def completed(self, config: Config) -> Config:
        """The config with what only files can say filled in; raises SectionError where they cannot be used. Root."""
        return config

    def figure_of(self, directories: Sequence[Path]) -> str | None:
        """Name in `hpcmm.figures.FIGURES` of the figure that shows these runs of the kind; None where there is none."""
        return self.figure

    @abstractmethod
    def check(self, config: Config) -> None:
        """Plan the work; raise SectionError where the deck cannot be run."""

    @abstractmethod
    def plan(self, config: Config) -> tuple[Table, list[str]]:
        """Table and lines that `hpcmm check` prints. Root alone: rich, astropy, matplotlib are imported inside."""

    def core_seconds(self, config: Config) -> float | None:
        """Expected cost of the whole run [core-seconds]; None where it is not planned."""
        return None

    def notes(self, config: Config) -> list[str]:
        """Lines for the log: what was found out about the input."""
        return []

    def warnings(self, config: Config) -> list[str]:
        """Warnings, one a line, of what is allowed but probably not intended."""
        return []


class RunKind(Kind):
    """A deck that is run on ranks, saved, resumed, and ends in a table."""

    unit: str
    """Unit in which progress is counted, as people say it: "particle steps"."""
    table: str = "kappa.ecsv"
    """File of the table that is shown at the end."""
    needs: Needs = Needs()
    """What `show` needs of that table."""
    checks: tuple[str, ...] = ()
    """Columns of that table that say how good its rows are, as far as it has them."""
    requires: Mapping[str, str] = {}
    """Module without which it cannot run -> how to get it."""
    oldest_checkpoint: int = 3
    """Oldest schema of checkpoints whose rows it can read."""
    oldest_with_tracks: int = 3
    """Likewise, where the run keeps tracks."""
    no_running: str = "has no kappa(t)"
    """Reason why `hpcmm kappa --running` shows nothing for this kind."""

    def demand_begin(self, config: Config, ranks: int) -> None:
        """Refuse what cannot begin on so many ranks, before a run that is there is replaced; InputError. Root."""

    @abstractmethod
    def start(self, config: Config) -> State:
        """Make the state of a rank before the first step."""

    @abstractmethod
    def load(self, config: Config, rows: Rows) -> State:
        """Collective: read this rank's share of a checkpoint; Damaged on all ranks where it does not fit the config."""

    def extended(self, shorter: Config, config: Config, state: State) -> State:
        """Make this rank's state of a run from that of a shorter one, which its ``config.shorter`` has named.

        Only kinds whose config names shorter runs are asked, and have it.
        """
        raise NotImplementedError(f"{type(self).__name__} extends no runs, but its config named a shorter one")

    @abstractmethod
    def run(self, run: Run, state: State) -> None:
        """Run from ``state`` to the end and write the product files; calls `hpcmm.run.rounds.work`."""

    @abstractmethod
    def show(self, found: Any) -> Table:
        """Make the terminal table of a finished run from its product table. Root alone, as all below."""

    def advice(self, found: Any, directory: Path) -> list[str]:
        """Lines under the table of a finished run: what would make its numbers better."""
        return []

    @abstractmethod
    def open(self, directory: Path) -> Any:
        """Open a finished run for `hpcmm.open_run`: ``config``, ``table`` and the kind's other results, with units."""

    def progress(self, config: Config, directory: Path) -> Progress | None:
        """Preliminary results of a run in progress, for `hpcmm status`; None where checkpoints hold none."""
        return None

    def recompute(self, directory: Path, running: bool = False) -> Table:
        """Make the table that `hpcmm kappa` shows, recomputed if the products allow it; ``running``: kappa(t).

        Raises
        ------
        InputError
            If the products are missing or hold no kappa(t).
        """
        if running:
            raise InputError(f"{directory}: {self.no_running}")
        return self.show(self.read_table(directory))

    def read_table(self, directory: Path) -> Any:
        """Table of a finished run, with all that `show` needs; InputError if it is none."""
        return read_table_of(directory, self.table, self.needs)

    def demand(self, name: str) -> None:
        """Refuse to begin without a library that this kind needs.

        Raises
        ------
        InputError
        """
        for module, remedy in self.requires.items():
            try:
                import_module(module)
            except ImportError:
                raise InputError(f"kind '{name}' needs {module}, which is not here; {remedy}") from None

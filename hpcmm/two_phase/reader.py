"""`hpcmm.open_run(DIR)` of a two-phase run."""

from functools import cached_property
from pathlib import Path

from hpcmm import tracks_file
from hpcmm.config import read_config
from hpcmm.deck import load_deck
from hpcmm.errors import InputError
from hpcmm.products import read_kappa


class LineRun:
    """A finished two-phase run; lengths in periods, speeds in c, so that no column has a unit.

    Parameters
    ----------
    directory : path

    Attributes
    ----------
    config : TwoPhaseConfig
        The resolved deck.
    table : QTable
        kappa(f_mm), as in kappa.ecsv.
    tracks : Tracks
        Places of the first particles, read when asked for.

    Raises
    ------
    InputError, DeckError
        If the directory holds no finished run; for ``tracks``, if the run kept none.
    """

    def __init__(self, directory):
        self.directory = Path(directory)
        self.table = read_kappa(self.directory)
        path = self.directory / "resolved.toml"
        if not path.is_file():
            raise InputError(f"{path}: no such file; is this the directory of a finished run?")
        self.config = read_config(load_deck(path))

    @cached_property
    def tracks(self):
        """Places of the first particles of each f_mm at equal intervals."""
        return tracks_file.read(self.directory / "tracks.h5")

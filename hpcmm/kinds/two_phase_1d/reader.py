"""What `hpcmm.open_run(DIR)` returns for a two-phase run."""

from functools import cached_property

from hpcmm.io import tracks_file
from hpcmm.io.table import Needs
from hpcmm.kinds.two_phase_1d.config import LAYOUT
from hpcmm.run.finished import TableRun

_MEASURED = ("kappa", "occupancy", "mean_residence")
_EXACT = ("f_mm", "kappa_exact", "mean_residence_exact")
NEEDS = Needs(dict.fromkeys((*_MEASURED, *(f"{name}_err" for name in _MEASURED), *_EXACT), ""))
"""What tables need of kappa.ecsv."""


class LineRun(TableRun):
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

    LAYOUT, NEEDS = LAYOUT, NEEDS

    @cached_property
    def tracks(self):
        """Places of the first particles of each f_mm at equal intervals."""
        return tracks_file.read(self.directory / "tracks.h5")

"""What `hpcmm.open_run(DIR)` returns for an effective medium."""

import numpy as np

from hpcmm.kinds.effective_medium.config import LAYOUT
from hpcmm.kinds.effective_medium.tensor import COMPONENTS
from hpcmm.run.finished import TableRun


class MediumRun(TableRun):
    """A finished run of kind "effective_medium".

    Parameters
    ----------
    directory : path

    Attributes
    ----------
    config : EffectiveMediumConfig
        The resolved deck.
    table : QTable
        kappa(f), as in kappa.ecsv.

    Raises
    ------
    InputError, DeckError
        If the directory holds no finished run.
    """

    def __init__(self, directory):
        super().__init__(directory, LAYOUT)

    @property
    def tensor(self):
        """kappa_ij, Quantity [filling fraction, 3, 3]."""
        found = np.zeros((len(self.table), 3, 3)) * self.table["kappa_xx"].unit
        for name, i, j in COMPONENTS:
            found[:, i, j] = found[:, j, i] = self.table[f"kappa_{name}"]
        return found

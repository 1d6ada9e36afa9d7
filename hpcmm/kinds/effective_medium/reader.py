"""What `hpcmm.open_run(DIR)` returns for an effective medium."""

import numpy as np

from hpcmm.io.table import Needs
from hpcmm.kinds.effective_medium.config import LAYOUT
from hpcmm.kinds.effective_medium.tensor import COMPONENTS
from hpcmm.run.finished import TableRun

_KAPPAS = ("kappa_iso_err", *(f"kappa_{name}" for name in ("iso", "xx", "yy", "zz", "xy", "xz", "yz")))
_BOUNDS = ("harmonic", "arithmetic", "hs_lower", "hs_upper")
NEEDS = Needs(
    dict.fromkeys((*_KAPPAS, *_BOUNDS), "cm2 / s")
    | {"filling_fraction": "", "filling_fraction_measured": "", "iterations": "count"},
    {f"kappa_{name}_discretization": "cm2 / s" for name in ("xx", "yy", "zz")},
)
"""What tables need of kappa.ecsv."""


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

    LAYOUT, NEEDS = LAYOUT, NEEDS

    @property
    def tensor(self):
        """kappa_ij, Quantity [filling fraction, 3, 3]."""
        found = np.zeros((len(self.table), 3, 3)) * self.table["kappa_xx"].unit
        for name, i, j in COMPONENTS:
            found[:, i, j] = found[:, j, i] = self.table[f"kappa_{name}"]
        return found

"""`hpcmm.open_run(DIR)` of an effective medium."""

from pathlib import Path

import numpy as np

from hpcmm.config import read_config
from hpcmm.deck import load_deck
from hpcmm.effective_medium.tensor import COMPONENTS
from hpcmm.errors import InputError
from hpcmm.products import read_kappa


class MediumRun:
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
        self.directory = Path(directory)
        self.table = read_kappa(self.directory)
        path = self.directory / "resolved.toml"
        if not path.is_file():
            raise InputError(f"{path}: no such file; is this the directory of a finished run?")
        self.config = read_config(load_deck(path))

    @property
    def tensor(self):
        """kappa_ij, Quantity [filling fraction, 3, 3]."""
        found = np.zeros((len(self.table), 3, 3)) * self.table["kappa_xx"].unit
        for name, i, j in COMPONENTS:
            found[:, i, j] = found[:, j, i] = self.table[f"kappa_{name}"]
        return found

"""What `hpcmm.open_run(DIR)` returns for an MHD run."""

import numpy as np

from hpcmm.errors import InputError
from hpcmm.io import hdf5
from hpcmm.io.table import read_table_of
from hpcmm.kinds.mhd.config import LAYOUT
from hpcmm.kinds.mhd.plan import snapshot_name
from hpcmm.kinds.mhd.products import DATASETS, NEEDS, NEEDS_OF_PATCHES
from hpcmm.run.finished import TableRun


class MhdRun(TableRun):
    """A finished run of kind "mhd".

    Parameters
    ----------
    directory : path

    Attributes
    ----------
    config : MhdConfig
        The resolved deck.
    table : QTable
        The history, as in history.ecsv.

    Raises
    ------
    InputError, DeckError
        If the directory holds no finished run.
    """

    LAYOUT, TABLE, NEEDS = LAYOUT, "history.ecsv", NEEDS

    def spectrum(self, name):
        """Read a dataset of spectra.h5: "time", "k", "E_u", "E_b", "H_M" or "H_K".

        Raises
        ------
        InputError
            If there is none of that name.
        """
        path = self._there("spectra.h5")
        if name not in DATASETS:
            raise InputError(f"{path}: has no {name!r:.60}, but {', '.join(DATASETS)}")
        with hdf5.product(path, "file of spectra") as file:
            return hdf5.read(file, name)

    @property
    def snapshots(self):
        """{time: path} of the snapshots."""
        return {time: self._there(f"snapshots/{snapshot_name(time)}") for time in self.config.output.snapshots}

    def field(self, name, time):
        """Read a field of a snapshot at the points: array [x, y, z, component] of "u" or "b".

        Raises
        ------
        InputError
            If there is no such snapshot.
        """
        if time not in self.snapshots or name not in ("u", "b"):
            known = ", ".join(f"{t:g}" for t in self.snapshots) or "none"
            raise InputError(f"{self.directory}: has no snapshot of {name!r:.20} at {time!r:.20}; times: {known}")
        with hdf5.product(self.snapshots[time], "snapshot") as file:
            (step,) = hdf5.item(file, "data")
            values = [hdf5.read(file, f"data/{step}/meshes/{name}/{axis}") for axis in "xyz"]
        return np.stack(values, axis=-1).transpose(2, 1, 0, 3)

    @property
    def microphysics(self):
        """Table of where mirrors would be, as in microphysics.ecsv; InputError where the deck asks for none."""
        return read_table_of(self.directory, "microphysics.ecsv", NEEDS_OF_PATCHES)

    def _there(self, name):
        path = self.directory / name
        if not path.is_file():
            raise InputError(f"{path}: no such file; is this the directory of a finished run?")
        return path

"""What `hpcmm.open_run(DIR)` returns for a hybrid_pic run."""

import numpy as np

from hpcmm.errors import InputError
from hpcmm.io import hdf5
from hpcmm.io.table import Needs, read_table_of
from hpcmm.kinds.hybrid_pic import history, plan, structure
from hpcmm.kinds.hybrid_pic.config import LAYOUT
from hpcmm.kinds.hybrid_pic.snapshot import MESHES
from hpcmm.kinds.hybrid_pic.spectra import DATASETS
from hpcmm.run.finished import TableRun

HISTORY = Needs(columns=dict.fromkeys(history.COLUMNS, ""), facts=("steps", "markers", "beta"))
"""What readers need of history.ecsv."""

STRUCTURE = Needs(columns=dict.fromkeys(structure.COLUMNS, ""))
"""What readers need of micromirrors.ecsv."""


class HybridRun(TableRun):
    """A finished run of kind "hybrid_pic".

    Parameters
    ----------
    directory : path

    Attributes
    ----------
    config : HybridConfig
        The resolved deck.
    table : QTable
        The history, as in history.ecsv.

    Raises
    ------
    InputError, DeckError
        If the directory holds no finished run.
    """

    LAYOUT, TABLE, NEEDS = LAYOUT, "history.ecsv", HISTORY

    @property
    def micromirrors(self):
        """Table of the snapshots' structure, as in micromirrors.ecsv."""
        return read_table_of(self.directory, "micromirrors.ecsv", STRUCTURE)

    def spectrum(self, name):
        """Read a dataset of spectra.h5, one of `hpcmm.kinds.hybrid_pic.spectra.DATASETS`.

        Raises
        ------
        InputError
            If there is none of that name, or the run has no snapshots.
        """
        path = self.directory / "spectra.h5"
        if not path.is_file():
            raise InputError(f"{path}: no such file; spectra are those of snapshots")
        if name not in DATASETS:
            raise InputError(f"{path}: has no {name!r:.60}, but {', '.join(DATASETS)}")
        with hdf5.product(path, "file of spectra") as file:
            return hdf5.read(file, name)

    @property
    def snapshots(self):
        """{time asked for: path} of the snapshots."""
        steps = plan.snapshot_steps(self.config)
        names = (self.directory / "snapshots" / plan.snapshot_name(step) for step in steps)
        return dict(zip(self.config.output.snapshots, names, strict=True))

    def field(self, name, time):
        """Read a field of a snapshot: array [x, y, z, component] of "B", "u", "pressure", [x, y, z] of "n".

        Raises
        ------
        InputError
            If there is no such snapshot.
        """
        if time not in self.snapshots or name not in MESHES:
            known = ", ".join(f"{t:g}" for t in self.snapshots) or "none"
            raise InputError(f"{self.directory}: has no snapshot of {name!r:.20} at {time!r:.20}; times: {known}")
        with hdf5.product(self.snapshots[time], "snapshot") as file:
            (step,) = hdf5.item(file, "data")
            place = f"data/{step}/meshes/{name}"
            if MESHES[name] == (None,):
                return hdf5.read(file, place).T
            return np.stack([hdf5.read(file, f"{place}/{c}").T for c in MESHES[name]], axis=-1)

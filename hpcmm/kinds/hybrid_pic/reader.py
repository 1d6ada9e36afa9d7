"""What `hpcmm.open_run(DIR)` returns for a hybrid_pic run."""

import numpy as np

from hpcmm.errors import InputError
from hpcmm.io import hdf5
from hpcmm.io.table import read_table_of
from hpcmm.kinds.hybrid_pic import plan
from hpcmm.kinds.hybrid_pic.config import LAYOUT
from hpcmm.kinds.hybrid_pic.snapshot import MESHES
from hpcmm.run.finished import TableRun


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

    TABLE = "history.ecsv"

    def __init__(self, directory):
        super().__init__(directory, LAYOUT)

    @property
    def micromirrors(self):
        """Table of the snapshots' structure, as in micromirrors.ecsv."""
        return read_table_of(self.directory, "micromirrors.ecsv")

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

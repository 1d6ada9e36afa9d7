"""What `hpcmm.open_run(DIR)` returns for a cluster."""

from hpcmm.errors import InputError
from hpcmm.io import hdf5
from hpcmm.io.table import Needs
from hpcmm.kinds.cluster import products
from hpcmm.kinds.cluster.config import LAYOUT
from hpcmm.run.finished import TableRun

_TIMES = dict.fromkeys(("lifetime", "lifetime_f0", "half_time", "duration"), "Gyr")
_SHARES = dict.fromkeys(("inside", "escaped", "lost"), "")
NEEDS = Needs(
    {"energy": "GeV", "kappa_centre": "cm2 / s", "kappa_edge": "cm2 / s", **_TIMES, **_SHARES, "steps": "count"}
)
"""What tables and figures need of escape.ecsv."""


class ClusterRun(TableRun):
    """A finished run of kind "cluster".

    Parameters
    ----------
    directory : path

    Attributes
    ----------
    config : ClusterConfig
        The resolved deck.
    table : QTable
        Escape times against energy, as in escape.ecsv.

    Raises
    ------
    InputError, DeckError
        If the directory holds no finished run.
    """

    LAYOUT, TABLE, NEEDS = LAYOUT, "escape.ecsv", NEEDS

    @property
    def names(self):
        """Names that `profile` takes."""
        with self._open() as file:
            return list(file)

    def profile(self, name):
        """Read a dataset of profiles.h5 as a Quantity: "density" [energy, time, shell], "radius", "kappa" ...

        Raises
        ------
        InputError
            If there is none of that name.
        """
        from hpcmm.deck.units import quantity

        with self._open() as file:
            if name not in file:
                raise InputError(f"{self.directory / 'profiles.h5'}: has no {name!r:.60}, but {', '.join(file)}")
            unit = str(hdf5.attribute(hdf5.dataset(file, name), "units"))
            return quantity(hdf5.read(file, name, products.shapes(self.config).get(name)), "" if unit == "1" else unit)

    def _open(self):
        path = self.directory / "profiles.h5"
        if not path.is_file():
            raise InputError(f"{path}: no such file; is this the directory of a finished run?")
        return hdf5.product(path, "profiles file")

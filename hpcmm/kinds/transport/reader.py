"""What `hpcmm.open_run(DIR)` returns for a transport run: arrays with units, without MPI."""

from dataclasses import replace
from pathlib import Path

from hpcmm.deck.units import quantity
from hpcmm.errors import InputError
from hpcmm.estimators import lags
from hpcmm.io import tracks_file
from hpcmm.kinds.transport import kappa, moments, moments_file, products, running
from hpcmm.run.finished import described
from hpcmm.theory.constants import PARSEC, C


class TransportRun:
    """A finished transport run.

    Parameters
    ----------
    directory : path

    Attributes
    ----------
    config : Config
        The resolved deck.
    energy : Quantity [energy]
    time : Quantity [energy, time]
        Sample times t [s].
    sums : array [energy, realization, block, time, moment]
        Moment sums in powers of pc; names in ``hpcmm.kinds.transport.moments.INDEX``.
    step : array [energy]
        Path length of one step [pc].
    lag_time : Quantity [energy, lag] or None
        Lags [s]; None in runs of earlier versions.
    lag_sums : array [energy, realization, block, lag, column] or None
        Sums over pairs of points, see `cython_kernels.lags.COLUMNS`.
    table : QTable
        kappa(E), as in kappa.ecsv.
    attributes : dict
        Provenance.

    Raises
    ------
    InputError
        If the directory holds no finished run.
    """

    def __init__(self, directory):
        self.directory = Path(directory)
        data = moments_file.read(self.directory / "moments.h5")
        self._path = data.time
        self.attributes = data.attributes
        self.config = products.config_of(data)
        self.sums, self.lag_sums = data.sums, data.lag_sums
        self.lag_time = None if data.lag_time is None else quantity(data.lag_time * PARSEC / C, "s")
        self.energy = quantity(data.energy, "GeV")
        self.gyroradius = quantity(data.gyroradius, "pc")
        self.step = data.step
        self.time = quantity(data.time * PARSEC / C, "s")
        self.table = products.kappa_table(self.directory)

    def __repr__(self):
        return described(self.directory, self.config, self.table)

    def moment(self, name):
        """Mean of a moment over all particles, Quantity [energy, time]; names in ``moments.INDEX``."""
        unit = moments.UNITS[moments.INDEX[name]]
        return quantity(moments.mean(self._pooled(), name), "" if unit == "1" else unit)

    def tracks(self):
        """Read tracks: a `hpcmm.io.tracks_file.Tracks` whose places are Quantities [pc], times [s], labels [GeV].

        Raises
        ------
        InputError
            If the run kept none.
        """
        found = tracks_file.read(self.directory / "tracks.h5")
        return replace(
            found,
            position=quantity(found.position, "pc"),
            origin=quantity(found.origin, "pc"),
            time=quantity(found.time * PARSEC / C, "s"),
            label=quantity(found.label, "GeV"),
        )

    def running_kappa(self):
        """kappa_ij(t) = <x_i x_j>/2t, Quantity [energy, time, 3, 3] in cm2/s (docs/physics.md 6.1)."""
        return self._per_energy(kappa.running_tensor)

    def green_kubo_kappa(self):
        """kappa_ij(L) from the velocity correlation, Quantity [energy, lag, 3, 3] in cm2/s, at `lag_time`.

        All time origins, integrated as the kernel flies: gyration and memory are resolved (`lags.green_kubo`). NaN at
        lags longer than the path.

        Raises
        ------
        InputError
            If the run is of an earlier version, which kept no lags.
        """
        self._demand_lags("no velocity correlation")
        return quantity(lags.green_kubo(self.lag_sums.sum(axis=(1, 2))), "cm2 / s") * products.KAPPA_CGS

    def kappa_over_lags(self):
        """kappa(L, 2L) with its error at every lag: the curve that `table` reads at one lag (`running.over_lags`).

        Returns
        -------
        list of QTable
            One an energy: ``lag`` [pc], ``time`` [s], ``kappa_iso``, ``kappa_trace``, with a guide field ``kappa_par``
            and ``kappa_perp``, each with ``_err`` [cm2/s], and the diagonal.

        Raises
        ------
        InputError
            If the run is of an earlier version, which kept no lags.
        """
        self._demand_lags("no lags")
        tables = []
        for i, time in enumerate(self.lag_time.to_value("s") * C / PARSEC):
            _, lag_sums, guide = products.guided_sums(self.config, self, i)
            lag, values, errors = running.over_lags(lag_sums, time, guide)
            tables.append(_curve(lag, values, errors))
        return tables

    def kappa_over_times(self):
        """<x_i x_j>/2t from the starts with its error at every sample: tables, and what is raised, as of lags."""
        self._demand_lags("no lags")
        tables = []
        for i, time in enumerate(self._path):
            sums, _, guide = products.guided_sums(self.config, self, i)
            tables.append(_curve(time, *running.over_times(sums, time, guide)))
        return tables

    def _demand_lags(self, lacks):
        if self.lag_sums is None:
            raise InputError(
                f"{self.directory}: made by an earlier version, which kept {lacks}; "
                "fly it again, or use running_kappa()"
            )

    def _pooled(self):
        return self.sums.sum(axis=(1, 2))

    def _per_energy(self, estimator):
        pooled = self._pooled()
        values = [estimator(pooled[i], self._path[i]) for i in range(len(self._path))]
        return quantity(values, "cm2 / s") * products.KAPPA_CGS


def _curve(lag, values, errors):
    """Table of kappa in cm2/s against path lengths [pc]."""
    from astropy.table import QTable

    table = QTable({"lag": quantity(lag, "pc"), "time": quantity(lag * PARSEC / C, "s")})
    for name, value in values.items():
        table[f"kappa_{name}"] = quantity(value * products.KAPPA_CGS, "cm2 / s")
        table[f"kappa_{name}_err"] = quantity(errors[name] * products.KAPPA_CGS, "cm2 / s")
    return table

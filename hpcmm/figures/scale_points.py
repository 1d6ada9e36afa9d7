"""Reads the points of the figure of scales: kappa against f_mm of particles in periodic fields, and of diffusion."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpcmm import theory
from hpcmm.errors import InputError
from hpcmm.io.table import read_table_of
from hpcmm.theory.constants import PARSEC, C

FARTHEST = 5.0
"""Standard errors (of at least LEAST_ERROR) by which particles in one phase alone may miss its kappa."""

LEAST_ERROR = 0.01
"""Least relative error taken in that check: rates in decks have few digits, and the kick of a long step errs by
(nu s)^2/48."""


@dataclass(frozen=True)
class Diffusion:
    """An effective medium; kappa in units of that of the background.

    Attributes
    ----------
    path : Path
    unit : float
        kappa_background [cm2/s].
    contrast : float
        kappa_patch / kappa_background.
    f_mm : array
        Filling fractions, rising.
    kappa, lower, upper : array
        kappa_iso, and the bounds it lies between.
    fields : (int, int)
        Seed and number of realizations of the fields.
    """

    path: Path
    unit: float
    contrast: float
    f_mm: np.ndarray
    kappa: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    fields: tuple

    @property
    def mean_free_path(self):
        """Mean free path in the background, 3 kappa/c [pc]."""
        return 3 * self.unit / C / PARSEC

    def at(self, f_mm):
        """(kappa, lower, upper) at this filling fraction; None where the medium has no such row."""
        row = np.flatnonzero(np.isclose(self.f_mm, f_mm, rtol=1e-9))
        return (self.kappa[row[0]], self.lower[row[0]], self.upper[row[0]]) if len(row) else None


@dataclass(frozen=True)
class Flown:
    """Transport runs of one period, in the units of `Diffusion`.

    Attributes
    ----------
    period : float
        Period of the field in mean free paths of the background.
    f_mm, kappa, kappa_err : array
        Rising fractions; kappa_iso and its standard error.
    """

    period: float
    f_mm: np.ndarray
    kappa: np.ndarray
    kappa_err: np.ndarray


def read_scales(directories):
    """Read the effective medium, and the transport runs as one series a period, the shortest first.

    Returns
    -------
    Diffusion, list of Flown

    Raises
    ------
    InputError
        Naming the directory, where it is no such run, or one of other phases than the rest.
    """
    media, runs = [], []
    for directory in map(Path, directories):
        table = read_table_of(directory)
        kind = table.meta.get("kind", "transport")
        try:
            if kind == "effective_medium":
                media.append(_diffusion(directory, table))
            elif kind == "transport":
                runs.append((directory, *_run(table)))
            else:
                raise ValueError(f"kind {kind!s:.60}")
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            missing = f"no {fault}" if isinstance(fault, KeyError) else fault
            raise InputError(f"{directory}: no run of patches in a field that repeats: {missing}") from None
    if len(media) != 1:
        raise InputError(f"one run of kind 'effective_medium' is expected among the directories, not {len(media)}")
    if not runs:
        raise InputError(f"{media[0].path}: transport runs of the same field are expected beside it")
    return media[0], _series(media[0], runs)


def report(directories):
    """Yield lines of kappa/kappa_res, its ratio to eq 11, and its distance to the effective medium, for people."""
    medium, series = read_scales(directories)
    yield "L/lambda_res  f_mm  kappa/kappa_res    over eq 11       over diffusion   [its bounds]    sigma off them"
    for s in series:
        for f, kappa, error in zip(s.f_mm, s.kappa, s.kappa_err, strict=True):
            exact = theory.kappa_eff(medium.contrast, 1.0, f)
            line = f"{s.period:>12.3g}  {f:<4.3g}  {kappa:.4f} +- {error:.4f}"
            line += f"  {kappa / exact:.3f} +- {error / exact:.3f}"
            there = medium.at(f)
            if there is not None:
                k, low, high = there
                off = max(low - kappa, 0.0, kappa - high) / error
                line += f"  {kappa / k:.3f} +- {error / k:.3f}  [{low / k:.3f}, {high / k:.3f}]  {off:.1f}"
            yield line


def _diffusion(path, table):
    unit = float(table.meta["kappa_background"])
    order = np.argsort(table["filling_fraction"])
    columns = [
        np.asarray(table[name].to_value("cm2 / s"), dtype=float)[order] / unit
        for name in ("kappa_iso", "kappa_iso_lower", "kappa_iso_upper")
    ]
    f_mm = np.asarray(table["filling_fraction"], dtype=float)[order]
    return Diffusion(path, unit, float(table.meta["kappa_patch"]) / unit, f_mm, *columns, _fields(table))


def _run(table):
    """(fields, period [pc], f_mm, kappa_iso and its error [cm2/s]) of a transport run."""
    if "period_pc" not in table.meta:
        raise ValueError("its [[field]] has no period")
    if len(table) != 1:
        raise ValueError(f"one energy is expected, as rates of micromirrors differ between them, not {len(table)}")
    if "f_mm_volume" not in table.colnames:
        raise ValueError("its micromirrors are not in patches |B| >= B_star")
    # of particles that stay on their field line the table has no kappa_iso
    kappa, error = (float(table[name].to_value("cm2 / s")[0]) / 3 for name in ("kappa_trace", "kappa_trace_err"))
    return _fields(table), float(table.meta["period_pc"]), float(table.meta["f_mm"]), kappa, error


def _fields(table):
    return int(table.meta["seed"]), int(table["realizations"][0])


def _series(medium, runs):
    found = {}
    for path, fields, period, f, kappa, error in runs:
        if fields != medium.fields:
            words = "seed {} and {} realizations".format
            raise InputError(f"{path}: {words(*fields)}, but {words(*medium.fields)} in {medium.path}: one is expected")
        kappa, error = kappa / medium.unit, error / medium.unit
        alone = {0.0: 1.0, 1.0: medium.contrast}.get(f)
        if alone is not None and abs(kappa - alone) > FARTHEST * max(error, LEAST_ERROR * alone):
            raise InputError(
                f"{path}: kappa at f_mm = {f:g} is {kappa / alone:.3g} times that of {medium.path}: "
                "phases of one kappa each are expected in both"
            )
        points = found.setdefault(float(f"{period / medium.mean_free_path:.3g}"), {})
        if f in points:
            raise InputError(f"{path}: there is another run of this period and f_mm = {f:g}")
        points[f] = kappa, error
    made = []
    for period, points in sorted(found.items()):
        f_mm = np.array(sorted(points))
        made.append(Flown(period, f_mm, *np.array([points[f] for f in f_mm]).T))
    return made

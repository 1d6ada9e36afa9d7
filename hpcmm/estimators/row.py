"""One row of tracks, and what all estimators share: sums over the tracks of a unit, errors by the jackknife."""

from dataclasses import dataclass

import numpy as np

from hpcmm.errors import InputError
from hpcmm.estimators.jackknife import jackknife


@dataclass(frozen=True)
class TrackRow:
    """Tracks of one energy or filling fraction, as plain arrays.

    Attributes
    ----------
    position : array [track, point, axis]
        Displacement from the start, at equal intervals.
    time : array [point]
        c t, the first 0, in the unit of `position`.
    unit : array [track] of int
        Tracks of one unit are correlated.
    direction : array [track, point, axis], optional
    turns : array [track], optional
        Reversals up to the last time, of walks at +-c on a line.
    """

    position: np.ndarray
    time: np.ndarray
    unit: np.ndarray
    direction: np.ndarray | None = None
    turns: np.ndarray | None = None

    @property
    def intervals(self):
        """Number of time intervals in a track."""
        return len(self.time) - 1

    @property
    def duration(self):
        """c T, the last time, in the unit of `position`."""
        return self.time[-1]

    @property
    def on_a_line(self):
        """True for walks at +-c on a line whose reversals were counted."""
        return self.turns is not None and self.position.shape[2] == 1

    def lag(self, share):
        """Number of intervals in this share of T: even, at least 2."""
        if not 0 < share <= 1:
            raise ValueError(f"a lag of 0 to 1 of T is expected, not {share}")
        whole = max(2, 2 * round(share * self.intervals / 2))
        if whole > self.intervals:
            raise InputError(f"{self.intervals} intervals are too few for a lag of {share:g} T; {whole} are expected")
        return whole


def estimate_from(row, contributions, statistic):
    """Kappa along each axis and its mean over the axes, with jackknife errors between units.

    Parameters
    ----------
    row : TrackRow
    contributions : array [track, ...]
        What each track adds to the pooled mean.
    statistic : callable
        Pooled mean [...] -> kappa [axis].

    Returns
    -------
    dict
        `kappa`, `kappa_err` [axis]; `iso`, `iso_err`: the mean over axes, whose error allows for their correlation.
        Errors are NaN where all tracks are of one unit.
    """
    of_track = np.unique(row.unit, return_inverse=True)[1]
    size = np.bincount(of_track).astype(float)
    sums = np.zeros((len(size), 1 + contributions[0].size))
    np.add.at(sums, of_track, np.column_stack([np.ones(len(of_track)), contributions.reshape(len(of_track), -1)]))

    def scalars(pooled):
        kappa = statistic((pooled[1:] / pooled[0]).reshape(contributions[0].shape))
        return np.append(kappa, np.mean(kappa))

    value, error = jackknife(scalars, sums, size)
    return {"kappa": value[:-1], "kappa_err": error[:-1], "iso": float(value[-1]), "iso_err": float(error[-1])}

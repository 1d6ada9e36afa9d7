"""How long tracks remember: autocorrelation of directions or pitch angles over lags. Pure functions."""

from dataclasses import dataclass

import numpy as np

from hpcmm.errors import InputError
from hpcmm.estimators.jackknife import jackknife

MOST_LAGS = 24


@dataclass(frozen=True)
class Autocorrelation:
    """C(L) of a vector along tracks.

    Attributes
    ----------
    lag : array [lag]
        L, in the unit of the interval.
    value, error : array [lag]
        The error is nan where all tracks are of one unit.
    pairs : array [lag] of int
        Number of pairs of points.
    """

    lag: np.ndarray
    value: np.ndarray
    error: np.ndarray
    pairs: np.ndarray


def lags_of(intervals):
    """Lags in intervals, about log-spaced, up to half a track, so that origins are many."""
    if intervals < 4:
        raise InputError(f"{intervals} intervals of a track are too few for a memory; 4 or more are expected")
    return np.unique(np.geomspace(1, intervals // 2, MOST_LAGS).round().astype(int))


def autocorrelation(values, interval, unit):
    r"""Autocorrelation of a vector between points a lag L apart, averaged over all origins of time and all tracks.

    .. math:: C(L) = \frac{\langle v(0) \cdot v(L) \rangle}{\tfrac12 \langle v(0)^2 + v(L)^2 \rangle}

    Both means are over the same pairs, so that C is at most 1: of unit vectors n it is <n(0).n(L)>, of mu
    <mu(0) mu(L)>/<mu^2>. Errors are by the jackknife between units.

    Source: docs/physics.md 4.3, 17.7.

    Parameters
    ----------
    values : array [track, point, component]
    interval : float
        Path between points.
    unit : array [track] of int
        Tracks of one unit are correlated.

    Returns
    -------
    Autocorrelation

    Raises
    ------
    InputError
        If tracks have less than 4 intervals.
    """
    points = values.shape[1]
    lags = lags_of(points - 1)
    of_track = np.unique(unit, return_inverse=True)[1]
    square = (values**2).sum(axis=2)
    sums = np.zeros((of_track.max() + 1, len(lags), 2))
    for i, lag in enumerate(lags):
        product = (values[:, :-lag] * values[:, lag:]).sum(axis=(1, 2))
        norm = (square[:, :-lag] + square[:, lag:]).sum(axis=1) / 2
        np.add.at(sums[:, i], of_track, np.stack([product, norm], axis=1))

    def statistic(pooled):
        return pooled[:, 0] / pooled[:, 1]

    value, error = jackknife(statistic, sums, np.bincount(of_track))
    return Autocorrelation(lags * interval, value, error, len(values) * (points - lags))

"""Kappa from mean squared displacements: at the end of tracks, between two times, over all origins of time."""

import numpy as np

from hpcmm.estimators.row import estimate_from

LAG = 0.4
"""Longest lag of `time_origins` as a share of T: on a path of 20 decay times, the least that is called converged, what
L/2 lacks of the diffusive growth makes kappa 0.4 % too low. Half of that lag: 6 % too low."""

AT_ONCE = 64
"""Tracks handled at a time: their differences fit into cache, three times as fast as all in one go."""


def running(row):
    r"""Running kappa at the end of the tracks: low by the ballistic start, by tau/T for an exponential memory tau.

    .. math:: \kappa = \langle x^2(T) \rangle / 2T

    Source: paper eq 20, docs/physics.md 4.2, 6.1. Arguments and result as in `estimate_from`.
    """
    return estimate_from(row, row.position[:, -1] ** 2, lambda mean: mean / (2 * row.duration))


def time_differenced(row):
    r"""The headline estimator: growth from T/2 to T, so that the offset of the ballistic start cancels.

    .. math:: \kappa = [\langle x^2(T) \rangle - \langle x^2(T/2) \rangle] / T

    Where the number of intervals is odd, T/2 is the time next before it. Source: docs/physics.md 6.1.
    """
    half = row.intervals // 2
    growth = row.position[:, -1] ** 2 - row.position[:, half] ** 2
    return estimate_from(row, growth, lambda mean: mean / (2 * (row.time[-1] - row.time[half])))


def time_origins(row, lag=LAG):
    r"""Growth from lag L/2 to L, averaged over every point of a track as the origin of time.

    .. math::
        \kappa = \frac{M(L) - M(L/2)}{L}, \quad
        M(l) = \left\langle \frac{1}{T - l} \int_0^{T - l} [x(t + l) - x(t)]^2 dt \right\rangle

    Valid where the motion is stationary, as all of this program's are, and diffusive after L/2: an exponential memory
    tau makes it low by (2 tau/L)(exp(-L/2 tau) - exp(-L/tau)). The shorter L, the less noise. Stretches of one track
    overlap, so that errors are taken between units alone. Source: docs/physics.md 6.1, 6.3.

    Parameters
    ----------
    row : TrackRow
    lag : float
        L as a share of T, rounded to an even number of intervals.
    """
    long = row.lag(lag)
    growth = _over_origins(row.position, long) - _over_origins(row.position, long // 2)
    return estimate_from(row, growth, lambda mean: mean / (row.time[long] - row.time[0]))


def _over_origins(position, lag):
    """Mean of [x(t + lag) - x(t)]^2 over t: array [track, axis]."""
    mean = np.empty((len(position), position.shape[2]))
    for i in range(0, len(position), AT_ONCE):
        part = position[i : i + AT_ONCE]
        apart = part[:, lag:] - part[:, :-lag]
        mean[i : i + AT_ONCE] = np.einsum("tpa,tpa->ta", apart, apart) / apart.shape[1]
    return mean

"""Pitch-angle diffusion from tracks: D_mumu of the magnetic moment in the local field. Pure functions."""

from dataclasses import dataclass

import numpy as np

from hpcmm.errors import InputError
from hpcmm.estimators.jackknife import jackknife

EDGES = (0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0)
"""Edges of the bins of |mu|."""

LEAST_B = 0.3
"""|B|/B_rms of an origin at least: near nulls the gyroradius is no small length, and the moment not conserved."""


@dataclass(frozen=True)
class LocalFrame:
    """Tracks of one energy as seen along the field where they are.

    Attributes
    ----------
    mu : array [track, point]
        Cosine of the angle between direction and local field.
    strength : array [track, point]
        |B|/B_rms.
    interval : float
        Path between points [pc].
    unit : array [track] of int
        Tracks of one unit are correlated.
    """

    mu: np.ndarray
    strength: np.ndarray
    interval: float
    unit: np.ndarray


@dataclass(frozen=True)
class PitchAngleDiffusion:
    """D_mumu by lag and |mu|; arrays [lag, bin], in 1/pc.

    Attributes
    ----------
    lag : array [lag]
        L [pc].
    value, error : arrays
        Measured; the error is nan where all tracks are of one unit, both where no origin is in the bin.
    expected : array
        The same mean of what is expected at these origins.
    pairs : array of int
    """

    lag: np.ndarray
    value: np.ndarray
    error: np.ndarray
    expected: np.ndarray
    pairs: np.ndarray


def lags_of(intervals):
    """Lags in intervals, powers of two: twice the longest is half a track, so that origins are many."""
    if intervals < 4:
        raise InputError(f"{intervals} intervals of a track are too few for pitch angles; 4 or more are expected")
    return 2 ** np.arange(int(np.log2(intervals // 2)))


def diffusion(frame, expected):
    r"""D_mumu from the magnetic moment between a lag L and twice it, averaged over all origins of time.

    .. math:: D_{\mu\mu}(L) = \frac{\langle B^2 [(\Delta M)^2_{2L} - (\Delta M)^2_L] \rangle}{8 L \langle\mu^2\rangle},
        \quad M = \frac{1 - \mu^2}{B}

    M is what magnetic mirrors leave alone, dM = -2 mu dmu/B, so that reversible turning does not count; the difference
    of two lags takes out what gyration adds to both. The means run over the origins of a bin, mu and B there: D is
    weighted with mu^2 in it. Below |mu| = 0.3 in turbulence it is not D: mirrors carry particles between bins, and at
    lags beyond 1/(100 D) bins mix.

    Source: docs/physics.md 17.7.

    Parameters
    ----------
    frame : LocalFrame
    expected : callable
        |mu|, |B|/B_rms -> D_mumu [1/pc], as of quasi-linear theory.

    Returns
    -------
    PitchAngleDiffusion
    """
    mu, B = np.abs(frame.mu), frame.strength
    moment = (1 - mu**2) / B
    lags = lags_of(mu.shape[1] - 1)
    of_track, bins = np.unique(frame.unit, return_inverse=True)[1], len(EDGES) - 1
    units = of_track.max() + 1
    sums = np.zeros((units, len(lags), bins, 4))
    for i, lag in enumerate(lags):
        origins = mu.shape[1] - 2 * lag
        mu_0, B_0 = mu[:, :origins], B[:, :origins]
        once, twice = ((moment[:, n : n + origins] - moment[:, :origins]) ** 2 for n in (lag, 2 * lag))
        here = B_0 > LEAST_B
        place = of_track[:, None] * bins + np.clip(np.searchsorted(EDGES, mu_0, "right") - 1, 0, bins - 1)
        terms = (B_0**2 * (twice - once), 8 * mu_0**2 * lag * frame.interval, expected(mu_0, B_0) * mu_0**2, 1.0 * here)
        for j, term in enumerate(terms):
            found = np.bincount(place[here], term[here], minlength=units * bins)
            sums[:, i, :, j] = found.reshape(units, bins)

    def statistic(pooled):
        with np.errstate(invalid="ignore", divide="ignore"):
            return pooled[..., 0] / pooled[..., 1]

    value, error = jackknife(statistic, sums, np.bincount(of_track))
    total = sums.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        theory = total[..., 2] / total[..., 1] * 8 * lags[:, None] * frame.interval
    return PitchAngleDiffusion(lags * frame.interval, value, error, theory, total[..., 3].astype(int))

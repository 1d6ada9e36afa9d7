"""Choice of the waves that are summed at every step, and of those held in a Taylor polynomial and how often that is
refreshed (docs/physics.md 2.6).
"""

import math

import numpy as np

ORDER = 3
"""Order of the polynomials; a fourth would hold more waves, at a refresh half as dear again: no gain."""

PERIODS = (2, 4, 8, 16, 32, 64, 128, 256, 512)
NS_EVERY_STEP = 0.24
NS_REFRESH = 1.0
"""Cost of one refresh of a wave at a particle [ns], as `hpcmm bench` measured; NS_EVERY_STEP is that of one sum. Only
their ratio matters here."""

AHEAD = 0.5
"""Polynomials are centred at this share of the path until their next refresh, if it is at most REACH gyroradii."""

REACH = 1.0
"""Longest path to a refresh, in gyroradii, of polynomials centred ahead: beyond, the track bends off its tangent."""

SAFETY = 0.15
"""Share of the tolerance that the expected rms error may take: the largest of many errors are ten times as large."""


def truncation_variance(phase_per_step, power, period, centred):
    """Mean square error of B from one wave, averaged over a refresh period and over directions.

    The remainder of order p is (kappa d)^(p+1)/(p+1)! at most, kappa d the phase between anchor and particle; its
    square averages to 1/(2p + 3) over the way out from the anchor, and to 1/(2p + 3) over directions.
    """
    far = phase_per_step * np.where(centred, period / 2, period)
    size = power * far ** (2 * ORDER + 2)
    return size / (math.factorial(ORDER + 1) * (2 * ORDER + 3)) ** 2


def seconds(periods):
    """Core time [s] of one evaluation of waves with these refresh periods at one particle, for planning."""
    periods = np.asarray(periods)
    slow = periods[periods > 0]
    return 1e-9 * (NS_EVERY_STEP * (periods == 0).sum() + NS_REFRESH * (1 / slow).sum())


def periods(wavenumber, power, step, gyroradius, tolerance):
    """Refresh period of every wave, 0 for those summed at every step: the cheapest within the tolerance.

    Parameters
    ----------
    wavenumber : array
        |k| [rad/pc].
    power : array
        Mean square field of each wave, in units of dB^2.
    step, gyroradius : float
        [pc]
    tolerance : float
        rms error of B in units of dB.

    Returns
    -------
    array of int
        The choice minimises cost + multiplier * error, the multiplier being the least that keeps the bound.
    """
    phase_per_step = wavenumber * step
    error, cost = [np.zeros_like(power)], [np.full_like(power, NS_EVERY_STEP)]
    for period in PERIODS:
        centred = period * step <= REACH * gyroradius
        error.append(truncation_variance(phase_per_step, power, period, centred))
        cost.append(np.full_like(power, NS_REFRESH / period))
    error, cost = np.array(error), np.array(cost)
    each = np.arange(len(power))
    allowed = (SAFETY * tolerance) ** 2
    low, high = -60.0, 60.0  # log10 of the multiplier
    for _ in range(60):
        middle = (low + high) / 2
        choice = np.argmin(cost + 10.0**middle * error, axis=0)
        if error[choice, each].sum() > allowed:
            low = middle
        else:
            high = middle
    choice = np.argmin(cost + 10.0**high * error, axis=0)
    return np.array((0, *PERIODS))[choice]

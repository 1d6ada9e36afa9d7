"""Kappa from the memory of velocities (Taylor, Green, Kubo)."""

import numpy as np

from hpcmm.estimators.row import estimate_from

CUTOFF = 0.25
"""Default cut-off as a share of T: on a path of 20 decay times, exp(-5) = 0.7 % of kappa lies beyond."""

GREGORY = ((1 / 12, (-1, 1)), (-1 / 24, (1, -2, 1)), (19 / 720, (-1, 3, -3, 1)))
"""End correction at the start of a trapezoid, h/12 D - h/24 D^2 + 19h/720 D^3: weights of the forward differences."""


def green_kubo(row, cutoff=CUTOFF):
    r"""Integral of the autocorrelation of the velocity up to a cut-off, over all origins of time.

    .. math:: \kappa_{ii} = \int_0^{t_c} \langle v_i(0) v_i(t) \rangle dt

    From directions, where they are kept: the trapezoid, with Gregory's correction of third order at t = 0, where the
    integrand is steepest; at the cut-off it is noise, and gets none. Intervals longer than the memory are beyond help.
    From increments otherwise: with v the mean velocity of each interval h, the trapezoid is without error of its own,
    as its sum is the central difference [M(t_c + h) - M(t_c - h)]/4h of the mean squared displacement.

    What lies beyond the cut-off is left out: a bias of -exp(-t_c/tau) for an exponential memory tau.

    Source: docs/physics.md 6.3.

    Parameters
    ----------
    row : TrackRow
    cutoff : float
        t_c as a share of T.
    """
    step, last = row.time[1] - row.time[0], row.lag(cutoff)
    if row.direction is None:
        velocity = np.diff(row.position, axis=1) / step
        last = min(last, velocity.shape[1] - 1)
        weights = _trapezoid(last)
    else:
        velocity = row.direction
        weights = _trapezoid(last) + _end_correction(last)
    memory = _autocorrelation(velocity, last)
    integral = step * np.einsum("l,tla->ta", weights, memory)
    return estimate_from(row, integral, lambda mean: mean)


def _trapezoid(last):
    weights = np.ones(last + 1)
    weights[0] = weights[-1] = 0.5
    return weights


def _end_correction(last):
    weights = np.zeros(last + 1)
    for weight, difference in GREGORY:
        if len(difference) <= last + 1:
            weights[: len(difference)] += weight * np.array(difference)
    return weights


def _autocorrelation(v, last):
    """Mean over origins of v(t) v(t + l), for l = 0 .. last: array [track, lag, axis], by FFT."""
    points = v.shape[1]
    size = 1 << (points + last).bit_length()
    spectrum = np.fft.rfft(v, size, axis=1)
    sums = np.fft.irfft(np.abs(spectrum) ** 2, size, axis=1)[:, : last + 1]
    return sums / (points - np.arange(last + 1))[:, None]

"""Kappa from the memory of velocities (Taylor, Green, Kubo)."""

import numpy as np

from hpcmm.estimators.row import estimate_from

CUTOFF = 0.25
"""Default cut-off as a share of T: on a path of 20 decay times, exp(-5) = 0.7 % of kappa lies beyond."""


def green_kubo(row, cutoff=CUTOFF):
    r"""Integral of the autocorrelation of the velocity up to a cut-off, averaged over all origins of time.

    .. math:: \kappa_{ii} = \int_0^{t_c} \langle v_i(0) v_i(t) \rangle dt
              = \tfrac12 \langle [v_i(0) + v_i(t_c)] \, [x_i(t_c) - x_i(0)] \rangle

    Where directions are kept, the integral is the mean product of velocity and displacement: it resolves memory and
    gyration however far apart the points are, and both ends serve as origin, as the motion is stationary. From
    increments alone, with v the mean velocity of each interval h, the trapezoid is without error of its own, as its sum
    is the central difference [M(t_c + h) - M(t_c - h)]/4h of the mean squared displacement.

    What lies beyond the cut-off is left out: a bias of -exp(-t_c/tau) for an exponential memory tau.

    Source: docs/physics.md 6.3.

    Parameters
    ----------
    row : TrackRow
    cutoff : float
        t_c as a share of T.
    """
    step, last = row.time[1] - row.time[0], row.lag(cutoff)
    if row.direction is not None:
        moved = row.position[:, last:] - row.position[:, :-last]
        velocity = row.direction[:, last:] + row.direction[:, :-last]
        return estimate_from(row, (velocity * moved).mean(axis=1) / 2, lambda mean: mean)
    velocity = np.diff(row.position, axis=1) / step
    last = min(last, velocity.shape[1] - 1)
    weights = np.ones(last + 1)
    weights[0] = weights[-1] = 0.5
    integral = step * np.einsum("l,tla->ta", weights, _autocorrelation(velocity, last))
    return estimate_from(row, integral, lambda mean: mean)


def _autocorrelation(v, last):
    """Mean over origins of v(t) v(t + l), for l = 0 .. last: array [track, lag, axis], by FFT."""
    points = v.shape[1]
    size = 1 << (points + last).bit_length()
    spectrum = np.fft.rfft(v, size, axis=1)
    sums = np.fft.irfft(np.abs(spectrum) ** 2, size, axis=1)[:, : last + 1]
    return sums / (points - np.arange(last + 1))[:, None]

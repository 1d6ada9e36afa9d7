"""Sums over the particles of a block, and estimates of kappa, occupancy and residence from them; no MPI, no files."""

import math

import numpy as np

from cython_kernels.telegraph import ROWS

SUMS = ("particles", "growth", "growth^2", "in_mm", "in_mm^2", "entries", "entries^2", "in_mm entries", "turns")
"""Names of the sums: growth is x(T)^2 - x(T/3)^2, in_mm the time spent in patches, entries the visits begun there."""

INDEX = {name: i for i, name in enumerate(SUMS)}


SUMMED = 64
"""Particles that are summed at a time; the same however tasks are assigned to ranks, so that no bit depends on it."""


def block_sums(state, size):
    """Sums over each SUMMED particles of a finished block.

    Parameters
    ----------
    state : array (len(ROWS), particles)
    size : int
        Number of lanes, a multiple of SUMMED; lanes without particles count as 0.

    Returns
    -------
    array (size / SUMMED, len(SUMS))
    """
    row = dict(zip(ROWS, np.asarray(state), strict=True))
    g, t, n = row["end"] ** 2 - row["early"] ** 2, row["in_mm"], row["entries"]
    terms = np.zeros((len(SUMS), size))
    terms[:, : len(g)] = np.ones_like(g), g, g * g, t, t * t, n, n * n, t * n, row["turns"]
    return _sum_rounded_once(terms.reshape(len(SUMS), -1, SUMMED)).T


def _sum_rounded_once(terms):
    """Sum over the last axis, a power of two long, in doubled precision: what `math.fsum` gives, much faster.

    Source: two-sum, Knuth 1969, The Art of Computer Programming 2, 4.2.2.
    """
    high, low = terms, np.zeros_like(terms)
    while high.shape[-1] > 1:
        a, b = high[..., ::2], high[..., 1::2]
        high = a + b
        part = high - a
        low = low[..., ::2] + low[..., 1::2] + ((a - (high - part)) + (b - part))
    return (high + low)[..., 0]


def estimate(sums, duration, f_mm):
    r"""Estimate kappa, occupancy and mean residence of one filling fraction, with standard errors between particles.

    .. math::
        \kappa = \frac{\langle x^2(T) \rangle - \langle x^2(T/3) \rangle}{2 (T - T/3)}, \quad
        \mathrm{occupancy} = \frac{\langle t_{mm} \rangle}{T}, \quad
        \mathrm{residence} = \frac{\langle t_{mm} \rangle}{\langle n_{entries} \rangle} = \frac{f_{mm}}{c}

    The difference is free of the ballistic start. In equilibrium edges are entered at the rate c per period, whatever
    scatters, so that the mean visit lasts l_p/c = f_mm exactly; visits cut by T are right in the mean. At f_mm = 1
    patches touch and a visit is one to a period; at f_mm = 0 visits last no time.

    Source: docs/physics.md 6.1, 7; paper eq 11, 21.

    Parameters
    ----------
    sums : array (blocks, len(SUMS))
    duration : float
        T [periods / c].
    f_mm : float

    Returns
    -------
    dict
        Values in units of c and the period; errors under the name with ``_err``.
    """
    total = dict(zip(SUMS, (math.fsum(column) for column in np.asarray(sums).T), strict=True))
    n = total["particles"]
    kappa, kappa_err = _mean(total["growth"], total["growth^2"], n)
    time, time_err = _mean(total["in_mm"], total["in_mm^2"], n)
    per_growth = 3 / (4 * duration)
    residence, residence_err = math.nan, math.nan
    if total["entries"] > 0:
        residence = total["in_mm"] / total["entries"]
        # variance of a ratio: that of in_mm - residence entries
        spread = total["in_mm^2"] - 2 * residence * total["in_mm entries"] + residence**2 * total["entries^2"]
        residence_err = math.sqrt(max(spread, 0.0) * n / (n - 1)) / total["entries"]
    return {
        "kappa": kappa * per_growth,
        "kappa_err": kappa_err * per_growth,
        "occupancy": time / duration,
        "occupancy_err": time_err / duration,
        "mean_residence": residence,
        "mean_residence_err": residence_err,
        "mean_residence_exact": f_mm,
        "turns": total["turns"] / n,
    }


def _mean(first, second, n):
    """Mean and its standard error from sums of values and of their squares."""
    mean = first / n
    return mean, math.sqrt(max(second / n - mean * mean, 0.0) / (n - 1))

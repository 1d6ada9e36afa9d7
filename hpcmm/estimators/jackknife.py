"""Errors of ratios and slopes from independent samples: the delete-one jackknife."""

import numpy as np


def jackknife(statistic, units, size):
    """Value of a statistic of pooled sums, and its delete-one jackknife error.

    For a mean of equally filled units this is the standard error of the mean; for ratios such as the slope
    it carries the correlation of numerator and denominator. Units of different size, as the last block of a
    realization, are weighed as in Busing, Meijer & van der Leeden 1999 (Statistics and Computing 9, 3).

    Parameters
    ----------
    statistic : callable
        Pooled sums -> array.
    units : array [unit, ...]
        Sums of independent samples, as moments [unit, time, moment].
    size : array [unit]
        Particles in each unit.

    Returns
    -------
    value, error : arrays
        The error is NaN where there is but one unit: one sample says nothing of its scatter.
    """
    total = units.sum(axis=0)
    value = np.asarray(statistic(total))
    n = len(units)
    if n < 2:
        return value, np.full(value.shape, np.nan)
    left = np.array([statistic(total - unit) for unit in units])
    size = np.asarray(size, dtype=float)
    h = (size.sum() / size).reshape(n, *(1 for _ in value.shape))
    pseudo = h * value - (h - 1) * left
    jackknifed = n * value - ((1 - 1 / h) * left).sum(axis=0)
    return value, np.sqrt(((pseudo - jackknifed) ** 2 / (h - 1)).mean(axis=0))

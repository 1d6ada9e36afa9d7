"""kappa against lag and against time, with errors: the curves of which the table has one lag. Pure functions.

Times are path lengths c t [pc], so that every kappa here is in pc c.
"""

import numpy as np

from hpcmm.estimators import lags
from hpcmm.estimators.jackknife import jackknife
from hpcmm.kinds.transport import moments
from hpcmm.kinds.transport.kappa import projections, running_tensor


def over_lags(lag_sums, lag_time, guide=None):
    r"""Scalars of kappa_ij(L, 2L) at every lag L for which there is 2L, shortest first.

    .. math:: \kappa_{ij}(L, 2L) = [\langle \Delta x_i \Delta x_j \rangle (2L) - \langle ... \rangle (L)] / 2L

    Source: docs/physics.md 6.2; `hpcmm.estimators.lags.kappa_between`.

    Parameters
    ----------
    lag_sums : array [realization, block, lag, column]
    lag_time : array [lag]
        [pc].
    guide : array [3] or None
        Unit vector of the guide field.

    Returns
    -------
    lag : array [lag]
        [pc].
    values, errors : dicts
        Name in `projections` -> array [lag]; errors by the jackknife over statistical units.
    """
    units = moments.statistical_units(lag_sums)
    there = (units[..., lags.INDEX["count"]] > 0).all(axis=0)
    found = np.flatnonzero(there & (lags.DOUBLE >= 0) & there[lags.DOUBLE])
    found = found[np.argsort(lag_time[found])]

    def statistic(pooled):
        return _scalars(lags.kappa_between(pooled, lag_time)[found], guide)

    return lag_time[found], *_named(statistic, units, units[:, 0, lags.INDEX["count"]], guide)


def over_times(sums, time, guide=None):
    """Scalars of kappa_ij(t) = <x_i x_j>/2t from the starts, at every sample (docs/physics.md 6.1).

    Parameters
    ----------
    sums : array [realization, block, time, moment]
    time : array [time]
        [pc].
    guide : array [3] or None

    Returns
    -------
    values, errors : dicts
        As of `over_lags`.
    """
    units = moments.statistical_units(sums)
    return _named(lambda pooled: _scalars(running_tensor(pooled, time), guide), units, moments.particles(units), guide)


def _scalars(tensors, guide):
    """Array [scalar, time] of tensors [time, 3, 3]."""
    return np.array([[*projections(tensor, guide).values()] for tensor in tensors]).T


def _named(statistic, units, size, guide):
    names = list(projections(np.eye(3), guide))
    return (dict(zip(names, part, strict=True)) for part in jackknife(statistic, units, size))

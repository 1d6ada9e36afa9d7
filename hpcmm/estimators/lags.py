"""Tensors over lags from the sums of `cython_kernels.lags`, and the lag at which kappa is read. Pure functions.

Times are path lengths c t [pc], so that every kappa here is in pc c.
"""

from dataclasses import dataclass

import numpy as np

from cython_kernels.lags import COLUMNS, INTERVALS
from hpcmm.estimators.jackknife import jackknife

INDEX = {name: i for i, name in enumerate(COLUMNS)}

DOUBLE = np.array([{int(n): i for i, n in enumerate(INTERVALS)}.get(2 * int(n), -1) for n in INTERVALS])
"""Place of twice each lag; -1 where it is beyond the longest."""

LEAST_MEMORIES = 10
"""Mean free paths that a lag spans at least: what is left of the memory of directions is exp(-10)."""

MEMORIES_IN_TURBULENCE = 12
"""The same in isotropic turbulence where r_g/l_c >= TANGLING: at 0.3 kappa is 1.1 % low after 10, 0.3 % after 12."""

LEAST_L_C = 6.0
"""Correlation lengths that it spans at least where particles leave their field lines, r_g/l_c >= TANGLING."""

TANGLING = 3e-3

LARGEST_ERROR = 0.05
"""Largest error of the difference between kappa at a lag and at twice the lag, over kappa, that tells something."""

FLAT = 0.1
"""Largest |d ln kappa / d ln L| at which kappa counts as constant."""

LEAST_PATH = 40
"""Mean free paths that a path has at least: four of the shortest lag."""


def squares(sums):
    """<dx_i dx_j> [pc^2] of each lag, [..., lag, 3, 3], from sums [..., lag, column]; nan where there are no pairs."""
    names = ("xx", "xy", "xz", "xy", "yy", "yz", "xz", "yz", "zz")
    return _means(sums, names)


def memory(sums):
    """<n_i(0) n_j(t)> of each lag, [..., lag, 3, 3]."""
    return _means(sums, [f"n{a}n{b}" for a in "xyz" for b in "xyz"])


def green_kubo(sums):
    r"""Velocity correlation integrated up to each lag, kappa_ij(L) [pc c], [..., lag, 3, 3].

    .. math:: \kappa_{ij}(L) = \int_0^L \langle n_i(0) n_j(t) \rangle dt = \langle n_i(0) \, \Delta x_j(L) \rangle

    As a moment of places it needs no quadrature: gyration and memory are resolved whatever the interval between lags.
    """
    return _means(sums, [f"n{a}d{b}" for a in "xyz" for b in "xyz"])


def turned(sums, frames):
    """Lag sums [realization, block, lag, column] in other frames [realization, 3, 3], whose rows are their axes."""
    out = sums.copy()
    for names in (
        [["".join(sorted((a, b))) for b in "xyz"] for a in "xyz"],
        [[f"n{a}n{b}" for b in "xyz"] for a in "xyz"],
        [[f"n{a}d{b}" for b in "xyz"] for a in "xyz"],
    ):
        columns = np.array([[INDEX[name] for name in row] for row in names])
        out[..., columns] = turned_tensors(sums[..., columns], frames)
    return out


def turned_tensors(tensors, frames):
    """Tensors [realization, block, time, 3, 3] in frames [realization, 3, 3]."""
    return np.einsum("rai,rbtij,rcj->rbtac", frames, tensors, frames)


def _means(sums, names):
    with np.errstate(invalid="ignore", divide="ignore"):
        found = sums[..., [INDEX[name] for name in names]] / sums[..., [INDEX["count"]]]
    return found.reshape(*sums.shape[:-1], 3, 3)


def kappa_between(sums, time):
    r"""kappa_ij(L, 2L) = [<dx_i dx_j>(2L) - <dx_i dx_j>(L)] / 2L of every lag, [..., lag, 3, 3]; nan without 2L.

    The slope of the mean square between two lags is free of the ballistic start, and its pairs are those of all origins
    along the path.

    Parameters
    ----------
    sums : array [..., lag, column]
    time : array [lag]
        [pc].
    """
    M, there = squares(sums), DOUBLE >= 0
    found = (M[..., np.where(there, DOUBLE, 0), :, :] - M) / (2 * time[:, None, None])
    found[..., ~there, :, :] = np.nan
    return found


@dataclass(frozen=True)
class Reading:
    """kappa at the lag where it is read; arrays hold `scalars` by `hpcmm.kinds.transport.kappa.projections`.

    Attributes
    ----------
    lag : float
        L [pc].
    value, error : dict
        kappa(L, 2L) and its error [pc c]: by the jackknife over statistical units, the difference to kappa(2L, 4L)
        beyond its own error added in quadrature.
    slope, slope_err : dict
        ln[kappa(2L, 4L) / kappa(L, 2L)] / ln 2.
    found : bool
        Is there a lag whose difference is known to LARGEST_ERROR? Else it is the longest there is.
    flat : bool
        Is kappa constant from this lag on, within two errors?
    """

    lag: float
    value: dict
    error: dict
    slope: dict
    slope_err: dict
    found: bool
    flat: bool


def read_kappa(units, time, path, project, main, least, free_path=3.0, memories=LEAST_MEMORIES):
    """Read kappa at the shortest lag from which on it is constant.

    The lag is at least ``memories`` mean free paths and ``least``; kappa(L, 2L) and kappa(2L, 4L) differ by
    at most two errors of their paired difference, and this error is below LARGEST_ERROR of kappa. Where there is no
    such lag it is the longest with 4L within the path.

    Parameters
    ----------
    units : array [unit, lag, column]
        Lag sums of independent samples.
    time : array [lag]
        [pc].
    path : float
        Longest stretch of path without a break [pc].
    project : callable
        Tensor [3, 3] -> dict of scalars.
    main : str
        The scalar that decides, "iso", "par" or "perp".
    least : float
        [pc].
    free_path : float
        Mean free path over kappa of that scalar, 3; 9 for kappa_iso of particles tied to field lines.
    memories : float
        Mean free paths that the lag spans at least.

    Returns
    -------
    Reading or None
        None where the path is shorter than four of the shortest lags.
    """
    fits = [i for i, j in enumerate(DOUBLE) if j >= 0 and DOUBLE[j] >= 0 and _there(units, DOUBLE[j], time, path)]
    if not fits:
        return None
    fits.sort(key=lambda i: time[i])
    names = list(project(np.eye(3)))
    decides, size = names.index(main), units[:, fits[0], INDEX["count"]]

    def both(pooled):
        tensors = kappa_between(pooled, time)
        return np.array([[[*project(tensors[j]).values()] for j in (i, DOUBLE[i])] for i in fits])

    def statistic(pooled):
        here, twice = np.moveaxis(both(pooled), 1, 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.stack([here, twice - here, np.log(twice / here) / np.log(2)])

    value, error = jackknife(statistic, units, size)
    here, difference = value[0, :, decides], value[1, :, decides]
    difference_err = error[1, :, decides]
    good = difference_err < LARGEST_ERROR * here
    long_enough = time[fits] >= np.maximum(memories * free_path * here, least) * (1 - 1e-9)
    flat = np.flatnonzero(good & long_enough & (np.abs(difference) <= 2 * difference_err))
    chosen = flat[0] if len(flat) else len(fits) - 1
    # a difference too noisy to choose by says something of kappa only by what exceeds two errors
    within = error[1, chosen] * (1 if len(flat) else 2)
    beyond = np.maximum(value[1, chosen] ** 2 - within**2, 0.0)
    total = np.sqrt(error[0, chosen] ** 2 + beyond)
    return Reading(
        float(time[fits[chosen]]),
        *(dict(zip(names, row, strict=True)) for row in (value[0, chosen], total, value[2, chosen], error[2, chosen])),
        found=bool((good & long_enough).any()),
        flat=bool(len(flat)),
    )


def _there(units, lag, time, path):
    return time[lag] <= path * (1 + 1e-9) and (units[:, lag, INDEX["count"]] > 0).all()


def converged(slope, slope_err, long_enough, known):
    """Say "yes", "no" or "undecided": is kappa constant from the lag on?

    Parameters
    ----------
    slope, slope_err : float
        d ln kappa / d ln L at the lag.
    long_enough : bool
        Has the path LEAST_PATH mean free paths of the slowest component?
    known : bool
        Is there a lag whose difference is known well enough?
    """
    if not long_enough or abs(slope) - slope_err > FLAT:
        return "no"
    return "yes" if known and abs(slope) + slope_err < FLAT else "undecided"

"""Pure functions from moments to diffusion tensor, errors, slope and flags (docs/physics.md 1.3, 6.1, 6.2).

Times are path lengths c t [pc], so that every kappa here is in pc c; `products` converts it to cm2/s.
"""

from dataclasses import dataclass

import numpy as np

from hpcmm.estimators import lags
from hpcmm.estimators.jackknife import jackknife
from hpcmm.estimators.regime import ALONG_LINES, regime
from hpcmm.kinds.transport import moments


def running_tensor(sums, time):
    """kappa_ij(t) = <x_i x_j>/2t, from sums [..., time, moment]; array [..., time, 3, 3] (docs/physics.md 6.1)."""
    return moments.tensor(sums) / (2 * np.asarray(time)[:, None, None])


def headline_tensor(sums, time):
    """kappa_ij = [M_ij(T) - M_ij(T/2)]/T: free of the ballistic offset of the running estimate (docs/physics.md 6.1).

    Parameters
    ----------
    sums : array [time, moment]
    time : array [time]
        Must hold T/2 and end with T.
    """
    half = _half_index(time)
    m = moments.tensor(sums)
    return (m[-1] - m[half]) / (2 * (time[-1] - time[half]))


def _half_index(time):
    half = int(np.argmin(np.abs(np.asarray(time) - time[-1] / 2)))
    if not np.isclose(time[half], time[-1] / 2, rtol=1e-9, atol=0):
        raise ValueError("the samples hold no T/2, which the headline kappa needs")
    return half


def projections(tensor, guide=None):
    """Scalars of a diffusion tensor by name: xx, yy, zz, iso, trace; par, perp with a guide field.

    Parameters
    ----------
    tensor : array [3, 3]
    guide : array [3] or None
        Unit vector of the guide field.
    """
    trace = np.trace(tensor)
    named = {"xx": tensor[0, 0], "yy": tensor[1, 1], "zz": tensor[2, 2], "iso": trace / 3, "trace": trace}
    if guide is not None:
        par = guide @ tensor @ guide
        named |= {"par": par, "perp": (trace - par) / 2}
    return named


def slope(sums, time):
    """D ln kappa_running / d ln t over [T/2, T], of the trace (docs/physics.md 6.1)."""
    half = _half_index(time)
    trace = np.trace(running_tensor(sums, time), axis1=-2, axis2=-1)
    return np.log(trace[-1] / trace[half]) / np.log(time[-1] / time[half])


@dataclass(frozen=True)
class Circumstances:
    """What an estimate must know of a run beside its moments.

    Attributes
    ----------
    l_c : float
        [pc].
    x : float
        r_g / l_c.
    turbulent : bool
        Is there a field with structure?
    guide : array [3] or None
        Unit vector of the guide field.
    stage : float
        Longest stretch of the path without a break [pc].
    """

    l_c: float
    x: float
    turbulent: bool
    guide: object
    stage: float


def estimate(sums, time, lag_sums, lag_time, about):
    """One row of the table: kappa at the lag where it is constant, slopes, flags and regime of one energy.

    Parameters
    ----------
    sums : array [realization, block, time, moment]
    time : array [time]
        Path lengths c t [pc].
    lag_sums : array [realization, block, lag, column]
    lag_time : array [lag]
        [pc].
    about : Circumstances

    Returns
    -------
    dict
        kappa_* and kappa_*_err, kappa_iso_running and its error [pc c], slope, slope_err, converged, with a guide field
        lag_perp [pc], kappa_perp_converged, kappa_A and its error, lag [pc], lag_over_lambda, lag_over_l_c, regime,
        displacement_over_l_c.
    """
    units, lag_units = moments.statistical_units(sums), moments.statistical_units(lag_sums)
    displacement = float(np.sqrt(np.trace(moments.tensor(units.sum(axis=0)[-1]))) / about.l_c)
    tied = about.turbulent and displacement < ALONG_LINES
    main, free_path = ("iso", 9.0 if tied else 3.0) if about.guide is None else ("par", 3.0)
    free = about.turbulent and about.x >= lags.TANGLING
    least = lags.LEAST_L_C * about.l_c if free else 0.0
    memories = lags.MEMORIES_IN_TURBULENCE if free and about.guide is None else lags.LEAST_MEMORIES
    found = lags.read_kappa(
        lag_units, lag_time, about.stage, lambda k: projections(k, about.guide), main, least, free_path, memories
    )
    if found is None:
        return _unread(units, time, about, displacement)
    row = {}
    for name, value in found.value.items():
        row[f"kappa_{name}"], row[f"kappa_{name}_err"] = float(value), float(found.error[name])
    row |= _running(units, time)
    row["slope"], row["slope_err"] = float(found.slope[main]), float(found.slope_err[main])
    mean_free_path = free_path * found.value[main]
    whole = time[-1] >= lags.LEAST_PATH * mean_free_path * (1 - 1e-9)
    row["converged"] = lags.converged(row["slope"], row["slope_err"], whole, found.found)
    if about.guide is not None:
        row |= _across(lag_units, lag_time, about, found, whole)
        row |= _antisymmetric(lag_units, lag_time, mean_free_path, about.guide)
    row |= {"lag": found.lag, "lag_over_lambda": found.lag / mean_free_path, "lag_over_l_c": found.lag / about.l_c}
    row["regime"] = _regime(about, displacement, row["lag_over_lambda"], row["converged"])
    row["displacement_over_l_c"] = displacement
    return _without_meaningless(row)


def _regime(about, displacement, lag_over_lambda, flat):
    """What the motion is; without turbulence the last word."""
    return regime(displacement, lag_over_lambda, flat) if about.turbulent else "isotropic"


def _without_meaningless(row):
    """kappa_iso says nothing of particles that have not left their field line."""
    if row["regime"] in ("ballistic", "along_lines"):
        row["kappa_iso"] = row["kappa_iso_err"] = float("nan")
    return row


def _running(units, time):
    value, error = jackknife(
        lambda pooled: np.trace(running_tensor(pooled, time)[-1]) / 3, units, moments.particles(units)
    )
    return {"kappa_iso_running": float(value), "kappa_iso_running_err": float(error)}


def _unread(units, time, about, displacement):
    """A row of a path too short for any lag: the headline of one origin, flagged."""
    names = projections(np.eye(3), about.guide)

    def scalars(pooled):
        return np.array([*projections(headline_tensor(pooled, time), about.guide).values(), slope(pooled, time)])

    value, error = jackknife(scalars, units, moments.particles(units))
    row = {}
    for name, v, e in zip(names, value, error):
        row[f"kappa_{name}"], row[f"kappa_{name}_err"] = float(v), float(e)
    row |= _running(units, time) | {"slope": float(value[-1]), "slope_err": float(error[-1]), "converged": "no"}
    if about.guide is not None:
        row |= dict.fromkeys(("kappa_A", "kappa_A_err", "lag_perp"), np.nan) | {"kappa_perp_converged": "no"}
    row |= {"lag": np.nan, "lag_over_lambda": np.nan, "lag_over_l_c": np.nan}
    row["regime"] = _regime(about, displacement, 0.0, "no")
    row["displacement_over_l_c"] = displacement
    return _without_meaningless(row)


def _across(units, time, about, along, whole):
    """kappa_perp of the shortest lag, from that of kappa_par on, at which it is constant; of that lag where none is."""
    found = lags.read_kappa(units, time, about.stage, lambda k: projections(k, about.guide), "perp", along.lag, 0.0)
    if not found.flat:
        found = along
    return {
        "kappa_perp": float(found.value["perp"]),
        "kappa_perp_err": float(found.error["perp"]),
        "kappa_perp_converged": lags.converged(found.slope["perp"], found.slope_err["perp"], whole, True),
        "lag_perp": found.lag,
    }


def _antisymmetric(units, time, mean_free_path, guide):
    r"""kappa_A of the shortest lag of LEAST_MEMORIES mean free paths, by the velocity correlation.

    .. math:: \kappa_A = \frac12 \langle (n_2(0) \Delta x_1 - n_1(0) \Delta x_2) \rangle

    with axes 1, 2 and the guide field right-handed: positive for a positive charge.
    """
    there = (units[:, :, 0] > 0).all(axis=0)
    long_enough = np.flatnonzero(there & (time >= lags.LEAST_MEMORIES * mean_free_path * (1 - 1e-9)))
    lag = long_enough[np.argmin(time[long_enough])] if len(long_enough) else np.flatnonzero(there)[-1]
    levi_civita = np.zeros((3, 3, 3))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        levi_civita[i, j, k], levi_civita[j, i, k] = 1.0, -1.0

    def statistic(pooled):
        return -np.einsum("ijk,ij,k", levi_civita, lags.green_kubo(pooled)[lag], guide) / 2

    value, error = jackknife(statistic, units, units[:, lag, 0])
    return {"kappa_A": float(value), "kappa_A_err": float(error)}


def patch_shares(sums, steps):
    """Estimate columns of the table on patches: share of time that particles spent in them, share of volume.

    Parameters
    ----------
    sums : array [realization, block, time, moment]
    steps : array [time]
        Steps done at each sample.

    Returns
    -------
    dict
        f_mm_time, f_mm_volume and their errors between statistical units.
    """

    def shares(pooled):
        time, volume = moments.patch_fractions(pooled, steps)
        return np.array([time[-1], volume])

    units = moments.statistical_units(sums)
    value, error = jackknife(shares, units, moments.particles(units))
    names = ("f_mm_time", "f_mm_volume")
    return {f"{n}{end}": float(v[i]) for i, n in enumerate(names) for end, v in (("", value), ("_err", error))}

"""Pure functions from moments to diffusion tensor, errors, slope and flags (docs/physics.md 1.3, 6.1, 6.2).

Times are path lengths c t [pc], so that every kappa here is in pc c; `products` converts it to cm2/s.
"""

import numpy as np

from hpcmm.estimators.jackknife import jackknife
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


def green_kubo_tensor(sums, time):
    """kappa_ij(t) = int_0^t <v_i(0) v_j(t')> dt', trapezoid over the samples (Taylor-Green-Kubo).

    The value at t = 0 is delta_ij/3 for isotropic starts. The error of the trapezoid on log-spaced samples
    falls with their number; the noise grows with T. Array [..., time, 3, 3].
    """
    t = np.concatenate([[0.0], time])
    v = moments.tensor(sums, "vv")
    v = np.concatenate([np.broadcast_to(np.eye(3) / 3, (*v.shape[:-3], 1, 3, 3)), v], axis=-3)
    pieces = 0.5 * (v[..., 1:, :, :] + v[..., :-1, :, :]) * np.diff(t)[:, None, None]
    return np.cumsum(pieces, axis=-3)


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
    """D ln kappa_running / d ln t over [T/2, T], of the trace (docs/physics.md 6.2)."""
    half = _half_index(time)
    trace = np.trace(running_tensor(sums, time), axis1=-2, axis2=-1)
    return np.log(trace[-1] / trace[half]) / np.log(time[-1] / time[half])


def estimate(sums, time, decay_length, l_c, guide=None):
    """Estimate one row of the table: headline kappa, running kappa, slope and flags of one energy.

    Parameters
    ----------
    sums : array [realization, block, time, moment]
    time : array [time]
        Path lengths c t [pc].
    decay_length : float
        Planned mean free path [pc], for ``converged``.
    l_c : float
        [pc]
    guide : array [3] or None

    Returns
    -------
    dict
        kappa_* and kappa_*_err, kappa_iso_running and its error [pc c], slope, slope_err, converged,
        displacement_over_l_c.
    """
    units = moments.statistical_units(sums)

    def scalars(pooled):
        headline = projections(headline_tensor(pooled, time), guide)
        running = np.trace(running_tensor(pooled, time)[-1]) / 3
        return np.array([*headline.values(), running, slope(pooled, time)])

    value, error = jackknife(scalars, units, moments.particles(units))
    names = [f"kappa_{name}" for name in projections(np.eye(3), guide)] + ["kappa_iso_running", "slope"]
    row = {}
    for name, v, e in zip(names, value, error, strict=True):
        row[name], row[f"{name}_err"] = float(v), float(e)
    displacement = np.sqrt(np.trace(moments.tensor(units.sum(axis=0)[-1])))
    row["displacement_over_l_c"] = float(displacement / l_c)
    row["converged"] = bool(
        abs(row["slope"]) < 0.1 + 2 * row["slope_err"]
        and row["slope_err"] < 0.2
        and time[-1] >= 20 * decay_length * (1 - 1e-9)
    )
    return row


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

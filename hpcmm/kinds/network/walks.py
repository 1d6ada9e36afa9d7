"""Makes tracks of the line of patches and gaps, at equal times, to train and test estimators. NumPy alone."""

import numpy as np


def make_tracks(nu_mm, nu_res, f_mm, duration, points, tracks, seed):
    r"""Walk at +-c from turn to turn, with nu(x) = nu_mm where x mod 1 < f_mm and nu_res elsewhere.

    In the coordinate :math:`w = \int \nu/2 \, dx` a flight between turns is exponential with mean 1 wherever it leads;
    only its end is mapped back to x, and it lasts |dx|/c. Starts are uniform along the period, which is the
    equilibrium, in either direction: the law of the compiled kernel (`cython_kernels/telegraph.h`) on a stream of
    NumPy's own.

    Source: docs/physics.md 7.1.

    Parameters
    ----------
    nu_mm, nu_res, f_mm, duration : float or array [track]
        Rates [c per period], filling fraction, T [periods / c].
    points : int
        Number of places of a track, the first at time 0: points - 1 intervals.
    tracks : int
    seed : int

    Returns
    -------
    position : array [track, point]
        Displacement from the start [periods].
    turns : array [track]
        Reversals up to T.
    """
    draw = np.random.Generator(np.random.Philox(key=seed))
    nu_mm, nu_res, f, duration = (
        np.broadcast_to(np.asarray(a, dtype=float), tracks) for a in (nu_mm, nu_res, f_mm, duration)
    )
    mapped = _Depth(nu_mm, nu_res, f)
    start = draw.random(tracks)
    sense = draw.choice([-1.0, 1.0], tracks)
    depth = mapped.depth_at(start)
    time, x = [np.zeros(tracks)], [start]
    while (time[-1] < duration).any():
        depth = depth + sense * draw.exponential(size=tracks)
        place = mapped.place_at(depth)
        time.append(time[-1] + np.abs(place - x[-1]))
        x.append(place)
        sense = -sense
    time, x = np.array(time).T, np.array(x).T
    share = np.linspace(0.0, 1.0, points)
    position = np.array([np.interp(d * share, t, p - p[0]) for d, t, p in zip(duration, time, x, strict=True)])
    turns = ((time > 0) & (time < duration[:, None])).sum(axis=1)
    return position, turns


class _Depth:
    """The map between x and w, one medium a track."""

    def __init__(self, nu_mm, nu_res, f):
        self._mm, self._res, self._f = nu_mm / 2, nu_res / 2, f
        self._patch = f * self._mm
        self._period = self._patch + (1 - f) * self._res

    def depth_at(self, x):
        """Coordinate w of places x within the first period."""
        return np.where(x < self._f, x * self._mm, self._patch + (x - self._f) * self._res)

    def place_at(self, w):
        cell = np.floor(w / self._period)
        rest = w - cell * self._period
        gap = self._f + (rest - self._patch) / self._res
        return cell + np.where(rest < self._patch, rest / self._mm, gap)


def draw_media(ranges, tracks, seed):
    r"""Draw media for training, each of their parameters independently.

    nu_eff T, the contrast nu_mm/nu_res and the spread kappa T [periods^2] are log-uniform, f_mm uniform; rates follow
    from :math:`\nu_{eff} = f \nu_{mm} + (1 - f) \nu_{res}` (paper eq 10). A spread of 3 is the shortest `duration =
    "auto"`: a track that diffused over less than a period has not met the medium its label, eq 11, stands for.

    Parameters
    ----------
    ranges : dict
        `nu_eff_T`, `contrast`, `spread`, `f_mm`: (lowest, highest).
    tracks, seed : int

    Returns
    -------
    dict
        nu_mm, nu_res, f_mm, duration, and `label`: log10 of kappa/(c^2 T) = 1/(nu_eff T) (paper eq 11). Arrays [track].
    """
    draw = np.random.Generator(np.random.Philox(key=seed))
    rate, contrast, spread = (
        np.exp(draw.uniform(*np.log(ranges[name]), tracks)) for name in ("nu_eff_T", "contrast", "spread")
    )
    f = draw.uniform(*ranges["f_mm"], tracks)
    duration = np.sqrt(spread * rate)
    nu_res = rate / duration / (f * contrast + 1 - f)
    media = {"nu_mm": nu_res * contrast, "nu_res": nu_res, "f_mm": f, "duration": duration}
    return media | {"label": -np.log10(rate)}

"""Tracks with a known kappa, for estimators: small-angle scattering without a field, ensembles of walks on a line."""

import numpy as np

from hpcmm.estimators import TrackRow
from hpcmm.kinds.network.walks import make_tracks


def scattered(nu_step, intervals, per_interval, tracks, seed, units=None):
    """Tracks of the paper's kick without a field, with directions; lengths in c/nu (docs/physics.md 4.1).

    Each of the ``per_interval`` steps of an interval goes straight on and then turns by X sqrt(nu s) about a random
    axis across: <cos> = exp(-nu s/2), kappa = (s/6)(1 + g)/(1 - g).
    """
    draw = np.random.default_rng(seed)
    n = draw.normal(size=(tracks, 3))
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    x = np.zeros((tracks, 3))
    position, direction = np.zeros((2, tracks, intervals + 1, 3))
    direction[:, 0] = n
    for i in range(1, intervals * per_interval + 1):
        x += nu_step * n
        angle = np.sqrt(nu_step) * draw.normal(size=(tracks, 1))
        across = np.cross(n, draw.normal(size=(tracks, 3)))
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        n = n * np.cos(angle) + across * np.sin(angle)
        if i % per_interval == 0:
            position[:, i // per_interval], direction[:, i // per_interval] = x, n
    time = nu_step * per_interval * np.arange(intervals + 1)
    return TrackRow(position, time, _units(tracks, units), direction=direction)


def kappa_scattered(nu_step):
    """Exact kappa_iso of `scattered` [c^2/nu]."""
    g = np.exp(-nu_step / 2)
    return nu_step / 6 * (1 + g) / (1 - g)


def line(tracks, seed, units=None, nu_mm=10.0, nu_res=1.0, f_mm=0.2, duration=100.0, intervals=256):
    """Walks on a line of patches; nu_eff T = 280 by default."""
    position, turns = make_tracks(nu_mm, nu_res, f_mm, duration, intervals + 1, tracks, seed)
    time = np.linspace(0, duration, intervals + 1)
    return TrackRow(position[..., None], time, _units(tracks, units), turns=turns)


KAPPA_LINE = 1 / (0.2 * 10.0 + 0.8 * 1.0)
"""Exact, of `line` (paper eq 11)."""


def parts(row, count):
    """Split a row into ensembles of as many tracks, one after the other."""
    size = len(row.position) // count
    for i in range(count):
        chosen = slice(i * size, (i + 1) * size)
        kept = {n: None if getattr(row, n) is None else getattr(row, n)[chosen] for n in ("direction", "turns")}
        yield TrackRow(row.position[chosen], row.time, row.unit[chosen], **kept)


def _units(tracks, units):
    """Each track a unit of its own, or ``units`` tracks to a unit."""
    return np.arange(tracks) // (units or 1)

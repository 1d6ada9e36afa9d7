"""Distribution of the pitch-angle cosine along tracks. Pure functions."""

from dataclasses import dataclass

import numpy as np

from hpcmm.estimators.jackknife import jackknife

BINS = 20
"""Number of bins of mu between -1 and 1."""

UNIFORM = 0.5
"""Density that isotropic particles have, and keep in a static field (docs/physics.md 17.7)."""


@dataclass(frozen=True)
class MuDistribution:
    """Density of mu on (-1, 1), and its first two moments; errors are nan where all tracks are of one unit.

    Attributes
    ----------
    edges : array [bin + 1]
    density, error : array [bin]
        The density integrates to 1.
    mean, square : (float, float)
        <mu>, <mu^2> and their errors: 0 and 1/3 where mu is uniform.
    samples : array [bin] of int
        Number of points.
    """

    edges: np.ndarray
    density: np.ndarray
    error: np.ndarray
    mean: tuple
    square: tuple
    samples: np.ndarray


def distribution(frame):
    r"""Density of mu in equal bins, of all points of all tracks.

    .. math:: f_b = \frac{N_b}{N \Delta\mu}, \quad \sum_b f_b \Delta\mu = 1

    In a static field directions stay isotropic and places uniform where they began so, mirrors or not: f = 1/2 is
    exact. Points of a track, and tracks of a unit, are correlated: errors are by the jackknife between units.

    Source: docs/physics.md 17.7.

    Parameters
    ----------
    frame : hpcmm.estimators.pitch_angle.LocalFrame

    Returns
    -------
    MuDistribution
    """
    mu, edges = frame.mu, np.linspace(-1, 1, BINS + 1)
    of_track = np.unique(frame.unit, return_inverse=True)[1]
    units = of_track.max() + 1
    place = np.clip(np.searchsorted(edges, mu, "right") - 1, 0, BINS - 1) + BINS * of_track[:, None]
    counts = np.bincount(place.ravel(), minlength=units * BINS).reshape(units, BINS)
    moments = np.zeros((units, 2))
    np.add.at(moments, of_track, np.stack([mu.sum(axis=1), (mu**2).sum(axis=1)], axis=1))

    def statistic(pooled):
        total = pooled[:BINS].sum()
        return np.concatenate([pooled[:BINS] * BINS / (2 * total), pooled[BINS:] / total])

    value, error = jackknife(statistic, np.hstack([counts, moments]), np.bincount(of_track))
    mean, square = zip(value[BINS:].tolist(), error[BINS:].tolist(), strict=True)
    return MuDistribution(edges, value[:BINS], error[:BINS], mean, square, counts.sum(axis=0))

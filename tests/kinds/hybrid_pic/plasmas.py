"""Small plasmas for tests, sizes in gyroradii, and what is measured of them."""

import math

import numpy as np

from hpcmm.kinds.hybrid_pic import loading
from hpcmm.kinds.hybrid_pic.box import Box
from hpcmm.kinds.hybrid_pic.bricks import Bricks
from hpcmm.kinds.hybrid_pic.plasma import INSIDE, Physics, Plasma
from hpcmm.parallel.collective import OneRank


def plasma(cells, size, beta, anisotropy=0.0, T_e_over_T_i=1.0, tau=math.inf, axes="yz", comm=None, **keys):
    """A plasma without markers or field; ``size`` in r_gi, ``keys`` those of `Physics`."""
    r, T = math.sqrt(beta), beta / 2
    box = Box(tuple(cells), tuple(side * r / n for side, n in zip(size, cells, strict=True)), tau, axes)
    across = T * (1 + anisotropy)
    keys = {"per_cell": 64} | keys
    physics = Physics((T, across, across), T_e_over_T_i * T, **keys)
    made = Plasma(Bricks(comm or OneRank(), cells), box, physics)
    loading.uniform_field(made)
    return made


def begun(made, seed=1, perturbation=None):
    """The same with markers."""
    made.begin(loading.load_markers(made, seed, perturbation))
    return made


def divergence(made):
    """Largest divergence of b."""
    out = np.zeros(made.differences.shape)
    made.differences.divergence(made.b, out)
    return np.abs(out[INSIDE]).max()


def mean_temperatures(made):
    """Temperatures of the markers along the three axes, drifts taken out, and their number."""
    mask = np.arange(made.markers.capacity) < made.markers.count[:, None]
    w = made.markers.rows[:, 3:6].astype(float).transpose(1, 0, 2)[:, mask]
    return w.var(axis=1), w.shape[1]


def growth_of(times, sizes, first):
    """Rate of exponential growth after a share of the time."""
    times, sizes = np.array(times), np.array(sizes)
    late = times > first * times[-1]
    return np.polyfit(times[late], np.log(sizes[late]), 1)[0]

"""Names and units of the moments a run keeps, and means over particles from their block sums."""

import numpy as np

from cython_kernels.push import MOMENTS
from hpcmm.estimators import lags

INDEX = {name: i for i, name in enumerate(MOMENTS)}

UNITS = tuple({1: "pc", 2: "pc2", 4: "pc4"}[len(name)] if set(name) <= set("xyz") else "1" for name in MOMENTS)
"""Unit of each moment's sum; v_i v_j = n_i(0) n_j(t) in units of c^2."""

_AXES = "xyz"


def tensor(sums, of="xx"):
    """3 x 3 tensor of means from sums [..., moment].

    Parameters
    ----------
    sums : array [..., len(MOMENTS)]
    of : {"xx", "vv"}
        <x_i x_j> [pc^2], or <n_i(0) n_j(t)>.

    Returns
    -------
    array [..., 3, 3]
    """
    if of == "xx":
        names = ["".join(sorted((a, b))) for a in _AXES for b in _AXES]
    else:
        names = [f"v{a}v{b}" for a in _AXES for b in _AXES]
    mean = sums[..., [INDEX[n] for n in names]] / sums[..., [INDEX["particles"]]]
    return mean.reshape(*sums.shape[:-1], 3, 3)


def mean(sums, name):
    """Mean of one moment over particles, from sums [..., moment]."""
    return sums[..., INDEX[name]] / sums[..., INDEX["particles"]]


def mean_r4(sums):
    """<|x|^4> [pc^4] from sums [..., moment]."""
    pure = sum(mean(sums, name) for name in ("xxxx", "yyyy", "zzzz"))
    return pure + 2 * sum(mean(sums, name) for name in ("xxyy", "xxzz", "yyzz"))


def legendre_2(sums):
    """<P_2(n(0).n(t))> from sums [..., moment]; under the paper's kick exp(-3 nu t/2) (docs/physics.md 4.3)."""
    return 1.5 * mean(sums, "mu_squared") - 0.5


def patch_fractions(sums, steps):
    """Share of time in patches up to each sample, and share of volume that they fill.

    Places within the first step are uniform in space: the share of particles there is that of volume.

    Parameters
    ----------
    sums : array [..., time, len(MOMENTS)]
    steps : array [time]
        Steps done at each sample; the first is 1.

    Returns
    -------
    array [..., time], array [...]
    """
    if steps[0] != 1:
        raise ValueError(f"the share of volume is that of the first step, but the first sample is at {steps[0]}")
    inside = mean(sums, "in_patch")
    return inside / steps, inside[..., 0]


def statistical_units(sums):
    """Independent samples of one energy: realizations, or blocks where there is one realization.

    Parameters
    ----------
    sums : array [realization, block, time, moment]

    Returns
    -------
    array [unit, time, moment]
        Sums over the blocks of a realization are taken in block order.
    """
    if sums.shape[0] > 1:
        return np.add.reduce(sums, axis=1)
    return sums[0]


def particles(units):
    """Particles in each statistical unit, from sums [unit, time, moment]."""
    return units[:, 0, INDEX["particles"]]


def turned(sums, frames):
    """Second moments in other frames, one a realization; sums [realization, block, time, moment].

    Parameters
    ----------
    sums : array
        A copy is returned, whose first and fourth moments are as they were.
    frames : array [realization, 3, 3]
        Rows: the axes of the frame.
    """
    out = sums.copy()
    for names in (
        [["".join(sorted((a, b))) for b in _AXES] for a in _AXES],
        [[f"v{a}v{b}" for b in _AXES] for a in _AXES],
    ):
        columns = np.array([[INDEX[name] for name in row] for row in names])
        out[..., columns] = lags.turned_tensors(sums[..., columns], frames)
    return out

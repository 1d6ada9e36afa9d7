"""What a snapshot's micromirrors look like: lengths along and across the field, skewness, density."""

import math

import numpy as np

from hpcmm.kinds.hybrid_pic.gather import power, wavenumbers
from hpcmm.kinds.hybrid_pic.history import in_band

COLUMNS = {
    "t": "time [1/Omega_i0]",
    "s": "t over the time of contraction",
    "dB_over_B": "rms of the field along B_0, over the mean",
    "l_mm": "2 <1/k_perp>, weighted by the power of B_par [r_gi0]",
    "l_par": "2 <1/k_par>, likewise [r_gi0]",
    "l_perp": "2 <1/k_perp> in the band k_perp r = 0.05 to 1.5, k_par r below 0.9 [r_gi0]",
    "k_par": "rms in the band [1/r_gi0]",
    "k_perp": "likewise",
    "skewness": "of B_par",
    "n_B_correlation": "of n and B_par",
}
"""Column of micromirrors.ecsv -> its meaning."""


def row(plasma, b, n):
    """A row of `COLUMNS`, on root.

    Parameters
    ----------
    plasma : Plasma
    b, n : array [x, y, z]
        Fluctuations of the field along B_0 and of the density, over their means, of the whole box.
    """
    x, y, z = wavenumbers(plasma.box, math.sqrt(2 * plasma.physics.T[0]), plasma.time)
    k_par, k_perp = np.abs(x), np.hypot(y, z)
    found = power(b)
    found[0, 0, 0] = 0.0
    band = found * in_band(k_par, k_perp)

    def mean(values, weight):
        return float((values * weight).sum() / weight.sum()) if weight.sum() > 0 else 0.0

    def inverse(k):
        return np.where(k > 1e-9, 1 / np.where(k > 1e-9, k, 1), 0.0)

    size, other = math.sqrt((b**2).mean()), math.sqrt((n**2).mean())
    skewness = float((b**3).mean() / size**3) if size > 0 else 0.0
    correlation = float((b * n).mean() / (size * other)) if size * other > 0 else 0.0
    return np.array([
        plasma.time, plasma.time / plasma.box.tau, size, 2 * mean(inverse(k_perp), found * (k_perp > 0)),
        2 * mean(inverse(k_par), band), 2 * mean(inverse(k_perp), band), math.sqrt(mean(k_par**2, band)),
        math.sqrt(mean(k_perp**2, band)), skewness, correlation,
    ])  # fmt: skip

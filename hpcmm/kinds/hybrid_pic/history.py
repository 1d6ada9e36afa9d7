"""Numbers of the plasma against time, the same on any bricks: exact sums over nodes, markers in integers."""

import math

import numpy as np

from hpcmm.kinds.hybrid_pic.gather import gathered, largest, power, wavenumbers
from hpcmm.kinds.hybrid_pic.plasma import INSIDE
from hpcmm.kinds.hybrid_pic.temperatures import temperatures
from hpcmm.parallel.exact_sums import exact_sums

COLUMNS = {
    "t": "time [1/Omega_i0]",
    "s": "t over the time of contraction",
    "dB_par": "rms of the field along B_0, over the mean",
    "dB_perp": "rms of the field across B_0, over the mean",
    "band": "rms of that along B_0 in k_perp r = 0.05 to 1.5, k_par r below 0.9",
    "Delta": "T_perp/T_par - 1 of the ions",
    "Delta_markers": "the same of all markers as a sample of the ions, whatever their weights",
    "Delta_cgl": "the same if double adiabatic",
    "beta_par": "of T_par",
    "lambda_mirror": "Delta - 1/beta_perp, above 0 unstable",
    "W_rms": "rms of the weights",
    "energy": "of ions, field, electrons, per volume",
    "momentum": "size of the mean velocity over v_th",
    "div_B": "largest divergence of B in the box's lengths",
    "clamped": "markers, so far, that would have passed a cell in a step",
    "dn": "rms of the density over its mean",
    "thin": "nodes, so far, whose density was raised to 0.05 n_0",
}
"""Column of history.ecsv -> its meaning."""


def in_band(k_par, k_perp):
    """True for modes of micromirrors, wavenumbers in 1/r_gi0."""
    return (k_perp > 0.05) & (k_perp < 1.5) & (k_par < 0.9)


def anisotropy(T):
    """T_perp/T_par - 1."""
    return (T[1] + T[2]) / 2 / T[0] - 1


def row(plasma, counted):
    """Collective: a row of `COLUMNS` on root, None on others.

    Parameters
    ----------
    plasma : Plasma
    counted : (int, int)
        Markers clamped and thin nodes so far, on this rank.
    """
    box, t, physics, comm = plasma.box, plasma.time, plasma.physics, plasma.bricks.comm
    T, plain, mean, square = temperatures(plasma)
    work = np.zeros(plasma.density.shape)
    plasma.differences.divergence(plasma.b, work)
    divergence = largest(plasma, np.abs(work[INSIDE]).max())
    lengths = box.lengths(t)
    J, nodes = lengths.prod(), math.prod(box.cells)
    B, n = plasma.magnetic()[INSIDE], plasma.density[INSIDE] / J
    mean_B = exact_sums(comm, B[0])[0] / nodes
    fields = [(B[0] / mean_B - 1) ** 2, (B[1:] / mean_B) ** 2, B**2, n * np.log(n), (n * J - 1) ** 2]
    bins = np.repeat(np.arange(5), [field.size for field in fields])
    sums = exact_sums(comm, np.concatenate([f.ravel() for f in fields]), bins, 5)
    along, across, energy, electrons, waves_of_n = sums / nodes
    clamped, thin = (sum(found) for found in zip(*comm.allgather(tuple(map(int, counted))), strict=True))
    waves = gathered(plasma, plasma.magnetic()[0] / mean_B - 1)
    if waves is None:
        return None
    x, y, z = wavenumbers(box, math.sqrt(2 * physics.T[0]), t)
    band = power(waves)[in_band(np.abs(x), np.hypot(y, z))].sum()
    beta_par, delta = 2 * T[0] / J / mean_B**2, anisotropy(T)
    adiabatic = physics.T[1] / physics.T[0] * (1 / lengths[1] ** 2 + 1 / lengths[2] ** 2) / 2 - 1
    return np.array([
        t, t / box.tau, math.sqrt(along), math.sqrt(across), math.sqrt(band), delta, anisotropy(plain),
        adiabatic, beta_par, delta - 1 / (beta_par * (1 + delta)), math.sqrt(square),
        T.sum() / 2 / J + energy / 2 + physics.T_e * electrons, math.sqrt((mean**2).sum() / (2 * T[0])),
        divergence, clamped, math.sqrt(waves_of_n), thin,
    ])  # fmt: skip

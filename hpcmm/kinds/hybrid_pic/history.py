"""Numbers of the plasma against time: fields gathered on root, markers summed in integers, the same on any bricks."""

import math

import numpy as np

from hpcmm.kinds.hybrid_pic.plasma import INSIDE

COLUMNS = {
    "t": "time [1/Omega_i0]",
    "s": "t over the time of contraction",
    "dB_par": "rms of the field along B_0, over the mean",
    "dB_perp": "rms of the field across B_0, over the mean",
    "band": "rms of that along B_0 in k_perp r = 0.05 to 1.5, k_par r below 0.9",
    "Delta": "T_perp/T_par - 1 of the ions",
    "Delta_cgl": "the same if double adiabatic",
    "beta_par": "of T_par",
    "lambda_mirror": "Delta - 1/beta_perp, above 0 unstable",
    "W_rms": "rms of the weights",
    "energy": "of ions, field, electrons, per volume",
    "momentum": "size of the mean velocity over v_th",
    "div_B": "largest divergence of B in the box's lengths",
    "clamped": "markers, so far, that would have passed a cell in a step",
}
"""Column of history.ecsv -> its meaning."""


def gathered(plasma, array):
    """Collective: array [k, x, y, z] of the whole box on root, None on others."""
    bricks = plasma.bricks
    parts = bricks.comm.allgather((bricks.first, np.ascontiguousarray(array[INSIDE])))
    if bricks.comm.rank:
        return None
    whole = np.empty((len(array), *bricks.cells))
    for first, part in parts:
        whole[(slice(None), *(slice(f, f + n) for f, n in zip(first, part.shape[1:])))] = part
    return whole


def marker_sums(plasma):
    """Collective: number of markers, and sums over them of w (3), w^2 (3), W w^2 (3), W, W^2, in fixed units."""
    store, t = plasma.markers, plasma.time - plasma.physics.step / 2
    fastest = 20 * math.sqrt(max(plasma.physics.T)) * max(1.0, 1 / plasma.box.lengths(t).min())
    total = int(plasma.bricks.comm.allreduce(int(store.count.sum())))
    room = 2.0 ** (62 - math.ceil(math.log2(total)))
    units = room / np.array([*3 * [fastest], *6 * [fastest**2], 1.0, 1.0]) / 4
    units = 2.0 ** np.floor(np.log2(units))
    c, sums = plasma.shape_at(t), np.zeros(11, np.int64)
    for first in range(0, len(store.count), 4096):
        part, count = store.rows[first : first + 4096], store.count[first : first + 4096]
        valid = np.arange(store.capacity) < count[:, None]
        w = [part[:, 3 + d][valid].astype(float) for d in range(3)]
        W = np.zeros_like(w[0])
        if plasma.physics.delta_f:
            W = -np.expm1(part[:, 6][valid] - (c[0] * w[0] ** 2 + c[1] * w[1] ** 2 + c[2] * w[2] ** 2))
        values = [*w, *(v * v for v in w), *(W * v * v for v in w), W, W * W]
        sums += [int(np.rint(v * unit).astype(np.int64).sum()) for v, unit in zip(values, units, strict=True)]
    whole = plasma.bricks.comm.allreduce(sums)
    return whole / units, total


def temperatures(plasma):
    """Collective: ((T_x, T_y, T_z), mean velocity, mean square weight) of the ions."""
    sums, count = marker_sums(plasma)
    L = plasma.box.lengths(plasma.time)
    # velocities are half a step behind: those of free motion in the box, where L w is kept
    now = plasma.box.lengths(plasma.time - plasma.physics.step / 2) / L
    mean = sums[:3] / count * now
    if plasma.physics.delta_f:
        return np.array(plasma.physics.T) / L**2 + sums[6:9] / count * now**2, mean, sums[10] / count
    return sums[3:6] / count * now**2 - mean**2, mean, 1.0


def wavenumbers(plasma):
    """(|k_par|, k_perp) of the modes of the box [1/r_gi0], physical."""
    box, r = plasma.box, math.sqrt(2 * plasma.physics.T[0])
    L = box.lengths(plasma.time)
    axes = [2 * np.pi * r * np.fft.fftfreq(n, d * s) for n, d, s in zip(box.cells, box.spacing, L, strict=True)]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    return np.abs(x), np.hypot(y, z)


def row(plasma, clamped):
    """Collective: a row of `COLUMNS` on root, None on others."""
    box, t, tau = plasma.box, plasma.time, plasma.box.tau
    T, mean, square = temperatures(plasma)
    work = np.zeros((1, *plasma.density.shape))
    plasma.differences.divergence(plasma.b, work[0])
    fields = gathered(plasma, np.concatenate([plasma.magnetic(), plasma.density[None], np.abs(work)]))
    if fields is None:
        return None
    B, density, divergence = fields[:3], fields[3], fields[4]
    mean_B = B[0].mean()
    wave = np.abs(np.fft.fftn(B[0] / mean_B - 1)) ** 2 / B[0].size ** 2
    k_par, k_perp = wavenumbers(plasma)
    band = (k_perp > 0.05) & (k_perp < 1.5) & (k_par < 0.9)
    J = box.lengths(t).prod()
    n = density / J
    across = (T[1] + T[2]) / 2
    beta_par = 2 * T[0] / J / mean_B**2
    delta, s = across / T[0] - 1, t / tau
    L = box.lengths(t)
    A = plasma.physics.T[1] / plasma.physics.T[0]
    adiabatic = A * (1 / L[1] ** 2 + 1 / L[2] ** 2) / 2 - 1
    energy = T.sum() / 2 / J + (B**2).sum(axis=0).mean() / 2 + plasma.physics.T_e * (n * np.log(n)).mean()
    return np.array([
        t, s, math.sqrt(((B[0] / mean_B - 1) ** 2).mean()), math.sqrt(((B[1:] / mean_B) ** 2).sum(axis=0).mean()),
        math.sqrt(wave[band].sum()), delta, adiabatic, beta_par, delta - 1 / (beta_par * (1 + delta)),
        math.sqrt(square), energy, math.sqrt((mean**2).sum() / (2 * T[0])), divergence.max(), clamped,
    ])  # fmt: skip

"""Temperatures of the ions, of weights and of plain markers, the same on any bricks: sums in integers."""

import math

import numpy as np


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
    """Collective: (T_x, T_y, T_z) of the ions, the same of plain markers, mean velocity, mean square weight.

    Markers are loaded from f, so that they are a sample of it for ever, and T of their plain sums has the error of a
    sample, sqrt(2/N). That of the weights has less, until noise of the fields has moved their sum away from 0.
    """
    sums, count = marker_sums(plasma)
    L = plasma.box.lengths(plasma.time)
    # velocities are half a step behind: those of free motion in the box, where L w is kept
    now = plasma.box.lengths(plasma.time - plasma.physics.step / 2) / L
    mean = sums[:3] / count * now
    plain = sums[3:6] / count * now**2 - mean**2
    if plasma.physics.delta_f:
        return plasma.reference / L**2 + sums[6:9] / count * now**2, plain, mean, sums[10] / count
    return plain, plain, mean, 1.0

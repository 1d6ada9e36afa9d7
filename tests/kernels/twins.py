"""NumPy twins of the compiled kernels, written from the equations."""

import numpy as np


def plane_waves(wavevector, amplitude, phase, places):
    """Paper eq 12 at places (3, n): sum a cos(2 pi (k.r + phi)), k in turns per length."""
    turns = wavevector @ places + phase[:, None]
    return amplitude.T @ np.cos(2 * np.pi * turns)


def boris(n, b, step, gyroradius):
    """docs/physics.md 5.1: t = (s/2 r_g) b, n' = n + n x t, n + n' x 2t/(1+t^2); arrays (3, n)."""
    t = step / (2 * gyroradius) * b
    prime = n + np.cross(n, t, axis=0)
    return n + np.cross(prime, 2 * t / (1 + (t**2).sum(0)), axis=0)


def philox4x32(counter, key):
    """Philox4x32-10 of Salmon et al. 2011 on plain Python integers."""
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def kick_angles(kind, sigma, key, step, particle):
    """Polar angle and azimuth [rad] of one kick, docs/physics.md 4.1."""
    words = (step & 0xFFFFFFFF, step >> 32, particle & 0xFFFFFFFF, particle >> 32)
    w = philox4x32(words, (key & 0xFFFFFFFF, key >> 32))
    u = 1 - (((w[0] << 32) | w[1]) >> 12) / 2.0**52
    radius = np.sqrt(-2 * np.log(u))
    x = {
        "paper": radius * np.cos(2 * np.pi * (w[2] / 2.0**32 - 0.5)),
        "transport": radius,
        "fork-constant": -0.54974617895545,
    }[kind]
    return x * sigma, 2 * np.pi * (w[3] / 2.0**32 - 0.5)


def telegraph(rates, f_mm, duration, key, particle):
    """docs/physics.md 7.1 one particle at a time, from edge to edge: an optical depth is drawn and used up piece by
    piece.

    Returns displacements at T/3 and T, time in patches, entries into them and turns before T.
    """

    def draw(counter):
        words = (counter, 0, particle & 0xFFFFFFFF, particle >> 32)
        return philox4x32(words, (key & 0xFFFFFFFF, key >> 32))

    def uniform(high, low):
        return 1 - (((high << 32) | low) >> 12) / 2.0**52

    w = draw(0)
    x = 1 - uniform(w[0], w[1])
    origin, sense, cell, inside = x, 1 if w[2] >= 2**31 else -1, 0, x < f_mm
    time = in_mm = 0.0
    entries = turns = 0
    early = None
    while True:
        w = draw(1 + turns // 2)
        left = -np.log(uniform(*(w[2:] if turns % 2 else w[:2])))
        while left > 0:
            rate = rates[0 if inside else 1] / 2
            edge = cell + (f_mm if inside == (sense > 0) else 1 if sense > 0 else 0)
            stride = min(left / rate, abs(edge - x))
            crosses = stride < left / rate
            if early is None and time + stride >= duration / 3:
                early = x + sense * (duration / 3 - time) - origin
            if time + stride >= duration:
                end = x + sense * (duration - time) - origin
                return early, end, in_mm + inside * (duration - time), entries, turns
            time, in_mm, x = time + stride, in_mm + inside * stride, x + sense * stride
            left = left - stride * rate if crosses else 0.0
            if crosses:
                x = edge
                cell += (sense > 0 and not inside) - (sense < 0 and inside)
                inside = not inside
                entries += inside
        sense, turns = -sense, turns + 1


def in_patch(b, B_star):
    """|B| >= B_star at fields (3, n)."""
    return (b**2).sum(axis=0) >= B_star**2


def occupied(cell, step, life, probability, phases, draws, layers=False):
    """docs/physics.md 8.7: is a cell of whole numbers (x, y, z) occupied amid a step, its lifetime in steps?"""
    x, y, z = (i & 0xFFFFFFFF for i in ((cell[0], 0, 0) if layers else cell))

    def draw(interval, key):
        return philox4x32((x, y, z, interval & 0xFFFFFFFF), (key & 0xFFFFFFFF, key >> 32))

    phase = draw(0, phases)[0] / 2.0**32
    w = draw(int(np.rint((step + 0.5) * min(1 / life, 1.0) + phase - 0.5)), draws)
    return 1 - (((w[0] << 32) | w[1]) >> 12) / 2.0**52 <= probability

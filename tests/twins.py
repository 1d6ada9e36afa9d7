"""NumPy twins of the compiled kernels, written from the equations."""

import numpy as np


def plane_waves(wavevector, amplitude, phase, places):
    """Paper eq 12 at places (3, n): sum a cos(2 pi (k.r + phi)), k in turns per length."""
    turns = wavevector @ places + phase[:, None]
    return amplitude.T @ np.cos(2 * np.pi * turns)


def boris(n, b, step, gyroradius):
    """SPEC 2.2: t = (s/2 r_g) b, n' = n + n x t, n + n' x 2t/(1+t^2); arrays (3, n)."""
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
    """Polar angle and azimuth [rad] of one kick, SPEC 2.3."""
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

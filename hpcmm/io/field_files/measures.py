"""Measures a cube of values: mean, rms, |B|, correlation length, spectrum, divergence, seams (docs/physics.md 3.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpcmm.io.field_files.waves import MOST_IN_DOUBLE, amplitudes

MOST_PLANES = 128
"""Planes at which steps between neighbours are sampled."""


@dataclass(frozen=True)
class Measures:
    """Numbers of a field, in the unit of its values; lengths in that of its box.

    Attributes
    ----------
    mean : tuple of 3 floats
        Its uniform part.
    rms : float
        sqrt(<|B|^2>), the mean included.
    dB : float
        sqrt(<|B - mean|^2>).
    weakest, strongest, mean_strength : float
        Of |B|.
    l_c : float
        Two-sided correlation length: pi sum(E/k) / sum(E) over all waves but k = 0.
    k_90 : float
        Wavenumber below which 90 % of the energy of the waves lies.
    divergence : float
        rms div B over sqrt(<|grad B|^2>): spectral of a periodic cube, else by centred differences.
    seam : float
        rms step of B across the boundary over that between neighbours, of the axis where it is largest.
    repeated : str
        Axes along which the last plane is the first one again.
    carriers : float
        Waves that carry the power, k and -k counted once: (sum P)^2/sum P^2 of the powers P of all.
    k, E : arrays
        Energy spectrum: sum of E dk = dB^2, shells of the smallest wavenumber.
    """

    mean: tuple
    rms: float
    dB: float
    weakest: float
    strongest: float
    mean_strength: float
    l_c: float
    k_90: float
    divergence: float
    seam: float
    repeated: str
    carriers: float
    k: np.ndarray
    E: np.ndarray


def measure(values: np.ndarray, box, periodic: bool) -> Measures:
    """Measure values [z, y, x, component] in a box of these sides.

    Parameters
    ----------
    values : array
        float32 or float64.
    box : tuple of 3 floats
    periodic : bool
        Whether the divergence is taken spectrally.
    """
    count = values[..., 0].size
    total, square, low, high, strength = np.zeros(3), 0.0, np.inf, 0.0, 0.0
    for plane in values:
        p = plane.astype(np.float64, copy=False)
        size = (p * p).sum(axis=-1)
        total += p.sum(axis=(0, 1))
        square += size.sum()
        low, high = min(low, size.min()), max(high, size.max())
        strength += np.sqrt(size).sum()
    mean = total / count
    dB = float(np.sqrt(max(square / count - (mean**2).sum(), 0.0)))
    seam, repeated, centred = _neighbours(values, box)
    l_c, k_90, carriers, k, energy, spectral = _spectrum(values, mean, dB, box)
    return Measures(
        mean=tuple(map(float, mean)),
        rms=float(np.sqrt(square / count)),
        dB=dB,
        weakest=float(np.sqrt(low)),
        strongest=float(np.sqrt(high)),
        mean_strength=float(strength / count),
        l_c=l_c,
        k_90=k_90,
        divergence=spectral if periodic else centred,
        seam=seam,
        repeated=repeated,
        carriers=carriers,
        k=k,
        E=energy,
    )


def _neighbours(values, box):
    """Seam, axes whose end plane is repeated, divergence by centred differences within; at planes along z."""
    nz, ny, nx = values.shape[:3]
    step = [side / n for side, n in zip(box, (nx, ny, nz), strict=True)]
    every = max(1, (nz - 2) // MOST_PLANES)
    jumps, across, div, grad = np.zeros(3), np.zeros(3), 0.0, 0.0
    counts = np.zeros(3)
    for z in range(1, nz - 1, every):
        p, above, below = (values[z + i].astype(np.float64, copy=False) for i in (0, 1, -1))
        for axis, jump in enumerate((np.diff(p, axis=1), np.diff(p, axis=0), above - p)):
            jumps[axis] += (jump * jump).sum()
            counts[axis] += jump[..., 0].size
        for axis, jump in enumerate((p[:, 0] - p[:, -1], p[0] - p[-1])):
            across[axis] += (jump * jump).sum() / jump[..., 0].size
        inner = p[1:-1, 1:-1]
        d = np.empty((3, *inner.shape))
        d[0] = (p[1:-1, 2:] - p[1:-1, :-2]) / (2 * step[0])
        d[1] = (p[2:, 1:-1] - p[:-2, 1:-1]) / (2 * step[1])
        d[2] = (above - below)[1:-1, 1:-1] / (2 * step[2])
        div += ((d[0, ..., 0] + d[1, ..., 1] + d[2, ..., 2]) ** 2).sum()
        grad += (d * d).sum()
    planes = len(range(1, nz - 1, every))
    last = (values[0].astype(np.float64) - values[-1]) ** 2
    across = np.array([across[0] / planes, across[1] / planes, last.sum() / (nx * ny)])
    jumps = jumps / np.maximum(counts, 1)
    ratio = np.sqrt(across / np.where(jumps > 0, jumps, 1.0))
    repeated = "".join(a for a, r, j in zip("xyz", ratio, jumps, strict=True) if j > 0 and r < 1e-5)
    return float(ratio.max()), repeated, float(np.sqrt(div / grad)) if grad > 0 else 0.0


def _power(waves):
    return waves.real.astype(np.float64) ** 2 + waves.imag.astype(np.float64) ** 2


def _spectrum(values, mean, dB, box):
    """l_c, k_90, number of carriers, spectrum (k, E), spectral divergence."""
    nz, ny, nx = values.shape[:3]
    numbers = (np.arange(nx // 2 + 1), np.fft.fftfreq(ny, 1 / ny), np.fft.fftfreq(nz, 1 / nz))
    kx, ky, kz = (2 * np.pi / side * m for side, m in zip(box, numbers, strict=True))
    weight = np.full(len(kx), 2.0)
    weight[0] = 1.0
    if nx % 2 == 0:
        weight[-1] = 1.0
    least = 2 * np.pi / max(box)
    shells = int(np.sqrt(kx.max() ** 2 + abs(ky).max() ** 2 + abs(kz).max() ** 2) / least) + 2
    fine = 8
    bins, over_k, grad = np.zeros(fine * shells + 1), 0.0, 0.0
    divergence, scale = None, dB or 1.0
    for c in range(3):
        waves = amplitudes(values[..., c], nx * ny * nz <= MOST_IN_DOUBLE, mean[c])
        if divergence is None:
            divergence, all_power = np.zeros_like(waves), np.zeros(waves.shape, waves.real.dtype)
        for z in range(nz):
            square = kx**2 + (ky**2)[:, None] + kz[z] ** 2
            all_power[z] += _power(waves[z] / scale)
            power = _power(waves[z]) * weight
            k = np.sqrt(square)
            over_k += (power / np.where(k > 0, k, np.inf)).sum()
            grad += (power * square).sum()
            bins += np.bincount((k * (fine / least) + 0.5).astype(int).ravel(), power.ravel(), len(bins))[: len(bins)]
            own = (kx, ky[:, None], kz[z])[c]
            divergence[z] += (own * waves[z]).astype(waves.dtype)
    energy = bins[1:].sum()
    if not energy > 0:
        return float("nan"), float("nan"), 0.0, np.zeros(0), np.zeros(0), 0.0
    all_power[0, 0, 0] = 0.0
    total, square = (sum((plane.astype(np.float64) ** n * weight).sum() for plane in all_power) for n in (1, 2))
    div = sum((np.abs(plane.astype(np.complex128)) ** 2 * weight).sum() for plane in divergence)
    rising = np.cumsum(bins) / bins.sum()
    places = least / fine * np.arange(len(bins))
    at = int(np.searchsorted(rising, 0.9))
    shell = np.minimum(np.arange(len(bins)) + fine // 2, len(bins) - 1) // fine
    E = np.bincount(shell, bins, shells)[1:] / least
    return (
        float(np.pi * over_k / energy), float(places[at]), float(total**2 / (2 * square)),
        least * np.arange(1, len(E) + 1), E, float(np.sqrt(div / grad)),
    )  # fmt: skip

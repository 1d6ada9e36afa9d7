"""Rotation measures of rays to their dispersion and what it takes of the polarization, with errors between blocks."""

import numpy as np

from hpcmm.theory import faraday
from hpcmm.theory.constants import GAUSS_MICRO, PARSEC, C

CM2 = 1e4
"""1 m2 in cm2."""


def rotation_measures(sums, n_e, B_rms, scale):
    """RM [rad/m2] of sums of b_los dl [B_rms pc]."""
    return CM2 * faraday.ROTATION * n_e * (B_rms * GAUSS_MICRO) * PARSEC * scale * sums


def uniform_rm(cosine, between, inside, n_e, path, filling_fraction):
    """RM [rad/m2] of the mean field along rays at these cosines to it.

    Parameters
    ----------
    cosine : array
    between, inside : array (3,)
        Mean of B between patches, and of nB/<n> in them [uG]; the rays' azimuths about the first are random.
    n_e, path, filling_fraction : float
        [1/cm3], [pc].
    """
    strength = np.linalg.norm(between)
    if strength == 0:
        return np.zeros_like(cosine)
    share = np.dot(np.asarray(inside) - between, between) / strength
    field = strength + filling_fraction * share
    return CM2 * faraday.ROTATION * n_e * (field * GAUSS_MICRO) * cosine * (path * PARSEC)


def rms(blocks):
    """Root mean square of all rays and its standard error.

    Parameters
    ----------
    blocks : list of arrays
        RM of the rays of each block; blocks are independent.
    """
    count = sum(map(len, blocks))
    square = np.array([np.sum(b * b) for b in blocks])
    sizes = np.array([len(b) for b in blocks])
    mean = square.sum() / count
    if mean == 0:
        return 0.0, 0.0
    return np.sqrt(mean), _error(square, sizes, mean) / (2 * np.sqrt(mean))


def polarization(blocks, wavelength):
    """p = |<exp(2 i chi)>|, 1 - p to all digits, and their standard error; ``wavelength`` [m]."""
    turned = [2 * wavelength**2 * b for b in blocks]
    count = sum(map(len, blocks))
    sizes = np.array([len(b) for b in blocks])
    # 1 - Re and Im apart: 1 - p of 1e-12 has its digits
    lost = np.array([np.sum(2 * np.sin(t / 2) ** 2) for t in turned])
    sine = np.array([np.sum(np.sin(t)) for t in turned])
    x, y = lost.sum() / count, sine.sum() / count
    p = np.hypot(1 - x, y)
    missing = (x * (2 - x) - y * y) / (1 + p)
    along = ((1 - x) * lost - y * sine) / p if p > 0 else lost
    return p, missing, _error(along, sizes, along.sum() / count)


def _error(sums, sizes, mean):
    """Standard error of a mean over rays, from the sums over blocks of these sizes."""
    blocks, count = len(sums), sizes.sum()
    return np.sqrt(np.sum((sums - mean * sizes) ** 2) * blocks / (blocks - 1)) / count


def seen(sigma, filling_fraction, wavelength, sensitivity):
    """Filling fraction whose depolarization is just seen, from the dispersion [rad/m2] at this one; [m]."""
    whole = sigma / np.sqrt(filling_fraction) / CM2
    return float(faraday.filling_fraction_seen(whole, 100 * wavelength, sensitivity))


def wavelength_of(frequency):
    """Wavelength [m] of a frequency [1/s]."""
    return C / frequency / 100

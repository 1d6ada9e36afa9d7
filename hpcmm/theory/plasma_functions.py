"""Special functions of hot plasmas: the plasma dispersion function of complex argument, scaled Bessel functions."""

import math

import numpy as np

_TERMS = 64


def _weideman():
    """Coefficients of Weideman's series, and its length L; 64 terms leave 1e-13."""
    M = 2 * _TERMS
    L = math.sqrt(_TERMS / math.sqrt(2.0))
    t = L * np.tan(np.pi * np.arange(1 - M, M) / (2 * M))
    samples = np.concatenate([[0.0], np.exp(-(t**2)) * (L**2 + t**2)])
    coefficients = np.fft.fft(np.fft.fftshift(samples)).real / (2 * M)
    return coefficients[_TERMS:0:-1], L


_COEFFICIENTS, _LENGTH = _weideman()


def faddeeva(z):
    r"""Faddeeva function, :math:`w(z) = e^{-z^2} \mathrm{erfc}(-iz)`.

    Source: Weideman 1994, SIAM J. Numer. Anal. 31, 1497, in the upper half plane; w(z) = 2 exp(-z^2) - w(-z) below it.

    Parameters
    ----------
    z : complex or array

    Returns
    -------
    complex or array
        w(z), to some 1e-13 of max(1, \|2 exp(-z^2)\|).
    """
    z = np.asarray(z, dtype=complex)
    below = z.imag < 0
    up = np.where(below, -z, z)
    inverse = 1 / (_LENGTH - 1j * up)
    ratio = (_LENGTH + 1j * up) * inverse
    series = np.zeros_like(up)
    for c in _COEFFICIENTS:
        series = series * ratio + c
    value = (2 * series * inverse + 1 / math.sqrt(math.pi)) * inverse
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(below, 2 * np.exp(-(np.where(below, z, 0) ** 2)) - value, value)[()]


def plasma_Z(zeta):
    r"""Plasma dispersion function, :math:`Z(\zeta) = i \sqrt\pi w(\zeta)`; its derivative is -2 (1 + zeta Z).

    Source: Fried & Conte 1961, The Plasma Dispersion Function.
    """
    return 1j * math.sqrt(math.pi) * faddeeva(zeta)


def bessel_scaled(orders, x):
    """Modified Bessel functions exp(-x) I_n(x) of orders 0 to ``orders``, along a new last axis.

    Ratios I_n / I_(n-1) by their continued fraction from above, scaled such that I_0 + 2 sum I_n = exp(x).

    Parameters
    ----------
    orders : int
    x : float or array
        Not negative.
    """
    x = np.asarray(x, dtype=float)
    top = orders + 20 + int(2 * math.sqrt(float(x.max(initial=0.0))) + float(x.max(initial=0.0)))
    ratio, ratios = np.zeros_like(x), []
    for n in range(top, 0, -1):
        ratio = x / (2 * n + x * ratio)
        ratios.append(ratio)
    products = np.cumprod(np.stack(ratios[::-1], axis=-1), axis=-1)
    first = 1 / (1 + 2 * products.sum(axis=-1, keepdims=True))
    return first * np.concatenate([np.ones_like(first), products[..., :orders]], axis=-1)

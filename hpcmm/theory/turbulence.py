"""Power-law turbulence between two scales: correlation length, power shares, and what unresolved waves do.

Lengths in any one unit, c = 1. The one-dimensional energy spectrum is E(k) ~ k^-xi between 2 pi/l_max and
2 pi/l_min, with <dB^2> = dB^2 over the whole range.
"""

import math


def _power_integral(exponent, k_low, k_high):
    """Integral of k^-exponent from k_low to k_high; k_high may be inf where that converges."""
    if exponent == 1:
        return math.log(k_high / k_low)
    p = 1 - exponent
    high = k_high**p if math.isfinite(k_high) else (0.0 if p < 0 else math.inf)
    return (high - k_low**p) / p


def wavenumber(length):
    """K = 2 pi / length; inf for length 0."""
    return 2 * math.pi / length if length > 0 else math.inf


def correlation_length(l_max, l_min, xi=5 / 3):
    """Two-sided correlation length int_{-inf}^{inf} R ds of isotropic turbulence (docs/physics.md 2.3).

    l_c = pi int E(k)/k dk / int E(k) dk: l_max/5 for Kolmogorov over a long range.
    """
    low, high = wavenumber(l_max), wavenumber(l_min)
    return math.pi * _power_integral(xi + 1, low, high) / _power_integral(xi, low, high)


def power_share(l_max, l_min, l_dissipation, xi=5 / 3):
    """Share of the power between l_max and l_dissipation that lies above l_min (docs/physics.md 2.5)."""
    low = wavenumber(l_max)
    return _power_integral(xi, low, wavenumber(l_min)) / _power_integral(xi, low, wavenumber(l_dissipation))


def nu_unresolved(gyroradius, dB_over_B, l_max, l_min, l_dissipation, xi=5 / 3):
    """Small-angle scattering rate nu = d<dtheta^2>/dt of the waves between l_min and l_dissipation.

    nu = (pi/2) (dB/B)^2 / r_g^2 int E(k)/k dk / int E(k) dk: the numerator from 2 pi/l_min on, the denominator
    over the whole range; exact for l_min << r_g (docs/physics.md 2.5, with the integral in the place of the sum over
    waves). Directions decorrelate at nu/2: it acts as the ``paper`` kick.

    Parameters
    ----------
    gyroradius, l_max, l_min, l_dissipation : float
        Lengths in one unit; l_dissipation may be 0.
    dB_over_B : float
        rms of the whole range in units of the field that defines the gyroradius.
    xi : float
        Spectral index.

    Returns
    -------
    float
        Rate in 1 / that unit of length (c = 1).
    """
    if l_dissipation >= l_min:
        return 0.0
    small = _power_integral(xi + 1, wavenumber(l_min), wavenumber(l_dissipation))
    whole = _power_integral(xi, wavenumber(l_max), wavenumber(l_dissipation))
    return math.pi / 2 * (dB_over_B / gyroradius) ** 2 * small / whole


def planned_decay_rate(gyroradius, l_c, xi=5.0 / 3.0):
    r"""c over a rough mean free path in isotropic turbulence [1/length], for planning only (docs/physics.md 5.3).

    kappa/(c l_c) = 4x^2/3 + 0.3x + 0.145 x^(2 - xi), x = r_g/l_c; lambda = 3 kappa/c, and three times that for
    x < 0.1, where the running kappa falls slowly. Below x = 1e-3 particles keep to their field lines, along which
    lambda = 1.86 x^0.265 l_c. The coefficients are those of xi = 5/3.

    Parameters
    ----------
    gyroradius, l_c : float
        In one unit of length.
    xi : float
        Spectral index.
    """
    x = gyroradius / l_c
    if x < 1e-3:
        return 1 / (1.86 * x**0.265 * l_c)
    kappa = l_c * (4 * x**2 / 3 + 0.3 * x + 0.145 * x ** (2 - xi))
    return 1 / ((3 if x >= 0.1 else 9) * kappa)

r"""One-dimensional energy spectra of turbulence: a power law, and one that bends over at large scales.

Lengths in any one unit, c = 1. A range is given by its longest and shortest wavelength, k = 2 pi/length; the shortest
may be 0 where the power is finite. <dB^2> = dB^2 over the whole range (docs/physics.md 2.2, 2.3).
"""

import math
from abc import ABC, abstractmethod

import numpy as np


def wavenumber(length):
    """K = 2 pi/length; inf for length 0."""
    return 2 * math.pi / length if length > 0 else math.inf


class Spectrum(ABC):
    """E(k), not normalized.

    Attributes
    ----------
    xi : float
        E(k) ~ k^-xi at small scales.
    """

    xi: float

    @abstractmethod
    def per_log(self, k):
        """K E(k), of an array of wavenumbers."""

    @abstractmethod
    def mode_amplitude(self, m_squared, unit):
        """Amplitude of the waves k = m unit of a cube, ~ sqrt(E(k))/k, of the array m^2; any constant factor."""

    @abstractmethod
    def _power(self, low, high):
        """Integral of E from low to high; inf where it does not converge."""

    @abstractmethod
    def _power_over_k(self, low, high):
        """Integral of E/k from low to high."""

    @abstractmethod
    def outer_wavenumber(self, l_max):
        """k_0 of the power law (xi - 1) k_0^(xi - 1) k^-xi dB^2 that the spectrum from l_max on is at small scales."""

    def correlation_length(self, l_max, l_min):
        r"""Two-sided correlation length of isotropic turbulence (docs/physics.md 2.3).

        .. math:: l_c = \int_{-\infty}^{\infty} R\, ds = \pi \int E\, dk/k \Big/ \int E\, dk
        """
        low, high = wavenumber(l_max), wavenumber(l_min)
        return math.pi * self._power_over_k(low, high) / self._power(low, high)

    def along_line(self, k, l_max, l_min):
        r"""Spectrum of an isotropic field along a straight line, of the trace and for k > 0, over dB^2.

        .. math:: E_1(k) = \int_k^\infty E\, dk'/k' \Big/ \int E\, dk', \quad \int_0^\infty E_1\, dk = 1

        ~ k^-xi as E(k) itself within the range, constant below it (docs/physics.md 2.3).

        Parameters
        ----------
        k : float
        l_max, l_min : float
        """
        low, high = wavenumber(l_max), wavenumber(l_min)
        return self._power_over_k(max(k, low), high) / self._power(low, high) if k < high else 0.0

    def power_share(self, l_max, l_min, l_dissipation):
        """Share of the power between l_max and l_dissipation that lies above l_min (docs/physics.md 2.5)."""
        low = wavenumber(l_max)
        return self._power(low, wavenumber(l_min)) / self._power(low, wavenumber(l_dissipation))

    def nu_unresolved(self, gyroradius, dB_over_B, l_max, l_min, l_dissipation):
        r"""Small-angle scattering rate nu = d<dtheta^2>/dt of the waves between l_min and l_dissipation.

        .. math:: \nu = \frac{\pi}{2} \frac{(dB/B)^2}{r_g^2} \int_{l_{min}} E\, dk/k \Big/ \int E\, dk

        exact for l_min << r_g (docs/physics.md 2.5, with the integral in the place of the sum over waves). Directions
        decorrelate at nu/2: it acts as the ``paper`` kick.

        Parameters
        ----------
        gyroradius, l_max, l_min, l_dissipation : float
            Lengths in one unit; l_dissipation may be 0.
        dB_over_B : float
            rms of the whole range in units of the field that defines the gyroradius.

        Returns
        -------
        float
            Rate in 1 / that unit of length (c = 1).
        """
        if l_dissipation >= l_min:
            return 0.0
        small = self._power_over_k(wavenumber(l_min), wavenumber(l_dissipation))
        whole = self._power(wavenumber(l_max), wavenumber(l_dissipation))
        return math.pi / 2 * (dB_over_B / gyroradius) ** 2 * small / whole


class PowerLaw(Spectrum):
    """E(k) ~ k^-xi.

    Parameters
    ----------
    xi : float
    """

    def __init__(self, xi=5.0 / 3.0):
        self.xi = xi

    def per_log(self, k):
        return k ** (1 - self.xi)

    def mode_amplitude(self, m_squared, unit):
        return m_squared ** (-(self.xi + 2) / 4.0)

    def outer_wavenumber(self, l_max):
        return wavenumber(l_max)

    def _power(self, low, high):
        return _integral_of_power(self.xi, low, high)

    def _power_over_k(self, low, high):
        return _integral_of_power(self.xi + 1, low, high)


def _integral_of_power(exponent, low, high):
    """Integral of k^-exponent; high may be inf where that converges."""
    if exponent == 1:
        return math.log(high / low)
    p = 1 - exponent
    end = high**p if math.isfinite(high) else (0.0 if p < 0 else math.inf)
    return (end - low**p) / p


class BendOver(Spectrum):
    r"""E(k) ~ k^q below 1/l_bend, k^-xi above.

    .. math:: E(k) \propto (k l_b)^q \, [1 + (k l_b)^2]^{-(\xi + q)/2}

    Source: Tautz and Dosch 2013 (q = 4 is of three-dimensional isotropic fields that are smooth at k = 0).

    Parameters
    ----------
    xi : float
        Above 1.
    q : float
        Above 0.
    l_bend : float
        l_b, a length over 2 pi as 1/k.
    """

    def __init__(self, xi, q, l_bend):
        self.xi, self.q, self.l_bend = xi, q, l_bend

    @classmethod
    def of_correlation_length(cls, xi, q, l_c):
        """Make the one whose correlation length, of all wavelengths, is l_c."""
        unit = cls(xi, q, 1.0)
        return cls(xi, q, l_c / unit.correlation_length(math.inf, 0.0))

    def per_log(self, k):
        y = np.asarray(k) * self.l_bend
        return y ** (self.q + 1) * (1 + y * y) ** (-(self.xi + self.q) / 2)

    def mode_amplitude(self, m_squared, unit):
        y_squared = m_squared * (unit * self.l_bend) ** 2
        return y_squared ** ((self.q - 2) / 4) * (1 + y_squared) ** (-(self.xi + self.q) / 4)

    def outer_wavenumber(self, l_max):
        power = self.l_bend * self._power(wavenumber(l_max), math.inf)
        return (1 / ((self.xi - 1) * power)) ** (1 / (self.xi - 1)) / self.l_bend

    def _power(self, low, high):
        return (self._beyond(low, self.q + 1) - self._beyond(high, self.q + 1)) / self.l_bend

    def _power_over_k(self, low, high):
        return self._beyond(low, self.q) - self._beyond(high, self.q)

    def _beyond(self, k, a):
        """Integral of y^(a - 1) (1 + y^2)^(-(xi + q)/2) from k l_bend on, by an incomplete beta function."""
        from scipy.special import beta, betainc  # here: it takes a tenth of a second to import

        a, b = a / 2, (self.xi + self.q - a) / 2
        return beta(a, b) / 2 * betainc(b, a, 1 / (1 + (k * self.l_bend) ** 2))

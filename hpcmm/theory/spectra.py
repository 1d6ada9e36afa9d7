r"""One-dimensional energy spectra of turbulence: a power law, and one that bends over at large scales.

Lengths in any one unit, c = 1. A range is given by its longest and shortest wavelength, k = 2 pi/length; the shortest
may be 0 where the power is finite. <dB^2> = dB^2 over the whole range (docs/physics.md 2.2, 2.3).

Wavevectors point everywhere alike ("isotropic"), along a guide field ("slab") or everywhere across it ("2d")
(docs/physics.md 2.7).
"""

import math
from abc import ABC, abstractmethod

import numpy as np

PLATEAU = 0.01
"""Relative change of E(k) from k = 0 to the longest wave that may be called flat."""


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
    def _plateau(self, low):
        """E(0), where E changes by less than PLATEAU from there to low; else 0."""

    @abstractmethod
    def outer_wavenumber(self, l_max):
        """k_0 of the power law (xi - 1) k_0^(xi - 1) k^-xi dB^2 that the spectrum from l_max on is at small scales."""

    def correlation_length(self, l_max, l_min, geometry="isotropic"):
        r"""Two-sided correlation length of the trace, along the guide field for slab waves, across it for 2-D ones.

        .. math:: l_c = \int_{-\infty}^{\infty} R\, ds = \pi \Big\langle\frac1k\Big\rangle \ \text{(isotropic)}, \quad
            2 \Big\langle\frac1k\Big\rangle \ \text{(2-D)}, \quad \frac{\pi E(0)}{\int E\, dk} \ \text{(slab)}, \quad
            \Big\langle\frac1k\Big\rangle = \int E\, \frac{dk}k \Big/ \int E\, dk

        Slab waves have 0 unless E is constant at small k, up to 2 pi/l_max and beyond: what is correlated nearby is
        anticorrelated farther off. Source: docs/physics.md 2.3, 2.7.
        """
        low, high = wavenumber(l_max), wavenumber(l_min)
        if geometry == "slab":
            return math.pi * self._plateau(low) / self._power(low, high)
        factor = math.pi if geometry == "isotropic" else 2.0
        return factor * self._power_over_k(low, high) / self._power(low, high)

    def density(self, k, l_max, l_min):
        """E(k) over its integral [length], 0 outside the range; k a float or an array."""
        k, low, high = np.asarray(k, float), wavenumber(l_max), wavenumber(l_min)
        inside = (k >= low) & (k <= high)
        within = np.where(inside, k, low if low > 0 else 1.0)
        return np.where(inside, self.per_log(within) / within, 0.0) / self._power(low, high)

    def along_line(self, k, l_max, l_min):
        r"""Spectrum along straight lines of all directions, of the trace and for k > 0, over dB^2.

        .. math:: E_1(k) = \int_k^\infty E\, dk'/k' \Big/ \int E\, dk', \quad \int_0^\infty E_1\, dk = 1

        ~ k^-xi as E(k) itself within the range, constant below it, of any geometry (docs/physics.md 2.3, 2.7).

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

        of isotropic waves, exact for l_min << r_g (docs/physics.md 2.5, an integral for the sum over waves). Directions
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

    def _plateau(self, low):
        return 0.0

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
        Above 0; for slab waves 0 too, a spectrum that is flat at large scales.
    l_bend : float
        l_b, a length over 2 pi as 1/k.
    """

    def __init__(self, xi, q, l_bend):
        self.xi, self.q, self.l_bend = xi, q, l_bend

    @classmethod
    def of_correlation_length(cls, xi, q, l_c, geometry="isotropic"):
        """Make the one whose correlation length, of all wavelengths, is l_c; of slab waves q = 0 alone has one."""
        return cls(xi, q, l_c / cls(xi, q, 1.0).correlation_length(math.inf, 0.0, geometry))

    def per_log(self, k):
        k = np.asarray(k)
        square = (k * self.l_bend) ** 2
        # powers of y^2/(1 + y^2) and 1 + y^2: y^q alone is too large a number at y = 1e90, which resonates at small mu
        return k * (square / (1 + square)) ** (self.q / 2) * (1 + square) ** (-self.xi / 2)

    def mode_amplitude(self, m_squared, unit):
        y_squared = m_squared * (unit * self.l_bend) ** 2
        return y_squared ** ((self.q - 2) / 4) * (1 + y_squared) ** (-(self.xi + self.q) / 4)

    def outer_wavenumber(self, l_max):
        power = self.l_bend * self._power(wavenumber(l_max), math.inf)
        return (1 / ((self.xi - 1) * power)) ** (1 / (self.xi - 1)) / self.l_bend

    def _power(self, low, high):
        return (self._beyond(low, self.q + 1) - self._beyond(high, self.q + 1)) / self.l_bend

    def _power_over_k(self, low, high):
        if self.q > 0:
            return self._beyond(low, self.q) - self._beyond(high, self.q)
        return self._log_of_flat(low) - self._log_of_flat(high)

    def _plateau(self, low):
        return 1.0 if self.q == 0 and (1 + (low * self.l_bend) ** 2) ** (-self.xi / 2) > 1 - PLATEAU else 0.0

    def _log_of_flat(self, k):
        """Integral of (1 + y^2)^(-xi/2) dy/y from k l_bend on: with z = 1/(1 + y^2) of a power of z over 1 - z."""
        from scipy.special import hyp2f1

        if k in (0.0, math.inf):
            return math.inf if k == 0 else 0.0
        low = k * self.l_bend
        y, power = max(low, 1e-3), self.xi / 2
        z = 1 / (1 + y * y)
        # below 1e-3, where 1 - z has few digits, the integrand is 1/y - power y up to y^3
        return z**power / self.xi * hyp2f1(1.0, power, power + 1, z) + math.log(y / low) - power / 2 * (y * y - low**2)

    def _beyond(self, k, a):
        """Integral of y^(a - 1) (1 + y^2)^(-(xi + q)/2) from k l_bend on, by an incomplete beta function."""
        from scipy.special import beta, betainc  # here: it takes a tenth of a second to import

        a, b = a / 2, (self.xi + self.q - a) / 2
        return beta(a, b) / 2 * betainc(b, a, 1 / (1 + (k * self.l_bend) ** 2))

"""Spectra of turbulence against quadrature: power, correlation length, scattering of small waves, and their limits."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from hpcmm.theory.spectra import BendOver, PowerLaw
from hpcmm.theory.turbulence import correlation_length

SPECTRA = [
    PowerLaw(),
    PowerLaw(1.0),
    PowerLaw(0.5),
    BendOver(5 / 3, 4.0, 0.7),
    BendOver(3 / 2, 1.5, 0.02),
    BendOver(5 / 3, 0.0, 3.0),
]


def integral(spectrum, p, long, short):
    """Integral of E k^-p between two wavelengths, over ln k."""
    ends = math.log(2 * math.pi / long), math.log(2 * math.pi / short)
    return quad(lambda u: float(spectrum.per_log(np.exp(u))) * math.exp(-p * u), *ends, epsrel=1e-11, limit=400)[0]


@pytest.mark.parametrize("spectrum", SPECTRA, ids=lambda s: f"{type(s).__name__}({s.xi:.2g})")
def test_integrals(spectrum):
    """A share of power, l_c = pi <1/k>, and the rate of small waves, to ten digits."""
    ranges = 40.0, 0.3, 1e-3
    whole, small = integral(spectrum, 0, ranges[0], ranges[2]), integral(spectrum, 1, *ranges[1:])
    share = integral(spectrum, 0, *ranges[:2]) / whole
    assert spectrum.power_share(*ranges) == pytest.approx(share, rel=1e-10)
    l_c = math.pi * integral(spectrum, 1, ranges[0], ranges[2]) / whole
    assert spectrum.correlation_length(ranges[0], ranges[2]) == pytest.approx(l_c, rel=1e-10)
    assert spectrum.correlation_length(ranges[0], ranges[2], "2d") == pytest.approx(2 / math.pi * l_c, rel=1e-10)
    for k in (0.2, 3.0, 900.0):
        e = float(spectrum.per_log(k)) / k / whole
        assert spectrum.density(k, ranges[0], ranges[2]) == pytest.approx(e, rel=1e-10)
    assert (spectrum.density(np.array([0.15, 6300.0]), ranges[0], ranges[2]) == 0).all()
    rate = math.pi / 2 * (0.5 / 0.2) ** 2 * small / whole
    assert spectrum.nu_unresolved(0.2, 0.5, *ranges) == pytest.approx(rate, rel=1e-10)
    assert spectrum.nu_unresolved(0.2, 0.5, 40.0, 0.3, 0.3) == 0


def test_correlation_length_of_a_bend():
    """All wavelengths: l_c = pi l_b B(q/2, xi/2)/B((q + 1)/2, (xi - 1)/2); Kolmogorov with q = 4 has .9958 l_b."""
    for xi, q in ((5 / 3, 4.0), (3 / 2, 3.0), (2.0, 1.0)):
        spectrum = BendOver.of_correlation_length(xi, q, 30.0)
        assert spectrum.correlation_length(math.inf, 0.0) == pytest.approx(30.0, rel=1e-13)
    gamma = math.gamma
    exact = math.pi * gamma(2) * gamma(5 / 6) / gamma(17 / 6) * gamma(17 / 6) / gamma(5 / 2) / gamma(1 / 3)
    assert BendOver(5 / 3, 4.0, 1.0).correlation_length(math.inf, 0.0) == pytest.approx(exact, rel=1e-13)
    # longer waves have .1^4/4 of the integral B(2, 5/6)/2 = .327: 7.6e-5
    assert BendOver(5 / 3, 4.0, 1.0).correlation_length(20 * math.pi, 0.0) == pytest.approx(exact, rel=1e-4)


def test_correlation_length_of_slab_waves():
    """Pi E(0)/int E: 2 pi l_b/B(1/2, (xi - 1)/2), 1.4937 l_b for Kolmogorov, where E is flat at small k; else 0."""
    exact = 2 * math.pi * math.gamma(5 / 6) / math.gamma(1 / 2) / math.gamma(1 / 3)
    assert exact == pytest.approx(1.4937, abs=1e-4)
    flat = BendOver(5 / 3, 0.0, 3.0)
    assert flat.correlation_length(math.inf, 0.0, "slab") == pytest.approx(3 * exact, rel=1e-12)
    # without the waves longer than 2000 pi l_b, which have 1e-3/2.1 of the power
    assert flat.correlation_length(6000 * math.pi, 0.0, "slab") == pytest.approx(3 * exact, rel=5e-4)
    assert flat.correlation_length(30.0, 0.0, "slab") == 0
    for spectrum in (PowerLaw(), BendOver(5 / 3, 1.0, 3.0)):
        assert spectrum.correlation_length(1e6, 0.0, "slab") == 0
    assert BendOver.of_correlation_length(5 / 3, 0.0, 3.0, "slab").l_bend == pytest.approx(3 / exact, rel=1e-12)


@pytest.mark.parametrize("low", [1e-9, 1e-4, 0.999e-3, 1.001e-3, 0.1, 5.0])
def test_flat_spectrum_over_k(low):
    """Int E/k of a flat one from a wavenumber on, also where its logarithm is large."""
    spectrum = BendOver(5 / 3, 0.0, 1.0)
    exact = quad(lambda u: (1 + math.exp(2 * u)) ** (-5 / 6), math.log(low), math.log(1e5), epsrel=1e-12, limit=500)[0]
    assert spectrum._power_over_k(low, 1e5) == pytest.approx(exact, rel=1e-10)


def test_small_scales_are_a_power_law():
    """E dk/int E dk -> (xi - 1) k_0^(xi - 1) k^-xi; terms of (k l_b)^-2 are 2e-8 here."""
    bend, k, l_max = BendOver(5 / 3, 4.0, 0.7), 2e4, 44.0
    k_0 = bend.outer_wavenumber(l_max)
    density = float(bend.per_log(k)) / k / integral(bend, 0, l_max, 1e-9)
    # the power beyond 1e-9 is 5e-6 of all
    assert density == pytest.approx((2 / 3) * k_0 ** (2 / 3) * k ** (-5 / 3), rel=1e-5)
    assert PowerLaw().outer_wavenumber(5.0) == 2 * math.pi / 5


def test_amplitudes_of_a_cube_are_those_of_the_spectrum():
    """sqrt(E)/k over k = m unit."""
    m_squared = np.array([1.0, 2.0, 81.0])
    for spectrum in SPECTRA:
        k = 0.3 * np.sqrt(m_squared)
        made = spectrum.mode_amplitude(m_squared, 0.3) / np.sqrt(spectrum.per_log(k) / k**3)
        assert made == pytest.approx(made[0], rel=1e-12)


def test_an_end_at_zero_of_a_steep_spectrum():
    """Kolmogorov over all small scales: l_max/5."""
    assert correlation_length(5.0, 0.0) == pytest.approx(1.0, rel=1e-12)

"""Quasi-linear gyroresonance against independent sums."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import jv

from hpcmm.theory.pitch_angle import pitch_angle_diffusion, resonance

K_0 = 2 * np.pi / 5


def test_coefficient_at_half():
    """0.0632 +- 0.001 of c/l_c x^(-1/3) at mu = 1/2 (docs/physics.md 17.1)."""
    x = 1e-6
    assert pitch_angle_diffusion(0.5, x, K_0) * x ** (1 / 3) == pytest.approx(0.0632, abs=1e-3)


def test_shape_is_close_to_a_power_of_mu():
    mu = np.linspace(0.05, 0.98, 40)
    shape = pitch_angle_diffusion(mu, 1e-8, K_0) * 1e-8 ** (1 / 3) / mu ** (5 / 3) / (1 - mu**2)
    # up to 0.305 at mu = 0.02
    assert shape.min() > 0.26
    assert shape.max() < 0.305


@pytest.mark.parametrize(("mu", "index"), [(0.3, 5 / 3), (0.7, 5 / 3), (0.7, 1.5)])
def test_harmonics_agree_with_adaptive_integration(mu, index):
    """The first four harmonics by QUADPACK to z = 400, beyond which 1e-4 of them lies."""

    def term(n):
        across, k_par = np.sqrt(1 - mu**2), n / mu

        def f(z):
            k = np.hypot(z / across, k_par)
            slope = (jv(n - 1, z) - jv(n + 1, z)) / 2
            return z / across**2 * k ** (-index - 2) * (n**2 * jv(n, z) ** 2 / z**2 + (k_par / k) ** 2 * slope**2)

        return quad(f, 1e-9, 400, limit=2000)[0]

    from hpcmm.theory import pitch_angle

    for n in (1, 2, 4):
        assert pitch_angle._harmonic(n, mu, index) == pytest.approx(term(n), rel=3e-4)


def test_scaling_with_gyroradius_and_field():
    """D ~ x^(xi - 2) and, as x ~ 1/B and dB/B ~ 1/B, |B|^-xi."""
    one, two = (pitch_angle_diffusion(0.4, x, K_0, dB, 1.5) for x, dB in ((1e-6, 1.0), (2e-6, 2.0)))
    assert two / one == pytest.approx(2**1.5)


def test_resonance_alone_has_no_finite_kappa():
    """(1 - mu^2)^2/D ~ mu^(-5/3) towards mu = 0, whose integral diverges."""
    assert resonance(0.02) / resonance(0.01) == pytest.approx(2 ** (5 / 3), rel=0.01)

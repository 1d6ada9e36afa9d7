"""Composites and intermittency: docs/physics.md 2.4 and 8."""

import math

import numpy as np
import pytest
from scipy import stats

from hpcmm import theory
from hpcmm.theory import EV, C

F = np.array([0.0, 0.01, 0.1, 0.3, 0.5, 0.9, 1.0])


def test_composites_have_their_printed_values():
    """nu_mm = 100, nu_res = 1, f = .3, kappa = 1 / (3 nu); printed to four digits."""
    phases = (1 / 300, 1 / 3, 0.3)
    lower, upper = theory.hashin_shtrikman_bounds(*phases)
    assert theory.kappa_harmonic(*phases) == pytest.approx(0.01086, abs=1e-5)
    assert lower == pytest.approx(0.02453, abs=1e-5)
    assert upper == pytest.approx(0.20459, abs=1e-5)
    assert theory.kappa_arithmetic(*phases) == pytest.approx(0.23433, abs=1e-5)


@pytest.mark.parametrize(("f_mm", "lower", "upper"), [(0.1, 2.10e30, 8.157e30), (0.5, 3.72e29, 3.867e30)])
def test_bounds_at_300_GeV(f_mm, lower, upper):
    """docs/physics.md 11.4 has the lower bound to three digits, the upper to four."""
    energy = 3e11 * EV
    found = theory.hashin_shtrikman_bounds(theory.kappa_mm(energy), theory.kappa_res(energy), f_mm)
    assert found == (pytest.approx(lower, rel=3e-3), pytest.approx(upper, rel=3e-4))


def test_equations_10_and_11_agree():
    nu_mm, nu_res = 1e-8, 1e-11
    kappa = theory.kappa_eff(C**2 / nu_mm, C**2 / nu_res, F)
    np.testing.assert_allclose(kappa, C**2 / theory.nu_eff(nu_mm, nu_res, F), rtol=1e-12)
    as_printed = (C**2 / nu_mm) / (F + (1 - F) * nu_res / nu_mm)
    np.testing.assert_allclose(kappa, as_printed, rtol=1e-12)


def test_limits_of_equation_11():
    assert theory.kappa_eff(1e28, 1e31, 0.0) == pytest.approx(1e31, rel=1e-15)
    assert theory.kappa_eff(1e28, 1e31, 1.0) == pytest.approx(1e28, rel=1e-15)
    # kappa_mm / kappa_res -> 0: kappa_mm / f, here to 1e-3 / f
    assert theory.kappa_eff(1e28, 1e31, 0.5) == pytest.approx(2e28, rel=2e-3)
    # independent of f where the phases are equal
    np.testing.assert_allclose(theory.kappa_eff(1e30, 1e30, F), 1e30, rtol=1e-15)
    # a phase that does not scatter
    assert theory.kappa_eff(1e28, np.inf, 0.25) == 4e28


@pytest.mark.parametrize("phases", [(1e28, 1e31), (1e31, 1e28), (1e30, 1e30)])
def test_order_of_the_bounds(phases):
    """Harmonic <= HS lower <= HS upper <= arithmetic, whichever phase is the better; equal at f = 0 and 1."""
    lower, upper = theory.hashin_shtrikman_bounds(*phases, F)
    rounding = 1 + 1e-14
    assert np.all(theory.kappa_harmonic(*phases, F) <= lower * rounding)
    assert np.all(lower <= upper * rounding)
    assert np.all(upper <= theory.kappa_arithmetic(*phases, F) * rounding)
    # the names of the phases do not matter
    np.testing.assert_allclose(theory.hashin_shtrikman_bounds(*phases[::-1], 1 - F), (lower, upper), rtol=1e-12)
    ends = [0, -1]
    np.testing.assert_allclose(lower[ends], [phases[1], phases[0]], rtol=1e-12)
    np.testing.assert_allclose(upper[ends], [phases[1], phases[0]], rtol=1e-12)


def test_maxwell_garnett_in_its_usual_form():
    k_m, k_r, f = 1e28, 1e31, 0.3
    printed = k_r * (1 + 3 * f / ((k_m + 2 * k_r) / (k_m - k_r) - f))
    assert theory.kappa_maxwell_garnett(k_m, k_r, f) == pytest.approx(printed, rel=1e-12)
    # spheres that do not diffuse at all: kappa_r 2 (1 - f) / (2 + f)
    assert theory.kappa_maxwell_garnett(0.0, k_r, f) == pytest.approx(k_r * 1.4 / 2.3, rel=1e-12)
    # dilute spheres, to first order in f (exact to f^2)
    dilute = theory.kappa_maxwell_garnett(k_m, k_r, 1e-5) / k_r - 1
    assert dilute == pytest.approx(3e-5 * (k_m - k_r) / (k_m + 2 * k_r), rel=1e-4)


@pytest.mark.parametrize(
    ("f_mm", "printed"),
    [(0.9, 0.441), (0.5, 0.888), (0.3, 1.105), (0.25, 1.170), (0.1, 1.444), (0.05, 1.614), (0.01, 1.945)],
)
def test_thresholds_of_a_maxwellian_field(f_mm, printed):
    threshold = theory.B_star_over_rms(f_mm)
    assert threshold == pytest.approx(printed, abs=1e-3)
    # the inverse is good to the last bits of f
    assert theory.field_strength_fractions(threshold)[0] == pytest.approx(f_mm, rel=1e-13)


def test_fractions_against_scipy_and_quadrature():
    """1e-12 in the tail; 1e-9 where scipy integrates with its default tolerances."""
    scale = 1 / math.sqrt(3)
    b = np.array([0.0, 0.3, 0.888, 1.0, 2.0])
    volume, energy = theory.field_strength_fractions(b)
    np.testing.assert_allclose(volume, stats.maxwell.sf(b, scale=scale), atol=1e-12)
    for threshold, share in zip(b, energy, strict=True):
        expected = stats.maxwell.expect(lambda v: v**2, scale=scale, lb=threshold, ub=8.0)
        assert share == pytest.approx(expected, abs=1e-9)
    assert volume[3] == pytest.approx(0.392, abs=5e-4)


@pytest.mark.parametrize(("f_mm", "energy_fraction"), [(0.5, 0.797), (0.1, 0.283)])
def test_energy_fractions_of_patches(f_mm, energy_fraction):
    found = theory.field_strength_fractions(theory.B_star_over_rms(f_mm))[1]
    assert found == pytest.approx(energy_fraction, abs=6e-4)


def test_threshold_is_finite_at_both_ends():
    assert theory.B_star_over_rms(1.0) == pytest.approx(0.0, abs=1e-5)
    assert math.isfinite(theory.B_star_over_rms(1e-300))
    for wrong in (0.0, 1.01, -0.1, math.nan):
        with pytest.raises(ValueError, match="f_mm"):
            theory.B_star_over_rms(wrong)


def test_field_line_average_is_b_weighted():
    """1/kappa_eff = <B^2/kappa> / <B>^2 over a sampled Maxwellian field; 2e6 samples: 3 sigma is 0.3 %."""
    random = np.random.default_rng(7)
    B = np.linalg.norm(random.normal(size=(2_000_000, 3)), axis=1)
    B_star = theory.B_star_over_rms(0.3) * math.sqrt(3)
    kappa = np.where(B_star <= B, 1.0, 50.0)
    sampled = B.mean() ** 2 / (B**2 / kappa).mean()
    _, energy_fraction = theory.field_strength_fractions(B_star / math.sqrt(3))
    assert theory.kappa_field_line(1.0, 50.0, energy_fraction) == pytest.approx(sampled, rel=3e-3)
    # uniform kappa: mirroring leaves 0.849 of it (docs/physics.md 8.4)
    assert theory.kappa_field_line(1.0, 1.0, 0.4) == pytest.approx(0.849, abs=5e-4)


def test_residence_times():
    """Sphere of radius 1: 4/3 (docs/physics.md 8.3); equations (21) and (22) add up whatever the mean free path."""
    assert theory.residence_time(4 / 3 * math.pi, 4 * math.pi, speed=1.0) == pytest.approx(4 / 3, rel=1e-15)
    l_p, lam = 3.0, 0.2
    p_1, p_2 = (l_p - lam) / l_p, lam / l_p
    written_out = p_1 * lam**2 / (C * lam) + p_2 * (l_p - lam) ** 2 / (C * lam)
    assert theory.diffusive_residence_time(l_p, lam) == pytest.approx(written_out, rel=1e-12)
    assert theory.diffusive_residence_time(l_p, lam) + lam / C == pytest.approx(l_p / C, rel=1e-12)

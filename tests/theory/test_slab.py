"""Quasi-linear kappa of slab turbulence against closed forms and its own D_mumu."""

import math

import pytest
from scipy.integrate import quad

from hpcmm.theory.slab import D_mumu_slab, kappa_par_slab
from hpcmm.theory.spectra import BendOver


@pytest.mark.parametrize("xi", [1.0, 1.2, 5 / 3, 1.9, 1.97, 1.999])
def test_kappa_of_a_power_law(xi):
    """Int mu^(1 - xi)(1 - mu^2) = 1/(2 - xi) - 1/(4 - xi) with e(k) = (k/k_0)^-xi/k_0."""
    k_0, r_g, b_squared = 3.0, 1e-4, 0.04
    exact = r_g**2 / (math.pi * b_squared) * k_0 * (k_0 * r_g) ** -xi * (1 / (2 - xi) - 1 / (4 - xi))
    assert kappa_par_slab(r_g, b_squared, lambda k: (k / k_0) ** -xi / k_0) == pytest.approx(exact, rel=1e-8)


@pytest.mark.parametrize("xi", [2.0, 2.5])
def test_steep_spectra_turn_none_back(xi):
    assert kappa_par_slab(0.01, 0.04, lambda k: k**-xi) == math.inf


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("q", [0.0, 4.0, 10.0])
def test_a_bend_far_below_resonance_is_a_power_law(q):
    """To (k l_b)^-2 = 1e-8 of small scales; 2.0 and steeper turn none back, whatever q."""
    for xi in (5 / 3, 2.0, 2.5):
        bend, r_g = BendOver(xi, q, 1.0), 1e-4
        found = kappa_par_slab(r_g, 0.04, lambda k, bend=bend: bend.density(k, math.inf, 0.0))
        k_0 = bend.outer_wavenumber(math.inf)
        e = (xi - 1) * k_0 ** (xi - 1)  # k^-xi
        exact = r_g**2 / (math.pi * 0.04) / e * r_g**-xi * (1 / (2 - xi) - 1 / (4 - xi)) if xi < 2 else math.inf
        assert found == pytest.approx(exact, rel=1e-6)


def test_kappa_is_that_of_D_mumu():
    """(1/8) int (1 - mu^2)^2/D_mumu over a bend, by quadrature in mu^(1/3)."""
    spectrum, r_g, b_squared = BendOver(5 / 3, 0.0, 0.7), 0.3, 0.04

    def e(k):
        return spectrum.density(k, math.inf, 0.0)

    exact = quad(lambda u: 3 * u**2 * (1 - u**6) ** 2 / D_mumu_slab(u**3, r_g, b_squared, e), 0, 1, epsrel=1e-10)[0] / 4
    assert kappa_par_slab(r_g, b_squared, e) == pytest.approx(exact, rel=1e-7)


def test_waves_that_end_leave_small_pitch_angles_out():
    """Of 1/(r_g mu) in (1, 10) alone, at r_g = 1: mu from .1 to 1; none at r_g = 100."""

    def e(k):
        return (k < 10) * 1.0

    exact = (1 / 2 - 1 / 4 - 0.1**2 / 2 + 0.1**4 / 4) / (math.pi * 0.04)
    assert kappa_par_slab(1.0, 0.04, e) == pytest.approx(exact, rel=0.02)  # a panel has the edge within it
    assert kappa_par_slab(1e-3, 0.04, e) == math.inf

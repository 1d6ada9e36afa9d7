"""Exact results of docs/physics.md 4 for the three kicks, against quadrature, brute-force sums and a Monte Carlo."""

import math

import numpy as np
import pytest
from scipy import integrate, special

from hpcmm import theory
from hpcmm.theory import EV, C

KICKS = ("paper", "transport", "fork-constant")


def test_dawson_equals_scipys():
    y = np.concatenate([np.geomspace(1e-9, 7.9, 2001), np.linspace(7.9, 8.1, 201), np.geomspace(8.1, 1e6)])
    np.testing.assert_allclose(theory.dawson(y), special.dawsn(y), rtol=1e-12)
    assert theory.dawson(0.0) == 0.0


@pytest.mark.parametrize("x", [1e-4, 0.02, 0.1, 1.0, 5.0])
def test_mean_cosine_is_the_average_over_the_angle(x):
    """<cos Theta> over the distribution of the angle, by quadrature (absolute error 1e-12)."""
    sigma = math.sqrt(x)

    def bell(a):
        return math.cos(sigma * a) * math.exp(-a * a / 2)

    gauss = integrate.quad(bell, 0, 12, epsabs=1e-13)[0] * math.sqrt(2 / math.pi)
    rayleigh = integrate.quad(lambda a: a * bell(a), 0, 12, epsabs=1e-13)[0]
    expected = {"paper": gauss, "transport": rayleigh, "fork-constant": math.cos(theory.FORK_X * sigma)}
    nu, step = 2e-9, x * C / 2e-9
    for kick in KICKS:
        assert theory.mean_cosine(nu, step, kick) == pytest.approx(expected[kick], abs=1e-12)


@pytest.mark.parametrize("kick", KICKS)
def test_direction_loss_keeps_its_digits_at_tiny_steps(kick):
    """At nu s / c = 1e-14 the loss is rate s / c to 1e-14, though 1 - g would have no digit left."""
    nu, step = 1e-10, 1e-14 * C / 1e-10
    expected = theory.decay_rate(nu, kick) * step / C
    assert theory.direction_loss(nu, step, kick) == pytest.approx(expected, rel=1e-12)


def test_wrong_name_of_transport_law():
    """docs/physics.md 4.1: g = exp(-nu s) for "transport" misses kappa by 1.7 % at nu s = .1, by 19 % of itself at
    1.
    """
    for x, off in ((0.1, 0.017), (1.0, 0.19)):
        g = math.exp(-x)
        exact = theory.kappa_iso_stepped(1.0, x * C, "transport") / C**2
        wrong = x / 6 * (1 + g) / (1 - g)
        assert abs(exact / wrong - 1) == pytest.approx(off, rel=0.05)


@pytest.mark.parametrize(("x", "printed"), [(0.01, 0.66667), (0.1, 0.66681), (1.0, 0.68050)])
def test_kappa_iso_at_finite_steps(x, printed):
    """Printed to five digits; the series leaves a term of order (nu s)^4 / 11520."""
    value = theory.kappa_iso_stepped(1.0, x * C, "paper") / C**2
    assert value == pytest.approx(printed, abs=1e-5)
    assert value == pytest.approx(2 / 3 * (1 + x**2 / 48), rel=1e-4 * x**4 + 1e-12)


def test_coefficients_of_the_kicks():
    """(2/3), (1/3) and 2.206 c^2/nu; trace of the last 6.62 (docs/physics.md 4.1)."""
    nu = 1e-9
    values = [theory.kappa_iso_small_step(nu, kick) * nu / C**2 for kick in KICKS]
    assert values == pytest.approx([2 / 3, 1 / 3, 2.206], rel=2e-4)
    assert 3 * values[2] == pytest.approx(6.62, abs=0.005)
    assert values[2] / values[0] == pytest.approx(3.31, abs=0.005)


@pytest.mark.parametrize("kick", KICKS)
def test_small_steps_reach_the_limit(kick):
    """The first correction is of order nu s / c = 1e-5."""
    nu = 3e-10
    stepped = theory.kappa_iso_stepped(nu, 1e-5 * C / nu, kick)
    assert stepped == pytest.approx(theory.kappa_iso_small_step(nu, kick), rel=1e-5)


@pytest.mark.parametrize("kick", KICKS)
@pytest.mark.parametrize("x", [1e-6, 1e-3, 0.3, 3.0, 20.0])
def test_mean_square_displacement_is_the_double_sum(x, kick):
    """s^2 sum_ij g^|i-j|, summed in full; 1e-11 for up to 1e3 terms. nu s / c = 20 makes g negative or ~0."""
    nu, n = 1e-9, np.array([1, 2, 3, 17, 1000])
    step = x * C / nu
    g = theory.mean_cosine(nu, step, kick)
    brute = [step**2 * (m + 2 * math.fsum((m - lag) * g**lag for lag in range(1, m))) for m in n.tolist()]
    np.testing.assert_allclose(theory.mean_square_displacement(n, nu, step, kick), brute, rtol=1e-11)


def test_mean_square_displacement_limits():
    """Ballistic: trace c^2 t / 2 with relative deviation -nu t / 6; late: 6 kappa_iso t (docs/physics.md 4.2)."""
    nu, step = 1e-9, 1e-9 * C / 1e-9
    time = 1e6 * step / C
    early = theory.mean_square_displacement(1e6, nu, step)
    # next order (nu t)^2 / 48 = 2e-8
    assert early / (C * time) ** 2 - 1 == pytest.approx(-nu * time / 6, rel=1e-3)
    late = theory.mean_square_displacement(1e15, nu, step)
    # offset 2 tau / t = 4e-6
    assert late / (6e15 * step / C) == pytest.approx(theory.kappa_iso_small_step(nu), rel=1e-5)


def test_mean_square_displacement_is_continuous_where_its_forms_meet():
    """Both forms at N (1 - g) = 1/2, one step apart: <dr^2> grows by its own derivative there."""
    nu, step = 1.0, 1e-6 * C
    n = math.floor(0.5 / theory.direction_loss(nu, step))
    values = theory.mean_square_displacement(np.array([n - 1, n, n + 1, n + 2.0]), nu, step)
    growth = np.diff(values)
    np.testing.assert_allclose(growth, growth[0], rtol=1e-5)


@pytest.mark.parametrize("kick", KICKS)
def test_direct_walk_has_the_moments_of_theory(kick):
    """Direct walk of 4000 particles: <dr^2> and <P_2> within 4 standard errors (docs/physics.md 14: T-SCAT)."""
    x, steps, particles = 0.1, 100, 4000
    random = np.random.default_rng(20250103)
    direction = random.normal(size=(particles, 3))
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    start, position = direction.copy(), np.zeros((particles, 3))
    for _ in range(steps):
        position += direction
        if kick == "transport":
            angle = math.sqrt(x) * np.hypot(*random.normal(size=(2, particles)))
        else:
            size = random.normal(size=particles) if kick == "paper" else np.full(particles, theory.FORK_X)
            angle = math.sqrt(x) * size
        q = random.normal(size=(particles, 3))
        axis = np.cross(direction, q)
        axis /= np.linalg.norm(axis, axis=1)[:, None]
        direction = direction * np.cos(angle)[:, None] + np.cross(axis, direction) * np.sin(angle)[:, None]
    r2 = (position**2).sum(axis=1)
    expected = theory.mean_square_displacement(steps, 1.0, x * C, kick) / (x * C) ** 2
    assert abs(r2.mean() - expected) < 4 * r2.std() / math.sqrt(particles)

    p2 = 1.5 * (direction * start).sum(axis=1) ** 2 - 0.5
    decayed = theory.legendre_decay(2, 1.0, steps * x, kick)
    # a finite step changes the exponent by a few per cent: of <P_2> itself 0.05 * 15 * exp(-15) at most
    assert abs(p2.mean() - decayed) < 4 * p2.std() / math.sqrt(particles) + 0.02


def test_legendre_decay_of_the_first_order_is_the_direction():
    nu, time = 1e-9, 3e8
    for kick in KICKS:
        expected = math.exp(-theory.decay_rate(nu, kick) * time)
        assert theory.legendre_decay(1, nu, time, kick) == pytest.approx(expected, rel=1e-12)
    assert theory.legendre_decay(3, nu, time) == pytest.approx(math.exp(-3 * 4 * nu * time / 4), rel=1e-12)


@pytest.mark.parametrize("kick", KICKS)
def test_pitch_angle_diffusion_gives_kappa_par(kick):
    """kappa_par = (c^2/8) int (1 - mu^2)^2 / D_mumu dmu (docs/physics.md 4.3), by quadrature to 1e-10."""
    nu = 1e-9
    inner = integrate.quad(lambda mu: (1 - mu**2) ** 2 / theory.D_mumu(mu, nu, kick), -1, 1)[0]
    assert C**2 / 8 * inner == pytest.approx(theory.kappa_par_uniform(nu, kick), rel=1e-10)


def test_uniform_field_tensor():
    """Green-Kubo, velocity rotating and decaying: kappa_perp - i kappa_A = (c^2/3) / (1/tau + i Omega)."""
    nu = 1e-9
    for kick in KICKS:
        for omega in (0.0, 5e-10, 1e-8):
            complex_kappa = C**2 / 3 / (theory.decay_rate(nu, kick) + 1j * omega)
            assert theory.kappa_perp_uniform(nu, omega, kick) == pytest.approx(complex_kappa.real, rel=1e-12)
            antisymmetric = theory.kappa_antisymmetric_uniform(nu, omega, kick)
            assert antisymmetric == pytest.approx(-complex_kappa.imag, rel=1e-12)


def test_micromirrors_in_a_uniform_field():
    """kappa_perp/kappa_par = (1/4)(l_mm/r_g)^2 (dB/B)^4, kappa_perp = eq 6 / 6, up to (nu/2 Om)^2 ~ 1e-8."""
    energy = 1e11 * EV
    nu, omega = theory.nu_mm(energy), theory.gyrofrequency(energy)
    perp, par = theory.kappa_perp_uniform(nu, omega), theory.kappa_par_uniform(nu)
    assert perp / par == pytest.approx(theory.kappa_perp_over_kappa_mm(energy) / 4, rel=1e-6)
    assert perp == pytest.approx(theory.kappa_perp_mm_exact(), rel=1e-6)


@pytest.mark.parametrize("function", [theory.mean_cosine, theory.kappa_iso_stepped, theory.direction_loss])
def test_unknown_kick_is_refused(function):
    with pytest.raises(ValueError, match=r"'transport'.*not 'papper'"):
        function(1.0, 1.0, "papper")
    with pytest.raises(ValueError, match="kick"):
        theory.decay_rate(1.0, "papper")


def test_arrays_broadcast():
    nu = np.array([1e-10, 1e-9])[:, None]
    step = np.array([1e17, 1e18, 1e19])
    for kick in KICKS:
        values = theory.kappa_iso_stepped(nu, step, kick)
        assert values.shape == (2, 3)
        assert values[1, 2] == theory.kappa_iso_stepped(1e-9, 1e19, kick)

"""Waves and instabilities of the hybrid model against limits with closed forms and tables of docs/physics.md 16."""

import math

import numpy as np
import pytest
from scipy import special

from hpcmm.theory import hot_plasma as hot
from hpcmm.theory import plasma_functions as functions
from hpcmm.theory import plasma_instabilities as growth


def test_special_functions_equal_scipys():
    draw = np.random.default_rng(1)
    z = draw.normal(size=4000) * draw.choice([0.1, 1, 10, 1000], 4000) + 1j * draw.uniform(0, 8, 4000)
    np.testing.assert_allclose(functions.faddeeva(z), special.wofz(z), rtol=2e-13)
    below = draw.uniform(-5, 5, 4000) - 1j * draw.uniform(0, 3, 4000)
    scale = np.maximum(1, abs(2 * np.exp(-(below**2))))
    assert (abs(functions.faddeeva(below) - special.wofz(below)) / scale).max() < 2e-13
    x = np.array([0.0, 1e-12, 1e-3, 0.3, 5.0, 50.0, 400.0])
    exact = special.ive(np.arange(31), x[:, None])
    np.testing.assert_allclose(functions.bessel_scaled(30, x), exact, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("k", [0.2, 0.5, 1.0, 2.0])
def test_cold_parallel_waves(k):
    """Whistler and ion cyclotron, w = k^2/2 (sqrt(1 + 4/k^2) +- 1), to six digits."""
    for sign in (1, -1):
        exact = k * k / 2 * (math.sqrt(1 + 4 / k**2) + sign)
        w = hot.root(lambda w: hot.determinant(w, k, 1e-5, 1e-9, 1.0, 1e-9), exact * (1 + 1e-4))
        assert w.real == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize(
    ("ratio", "zeta"), [(1, 1.44667 - 0.60198j), (2, 1.68289 - 0.40208j), (10, 2.63668 - 0.04125j)]
)
def test_ion_acoustic_waves(ratio, zeta):
    """Root of the scalar equation as tabled, and of the whole tensor the same to 1e-6."""
    scalar = hot.root(lambda x: hot.acoustic(x, ratio), zeta * 1.01)
    assert scalar == pytest.approx(zeta, abs=1e-5)
    k, beta = 0.1, 0.01
    unit = k * math.sqrt(beta)
    tensor = hot.root(lambda w: hot.determinant(w, k, 1e-4, beta, 1.0, ratio * beta / 2), zeta * unit)
    assert tensor / unit == pytest.approx(scalar, abs=1e-5)


def test_scalar_and_tensor_agree_along_the_field():
    beta, A, k = 20.0, 1.5, 0.9 / math.sqrt(20.0)
    scalar = growth.parallel_root(0.9, beta, A)
    tensor = hot.root(lambda w: hot.determinant(w, k, 1e-5, beta, A, beta / 2), -np.conj(scalar) * 1.001)
    # the tensor has left-handed waves at w < 0 too: exp(-i w t) of a real field has both
    other = hot.root(lambda w: hot.determinant(w, k, 1e-5, beta, A, beta / 2), scalar * 1.001)
    assert min(abs(tensor + np.conj(scalar)), abs(other - scalar)) < 1e-6


TABLE = {
    (50, 0.04): (0.00110, 0.00104, 0.187, 0.520),
    (50, 0.06): (0.00354, 0.00323, 0.298, 0.668),
    (50, 0.1): (0.00996, 0.00895, 0.400, 0.797),
    (50, 0.2): (0.02733, 0.0247, 0.499, 0.907),
    (20, 0.1): (0.00288, 0.00275, 0.195, 0.523),
    (20, 0.25): (0.02422, 0.0212, 0.408, 0.776),
    (20, 0.5): (0.06222, 0.0524, 0.511, 0.854),
    (10, 0.3): (0.01820, 0.0162, 0.317, 0.652),
    (10, 0.5): (0.04617, 0.0386, 0.417, 0.742),
    (5, 1.0): (0.08428, 0.0648, 0.432, 0.689),
}


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_fastest_mirror(case):
    beta, delta = case
    gamma, small, k_par, k_perp = TABLE[case]
    mode = growth.fastest_standing(beta, 1 + delta)
    assert mode.gamma == pytest.approx(gamma, abs=6e-6)
    assert (mode.k_par, mode.k_perp) == (pytest.approx(k_par, abs=0.003), pytest.approx(k_perp, abs=0.003))
    slow = growth.fastest_mirror_small_amplitude(beta, 1 + delta).gamma
    assert slow == pytest.approx(small, rel=0.01)
    assert 0.75 < slow / mode.gamma < 0.96


def test_mirrors_at_given_wavenumbers_and_electron_temperatures():
    k_par, k_perp = [0.2, 0.2, 0.4, 0.4, 0.4, 0.6], [0.4, 0.6, 0.6, 0.8, 1.2, 1.0]
    found = growth.standing_growth(k_par, k_perp, 20.0, 1.5)
    np.testing.assert_allclose(found, [0.035669, 0.036045, 0.055791, 0.058534, 0.042387, 0.059847], atol=1e-6)
    for ratio, gamma in ((0.01, 0.05896), (4.0, 0.05818)):
        assert growth.standing_growth(0.4, 0.8, 20.0, 1.5, ratio) == pytest.approx(gamma, abs=1e-5)


@pytest.mark.parametrize(
    ("beta", "A", "k", "gamma", "omega"),
    [
        (20, 1.5, 0.90, 0.07044, 0.308),
        (50, 1.1, 0.50, 0.00223, 0.083),
        (5, 2.0, 0.80, 0.12690, 0.449),
        (10, 0.6, 0.65, 0.1515, -0.199),
        (50, 0.9, 0.40, 0.0583, -0.053),
    ],
)
def test_parallel_modes(beta, A, k, gamma, omega):
    """Tables have steps of .05 in k r: the fastest mode is a little faster and within a step."""
    w = growth.parallel_root(k, beta, A)
    assert w.imag == pytest.approx(gamma, rel=2e-3)
    assert w.real == pytest.approx(omega, abs=1e-3)
    mode = growth.fastest_parallel(beta, A)
    assert gamma * 0.999 < mode.gamma < gamma * 1.02
    assert mode.k_par == pytest.approx(k, abs=0.03)


def test_stable_plasmas_have_no_growing_mode():
    for beta, A in ((20.0, 1.0), (20.0, 1.03), (20.0, 0.95)):
        assert growth.fastest_standing(beta, A) is None
        assert growth.fastest_parallel(beta, A) is None
    assert growth.fastest_mirror_small_amplitude(20.0, 1.03) is None


def test_the_command_shows_both(hpcmm):
    ended = hpcmm("theory", "--plasma", "--beta", "50", "--anisotropy", "0.1")
    assert ended.returncode == 0
    for word in ("0.009963", "0.400", "0.798", "0.008945", "0.002238"):
        assert word in ended.stdout
    refused = hpcmm("theory", "--plasma", "--T_e-over-T_i", "nan")
    assert refused.returncode == 2
    assert "--T_e-over-T_i: a number from 0 to 100 is expected" in refused.stderr

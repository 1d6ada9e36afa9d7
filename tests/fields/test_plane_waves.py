"""The plane-wave field as turbulence: power, divergence, statistics, correlation length
(docs/physics.md 2, 14: T-BRMS).
"""

import numpy as np
import pytest
from scipy import stats

from cython_kernels.block import LANES, ParticleBlock
from hpcmm.deck.tables import Medium
from hpcmm.fields.plane_waves import PlaneWaves
from hpcmm.parallel import random_streams
from hpcmm.theory import turbulence

MEDIUM = Medium.from_plain({"B_rms": 3.0, "l_c": 1.0})


EXACT = {"evaluation": "brute_force", "tolerance": 1e-7}
"""Double precision throughout."""
STEP = 0.01


def section(**keys):
    data = {"dB": 3.0, "l_max": 5.0, "l_min": 0.05, "l_dissipation": 0.05, "modes": 256} | EXACT | keys
    return PlaneWaves.from_plain(data)


def realize(waves, realization):
    return waves.realize(MEDIUM, 1.0, STEP, random_streams.generator(7, random_streams.WAVES, 0, 1.0, realization))


def sample(field, blocks, draw):
    """Field at random places, (3, blocks * LANES)."""
    z = np.array([[0.0], [0], [1]]) * np.ones(LANES)
    return np.hstack([field.at(ParticleBlock(draw.uniform(-250, 250, (3, LANES)), z)) for _ in range(blocks)])


@pytest.fixture(scope="module")
def values():
    """B at 12,800 places in each of 40 realizations, (40, 3, n)."""
    draw = np.random.default_rng(1)
    return np.array([sample(realize(section(), r), 200, draw) for r in range(40)])


def test_rms_is_dB(values):
    """<B^2> = dB^2 in every realization: places 100 l_max apart are independent, rel. variance 2/3 each."""
    square = (values**2).sum(axis=1)
    error = np.sqrt(2 / 3 / square.size)
    assert square.mean() == pytest.approx(1, abs=4 * error)


def test_each_component_has_a_third(values):
    """Between realizations the directions of the waves differ: the error is taken from them."""
    power = (values**2).mean(axis=2)
    error = power.std(axis=0, ddof=1) / np.sqrt(len(power))
    assert error.max() < 0.02
    assert (np.abs(power.mean(axis=0) - 1 / 3) < 4 * error).all()


def test_strength_is_maxwellian(values):
    """KS distance of |B|, 100 places of each realization; 256 waves leave an excess kurtosis near 1 %,
    a distance of 0.002, well below the 1 % bound of the test at 4000 places (0.026).
    """
    strength = np.linalg.norm(values[:, :, :100], axis=1).ravel()
    assert stats.kstest(strength, stats.maxwell(scale=1 / np.sqrt(3)).cdf).pvalue > 0.01
    # the test sees a field 5 % too strong
    assert stats.kstest(1.05 * strength, stats.maxwell(scale=1 / np.sqrt(3)).cdf).pvalue < 0.01


def test_divergence_vanishes():
    """k.a = 0 for every wave, relative to |k| |a|."""
    waves = section(modes=500)
    table = realize(waves, 0).table
    k, a = table[:, 0:3], table[:, 4:7]
    size = np.linalg.norm(k, axis=1) * np.linalg.norm(a, axis=1)
    assert np.abs((k * a).sum(axis=1) / size).max() < 1e-12


def test_wavenumbers_weights_and_directions():
    """|k| geometric with both ends, A^2 ~ w k^(1-xi) with half weights at the ends, isotropic k."""
    table = realize(section(modes=400), 1).table
    k = np.linalg.norm(table[:, 0:3], axis=1)
    assert np.allclose(k, np.geomspace(1 / 5, 1 / 0.05, 400), rtol=1e-13)
    power = (table[:, 4:7] ** 2).sum(axis=1) * k ** (2 / 3)
    assert np.allclose(power[1:-1], power[1], rtol=1e-12)
    assert np.allclose(power[[0, -1]], power[1] / 2, rtol=1e-12)
    assert (table[:, 4:7] ** 2).sum() == pytest.approx(2, rel=1e-12)
    cosine = table[:, 2] / k
    assert stats.kstest(cosine, stats.uniform(-1, 2).cdf).pvalue > 0.01


def test_discrete_correlation_length_is_a_fifth_of_l_max():
    """Pi sum A^2/k = 0.20003 l_max for 1,024 waves over 12 decades with half weights, 0.2027 without."""
    table = realize(section(l_min=5e-12, l_dissipation=5e-12, modes=1024), 0).table
    k = 2 * np.pi * np.linalg.norm(table[:, 0:3], axis=1)
    weight = (table[:, 4:7] ** 2).sum(axis=1)
    assert np.pi * (weight / k).sum() / weight.sum() / 5 == pytest.approx(0.20003, abs=2e-5)


BENDS = {"spectrum": "bend_over", "q": 4.0, "l_bend": 1.0, "l_max": 20 * np.pi}


@pytest.mark.parametrize("keys", [{}, BENDS], ids=["power_law", "bend_over"])
def test_correlation_length_along_rays(keys):
    """l_c = <|int_0^L B ds|^2> / (L <B^2>), two-sided, within 3 %, along 64 rays in each of 160 realizations.

    The error is taken between realizations. A length of 20 l_c costs 1.6 %: (1/L) int |s| R ds.
    """
    length, ds = 20.0, 0.04
    squares = []
    for r in range(160):
        draw = np.random.default_rng(1000 + r)
        field = realize(section(modes=128, **keys), r)
        n = draw.normal(size=(3, LANES))
        n /= np.linalg.norm(n, axis=0)
        rays = ParticleBlock(draw.uniform(-250, 250, (3, LANES)), n)
        total = np.zeros((3, LANES))
        for s in np.arange(ds / 2, length, ds):
            rays.state[0:3] = s * n
            total += field.at(rays)
        squares.append(((total * ds) ** 2).sum(axis=0))
    measured = np.mean(squares, axis=1) / length
    error = measured.std(ddof=1) / np.sqrt(len(measured))
    assert error < 0.02
    expected = section(**keys).correlation_length()
    assert expected == pytest.approx(1.0, abs=0.1)  # waves below l_min lack
    assert abs(measured.mean() - expected) < max(0.03, 3 * error) * expected


def test_unresolved_power_is_the_share_below_l_min():
    """Waves above l_min carry their share of the whole range (docs/physics.md 2.5): all but 8 % at x = 0.36, 16 % from
    1 on.
    """
    for x, missing in ((0.36, 0.08), (1, 0.16), (3, 0.16)):
        waves = section(l_min="auto", l_dissipation=0.0, modes=None, modes_per_decade=85.0)
        draw = random_streams.generator(1, random_streams.WAVES, 0, 1.0, 0)
        table = waves.realize(MEDIUM, x, STEP, draw).table
        assert (table[:, 4:7] ** 2).sum() / 2 == pytest.approx(1 - missing, abs=0.006)


def test_spectrum_of_a_bend():
    """Power of waves by decade against the exact shares, and wavelengths that follow from l_c alone."""
    waves = section(modes=2000, **BENDS)
    k, power = waves.wavenumbers(MEDIUM, 1.0)
    for longest, shortest in ((20 * np.pi, 8.0), (8.0, 3.0), (3.0, 0.3)):
        share = np.diff([waves.energy.power_share(20 * np.pi, edge, 0.05) for edge in (longest, shortest)])[0]
        inside = (k > 2 * np.pi / longest) & (k < 2 * np.pi / shortest)
        # either edge may miss half a wave of 2,000, 3e-3 of the power near the top
        assert power[inside].sum() == pytest.approx(share, abs=2e-3)
    data = PlaneWaves.from_plain({"spectrum": "bend_over"}).completed(3.0, 50.0)
    assert data["q"] == 4
    assert data["l_bend"] == pytest.approx(50.2, abs=0.02)
    assert data["l_max"] == pytest.approx(20 * np.pi * data["l_bend"])


def test_automatic_density():
    """85 a decade; below r_g/l_c = 1e-6 340 of 0.3 < k r_g < 20, each with its share of Kolmogorov's power."""
    dense, sparse = (
        section(l_min="auto", l_dissipation=0.0, modes=None, modes_per_decade=density) for density in ("auto", 85.0)
    )
    for x in (1e-6, 1e-3, 1.0):
        assert all((a == b).all() for a, b in zip(dense.wavenumbers(MEDIUM, x), sparse.wavenumbers(MEDIUM, x)))
    for x in (9.9e-7, 3.6e-9):
        k, power = dense.wavenumbers(MEDIUM, x)
        assert len(k) == dense.wave_count(MEDIUM, x)
        assert (np.diff(k) > 0).all()
        assert k[[0, -1]] == pytest.approx([2 * np.pi / 5, 20 / x], rel=1e-12)
        here = (k * x > 0.3 * (1 + 1e-9)) & (k * x < 20 * (1 - 1e-9))
        assert here.sum() == np.ceil(340 * np.log10(20 / 0.3)) - 1
        assert (~here).sum() == np.ceil(85 * np.log10(0.3 / x * 5 / 2 / np.pi)) + 2
        resonant = dense.resonant_density(MEDIUM, x), sparse.resonant_density(MEDIUM, x)
        assert resonant == pytest.approx((340, 85), rel=0.01)
        # of the power between l_max and l_min what is above 0.3/r_g; sums err by (ln k step)^2/12 at the ends
        share = [turbulence.power_share(5.0, s, 0.0, 5 / 3) for s in (2 * np.pi * x / 0.3, 2 * np.pi * x / 20)]
        edge = np.flatnonzero(here)[0] - 1
        above = power[edge + 1 :].sum() + power[edge] * 340**-1 / (340**-1 + 85**-1)
        assert above == pytest.approx(share[1] - share[0], rel=0.01)
        assert power.sum() == pytest.approx(share[1], rel=1e-12)


def test_fields_that_repeat_have_the_same_waves_at_every_energy():
    waves = section(period=20.0, modes=None, modes_per_decade="auto")
    assert waves.wave_count(MEDIUM, 1e-9) == waves.wave_count(MEDIUM, 1.0) == waves.wave_count(MEDIUM, None) == 171


def test_nu_unresolved_equals_the_sum_over_the_waves_left_out():
    """docs/physics.md 2.5: nu = (pi/2) sum A^2 dB^2/(k r_g^2 B^2) over the waves below l_min; a dense sum is the
    integral.
    """
    waves = section(l_min=0.5, l_dissipation=0.0005)
    k = np.geomspace(2 * np.pi / 5, 2 * np.pi / 0.0005, 400_001)
    power = k ** (-2 / 3)
    power[[0, -1]] /= 2
    power /= power.sum()
    out = k > 2 * np.pi / 0.5
    expected = np.pi / 2 * (power[out] / k[out]).sum() / 0.3**2
    # the dense sum misses the half cell at the cut: d ln k/2 = 2e-5 of a decade
    assert waves.nu_unresolved(MEDIUM, 0.3) == pytest.approx(expected, rel=1e-4)

"""The Boris push: phase error, conservation, reversibility (docs/physics.md 5.1, 14: T-BORIS)."""

import numpy as np
import pytest

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.push import CHUNK, Sampler, advance
from cython_kernels.scatter import Scatterer
from cython_kernels.uniform import UniformField
from tests.kernels.test_against_twins import PlaneWaveField, block, waves

NEVER = [2**60]


def gyrating():
    """All lanes perpendicular to a field along z."""
    phase = np.linspace(0, 2 * np.pi, LANES, endpoint=False)
    return ParticleBlock(np.zeros((3, LANES)), np.array([np.cos(phase), np.sin(phase), 0 * phase]))


def relative_phase_error(steps_per_radian):
    """1 - (angle turned)/(Omega t) after a whole chunk."""
    particles = gyrating()
    start = particles.state[3] + 1j * particles.state[4]
    advance(UniformField(0, 0, 1), Scatterer(), particles, Sampler(NEVER), CHUNK, 1.0, steps_per_radian)
    end = particles.state[3] + 1j * particles.state[4]
    true = CHUNK / steps_per_radian
    # dn/ds = n x b/r_g turns clockwise about b
    lag = np.angle(end / start * np.exp(1j * true))
    assert np.ptp(lag) < 1e-10
    return lag.mean() / true


@pytest.mark.parametrize("steps_per_radian", [20.0, 40.0])
def test_phase_error_is_a_twelfth_of_the_square(steps_per_radian):
    """(Omega dt)^2/12: 2.1e-4 at r_g/20; the next order, (Omega dt)^4/80, is 4e-4 of it."""
    assert relative_phase_error(steps_per_radian) * 12 * steps_per_radian**2 == pytest.approx(1, rel=1e-2)


def test_phase_error_is_of_second_order():
    rate = np.log2(relative_phase_error(20.0) / relative_phase_error(40.0))
    # next order in the error: 0.15 (Omega dt)^2 = 4e-4
    assert rate == pytest.approx(2, abs=2e-3)


def test_speed_is_conserved_over_a_million_steps():
    """|n| wanders by rounding alone: 1e-16 a step, at worst all the same way 1e-10, at random 1e-13."""
    particles, field = block(1), PlaneWaveField(*waves(4))
    for _ in range(1_000_000 // CHUNK + 1):
        advance(field, Scatterer(), particles, Sampler(NEVER), CHUNK, 0.05, 1.0)
    assert np.abs((particles.state[3:6] ** 2).sum(0) - 1).max() < 1e-12


def test_negative_charges_fly_as_positive_ones_in_the_opposite_field():
    """To the last bit: the force is Z B."""
    k, a, phase = waves(20)
    ends = []
    for amplitude, gyroradius in ((a, -1.0), (-a, 1.0), (a, 1.0)):
        particles = block(3)
        advance(PlaneWaveField(k, amplitude, phase), Scatterer(), particles, Sampler(NEVER), CHUNK, 0.05, gyroradius)
        ends.append(particles.state[:6].copy())
    np.testing.assert_array_equal(ends[0], ends[1])
    assert np.abs(ends[0] - ends[2]).max() > 0.1


def test_tracks_run_back():
    """Reversing n and B retraces the track. Chaos multiplies rounding by ~e per l_c; here 5 l_c."""
    k, a, phase = waves(50)
    a *= 0.1
    particles = block(2)
    steps = CHUNK
    advance(PlaneWaveField(k, a, phase), Scatterer(), particles, Sampler(NEVER), steps, 0.05, 1.0)
    moved = np.linalg.norm(particles.state[0:3], axis=0)
    assert moved.min() > 1
    particles.state[3:6] *= -1
    advance(PlaneWaveField(k, -a, phase), Scatterer(), particles, Sampler(NEVER), steps, 0.05, 1.0)
    assert np.abs(particles.state[0:3]).max() < 1e-8
    assert np.abs(particles.state[3:6] + particles.state[9:12]).max() < 1e-8

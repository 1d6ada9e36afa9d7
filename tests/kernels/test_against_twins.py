"""Every kernel against its NumPy twin, and the random numbers against published ones."""

from fractions import Fraction

import numpy as np
import pytest

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.field import Field
from cython_kernels.plane_waves import PlaneWaveField
from cython_kernels.push import CHUNK, MOMENTS, Sampler, advance
from cython_kernels.scatter import Scatterer, SmallAngleScatterer
from cython_kernels.uniform import UniformField
from tests.kernels import twins


def directions(draw, n=LANES):
    v = draw.normal(size=(3, n))
    return v / np.linalg.norm(v, axis=0)


def block(seed=0, n=LANES, size=50.0, first=0):
    draw = np.random.default_rng(seed)
    return ParticleBlock(draw.uniform(-size, size, (3, n)), directions(draw, n), first)


def waves(count, seed=1):
    draw = np.random.default_rng(seed)
    k = directions(draw, count).T * np.geomspace(0.01, 2, count)[:, None]
    return k, draw.normal(size=(count, 3)), draw.random(count)


@pytest.mark.parametrize("count", [1, 7, 300])
def test_plane_waves_equal_their_twin(count):
    particles, (k, a, phase) = block(), waves(count)
    particles.state[0:3] = np.random.default_rng(3).uniform(-5, 5, (3, LANES))
    places = particles.state[6:9] + particles.state[0:3]
    twin = twins.plane_waves(k, a, phase, places)
    # the polynomial's 8e-14 of each amplitude, added up, and the twin's own rounding of k.r ~ 300 turns
    bound = 2e-12 * np.abs(a).sum()
    assert np.abs(PlaneWaveField(k, a, phase).at(particles) - twin).max() < bound


def test_phases_are_exact_at_ten_to_the_thirteen_turns():
    """Origins 100 l_max away and waves of 1e-12 l_max: k.r needs 44 bits before the point."""
    draw = np.random.default_rng(4)
    particles = block(5, size=5e7)
    k, a, phase = waves(20)
    k *= 1e6
    particles.state[0:3] = draw.uniform(-1e3, 1e3, (3, LANES))
    b = PlaneWaveField(k, a, phase).at(particles)
    for lane in (0, 17, LANES - 1):
        turns = [
            Fraction(phase[n])
            + sum(
                Fraction(k[n, i]) * (Fraction(particles.state[6 + i, lane]) + Fraction(particles.state[i, lane]))
                for i in range(3)
            )
            for n in range(len(k))
        ]
        exact = a.T @ np.cos(2 * np.pi * np.array([float(t - round(t)) for t in turns]))
        assert np.abs(b[:, lane] - exact).max() < 1e-12 * np.abs(a).sum()


def test_field_sums_add_and_do_not_depend_on_the_lane():
    k, a, phase = waves(50)
    field = PlaneWaveField(k, a, phase) + UniformField(0.5, -1.0, 2.0)
    forward = block()
    b = field.at(forward)
    alone = PlaneWaveField(k, a, phase).at(forward) + np.array([[0.5], [-1.0], [2.0]])
    assert np.abs(b - alone).max() < 1e-14
    backward = ParticleBlock(forward.state[6:9, ::-1], forward.state[3:6, ::-1])
    assert (field.at(backward)[:, ::-1] == b).all()


def test_boris_step_equals_its_twin():
    particles = block(6)
    start = particles.state.copy()
    k, a, phase = waves(40)
    step, gyroradius = 0.05, 1.0
    advance(PlaneWaveField(k, a, phase), Scatterer(), particles, Sampler([10]), 1, step, gyroradius)
    middle = start[0:3] + step / 2 * start[3:6]
    b = twins.plane_waves(k, a, phase, start[6:9] + middle)
    n = twins.boris(start[3:6], b, step, gyroradius)
    assert np.abs(particles.state[3:6] - n).max() < 1e-12
    assert np.abs(particles.state[0:3] - (middle + step / 2 * n)).max() < 1e-12


def test_philox_twin_gives_the_published_numbers():
    """Known answers of Random123 1.14 (kat_vectors): all zeros, all ones, the digits of pi."""
    ones = 0xFFFFFFFF
    assert twins.philox4x32((0,) * 4, (0, 0)) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    assert twins.philox4x32((ones,) * 4, (ones, ones)) == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]
    pi = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)
    assert twins.philox4x32(pi, (0xA4093822, 0x299F31D0)) == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


@pytest.mark.parametrize("kind", ["paper", "transport", "fork-constant"])
@pytest.mark.parametrize("rate_times_step", [1e-8, 0.02, 1.0])
def test_kick_turns_by_the_twins_angle(kind, rate_times_step):
    key, first = 0x123456789ABCDEF0, 2**33 + 64
    particles = block(7, first=first)
    before = particles.state[3:6].copy()
    particles.step = 5 * CHUNK
    advance(Field(), SmallAngleScatterer(kind, rate_times_step, key), particles, Sampler([2**40]), 1, 1.0, 1.0)
    after = particles.state[3:6]
    for lane in range(LANES):
        theta, phi = twins.kick_angles(kind, np.sqrt(rate_times_step), key, 5 * CHUNK, first + lane)
        # the frame of the kernel: Duff et al. 2017
        x, y, z = before[:, lane]
        sign = np.copysign(1.0, z)
        a = -1 / (sign + z)
        e1 = np.array([1 + sign * x * x * a, sign * x * y * a, -sign * x])
        e2 = np.array([x * y * a, sign + y * y * a, -y])
        for e in (e1, e2):
            assert abs(e @ e - 1) < 1e-14
            assert abs(e @ before[:, lane]) < 1e-15
        expected = np.cos(theta) * before[:, lane] + np.sin(theta) * (np.cos(phi) * e1 + np.sin(phi) * e2)
        # three polynomials of relative error 8e-14
        assert np.abs(after[:, lane] - expected).max() < 4e-13


def test_moments_are_sums_over_active_lanes():
    particles = block(8, n=37)
    sampler = Sampler([0, 3, 5])
    advance(UniformField(0, 0, 1), SmallAngleScatterer("paper", 0.1, 3), particles, sampler, 5, 0.1, 1.0)
    x, n, n0 = particles.state[0:3, :37], particles.state[3:6, :37], particles.state[9:12, :37]
    expected = {"particles": 37, "in_patch": 0, "mu_squared": ((n0 * n).sum(0) ** 2).sum()}
    axes = dict(zip("xyz", x, strict=True))
    for name in MOMENTS:
        if name[0] == "v":
            expected[name] = (n0["xyz".index(name[1])] * n["xyz".index(name[3])]).sum()
        elif name not in expected:
            expected[name] = np.prod([axes[c] for c in name], axis=0).sum()
    assert np.allclose(sampler.sums[-1], [expected[m] for m in MOMENTS], rtol=1e-12, atol=1e-12)
    assert sampler.sums[0][0] == 37
    assert (sampler.sums[0][1:10] == 0).all()


def test_a_particle_does_not_depend_on_its_block_mates():
    k, a, phase = waves(60)
    full, part = block(9), block(9)
    few = ParticleBlock(part.state[6:9, :5], part.state[3:6, :5])
    for particles in (full, few):
        field, kicks = PlaneWaveField(k, a, phase), SmallAngleScatterer("paper", 0.01, 11)
        advance(field, kicks, particles, Sampler([2**40]), 700, 0.05, 1.0)
    assert (full.state[:6, :5] == few.state[:6, :5]).all()


def test_chunks_give_the_bits_of_one_call():
    k, a, phase = waves(60)
    whole, parts = block(10), block(10)
    field, kicks = PlaneWaveField(k, a, phase), SmallAngleScatterer("paper", 0.01, 11)
    advance(field, kicks, whole, Sampler([2**40]), 3 * CHUNK + 100, 0.05, 1.0)
    for steps in (CHUNK, 2 * CHUNK, 100):
        fresh = PlaneWaveField(k, a, phase)
        advance(fresh, kicks, parts, Sampler([2**40]), steps, 0.05, 1.0)
    assert (whole.state == parts.state).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ParticleBlock(np.zeros((3, 65)), np.zeros((3, 65))), "1 to 64"),
        (lambda: ParticleBlock(np.zeros((3, 2)), np.ones((3, 2))), "unit length"),
        (lambda: PlaneWaveField(np.zeros((2, 3)), np.zeros((3, 3)), np.zeros(2)), "shape"),
        (lambda: PlaneWaveField(np.full((1, 3), np.nan), np.zeros((1, 3)), np.zeros(1)), "finite"),
        (lambda: SmallAngleScatterer("paper", -1.0, 1), "not negative"),
        (lambda: Sampler([3, 2]), "increasing"),
        (lambda: advance(Field(), Scatterer(), block(), Sampler([1]), 1, -1.0, 1.0), "a step above 0"),
        (lambda: advance(Field(), Scatterer(), block(), Sampler([1]), 1, 1.0, 0.0), "other than 0"),
        (lambda: advance(Field(), Scatterer(), block(), Sampler([1]), 1, 1.0, np.nan), "other than 0"),
    ],
)
def test_kernels_refuse_arguments_that_cannot_be(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_advance_refuses_to_go_on_between_chunks():
    particles = block()
    advance(Field(), Scatterer(), particles, Sampler([1]), 3, 1.0, 1.0)
    with pytest.raises(ValueError, match="multiple of 512"):
        advance(Field(), Scatterer(), particles, Sampler([1]), 3, 1.0, 1.0)


def test_places_are_kept_at_equal_intervals():
    """A straight track, kept every 100 steps for 3 of 5 particles, in one go and gone on with at 512."""
    kept = np.arange(11) * 100
    direction = np.eye(3)[:, [0, 1, 2, 0, 1]]

    def fly(stops):
        block, tracks = ParticleBlock(np.zeros((3, 5)), direction), np.zeros((3, 11, 6))
        for stop in stops:
            sampler = Sampler([1000], 3, kept)
            sampler.tracks[...] = tracks
            if block.step:
                sampler.seek(block.step)
            advance(Field(), Scatterer(), block, sampler, stop - block.step, 0.5, 1.0)
            tracks = sampler.tracks
        return tracks

    whole = fly([1023])
    assert (whole == fly([512, 1023])).all()
    expected = 50.0 * np.arange(11)[:, None] * direction.T[:3, None]
    np.testing.assert_allclose(whole[..., :3], expected, atol=1e-9)
    assert (whole[..., 3:] == direction.T[:3, None]).all()
    for wrong in ((65, [0, 1]), (1, [-1, 0]), (1, [0, 0]), (-1, []), (1, [[0, 1]])):
        with pytest.raises(ValueError, match="no tracks"):
            Sampler([1], *wrong)

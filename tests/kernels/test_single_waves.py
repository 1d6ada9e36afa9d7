"""Plane waves at random places in single precision, against the NumPy twin and the double-precision sum."""

import numpy as np
import pytest

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.plane_waves import PlaneWaveField, SinglePrecisionPlaneWaveField
from cython_kernels.uniform import UniformField
from hpcmm.deck.tables import Medium
from hpcmm.fields.plane_waves import PlaneWaves
from hpcmm.parallel import random_streams
from tests.kernels import twins

UP = np.array([[0.0], [0], [1]]) * np.ones(LANES)
MEDIUM = Medium.from_plain({"B_rms": 1.0, "l_c": 1.0})


def directions(draw, n):
    v = draw.normal(size=(3, n))
    return v / np.linalg.norm(v, axis=0)


def waves(count, shortest=0.5, seed=1):
    """Waves of 100 pc down to the shortest one, of equal amplitudes: B_rms = 1."""
    draw = np.random.default_rng(seed)
    k = directions(draw, count).T * np.geomspace(0.01, 1 / shortest, count)[:, None]
    return k, np.sqrt(2 / count) * directions(draw, count).T, draw.random(count)


def origins(seed=0, size=50.0):
    return np.random.default_rng(seed).uniform(-size, size, (3, LANES))


def displaced(kind, wave_table, origin, displacement):
    """Field (3, n) at displacements from where the phases were anchored."""
    steps = np.array([np.zeros_like(displacement), displacement])
    return kind(*wave_table).along(ParticleBlock(origin, UP[:, : origin.shape[1]]), steps, np.array([UP, UP]), 2)[1]


def pc(turns, wave_table, seed=2):
    """Displacements (3, LANES) along which no wave makes more than so many turns, half as many at least in length."""
    length = turns / np.linalg.norm(wave_table[0], axis=1).max()
    draw = np.random.default_rng(seed)
    return length * draw.uniform(0.5, 1, LANES) * directions(draw, LANES)


@pytest.mark.parametrize("count", [1, 7, 64, 65, 300])
def test_equals_its_twin(count):
    table, origin = waves(count), origins()
    twin = twins.plane_waves(*table, origin)
    found = SinglePrecisionPlaneWaveField(*table).at(ParticleBlock(origin, UP))
    # 3.4e-7 of a cosine at most, and the rounding of the sums
    bound = 5e-7 * np.abs(table[1]).sum()
    assert np.abs(found - twin).max() < bound
    shift = pc(20.0, table)
    twin = twins.plane_waves(*table, origin + shift)
    assert np.abs(displaced(SinglePrecisionPlaneWaveField, table, origin, shift) - twin).max() < bound


@pytest.mark.parametrize("turns", [0.0, 1.0, 500.0, 1e5])
@pytest.mark.parametrize("size", [0.0, 50.0, 1e12])
def test_errs_by_2e_7_of_B_rms_wherever_it_is(size, turns):
    """1,024 waves: |B - B exact| is 1.7e-7 rms, 4.9e-7 the largest of 2,048; 0.8e-7 is the cosines'."""
    table, error = waves(1024), []
    for seed in (3, 4):
        origin, shift = origins(seed, size), pc(turns, table, seed)
        exact = displaced(PlaneWaveField, table, origin, shift)
        error.append(displaced(SinglePrecisionPlaneWaveField, table, origin, shift) - exact)
    error = np.linalg.norm(np.concatenate(error, axis=1), axis=0)
    assert np.sqrt((error**2).mean()) < 3e-7
    assert error.max() < 1e-6


def test_errs_as_little_in_turbulence_of_twelve_decades():
    """As the model draws them, k.r up to 1e14 turns: 1.8e-7 of B_rms, rms, 8e-7 the largest of 6,400."""
    data = {"dB": 1.0, "l_max": 5.0, "l_min": 5e-12, "l_dissipation": 5e-12, "modes": 1024, "tolerance": 1e-7}
    table = (
        PlaneWaves.from_plain(data)
        .realize(MEDIUM, 1.0, 1.0, random_streams.generator(1, random_streams.WAVES, 0, 1.0, 0))
        .table
    )
    table = table[:, 0:3], table[:, 4:7], table[:, 3]
    square = []
    for seed in range(8):
        block = ParticleBlock(origins(seed, 250.0), UP)
        error = SinglePrecisionPlaneWaveField(*table).at(block) - PlaneWaveField(*table).at(block)
        square.append((error**2).sum(axis=0))
    assert np.sqrt(np.mean(square)) < 3e-7
    assert np.sqrt(np.max(square)) < 1.5e-6


def test_far_lanes_take_the_exact_sum_and_leave_the_others_alone():
    """Past 2^18 turns the low word would hold no phase; 1e12 turns from the anchor, too, the two sums agree."""
    table, origin = waves(300), origins()
    near = pc(100.0, table)
    before = displaced(SinglePrecisionPlaneWaveField, table, origin, near)
    for turns, bound in ((1e6, 1e-7), (1e9, 1e-5), (1e12, 1e-2)):  # double precision of k.d itself
        mixed = near.copy()
        mixed[:, 5::7] = pc(turns, table)[:, 5::7]
        found = displaced(SinglePrecisionPlaneWaveField, table, origin, mixed)
        exact = displaced(PlaneWaveField, table, origin, mixed)
        others = np.ones(LANES, dtype=bool)
        others[5::7] = False
        assert (found[:, others] == before[:, others]).all()
        assert np.abs(found - exact)[:, 5::7].max() < bound
    # far lanes among themselves do without the single-precision sum; they have the bits they have in mixed company
    alone = displaced(SinglePrecisionPlaneWaveField, table, origin, pc(1e12, table) + 1e6)
    mixed[:, 5::7] = (pc(1e12, table) + 1e6)[:, 5::7]
    assert (displaced(SinglePrecisionPlaneWaveField, table, origin, mixed)[:, 5::7] == alone[:, 5::7]).all()


@pytest.mark.parametrize("nowhere", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("at_anchor", [False, True])
def test_no_place_gives_no_field(nowhere, axis, at_anchor):
    """A low word is a finite phase whatever the rest of its double says."""
    table, block = waves(100), ParticleBlock(origins(), UP)
    field = SinglePrecisionPlaneWaveField(*table)
    start = field.at(block)
    shift = np.zeros((3, 3, LANES))
    shift[1 - at_anchor, axis, 9] = nowhere
    found = field.along(block, shift, np.array([UP, UP, UP]), 3)
    others = np.arange(LANES) != 9
    assert (found[:, :, others] == start[:, others]).all()
    assert np.isnan(found[1 - at_anchor, :, 9]).all()
    # phases formed at no place stay so; a lane that comes back to one has its field again
    assert (np.isnan(found[2, :, 9]) if at_anchor else found[2, :, 9] == start[:, 9]).all()


def test_does_not_depend_on_lane_or_block_mates():
    table, origin, shift = waves(150), origins(), pc(300.0, waves(150))
    found = displaced(SinglePrecisionPlaneWaveField, table, origin, shift)
    for order in (np.arange(LANES)[::-1], np.random.default_rng(5).permutation(LANES)):
        moved = displaced(SinglePrecisionPlaneWaveField, table, origin[:, order], shift[:, order])
        assert (moved == found[:, order]).all()
    alone = np.repeat(shift[:, 11:12], LANES, axis=1)
    found_alone = displaced(SinglePrecisionPlaneWaveField, table, origin[:, 11:12], alone)
    assert (found_alone == found[:, 11:12]).all()


def test_single_precision_waves_add_to_other_fields():
    table, block = waves(50), ParticleBlock(origins(), UP)
    both = SinglePrecisionPlaneWaveField(*table) + UniformField(0.5, -1.0, 2.0)
    alone = SinglePrecisionPlaneWaveField(*table).at(block)
    assert np.abs(both.at(block) - alone - np.array([[0.5], [-1.0], [2.0]])).max() < 1e-14


def test_waves_without_wavenumber_are_uniform():
    field = SinglePrecisionPlaneWaveField(np.zeros((2, 3)), np.array([[1.0, 0, 0], [0, 2, 0]]), np.array([0.0, 0.5]))
    assert np.abs(field.at(ParticleBlock(origins(), UP)) - [[1.0], [-2.0], [0.0]]).max() < 5e-7


@pytest.mark.parametrize(
    ("tolerance", "step", "kind"),
    [
        (1e-4, 0.1, SinglePrecisionPlaneWaveField),  # a step of more than half a wave
        (2e-6, 0.01, SinglePrecisionPlaneWaveField),  # below what phases carried along tracks give
        (9e-7, 0.01, PlaneWaveField),
        (9e-7, 0.1, PlaneWaveField),
    ],
)
def test_takes_over_where_tracks_will_not_do(tolerance, step, kind):
    data = {"dB": 1.0, "l_max": 5.0, "l_min": 0.1, "l_dissipation": 0.1, "modes": 64, "tolerance": tolerance}
    section = PlaneWaves.from_plain(data)
    assert type(section.realize(MEDIUM, 1.0, step, np.random.default_rng(1))) is kind
    factor = section.seconds_per_step(MEDIUM, 1.0, step) / (64 * 1e-9)
    assert factor == pytest.approx(0.28 if kind is SinglePrecisionPlaneWaveField else 0.55)

"""The two-phase kernel against its twin, and what its results must not depend on."""

import math

import numpy as np
import pytest

from cython_kernels.telegraph import ROWS, WIDTH, TelegraphBlock
from hpcmm.kinds.two_phase_1d.kappa import INDEX, SUMMED, block_sums, estimate
from tests.kernels import twins

KEPT = [ROWS.index(name) for name in ("early", "end", "in_mm", "entries", "turns")]


def flown(rates, f_mm, duration, key=2**63 + 5, first=0, particles=64, pairs=1000):
    block = TelegraphBlock(*rates, f_mm, duration, key, first, particles)
    while not block.done:
        block.advance(pairs)
    return block.state[KEPT]


@pytest.mark.parametrize(
    ("rates", "f_mm", "duration"),
    [
        ((100.0, 1.0), 0.1, 33.0),
        ((100.0, 1.0), 0.5, 3.0),
        ((1.0, 100.0), 0.3, 10.0),
        ((0.1, 0.01), 0.5, 300.0),
        ((50.0, 1e-6), 0.02, 20.0),
        ((7.0, 7.0), 0.4, 0.1),
    ],
)
def test_agrees_with_its_twin(rates, f_mm, duration):
    key, first = 0x9E3779B97F4A7C15, 2**32 - 10
    state = flown(rates, f_mm, duration, key, first)
    for lane in range(0, 64, 3):
        np.testing.assert_allclose(
            state[:, lane], twins.telegraph(rates, f_mm, duration, key, first + lane), rtol=1e-9, atol=1e-9
        )


@pytest.mark.parametrize("f_mm", [0.0, 1.0])
def test_one_phase_alone_is_a_plain_telegraph(f_mm):
    """Which rate is unused cannot matter; without edges the place is the alternating sum of the flights."""
    rate, duration, key = 3.0, 40.0, 77
    rates = (rate, 9.0) if f_mm else (9.0, rate)
    state = flown(rates, f_mm, duration, key)
    # one phase throughout, edges counted as if its patches filled half of it
    half = flown((rate, rate), 0.5, duration, key)
    np.testing.assert_allclose(state[:2], half[:2], atol=1e-9)
    assert (state[4] == half[4]).all()
    np.testing.assert_allclose(state[2], f_mm * duration, rtol=1e-12)


def test_a_particle_is_the_same_in_any_lane_and_block():
    whole = flown((100.0, 1.0), 0.1, 30.0)
    shifted = flown((100.0, 1.0), 0.1, 30.0, first=13)
    assert (whole[:, 13:] == shifted[:, :51]).all()


def test_pieces_and_saved_states_change_no_bit():
    whole = flown((100.0, 1.0), 0.2, 50.0)
    assert (flown((100.0, 1.0), 0.2, 50.0, pairs=7) == whole).all()
    block = TelegraphBlock(100.0, 1.0, 0.2, 50.0, 2**63 + 5)
    block.advance(60)
    assert not block.done
    again = TelegraphBlock(100.0, 1.0, 0.2, 50.0, 2**63 + 5)
    again.resume(block.state.copy())
    while not again.done:
        again.advance(11)
    assert (again.state[KEPT] == whole).all()


@pytest.mark.parametrize("particles", [1, WIDTH - 1, WIDTH + 1, 300])
def test_any_number_of_particles(particles):
    """Lanes without a particle, and lanes that take many one after the other."""
    some, more = flown((10.0, 1.0), 0.5, 30.0, particles=particles), flown((10.0, 1.0), 0.5, 30.0, particles=301)
    assert (some == more[:, :particles]).all()


def test_tracks_change_no_bit_and_end_where_the_flight_does():
    rates, f_mm, duration, key = (100.0, 1.0), 0.2, 50.0, 2**63 + 5
    block = TelegraphBlock(*rates, f_mm, duration, key, 0, 20, 300)
    while not block.done:
        block.advance(17)
    assert (block.state[KEPT] == flown(rates, f_mm, duration, particles=20)).all()
    assert (block.tracks[:, 0] == 0).all()
    assert (block.tracks[:, -1] == block.state[ROWS.index("end")]).all()
    np.testing.assert_allclose(block.tracks[:, 100], block.state[ROWS.index("early")], atol=1e-12)
    # speed 1: no interval is longer than its time
    assert (abs(np.diff(block.tracks)) <= duration / 300 * (1 + 1e-9)).all()
    with pytest.raises(ValueError, match="from start to end"):
        block.resume(block.state)


def test_tracks_are_exact_between_turns():
    """The place at any time of a coarse track is that of the flight that ends there: no bias of the intervals."""
    rates, f_mm, duration, key = (30.0, 2.0), 0.3, 24.0, 99
    block = TelegraphBlock(*rates, f_mm, duration, key, 0, 16, 8)
    block.advance(2**40)
    for interval in range(1, 9):
        ended = flown(rates, f_mm, duration * interval / 8, key, particles=16)
        np.testing.assert_allclose(block.tracks[:, interval], ended[1], atol=1e-11)


WRONG = [(0, 1, 0.5, 1), (1, -1, 0.5, 1), (1, 1, 1.1, 1), (1, 1, 0.5, 0), (1, 1, 0.5, np.nan), (np.nan, 1, 0.5, 1)]


@pytest.mark.parametrize("wrong", WRONG)
def test_refuses_what_cannot_be(wrong):
    with pytest.raises(ValueError, match="must be positive"):
        TelegraphBlock(*wrong, 1)


def test_sums_and_estimate_of_known_numbers():
    state = np.zeros((len(ROWS), 3))
    state[KEPT] = [[1, 2, 0], [3, -4, 2], [5, 6, 7], [2, 2, 4], [10, 20, 30]]
    (sums,) = block_sums(state, SUMMED)
    assert sums[INDEX["particles"]] == 3
    assert sums[INDEX["growth"]] == 8 + 12 + 4
    found = estimate([sums, np.zeros_like(sums)], duration=12.0, f_mm=0.5)
    assert found["kappa"] == pytest.approx(8 / (2 * 8))
    assert found["kappa_err"] == pytest.approx(np.std([8, 12, 4], ddof=1) / np.sqrt(3) / 16)
    assert found["occupancy"] == pytest.approx(0.5)
    assert found["mean_residence"] == pytest.approx(18 / 8)
    residuals = np.array([5, 6, 7]) - 18 / 8 * np.array([2, 2, 4])
    assert found["mean_residence_err"] == pytest.approx(np.std(residuals, ddof=1) * np.sqrt(3) / 8)
    assert found["turns"] == 20


def test_sums_are_those_of_fsum():
    """Doubled precision rounded once, also where terms cancel; a group does not know of its neighbours."""
    draw = np.random.default_rng(1)
    state = draw.normal(size=(len(ROWS), 150)) * 10.0 ** draw.uniform(-8, 8, 150)
    sums = block_sums(state, 192)
    growth = state[ROWS.index("end")] ** 2 - state[ROWS.index("early")] ** 2
    for group in range(3):
        assert sums[group, INDEX["growth"]] == math.fsum(growth[64 * group : 64 * group + 64])
        assert sums[group, INDEX["particles"]] == min(64, 150 - 64 * group)

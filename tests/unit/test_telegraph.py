"""The two-phase kernel against its twin, and what its results must not depend on."""

import numpy as np
import pytest

from cython_kernels.telegraph import LANES, ROWS, TelegraphBlock
from hpcmm.two_phase_kappa import INDEX, block_sums, estimate
from tests import twins

KEPT = [ROWS.index(name) for name in ("early", "end", "in_mm", "entries", "turns")]


def flown(rates, f_mm, duration, key=2**63 + 5, first=0, active=LANES, pairs=1000):
    block = TelegraphBlock(*rates, f_mm, duration, key, first, active)
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
    for lane in range(0, LANES, 3):
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
    assert (whole[:, 13:] == shifted[:, : LANES - 13]).all()


def test_pieces_and_saved_states_change_no_bit():
    whole = flown((100.0, 1.0), 0.2, 50.0)
    assert (flown((100.0, 1.0), 0.2, 50.0, pairs=7) == whole).all()
    block = TelegraphBlock(100.0, 1.0, 0.2, 50.0, 2**63 + 5)
    block.advance(60)
    again = TelegraphBlock(100.0, 1.0, 0.2, 50.0, 2**63 + 5)
    again.resume(block.state.copy(), block.pair)
    while not again.done:
        again.advance(11)
    assert (again.state[KEPT] == whole).all()


def test_inactive_lanes_stay_where_they_are():
    part, whole = flown((10.0, 1.0), 0.5, 30.0, active=5), flown((10.0, 1.0), 0.5, 30.0)
    assert (part[:, :5] == whole[:, :5]).all()
    assert (part[:, 5:] == 0).all()


WRONG = [(0, 1, 0.5, 1), (1, -1, 0.5, 1), (1, 1, 1.1, 1), (1, 1, 0.5, 0), (1, 1, 0.5, np.nan), (np.nan, 1, 0.5, 1)]


@pytest.mark.parametrize("wrong", WRONG)
def test_refuses_what_cannot_be(wrong):
    with pytest.raises(ValueError, match="must be positive"):
        TelegraphBlock(*wrong, 1)


def test_sums_and_estimate_of_known_numbers():
    state = np.zeros((len(ROWS), LANES))
    state[KEPT, :3] = [[1, 2, 0], [3, -4, 2], [5, 6, 7], [2, 2, 4], [10, 20, 30]]
    sums = block_sums(state, 3)
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

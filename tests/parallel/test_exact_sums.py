"""Sums that no order and no division among ranks changes."""

import math

import numpy as np

from hpcmm.parallel.exact_sums import exact_sums
from tests.thread_ranks import on_ranks


def test_any_order_and_division_gives_the_same_bits():
    draw = np.random.default_rng(1)
    values = draw.standard_normal(5000) * 10.0 ** draw.integers(-30, 10, 5000)
    bins = draw.integers(0, 7, 5000)
    expected = [math.fsum(values[bins == i]) for i in range(7)]

    def shared(order, ranks):
        parts = np.array_split(order, ranks)
        return on_ranks(ranks, lambda comm: exact_sums(comm, values[parts[comm.rank]], bins[parts[comm.rank]], 8))

    whole = shared(np.arange(5000), 1)[0]
    np.testing.assert_allclose(whole[:7], expected, rtol=1e-15)
    assert whole[7] == 0.0
    for ranks in (1, 3, 4):
        for found in shared(draw.permutation(5000), ranks):
            assert found.tobytes() == whole.tobytes()


def test_what_is_not_finite_shows():
    def one(comm):
        return exact_sums(comm, np.array([1.0, np.inf, 2.0, np.nan]), np.array([0, 1, 0, 2]), 3)

    np.testing.assert_array_equal(on_ranks(1, one)[0], [3.0, np.nan, np.nan])

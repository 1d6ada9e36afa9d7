"""The contracting box: double adiabatic to the last digits, divergence, bits on any bricks, limits that are told of."""

import math

import numpy as np
import pytest

from hpcmm.kinds.hybrid_pic import loading
from hpcmm.kinds.hybrid_pic.plasma import INSIDE, LimitError
from tests.kinds.hybrid_pic.plasmas import begun, divergence, mean_temperatures, plasma


def seeded(cells=(16, 8, 8), comm=None, **keys):
    keys = {"tau": 40.0, "per_cell": 32, "step": 0.08} | keys
    made = plasma(cells, [0.6 * n for n in cells], 20.0, comm=comm, **keys)
    loading.add_curl(made, loading.noise(made.box, 1, 1.5 / math.sqrt(20.0)), 0.003)
    return begun(made)


def test_double_adiabatic():
    """P1, P2: Delta follows (1 + s)^2 - 1, B (1 + s)^2, and div b stays 0 to round-off."""
    made = seeded(tau=100.0)
    for _ in range(125):
        made.advance()
    s = made.time / 100.0
    T, count = mean_temperatures(made)
    # velocities are half a step behind
    before = (made.time - 0.04) / 100.0
    assert 0.5 * (T[1] + T[2]) / T[0] == pytest.approx((1 + before) ** 2, abs=4 * math.sqrt(2 / count))
    assert made.magnetic()[0][INSIDE].mean() == pytest.approx((1 + s) ** 2, rel=1e-12)
    assert divergence(made) < 1e-13
    assert made.markers.count.sum() == count == 1024 * 32
    assert made.thin == 0


def test_nothing_happens_without_a_seed():
    """A whitened bi-Maxwellian is steady: the field stays uniform to single precision of the weights."""
    made = begun(plasma((6, 6, 1), (3, 3, 0.5), 20.0, tau=100.0, step=0.08))
    for _ in range(60):
        made.advance()
    assert np.abs(made.magnetic()[1:][INSIDE]).max() < 1e-5
    assert np.abs(made.density[INSIDE] - 1).max() < 1e-5


def test_a_field_at_rest_contracts_exactly_along_one_axis_too():
    made = begun(plasma((4, 4, 4), (2, 2, 2), 20.0, tau=50.0, axes="z", step=0.05, delta_f=False, per_cell=200))
    for _ in range(20):
        made.advance()
    assert made.magnetic()[0][INSIDE].mean() == pytest.approx(1 + made.time / 50.0, rel=1e-12)


def test_markers_that_crowd_a_cell_end_the_run_in_a_line():
    made = seeded((8, 8, 4))
    made.markers.count[0] = made.markers.capacity
    made.markers.rows[0, :3] = 0.5
    made.markers.rows[0, 3:6] = 0.0
    for cell in range(1, 100):
        made.markers.rows[cell, 0], made.markers.rows[cell, 3] = 0.01, -3.0
    with pytest.raises(LimitError, match=r"step \d+: cell \[.*\] has more than"):
        made.advance()


def test_a_field_that_is_no_number_ends_the_run_in_a_line():
    made = seeded((8, 8, 4))
    made.b[1, 3, 3, 3] = np.nan
    with pytest.raises(LimitError, match="step 1: the electric field is no finite number"):
        made.advance()

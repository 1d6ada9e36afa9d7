"""The particle kernel of hybrid_pic against its twin and exact motions, and what its sums must not depend on."""

import math

import numpy as np
import pytest

from cython_kernels.hybrid_pic import LANES, Markers, naive, unit_bound
from tests.kernels import hybrid_twin as twin

ONE = (1.0, 1.0, 1.0)
STILL = (0.0, 0.0, 0.0)
UNIT = (1.0, 1.0)


def some_markers(shape, per_cell, seed=1, whole=(True, True, True), capacity=None):
    """Markers of a thermal plasma, a random number in each cell, v_th = 1; h is -ln f of c = 1."""
    draw = np.random.default_rng(seed)
    cells = np.repeat(np.arange(math.prod(shape)), draw.integers(0, 2 * per_cell, math.prod(shape)))
    rows = np.empty((len(cells), 7), np.float32)
    rows[:, :3] = draw.random((len(cells), 3), np.float32)
    rows[:, 3:6] = draw.normal(size=(len(cells), 3)) * math.sqrt(0.5)
    rows[:, 6] = (rows[:, 3:6] ** 2).sum(axis=1) + draw.normal(size=len(cells)) * 0.1
    markers = Markers(shape, capacity or 4 * per_cell + 16, whole)
    twin.fill(markers, cells, rows)
    return markers


def some_fields(shape, size=0.1, seed=2):
    draw = np.random.default_rng(seed)
    fields = (draw.normal(size=[n + 1 for n in shape] + [8]) * size).astype(np.float32)
    for axis, n in enumerate(shape):
        np.moveaxis(fields, axis, 0)[n] = np.moveaxis(fields, axis, 0)[0]
    return fields


def nodes(shape):
    return np.zeros([n + 1 for n in shape] + [4], np.int64)


def uniform(shape, E=STILL, B=STILL):
    fields = np.zeros([n + 1 for n in shape] + [8], np.float32)
    fields[..., :3], fields[..., 3:6] = E, B
    return fields


@pytest.mark.parametrize("delta_f", [True, False])
@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 6, 1), (7, 1, 1)])
def test_a_step_is_that_of_the_twin(shape, delta_f):
    markers, fields = some_markers(shape, 20), some_fields(shape)
    cells, rows = twin.table(markers)
    drag, c = (1.0, 1.01, 0.99), (1.0, 1.1, 0.9)
    drift = tuple(0.2 if n > 1 else 0.0 for n in shape)
    scale = (2.0**18, 2.0**17)
    minus, plus = nodes(shape), nodes(shape)
    markers.push(fields, minus, drag, drift, c, scale, delta_f)
    markers.deposit(plus, c, scale, delta_f)
    new, moved, kicked = twin.push(shape, cells, rows, fields.astype(float), drag, drift)
    found_cells, found = twin.table(markers)
    far = np.abs(found[:, :3] - moved[:, :3])
    same = found_cells == new
    # a marker at the very edge of a cell may end on either side of it
    assert np.mean(same) > 0.999
    assert far[same].max() < 2e-6
    assert np.abs(found[:, 3:] - moved[:, 3:]).max() < 3e-6
    W = twin.weights(kicked, c, delta_f)
    expected = twin.deposit(shape, cells, kicked, W)[..., 1:]
    np.testing.assert_allclose(minus[..., 1:] / scale[1], expected, atol=2e-4)
    assert not minus[..., 0].any()
    expected = twin.deposit(shape, new, moved, twin.weights(moved, c, delta_f))
    np.testing.assert_allclose(plus / np.array([scale[0], *3 * [scale[1]]]), expected, atol=2e-4)
    assert markers.full is None
    assert markers.clamped == 0
    assert markers.count.sum() == len(cells)


def test_gyration():
    """In B along x velocities turn by 2 arctan(B dt/2) a step and keep their size."""
    shape, half, steps = (2, 2, 2), 0.05, 200
    markers = some_markers(shape, 10)
    _, before = twin.table(markers)
    for _ in range(steps):
        markers.push(uniform(shape, B=(half, 0, 0)), nodes(shape), ONE, (0.1, 0.1, 0.1), ONE, UNIT, False)
    _, after = twin.table(markers)
    expected = (before[:, 4] + 1j * before[:, 5]) * np.exp(-2j * math.atan(half) * steps)
    np.testing.assert_allclose(after[:, 4] + 1j * after[:, 5], expected, atol=1e-5)
    np.testing.assert_allclose(after[:, 3], before[:, 3], rtol=1e-7)


def test_drift_across_the_field_is_steady():
    """A marker at E x B / B^2 feels no force."""
    shape = (2, 2, 2)
    markers = some_markers(shape, 10)
    markers.rows[:, 3:6] = np.array([0.0, 0.0, -0.3], np.float32)[:, None]  # E along y, B along x: E x B / B^2 = -E z
    for _ in range(100):
        markers.push(uniform(shape, (0, 0.03, 0), (0.1, 0, 0)), nodes(shape), ONE, (0.1,) * 3, ONE, UNIT, False)
    _, after = twin.table(markers)
    np.testing.assert_allclose(after[:, 3:6], [0, 0, -0.3] * np.ones((len(after), 1)), atol=2e-6)


def test_a_bi_maxwellian_is_steady_in_a_contracting_box():
    """L w is kept by the drag, so that W stays 0 to single precision while T_perp grows as (1 + s)^2."""
    shape, tau, dt, steps = (2, 3, 3), 50.0, 0.1, 250
    draw = np.random.default_rng(4)
    markers = some_markers(shape, 30)
    c = np.array([1.0, 0.7, 0.7])
    markers.rows[:, 3:6] = draw.normal(size=(18, 3, markers.capacity)) / np.sqrt(2 * c)[:, None]
    markers.rows[:, 6] = (c[:, None] * markers.rows[:, 3:6] ** 2).sum(axis=1)
    before = twin.table(markers)[1]

    def L(t):
        return np.array([1.0, 1 / (1 + t / tau), 1 / (1 + t / tau)])

    for step in range(steps):
        t = step * dt
        drag = np.sqrt(L(t - dt / 2) / L(t + dt / 2))
        field = uniform(shape, B=(0.05 / L(t)[1] ** 2, 0, 0))
        minus = nodes(shape)
        now = c * L(t + dt / 2) ** 2 / L(-dt / 2) ** 2
        markers.push(field, minus, drag, 0.1 / L(t + dt / 2), now, UNIT, True)
    after = twin.table(markers)[1]
    grown = (after[:, 4] ** 2 + after[:, 5] ** 2).sum() / (before[:, 4] ** 2 + before[:, 5] ** 2).sum()
    assert grown == pytest.approx((L(-dt / 2)[1] / L(steps * dt - dt / 2)[1]) ** 2, rel=1e-5)
    largest, moving = markers.largest
    assert largest < 1e-4
    assert moving < 5e-4


def test_charge_is_kept_to_the_last_unit():
    """The sum over the nodes is that of the markers, exactly: weights of the eight corners add up to 1."""
    shape = (3, 2, 4)
    markers, moments = some_markers(shape, 40), nodes(shape)
    markers.deposit(moments, ONE, (2.0**15, 1.0), False)
    assert moments[..., 0].sum() == 2**15 * markers.count.sum()


def permuted(markers, seed):
    draw = np.random.default_rng(seed)
    for cell, n in enumerate(markers.count):
        markers.rows[cell, :, :n] = markers.rows[cell][:, draw.permutation(n)]


def test_permuted_markers_give_the_same_bits():
    shape, scale = (3, 4, 2), (2.0**18, 2.0**17)
    first, second = some_markers(shape, 50), some_markers(shape, 50)
    for step in range(5):
        permuted(second, step)
        sums = []
        for markers in (first, second):
            minus, plus = nodes(shape), nodes(shape)
            markers.push(some_fields(shape), minus, ONE, (0.2,) * 3, ONE, scale, True)
            markers.deposit(plus, ONE, scale, True)
            sums += [minus, plus]
        assert (sums[0] == sums[2]).all()
        assert (sums[1] == sums[3]).all()
    assert np.array_equal(twin.table(first)[1], twin.table(second)[1])


def test_two_bricks_are_one_box():
    """A box of 6 x 2 x 3 cells as two bricks along x: what leaves one enters the other; nodes summed, the same bits."""
    shape, part, scale = (6, 2, 3), (3, 2, 3), (2.0**18, 2.0**17)
    box, fields = some_markers(shape, 30), some_fields(shape)
    bricks = [Markers(part, box.capacity, (False, True, True)) for _ in range(2)]
    for i, brick in enumerate(bricks):
        own = slice(18 * i, 18 * (i + 1))
        brick.rows[:], brick.count[:] = box.rows[own], box.count[own]
    for _ in range(4):
        whole, split = nodes(shape), nodes(shape)
        box.push(fields, whole, ONE, (0.2,) * 3, ONE, scale, True)
        box.deposit(whole, ONE, scale, True)
        gone = []
        for i, brick in enumerate(bricks):
            mine = nodes(part)
            brick.push(np.ascontiguousarray(fields[3 * i : 3 * i + 4]), mine, ONE, (0.2,) * 3, ONE, scale, True)
            split[3 * i : 3 * i + 4] += mine
            gone.append(brick.leaving.copy())
            x, y, z = np.unravel_index(gone[i][:, 7].copy().view(np.int32), (5, 4, 5))
            assert set(x) <= {0, 4}
            x = (x - 1) % 3
            gone[i] = (gone[i], np.ravel_multi_index((x, y - 1, z - 1), part).astype(np.int64))
        for i, brick in enumerate(bricks):
            brick.insert(*gone[1 - i])
            mine = nodes(part)
            brick.deposit(mine, ONE, scale, True)
            split[3 * i : 3 * i + 4] += mine
        assert len(gone[0][0]) > 5
        for sums in (whole, split):  # the ends of the box along x are one node
            sums[0] += sums[6]
            sums[6] = 0
        assert (whole == split).all()


def test_too_fast_markers_are_clamped_and_counted():
    markers = some_markers((4, 4, 4), 5)
    markers.rows[0, 3, : markers.count[0]] = 100.0
    total, fast = markers.count.sum(), markers.count[0]
    assert fast > 0
    markers.push(uniform((4, 4, 4)), nodes((4, 4, 4)), ONE, (0.1,) * 3, ONE, UNIT, False)
    assert markers.clamped == fast
    assert markers.count.sum() == total
    assert markers.rows[:, :3].max() < 1
    assert markers.rows[:, :3].min() >= 0


def test_a_full_cell_is_told_of():
    markers = Markers((2, 1, 1), LANES)
    markers.rows[:, 3] = 1.0
    markers.rows[:, 0] = 0.5
    markers.count[:] = [LANES, 0]
    markers.push(uniform((2, 1, 1)), nodes((2, 1, 1)), ONE, (0.9, 0, 0), ONE, UNIT, False)
    assert markers.full is None
    assert list(markers.count) == [0, LANES]
    markers.insert(np.zeros((1, 8), np.float32), np.array([1]))
    assert markers.full == 1


def test_the_yardstick_computes_the_same():
    shape, per_cell, dt = (4, 3, 5), 12, 0.1
    markers = some_markers(shape, per_cell)
    cells, rows = twin.table(markers)
    fields = some_fields(shape, 1.0).astype(float)
    _, moved, kicked = twin.push(shape, cells, rows, fields * dt / 2, ONE, (0.2,) * 3)
    plain = np.column_stack([np.array(np.unravel_index(cells, shape)).T + rows[:, :3], rows[:, 3:6]])
    minus, plus = np.zeros((*shape, 4)), np.zeros((*shape, 4))
    naive(plain, np.ascontiguousarray(fields[:-1, :-1, :-1, :6]), minus, plus, dt, np.full(3, 0.2))
    np.testing.assert_allclose(plain[:, 3:], moved[:, 3:6], atol=1e-12)
    wrapped = twin.deposit(shape, cells, kicked, np.ones(len(rows)))
    for axis, n in enumerate(shape):
        along = np.moveaxis(wrapped, axis, 0)
        along[0] += along[n]
        wrapped = np.delete(wrapped, n, axis)
    np.testing.assert_allclose(minus, wrapped, atol=1e-11)
    assert plus[..., 0].sum() == pytest.approx(len(rows))


def test_sums_of_many_markers_fit():
    assert unit_bound(512) == 2**22
    assert unit_bound(2048) == 2**20

"""Where mirrors would be: flows whose anisotropy is known in closed form; shapes of known size."""

import numpy as np
import pytest

from hpcmm.kinds.mhd.microphysics import COLUMNS, Microphysics
from hpcmm.kinds.mhd.transform import Gradient
from hpcmm.kinds.mhd.waves import Scalar, cosines, sines, vector
from tests.kinds.mhd.flow import Flow

A, BETA, RATE = 0.3, 20.0, 5.0
NONE = Scalar()


def places(flow):
    x = np.arange(flow.transforms.count) * 2 * np.pi / flow.transforms.count
    return np.meshgrid(x, x, x, indexing="ij")[::-1]  # arrays are [z, y, x]


def strain():
    """u = A (sin x cos y, -cos x sin y, 0): at the origin (A x, -A y, 0)."""
    s, c = sines(1), cosines(1)
    return vector([A * (s[0] * c[1]), -A * (c[0] * s[1]), NONE])


def of(u, mean, points=16):
    flow = Flow(points, u, {}, mean=mean)
    return Microphysics(flow.solver, BETA), places(flow)


@pytest.mark.parametrize(("axis", "sign"), [(0, 1), (1, -1), (2, 0)])
def test_strain_makes_three_of_its_rate(axis, sign):
    """Delta = 3 a / nu_c with b along what is stretched, minus that along what is compressed; nu_c in b_rms k_1."""
    found, (x, y, _) = of(strain(), 0.7 * np.eye(3)[axis])
    assert found.rms == pytest.approx(0.7, rel=1e-14)
    delta = found.anisotropy(RATE)
    np.testing.assert_allclose(delta, sign * 3 * A * np.cos(x) * np.cos(y) / (RATE * 0.7), atol=1e-14)
    assert delta[0, 0, 0] == pytest.approx(sign * 3 * A / (RATE * 0.7), abs=1e-14)
    np.testing.assert_array_equal(found.patch(delta), delta > 1 / BETA)


def test_rotation_makes_none():
    """u = A (-sin y, sin x, 0) turns as a whole at the origin; beside it only its strain counts."""
    s = sines(1)
    found, (x, y, _) = of(vector([-A * s[1], A * s[0], NONE]), np.array([0.5, 0.5, 0.0]))
    delta = found.anisotropy(RATE)
    assert abs(delta[0, 0, 0]) < 1e-15
    np.testing.assert_allclose(delta, 1.5 * A * (np.cos(x) - np.cos(y)) / (RATE * np.sqrt(0.5)), atol=1e-14)


def test_threshold_is_that_of_the_local_field():
    """b = (B_0 + sin y, 0, 0) lies along what is stretched: Delta against b^2 / (beta b_rms^2)."""
    s = sines(1)
    flow = Flow(16, strain(), vector([s[1], NONE, NONE]), mean=(1.5, 0, 0))
    found, (x, y, _) = Microphysics(flow.solver, BETA), places(flow)
    assert found.rms**2 == pytest.approx(1.5**2 + 0.5, rel=1e-13)
    delta = 3 * A * np.cos(x) * np.cos(y) / (RATE * found.rms)
    np.testing.assert_allclose(found.anisotropy(RATE), delta, atol=1e-14)
    b = 1.5 + np.sin(y)
    np.testing.assert_array_equal(found.patch(delta), delta > b**2 / (BETA * found.rms**2))


def test_shares_and_chords_of_known_patches():
    """Where collisions are rare patches are those of cos x cos y > 0: half of the volume.

    Along b = x they are pi long. Across it lines of all directions in the plane of y and z meet walls pi apart:
    pi / <|cos|> = pi^2 / 2.
    """
    found, _ = of(strain(), np.array([0.7, 0, 0]), 50)  # no point lies on a border
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in found.rows(3.0, RATE)]
    assert len(rows) == 6
    assert [row["t"] for row in rows] == 6 * [3.0]
    rare = rows[0]
    assert rare["f_mm"] == pytest.approx(0.5, abs=0.01)
    assert rare["f_firehose"] == pytest.approx(1 - rare["f_mm"], abs=1e-12)
    assert rare["l_par"] == pytest.approx(np.pi, rel=0.06)
    assert rare["l_perp"] == pytest.approx(np.pi**2 / 2, rel=0.06)
    shares = [row["f_mm"] for row in rows]
    assert shares == sorted(shares, reverse=True)
    middle = rows[3]
    assert middle["collision_rate"] == RATE
    assert middle["Delta_rms"] == pytest.approx(1.5 * A / (RATE * 0.7), rel=1e-12)


def test_gradient_of_points():
    flow = Flow(16, {}, {})
    x, y, z = places(flow)
    found = Gradient(flow.transforms)(np.sin(7 * x) + np.cos(3 * y) * np.sin(z))
    slopes = [slope.copy() for slope in found]
    known = (7 * np.cos(7 * x), -3 * np.sin(3 * y) * np.sin(z), np.cos(3 * y) * np.cos(z))
    np.testing.assert_allclose(slopes, known, atol=1e-12)


def test_no_field_no_patches():
    found, _ = of(strain(), np.zeros(3))
    assert not found.patch(found.anisotropy(RATE)).any()
    assert np.isfinite(found.anisotropy(RATE)).all()

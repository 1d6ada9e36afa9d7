"""What is done to the waves of a periodic field: filters, components moved, losses made up for."""

import numpy as np
import pytest

from hpcmm.io.field_files.measures import measure
from hpcmm.io.field_files.waves import Changes, Filter, power_within
from tests.kernels import grid_twins

N, BOX = (8, 10, 12), (1.0, 2.0, 3.0)


def wave(m, component=0, phase=0.3, shift=(0.0, 0.0, 0.0)):
    """cos(2 pi m.r/L + phase) in one component, at (i + shift) spacings, [z, y, x, component]."""
    i = np.meshgrid(*(np.arange(n) + s for n, s in zip(N, shift)), indexing="ij")
    turns = sum(a * b / n for a, b, n in zip(m, i, N))
    out = np.zeros((*N[::-1], 3))
    out[..., component] = np.cos(2 * np.pi * turns + phase).transpose(2, 1, 0)
    return out


def test_a_filter_keeps_its_waves_and_the_mean():
    """Mean along z: m = (1, 0, 0) has k_perp = 2 pi, (0, 0, 2) k_par = 4 pi/3."""
    across, along = wave((1, 0, 0)), wave((0, 0, 2))
    for ranges, keep, expected in (
        ({"k_perp": (6.0, 7.0), "k_par": (0.0, 1.0)}, "inside", across),
        ({"k_perp": (6.0, 7.0), "k_par": (0.0, 1.0)}, "outside", along),
        ({"k_perp": (0.0, 1.0), "k_par": (4.0, 4.5)}, "inside", along),
    ):
        values = across + along + 0.5
        Changes(filter=Filter(**ranges, outside=keep == "outside", along=(0.0, 0.0, 2.0))).apply(values, BOX, 0)
        np.testing.assert_allclose(values[..., 0], expected[..., 0] + 0.5, atol=1e-12)


def test_power_within_the_ranges_of_a_filter_and_beyond():
    """Waves of amplitude 1 have power 1/2 whatever their numbers, of no component and in the plane k_x = 0 too."""
    values = wave((1, 0, 0)) + 2 * wave((0, 0, 2), 1) + 3 * wave((0, 1, 0), 2) + 0.5
    filter = Filter((6.0, 7.0), (0.0, 1.0), True, (0.0, 0.0, 2.0))
    assert power_within(values, BOX, filter) == pytest.approx((0.5, 0.5 * (4 + 9)), rel=1e-12)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_number_of_waves_that_carry_the_power(kind):
    """(sum P)^2/sum P^2 of powers 1, 1, 9, components together, k and -k once; of any strength and mean."""
    values = 1e-12 * (wave((1, 0, 0)) + wave((0, -2, 0), 2, 0.1) + 2 * wave((1, 1, 3), 1) + 5**0.5 * wave((1, 1, 3), 2))
    values[..., 0] += 1e-12
    assert measure(values.astype(kind), BOX, True).carriers == pytest.approx(11**2 / 83, rel=1e-6)


def test_staggered_components_are_moved_by_their_phase():
    m, stagger = (2, -3, 1), ((-0.5, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.25, -0.5))
    for c in range(3):
        values = wave(m, c, shift=stagger[c])
        Changes(stagger=stagger).apply(values, BOX, c)
        np.testing.assert_allclose(values, wave(m, c), atol=1e-12)


def test_solenoidal_values_have_no_differences_over_cells_where_the_field_has_no_divergence():
    """Also of a field whose components sit on the lower faces, which is taken as it is."""
    m = (1, 2, 3)
    k = 2 * np.pi * np.array(m) / BOX
    amplitude = np.cross(k, (0.3, -1.0, 0.5))
    for staggered in (False, True):
        stagger = tuple(tuple(-0.5 if staggered and i == c else 0.0 for i in range(3)) for c in range(3))
        values = np.zeros((*N[::-1], 3))
        for c in range(3):
            own = wave(m, c, shift=stagger[c])[..., c]
            if staggered:  # a discrete curl, as codes with constrained transport keep it
                own = own * (k[c] * BOX[c] / N[c] / 2) / np.sin(k[c] * BOX[c] / N[c] / 2)
            values[..., c] = amplitude[c] * own
            Changes(stagger=stagger if staggered else None, solenoidal=True).apply(values, BOX, c)
        div = sum((values[..., c] - np.roll(values[..., c], 1, axis=2 - c)) / (BOX[c] / N[c]) for c in range(3))
        assert np.abs(div).max() < 1e-10 * np.abs(amplitude).max()
        _, divergence = grid_twins.interpolate(values, np.random.default_rng(1).uniform(0, 8, (3, 20)), "solenoidal")
        assert np.isfinite(divergence).all()


def test_compensated_waves_have_their_amplitude_in_the_mean_over_places():
    """(2, 1, 0): interpolated at random, projected on the wave itself, 1 instead of its loss of 0.79."""
    m, draw = (2, 1, 0), np.random.default_rng(2)
    u = draw.uniform(0, 40, (3, 200_000))
    exact = np.cos(2 * np.pi * sum(a * b / n for a, b, n in zip(m, u, N)) + 0.3)
    for changed, expected in ((False, 0.7854), (True, 1.0)):
        values = wave(m)
        if changed:
            Changes(compensate=True).apply(values, BOX, 0)
        found, _ = grid_twins.interpolate(values, u, "trilinear")
        assert 2 * (found[0] * exact).mean() == pytest.approx(expected, abs=0.01)

"""Quasi-linear scattering in the waves of a snapshot: against the formula of a ring, scalings, rotations."""

import numpy as np
import pytest

from hpcmm.theory.snapshot_scattering import gap, modes_of, pitch_angle_rates, snapshot_kappa
from tests import mirror_fields

POINTS, BOX = (48, 40, 44), (48.0, 40.0, 44.0)
"""Cells of 1 r_gi0; waves of 2 pi/k_perp = 6.3 to 12.6 across the mean field."""


def snapshot(dB=0.1, seed=1, keep=mirror_fields.in_band):
    return mirror_fields.snapshot(POINTS, BOX, dB, seed, keep)


def ring(modes, mu):
    """D = b^2 (k_par/k)^2 q/k_perp^2 and nu = 2 b^2 q/k_perp^2 (docs/physics.md 9.2), all azimuths of each wave."""
    par, perp = np.abs(modes.k[:, 0]), np.hypot(modes.k[:, 1], modes.k[:, 2])
    q = np.sqrt(np.maximum((1 - mu[:, None] ** 2) * perp**2 - (mu[:, None] * par) ** 2, 0.0))
    nu = 2 * modes.power * q / perp**2
    return (nu / 2 * par**2 / (par**2 + perp**2)).sum(axis=1), nu.sum(axis=1)


def test_waves_are_those_of_the_field():
    B = snapshot()
    modes = modes_of(B, BOX)
    assert modes.power.sum() == pytest.approx(((B - [1, 0, 0]) ** 2).sum(axis=-1).mean(), rel=1e-5)  # what is left out
    assert modes.dB_over_B == pytest.approx(0.1, rel=1e-5)
    assert np.abs((modes.k * modes.b).sum(axis=1)).max() < 1e-12
    perp = np.hypot(modes.k[:, 1], modes.k[:, 2])
    assert 2.0 < modes.l_mm < 4.0
    assert modes.l_mm == pytest.approx(2 * np.average(1 / perp, weights=np.abs(modes.b[:, 0]) ** 2), rel=1e-12)
    # powers of random waves are exponential, <P>^2/<P^2> = 1/2; its error is 2/sqrt(pairs)
    pairs = len(modes.k) / 2
    assert modes.carriers / pairs == pytest.approx(0.5, abs=4 * 2 / np.sqrt(pairs))


def test_rates_are_those_of_rings():
    """Broadened deltas and the waves of one box against rings: 4 % in the mean over mu and 10 % at each below .8, where
    waves of one box are few at a resonance.
    """
    modes, mu = modes_of(snapshot(), BOX), (np.arange(24) + 0.5) / 24
    found, exact = pitch_angle_rates(modes, mu), ring(modes, mu)
    for mine, theirs in zip(found, exact, strict=True):
        assert mine.mean() == pytest.approx(theirs.mean(), rel=0.04)
        assert np.abs(mine / theirs - 1)[mu < 0.8].max() < 0.1


def test_kappa_by_power_and_gyroradius():
    """kappa_par as r_g^2/dB^2, kappa_perp as dB^2 at any r_g: the E^2 and E^0 laws of the paper's eqs 4 and 6."""
    weak, strong = (modes_of(snapshot(dB), BOX) for dB in (0.1, 0.3))
    r_g = np.array([5.0, 10.0])
    one, nine = snapshot_kappa(weak, r_g), snapshot_kappa(strong, r_g)
    assert one[0][1] == pytest.approx(4 * one[0][0], rel=1e-12)
    assert one[1][1] == one[1][0]
    assert one[0] == pytest.approx(9 * nine[0], rel=1e-9)
    assert nine[1] == pytest.approx(9 * one[1], rel=1e-9)


def test_kappa_is_that_of_the_rates():
    modes = modes_of(snapshot(), BOX)
    mu = (np.arange(24) + 0.5) / 24
    D, nu = ring(modes, mu)
    par, perp = snapshot_kappa(modes, 10.0)
    assert par == pytest.approx(100 * np.mean((1 - mu**2) ** 2 / D) / 4, rel=0.1)
    assert perp == pytest.approx(np.mean(nu) / 4, rel=0.04)


def test_axes_do_not_matter():
    """The mean field along y and z: the same numbers."""
    B = snapshot()
    expected = snapshot_kappa(modes_of(B, BOX), 10.0)
    for turn in ((2, 0, 1), (1, 2, 0)):
        turned = np.transpose(B, (*turn, 3))[..., list(turn)]
        found = snapshot_kappa(modes_of(turned, [BOX[i] for i in turn]), 10.0)
        assert found == pytest.approx(expected, rel=2e-2)  # other azimuths, and another handedness, at the 24 nodes


def test_fields_without_a_mean_or_waves_are_refused():
    with pytest.raises(ValueError, match="a mean field"):
        modes_of(snapshot() - np.array([1.0, 0, 0]), BOX)
    with pytest.raises(ValueError, match="varies"):
        modes_of(np.ones((*POINTS, 3)), BOX)


def test_units_do_not_matter():
    modes = modes_of(3e-6 * snapshot(), 1e-9 * np.array(BOX))
    found, expected = snapshot_kappa(modes, 1e-8), snapshot_kappa(modes_of(snapshot(), BOX), 10.0)
    assert found == pytest.approx((1e-9 * expected[0], 1e-9 * expected[1]), rel=1e-9)


def test_gap_of_pitch_angles_in_widths_of_resonances():
    """1/(k_par r_g) over (2 D/k_par)^(1/3), D = 1/(6 kappa_par): falls as r_g^(-1/3), as 1/dB^(2/3)."""
    modes, r_g = modes_of(snapshot(0.3), BOX), np.array([5.0, 40.0])
    kappa = snapshot_kappa(modes, r_g)[0]
    assert modes.k_par == pytest.approx(
        np.sqrt((modes.power * modes.k[:, 0] ** 2).sum() / modes.power.sum()), rel=1e-12
    )
    width = (2 / (6 * kappa[0]) / modes.k_par) ** (1 / 3)
    found = gap(modes, r_g, kappa)
    assert found[0] == pytest.approx(1 / (modes.k_par * 5.0) / width, rel=1e-12)
    assert found[1] == pytest.approx(found[0] / 2, rel=1e-12)
    weak = modes_of(snapshot(0.3 / 8), BOX)
    assert gap(weak, 5.0, snapshot_kappa(weak, 5.0)[0]) == pytest.approx(4 * found[0], rel=1e-9)

"""kappa through a synthetic snapshot of many mirror modes against quasi-linear theory of its waves (physics 9.4)."""

import numpy as np
import pytest

import hpcmm as hpcmm_module
from hpcmm.figures.snapshot_points import read_snapshot_points
from tests import mirror_fields

pytestmark = pytest.mark.slow

POINTS, BOX = (64, 40, 44), (96.0, 60.0, 66.0)
"""Cells of 1.5; six wavelengths along the mean field, seven across it; l_mm = 2.6."""

R_G = (1.0, 4.0, 12.0, 40.0)


def band(par, perp):
    return (perp > 0.5) & (perp < 1.0) & (par < 0.7)


@pytest.fixture(scope="module")
def points(done, tmp_path_factory):
    """512 tracks at each gyroradius; interpolation's loss is made up for, as theory is of the values in the file."""
    top = tmp_path_factory.mktemp("snapshot")
    B = mirror_fields.snapshot(POINTS, BOX, 0.4, keep=band)
    hpcmm_module.write_field(top / "B.h5", B, box=BOX, unit=None)
    run = {"realizations": 8, "particles": 64}
    text = mirror_fields.deck(top / "B.h5", R_G, run, compensate=True)
    return read_snapshot_points(mirror_fields.flown(done, top / "rays", text))


def test_kappa_is_quasi_linear_where_tracks_are_straight(points):
    """The bands of the spec for dB/B above .3 and boxes of six wavelengths: .6 to 1.6 along, .5 to 1.2 across."""
    assert points.dB_over_B > 0.3
    assert not points.doubtful[1:].any()
    for name, low, high in (("par", 0.6, 1.6), ("perp", 0.5, 1.2)):
        ratio = (points.kappa[name] / points.linear[name])[1:]
        assert (ratio > low).all(), (name, ratio)
        assert (ratio < high).all(), (name, ratio)


def test_kappa_goes_as_the_square_along_and_not_at_all_across(points):
    """E^2 and E^0 over a decade of r_g above l_mm. 6 % errors of kappa at its ends are .035 in the exponent, four times
    that is asked; measured: 1.96(3) and -.06(3), as straight tracks are not quite reached at 1.7 l_mm.
    """
    for name, power in (("par", 2.0), ("perp", 0.0)):
        kappa, r_g = points.kappa[name][[1, 3]], points.r_g[[1, 3]]
        assert np.log(r_g[1] / r_g[0]) == pytest.approx(np.log(10))
        assert np.log(kappa[1] / kappa[0]) / np.log(10) == pytest.approx(power, abs=0.15)


def test_below_l_mm_the_regime_is_another(points):
    """At .4 l_mm particles follow lines: kappa_par is far above the law of straight tracks, kappa_perp below it."""
    assert points.r_g[0] < 0.5 * points.l_mm
    par, perp = (points.kappa[name][0] / points.linear[name][0] for name in ("par", "perp"))
    assert par > 3.0  # measured 4.8(3)
    assert perp < 0.75  # measured .58(4)

"""A plasma below the thresholds of its instabilities: nothing grows (P6)."""

import math

import pytest

from hpcmm.kinds.hybrid_pic import history, loading
from tests.kinds.hybrid_pic.plasmas import begun, plasma

BAND = list(history.COLUMNS).index("band")


@pytest.mark.parametrize("anisotropy", [0.0, 0.03])
def test_no_mirrors_grow_below_the_threshold(anisotropy):
    """beta_perp Delta < 1: the band of micromirrors does not grow by half within 100/Omega_i, from a seed of 3e-3."""
    made = plasma((32, 32, 1), (20, 20, 0.625), 20.0, anisotropy, per_cell=32)
    loading.add_curl(made, loading.noise(made.box, 1, 1.5 / math.sqrt(20.0)), 3e-3)
    begun(made)
    bands = []
    while made.time < 100:
        made.advance()
        if made.steps % 100 == 0:
            bands.append(history.row(made, (0, 0))[BAND])
    assert max(bands) < 1.5 * bands[0]
    assert made.markers.clamped == made.thin == 0

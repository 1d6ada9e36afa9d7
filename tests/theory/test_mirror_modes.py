"""Rings of mirror-polarised waves: what equation 4 stands for."""

import numpy as np
import pytest

from hpcmm.theory.mirror_modes import kappa_over_eq_4


def test_kappa_over_equation_4_by_elongation():
    """.295 elongation^2 of one k_par; k_par spread over (0, K) does as 1/<k_par^2> then: the same for long waves."""
    for elongation in (10.0, 30.0):
        assert kappa_over_eq_4(elongation) == pytest.approx(0.295 * elongation**2, rel=0.05)
    assert kappa_over_eq_4(3**0.5 / 0.6) == pytest.approx(5785 / 1800 * np.arctan(0.6) / 0.6, rel=2e-3)

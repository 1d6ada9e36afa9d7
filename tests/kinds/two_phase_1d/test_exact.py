"""The two-phase line: eq 11 at every filling fraction and period, occupancy, residence
(docs/physics.md 7, 14: T-1D, T-OCC, T-RES).
"""

import numpy as np
import pytest

from cython_kernels.telegraph import TelegraphBlock
from hpcmm.kinds.two_phase_1d.kappa import SUMMED, block_sums, estimate
from hpcmm.kinds.two_phase_1d.plan import auto_duration
from hpcmm.parallel import random_streams


def found(nu_mm, nu_res, f_mm, particles, seed=3, stretch=1.0):
    """Estimates, eq 11 and T, of a line flown in one piece."""
    rate = f_mm * nu_mm + (1 - f_mm) * nu_res
    duration = stretch * auto_duration(rate, 1 / rate)
    key = random_streams.kernel_key(seed, random_streams.FLIGHTS, 0, f_mm, 0)
    block = TelegraphBlock(nu_mm, nu_res, f_mm, duration, key, 0, particles)
    while not block.done:
        block.advance(2**20)
    sums = block_sums(block.state, -(-particles // SUMMED) * SUMMED)
    return estimate(sums, duration, f_mm), 1 / rate, duration


def pull(values, name, exact):
    return (values[name] - exact) / values[f"{name}_err"]


@pytest.mark.parametrize("f_mm", [0.0, 0.01, 0.1, 0.5, 0.9, 1.0])
def test_kappa_is_eq_11_and_time_goes_by_length(f_mm):
    """T-1D and T-OCC: 4 sigma, and 4 x 2.2 % and 1 %."""
    values, kappa, duration = found(100.0, 1.0, f_mm, 16_384)
    assert abs(pull(values, "kappa", kappa)) < 4
    assert values["kappa"] == pytest.approx(kappa, rel=4 * 0.022)
    assert values["kappa_err"] / kappa == pytest.approx(2 / np.sqrt(16_384), rel=0.15)
    assert values["occupancy"] == pytest.approx(f_mm, rel=0.01, abs=1e-12)
    if 0 < f_mm < 1:
        assert abs(pull(values, "occupancy", f_mm)) < 4
        assert abs(pull(values, "mean_residence", f_mm)) < 4
    assert values["turns"] == pytest.approx(duration / kappa / 2, rel=0.01)


@pytest.mark.parametrize("period", [0.01, 0.1, 1.0, 10.0])
@pytest.mark.parametrize("f_mm", [0.01, 0.1, 0.5])
def test_kappa_does_not_depend_on_the_period(period, f_mm):
    """T-1D: nu_mm / nu_res = 100, the period from a hundredth to ten free paths of the gaps."""
    slow = period * (100 * f_mm + 1) > 100
    values, kappa, _ = found(100 * period, period, f_mm, 1024 if slow else 8192, seed=5)
    assert abs(pull(values, "kappa", kappa)) < 4


def test_patches_may_scatter_less_than_gaps():
    values, kappa, _ = found(1.0, 50.0, 0.7, 8192)
    assert abs(pull(values, "kappa", kappa)) < 4


@pytest.mark.parametrize("nu", [0.1, 1.0, 10.0, 100.0])
def test_a_visit_lasts_as_long_as_the_patch_is_wide(nu):
    """T-RES, eq 21: l_p/c within 1 %, whatever the rate."""
    values, _, _ = found(nu, 1.0, 0.3, 32_768 if nu < 100 else 16_384, seed=9, stretch=2.0)
    assert values["mean_residence"] == pytest.approx(0.3, rel=0.01)
    assert abs(pull(values, "mean_residence", 0.3)) < 4


def test_errors_are_those_of_repeated_runs():
    """The pulls of 60 seeds have a spread of 1, for each estimate."""
    all_of = [found(10.0, 1.0, 0.2, 1024, seed=100 + i) for i in range(60)]
    for name, exact in (("kappa", 1 / 2.8), ("occupancy", 0.2), ("mean_residence", 0.2)):
        pulls = [pull(values, name, exact) for values, _, _ in all_of]
        assert abs(np.mean(pulls)) < 4 / np.sqrt(60)
        assert 0.7 < np.std(pulls) < 1.35

"""The fitted transition is exact on exact power laws, and its error is the scatter of repeated measurements."""

import numpy as np
import pytest

from hpcmm import theory
from hpcmm.figures.kappa_points import KappaPoints
from hpcmm.figures.transition_fit import lines, measured_transition
from hpcmm.theory import EV, PARSEC

MEDIUM = {"Z": 1, "B": 3e-6, "l_c": 1e5 * PARSEC}
MIRRORS = {"l_mm": 1e-7 * PARSEC, "dB_over_B": 1 / 3}


def points(energy, kappa, error, micromirrors, f_mm, scattering_only=False):
    converged = np.ones(len(energy), bool)
    return KappaPoints("x", "", energy, kappa, error, converged, MEDIUM, micromirrors, f_mm, scattering_only)


def both_sides(noise=0.0, draw=None):
    """2/3 of eq 4 below, 0.4 of eq 7 with delta = 0.3 above; noise is relative."""
    low, high = np.array([1e10, 1e11, 3e11]), np.array([3e12, 1e13, 1e14, 1e15])
    runs = []
    for energy, kappa, mirrors, f_mm in (
        (low, 2 / 3 * theory.kappa_mm(low * EV, Z=1, B=3e-6, **MIRRORS), MIRRORS, 1.0),
        (high, 0.4 * theory.kappa_res(high * EV, 0.3, **MEDIUM), None, 0.0),
    ):
        factor = 1 + noise * draw.normal(size=len(energy)) if noise else 1.0
        runs.append(points(energy, kappa * factor, (noise or 0.1) * kappa, mirrors, f_mm))
    return runs


EXACT = theory.transition_energy(0.3, **MEDIUM, **MIRRORS, kappa_mm_coefficient=2 / 3, kappa_res_coefficient=0.4) / EV


def test_exact_on_power_laws():
    found = measured_transition(both_sides())
    assert found.energy == pytest.approx(EXACT, rel=1e-9)
    assert found.delta == pytest.approx(0.3, abs=1e-9)
    assert (found.points_mm, found.points_res) == (3, 4)
    assert found.chi2_mm == pytest.approx(0, abs=1e-12)
    assert "measured: 3 points" in lines(found, MIRRORS, MEDIUM)[0]
    assert found.unconverged == 0


def test_error_is_the_scatter():
    """400 repetitions at 5 % noise: pulls have mean 0 and width 1 to 4 sigma of 1/sqrt(400) and 1/sqrt(800)."""
    draw = np.random.default_rng(2)
    found = [measured_transition(both_sides(0.05, draw)) for _ in range(400)]
    pulls = np.array([np.log(f.energy / EXACT) * f.energy / f.energy_err for f in found])
    assert abs(pulls.mean()) < 4 / 20
    assert abs(pulls.std() - 1) < 4 / np.sqrt(800)


def test_points_of_the_wrong_side_or_kind_do_not_count():
    runs = both_sides()
    spoilt = [
        points(np.array([2e12]), np.array([1e40]), np.array([1e38]), MIRRORS, 1.0),
        points(np.array([1e20]), np.array([1e20]), np.array([1e18]), None, 0.0),
        points(np.array([1e10]), np.array([1e20]), np.array([1e18]), MIRRORS, 1.0, scattering_only=True),
    ]
    assert measured_transition(runs + spoilt).energy == pytest.approx(EXACT, rel=1e-9)
    assert measured_transition(runs[:1]) is None
    assert measured_transition(runs[1:]) is None

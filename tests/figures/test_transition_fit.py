"""The fitted transition is exact on exact power laws, its errors are what they say, and points that do not tell are
refused.
"""

import numpy as np
import pytest

from hpcmm import theory
from hpcmm.figures.kappa_points import KappaPoints
from hpcmm.figures.transition_fit import NotBracketed, lines, measured_transition
from hpcmm.theory import EV, PARSEC

MEDIUM = {"Z": 1, "B": 3e-6, "l_c": 1e5 * PARSEC}
MIRRORS = {"l_mm": 1e-7 * PARSEC, "dB_over_B": 1 / 3}
ENERGY = 1e12 * np.array([1.0, 3.0, 10.0, 30.0, 100.0])


def law(energy):
    """0.4 of eq 7 with delta = 0.3."""
    return 0.4 * theory.kappa_res(energy * EV, 0.3, **MEDIUM)


EXACT = theory.transition_energy(0.3, **MEDIUM, **MIRRORS, kappa_mm_coefficient=2 / 3, kappa_res_coefficient=0.4) / EV


def points(energy, kappa, error, mirrors=None, flag="yes", **more):
    energy = np.asarray(energy)
    flags, none = np.full(len(energy), flag, "U9"), np.zeros(len(energy))
    how = {"slope": none, "slope_err": none + 0.01} | more
    f_mm = 1.0 if mirrors else 0.0
    return KappaPoints("x", "", energy, kappa, error * kappa, flags, MEDIUM, mirrors, f_mm, **how)


def on_lines(energy=ENERGY, factor=1.0, error=0.05, cut=0.1, tangled=0.9, flag="yes", **more):
    kappa = law(np.asarray(energy)) * factor
    how = {"along_lines": True, "kappa_trace": tangled * kappa, "cut_error": cut * kappa}
    return points(energy, kappa, error, flag=flag, **how, **more)


def micromirrors(factor=1.0):
    energy = np.array([1e10, 1e11, 3e11])
    kappa = 2 / 3 * theory.kappa_mm(energy * EV, Z=1, B=3e-6, **MIRRORS)
    return points(energy, kappa * factor, 0.02, MIRRORS, scattering_only=True, turbulent=False)


def test_exact_on_power_laws():
    found = measured_transition([micromirrors(), on_lines()])
    assert found.energy == pytest.approx(EXACT, rel=1e-9)
    assert found.delta == pytest.approx(0.3, abs=1e-9)
    assert found.coefficient == pytest.approx(0.4, rel=1e-3)
    assert (found.lines, found.direct, found.undecided, found.left_out) == (5, 0, 0, 0)
    assert found.chi2 == pytest.approx(0, abs=1e-12)
    assert found.mirrors == pytest.approx(2 / 3)
    # what moves all of kappa by a factor moves the energy by its power 1/(2 - delta)
    assert found.extrapolation == pytest.approx(EXACT * np.log(1.1) / 1.7, rel=1e-9)
    assert found.plateau == pytest.approx(EXACT * 0.01 / np.sqrt(5) * np.log(2) / 1.7, rel=1e-9)
    said = lines(found, MIRRORS, MEDIUM)
    for words in ("(statistical)", "(extrapolation)", "(plateau)"):
        assert words in said[0]
    assert "paper eq 9" in said[-1]


def test_error_holds_whatever_the_correlation():
    """400 repetitions at 5 % noise: one factor for a whole run gives pulls of width 1 but for the slope, 1 to 4 sigma
    of 1/sqrt(800) and 5 %; independent noise less.
    """
    draw, pulls = np.random.default_rng(2), {}
    for shared in (True, False):
        pulls[shared] = []
        for _ in range(400):
            noise = 0.05 * (draw.normal() * np.ones(5) if shared else draw.normal(size=5))
            found = measured_transition([micromirrors(), on_lines(factor=1 + noise)])
            widened = np.sqrt(max(1.0, found.chi2 / 3))
            pulls[shared].append(np.log(found.energy / EXACT) * found.energy / found.statistical * widened)
    assert abs(np.std(pulls[True]) - 1) < 4 / np.sqrt(800) + 0.05
    assert np.std(pulls[False]) < 1 - 4 / np.sqrt(800)
    assert abs(np.mean(pulls[False])) < 4 / 20


def test_scatter_beyond_the_errors_widens_them():
    factor = 1 + np.array([0.2, -0.2, 0.2, -0.2, 0.2])
    calm, wild = (measured_transition([micromirrors(), on_lines(factor=f)]) for f in (1.0, factor))
    assert wild.chi2 > 30
    assert wild.statistical / wild.energy == pytest.approx(
        calm.statistical / calm.energy * np.sqrt(wild.chi2 / 3), rel=0.05
    )


def test_direct_points_count_for_what_lines_tangle():
    """From r_g/l_c = 1e-6 on a direct kappa_trace, 0.9 of the law as that of lines, takes the place of their point."""
    x = np.array([1e-6, 1e-5, 1e-4])
    high = x * theory.energy_of_gyroradius(MEDIUM["l_c"], 3e-6) / EV
    run = on_lines(np.concatenate([ENERGY, high]), cut=0.0)
    wrong = np.concatenate([np.ones(5), np.full(3, 7.0)])
    spoilt = on_lines(np.concatenate([ENERGY, high]), factor=wrong)
    direct = points(high, 0.9 * law(high), 0.05)
    for lines_run in (run, spoilt):
        found = measured_transition([micromirrors(), lines_run, direct])
        assert found.energy == pytest.approx(EXACT, rel=1e-9)
        assert (found.lines, found.direct) == (5, 3)
    # others than those at an energy of a line, or above 1e-4, are not used
    other = points(np.append(high * 1.5, 1e20), np.full(4, 1e40), 0.05)
    assert measured_transition([micromirrors(), run, other]).energy == pytest.approx(EXACT, rel=1e-9)


def test_points_that_do_not_tell_are_refused_in_words():
    with pytest.raises(NotBracketed, match="do not bracket it"):
        measured_transition([micromirrors(), on_lines(ENERGY * 100)])
    with pytest.raises(NotBracketed, match="3 or more are expected"):
        measured_transition([micromirrors(), on_lines(flag="no")])
    with pytest.raises(NotBracketed, match="no run has kappa along field lines"):
        measured_transition([micromirrors(), points(ENERGY, law(ENERGY), 0.05)])
    assert measured_transition([micromirrors()]) is None
    assert measured_transition([on_lines()]) is None
    left = on_lines()
    left.flag[0], left.flag[1] = "no", "undecided"
    found = measured_transition([micromirrors(), left])
    assert (found.lines, found.undecided, found.left_out) == (4, 1, 1)
    assert "1 of these points are undecided, 1 more are not converged" in lines(found, MIRRORS, MEDIUM)[2]

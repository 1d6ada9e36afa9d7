"""Sums over lags, extrapolation in the cut and the row of an energy, on made-up flights with exact answers."""

import numpy as np
import pytest

from hpcmm.kinds.field_lines.flights import LAGS, SUMS, line_sums
from hpcmm.kinds.field_lines.kappa import Cuts, estimate
from hpcmm.kinds.field_lines.plan import SAMPLES


def test_cuts_take_what_a_power_law_leaves():
    """kappa = 3 + 2 k^(-1/3): from cuts at 100 and 1,000, the value at 10,000, and half of the rest as error."""
    kappa = {k: 3 + 2 * k ** (-1 / 3) for k in (100, 1000, 10_000)}
    cuts = Cuts(100.0, 1000.0, 10_000.0)
    difference = kappa[1000] - kappa[100]
    assert kappa[1000] + cuts.factor * difference == pytest.approx(kappa[10_000], rel=1e-12)
    assert cuts.error * abs(difference) == pytest.approx((kappa[1000] - 3) / 2, rel=1e-12)
    assert cuts.error * 2 == pytest.approx(0.87, abs=0.01)
    assert Cuts(100.0, 1000.0, 500.0).factor == 0


def test_sums_over_time_origins():
    """Places linear between those that are kept; a line along x, another that folds back in space."""
    s = np.array([[0.0, 1.0, 3.0] + [3.0] * (SAMPLES - 2), [0.0, -1.0, -2.0] + [-2.0] * (SAMPLES - 2)])
    x = np.arange(-4, 5, dtype=np.float32) * 2.0
    place = np.zeros((2, 9, 3), np.float32)
    place[0, :, 0], place[1, :, 1] = x, np.abs(x)
    sums = line_sums(s, np.array([False, True]), np.array([0, 1]), place, 2.0)
    assert sums.shape == (2, len(LAGS), len(SUMS))
    assert sums[0, 0].tolist() == [SAMPLES, 1 + 4, 1 + 4, 0]
    assert sums[1, 0].tolist() == [SAMPLES, 2, 2, 1]
    assert LAGS[-1] == SAMPLES
    assert sums[0, -1].tolist() == [1, 9, 9, 0]


def walks(kappa, units=10, particles=200, seed=3, ended=0):
    """Sums of random walks of kappa pc c between samples 1 pc apart, on straight lines; so many of them met an end."""
    draw = np.random.default_rng(seed)
    steps = draw.normal(size=(units, particles, SAMPLES)) * np.sqrt(2 * kappa)
    s = np.concatenate([np.zeros((units, particles, 1)), steps.cumsum(axis=2)], axis=2)
    reach = float(np.ceil(np.abs(s).max()) + 1)
    place = np.zeros((1, int(2 * reach) + 1, 3), np.float32)
    place[0, :, 0] = np.arange(place.shape[1]) - reach
    met = np.arange(particles) < ended
    return np.stack([line_sums(one, met, np.zeros(particles, int), place, 1.0)[0] for one in s])


def test_row_of_random_walks_has_their_kappa():
    """kappa = 0.5 and 0.7: lambda = 1.5, path 170 of them; 4 standard errors; without cuts to extrapolate."""
    row = estimate(walks(0.5), walks(0.7, seed=4), 1.0, 1e3, Cuts(100.0, 1000.0, 1000.0))
    assert row["kappa_par_err"] < 0.05
    assert abs(row["kappa_par"] - 0.5) < 4 * row["kappa_par_err"]
    assert row["kappa_trace"] == pytest.approx(row["kappa_par"], rel=1e-4)
    assert row["lag_over_lambda"] >= 10
    assert row["converged"] == "yes"
    assert row["regime"] == "along_lines"
    assert row["kappa_par_cut"] == row["kappa_par"]
    assert row["cut_error"] == pytest.approx(0.43 * 0.2, rel=0.3)


def test_extrapolation_carries_the_error_of_both():
    """kappa(fine) + 0.87 (kappa(fine) - kappa(coarse)): 0.5 - 0.17 within 4 of its errors."""
    row = estimate(walks(0.5), walks(0.7, seed=4), 1.0, 1e3, Cuts(100.0, 1000.0, 1e12))
    factor = Cuts(100.0, 1000.0, 1e12).factor
    assert abs(row["kappa_par"] - (0.5 - 0.2 * factor)) < 4 * row["kappa_par_err"]
    assert (
        row["kappa_par_err"]
        > 1.2 * estimate(walks(0.5), walks(0.7, seed=4), 1.0, 1e3, Cuts(1.0, 10.0, 10.0))["kappa_par_err"]
    )


def test_a_path_too_short_is_not_converged():
    row = estimate(walks(5.0), walks(7.0, seed=4), 1.0, 1e3, Cuts(100.0, 1000.0, 1000.0))
    assert row["converged"] == "no"


def test_lines_too_short_are_not_converged():
    """7 % of the particles met an end on the coarser lines, 3 % on the finer ones; 5 % are allowed."""
    cuts = Cuts(100.0, 1000.0, 1000.0)
    row = estimate(walks(0.5, ended=6), walks(0.7, seed=4, ended=14), 1.0, 1e3, cuts)
    assert row["ended"] == pytest.approx(0.07)
    assert row["converged"] == "no"
    assert estimate(walks(0.5, ended=6), walks(0.7, seed=4), 1.0, 1e3, cuts)["converged"] == "yes"

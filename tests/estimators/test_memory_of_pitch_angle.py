"""Distribution of mu and autocorrelations: exact for kicks, and what is not isotropic or not exponential is seen."""

import numpy as np
import pytest

from hpcmm.errors import InputError
from hpcmm.estimators.autocorrelation import autocorrelation, lags_of
from hpcmm.estimators.mu_distribution import BINS, UNIFORM, distribution
from hpcmm.estimators.pitch_angle import LocalFrame
from tests.estimators import walks

NU_STEP, TRACKS = 0.02, 4000


@pytest.fixture(scope="module")
def row():
    """Paper kicks at rate nu = 1, each track a unit of its own, 64 intervals of .02."""
    return walks.scattered(NU_STEP, 64, 1, TRACKS, 3)


def frame_of(mu):
    return LocalFrame(mu, np.ones_like(mu), 1.0, np.arange(len(mu)))


def chi_square(mu):
    """Pull of chi^2 of uniformity, from the covariance of the bins between tracks: chi^2 of BINS - 1 for uniform mu."""
    edges = np.linspace(-1, 1, BINS + 1)
    shares = np.array([np.histogram(track, edges)[0] / len(track) for track in mu])[:, :-1]  # the last one follows
    off = shares.mean(axis=0) - 1 / BINS
    found = off @ np.linalg.solve(np.cov(shares.T) / len(mu), off)
    return (found - (BINS - 1)) / np.sqrt(2 * (BINS - 1))


def test_isotropic_tracks_are_uniform_in_mu(row):
    """Each bin within 4 errors, the errors those of means over tracks, chi^2 within 4 sigma, moments 0 and 1/3."""
    mu = row.direction[..., 2]
    found = distribution(frame_of(mu))
    assert (found.density * np.diff(found.edges)).sum() == pytest.approx(1)
    assert found.samples.sum() == mu.size
    assert (np.abs(found.density - UNIFORM) < 4 * found.error).all()
    edges = found.edges
    each = np.array([np.histogram(track, edges)[0] for track in mu]) / mu.shape[1] * BINS / 2
    np.testing.assert_allclose(found.density, each.mean(axis=0))
    np.testing.assert_allclose(found.error, each.std(axis=0, ddof=1) / np.sqrt(TRACKS))
    assert abs(chi_square(mu)) < 4
    for (value, error), exact, own in ((found.mean, 0, mu), (found.square, 1 / 3, mu**2)):
        assert abs(value - exact) < 4 * error
        assert error == pytest.approx(own.mean(axis=1).std(ddof=1) / np.sqrt(TRACKS))


@pytest.mark.parametrize("lean", [0.15, 0.3])
def test_what_is_not_isotropic_is_seen(row, lean):
    """Tracks kept with a probability 1 + lean (3 mu_0^2 - 1): .15 is 4 sigma off in <mu^2>, .3 in chi^2."""
    mu = row.direction[..., 2]
    kept = np.random.default_rng(4).random(TRACKS) * (1 + 2 * lean) < 1 + lean * (3 * mu[:, 0] ** 2 - 1)
    found = distribution(frame_of(mu[kept]))
    value, error = found.square
    assert value - 1 / 3 > 4 * error
    assert lean < 0.3 or chi_square(mu[kept]) > 4


def test_kicks_forget_exponentially(row):
    """exp(-nu L/2) of n and of mu = n_z for paper kicks: every lag within 4.5 errors (2 x 20), errors below 3 %."""
    for values in (row.direction, row.direction[..., 2:]):
        found = autocorrelation(values, NU_STEP, row.unit)
        np.testing.assert_allclose(found.lag, NU_STEP * lags_of(64))
        assert found.lag[-1] == pytest.approx(32 * NU_STEP)
        np.testing.assert_array_equal(found.pairs, TRACKS * (65 - lags_of(64)))
        pull = (found.value - np.exp(-found.lag / 2)) / found.error
        assert np.abs(pull).max() < 4.5
        assert (found.error < 0.03 * found.value).all()
        # power: a rate 15 % off would be seen at the longest lag
        assert abs(np.exp(-0.575 * found.lag[-1]) - np.exp(-0.5 * found.lag[-1])) > 4 * found.error[-1]


def test_errors_are_of_units_of_tracks(row):
    """Twins are one sample: errors between pairs of equal tracks are those of single ones."""
    n = row.direction[:500]
    alone = autocorrelation(n, NU_STEP, np.arange(500))
    twins = autocorrelation(np.repeat(n, 2, axis=0), NU_STEP, np.repeat(np.arange(500), 2))
    np.testing.assert_allclose(twins.value, alone.value)
    np.testing.assert_allclose(twins.error, alone.error)


def test_one_unit_has_no_error_and_short_tracks_are_refused(row):
    n, unit = row.direction[:20], np.zeros(20, int)
    assert np.isnan(autocorrelation(n, 1.0, unit).error).all()
    assert np.isnan(distribution(LocalFrame(n[..., 2], n[..., 0], 1.0, unit)).error).all()
    with pytest.raises(InputError, match="4 or more"):
        autocorrelation(n[:, :4], 1.0, unit)


def test_a_steady_angle_is_remembered_for_ever():
    """mu of gyration without kicks stays, whatever it is: 1 at every lag."""
    mu = np.repeat(np.linspace(-1, 1, 30)[:, None], 33, axis=1)
    np.testing.assert_allclose(autocorrelation(mu[..., None], 1.0, np.arange(30)).value, 1.0)

"""D_mumu from the magnetic moment: exact for kicks in a uniform field, 0 without them, blind to mirrors."""

import itertools

import numpy as np
import pytest

from hpcmm.errors import InputError
from hpcmm.estimators import pitch_angle
from hpcmm.estimators.pitch_angle import EDGES, LocalFrame
from tests.estimators import walks


def nothing(mu, strength):
    return np.zeros_like(mu)


def of_walks(row, strength=1.0):
    """Walks without forces, about a uniform field along z."""
    mu = row.direction[..., 2]
    return LocalFrame(mu, np.full_like(mu, strength), row.time[1], row.unit)


def exact(nu_step, steps, low, high):
    """<(Delta mu^2)^2> of `walks.scattered` after so many steps, from |mu| uniform in a bin.

    Legendre polynomials decay by <P_l(cos theta)> a kick, theta Gaussian of variance nu s: P_2 = (1 + 3 cos 2 theta)/4,
    P_4 = (9 + 20 cos 2 theta + 35 cos 4 theta)/64; mu^2 = (1 + 2 P_2)/3, mu^4 = (7 + 20 P_2 + 8 P_4)/35.
    """
    twice, fourfold = np.exp(-2 * nu_step), np.exp(-8 * nu_step)
    g_2, g_4 = ((1 + 3 * twice) / 4) ** steps, ((9 + 20 * twice + 35 * fourfold) / 64) ** steps
    points, weights = np.polynomial.legendre.leggauss(12)
    mu = (low + high) / 2 + (high - low) / 2 * points
    P_2, P_4 = (3 * mu**2 - 1) / 2, (35 * mu**4 - 30 * mu**2 + 3) / 8
    square, fourth = (1 + 2 * g_2 * P_2) / 3, (7 + 20 * g_2 * P_2 + 8 * g_4 * P_4) / 35
    return (weights * (fourth - 2 * mu**2 * square + mu**4)).sum() / 2, (weights * mu**2).sum() / 2


def test_kicks_in_a_uniform_field_exactly():
    """Every lag and bin within 4.5 jackknife errors between units (40 values), whatever |B| is."""
    nu_step = 0.01
    frame = of_walks(walks.scattered(nu_step, 64, 1, 6400, 3, units=100), strength=1.7)
    found = pitch_angle.diffusion(frame, lambda mu, B: 0.25 * (1 - mu**2))
    assert found.lag == pytest.approx(nu_step * 2.0 ** np.arange(len(found.lag)))
    for i, lag in enumerate(2 ** np.arange(len(found.lag))):
        for j, (low, high) in enumerate(itertools.pairwise(EDGES)):
            once, twice = (exact(nu_step, n * lag, low, high) for n in (1, 2))
            D = (twice[0] - once[0]) / (8 * once[1] * found.lag[i])
            assert abs(found.value[i, j] - D) < 4.5 * found.error[i, j]
            assert found.error[i, j] < 0.2 * D
    # at the shortest lag it is nu (1 - mu^2)/4 of this kick, but for decays at up to 5 nu: 1.5 x 5 nu L = 7.5 % less
    high = slice(5, 7)
    assert found.value[0, high] == pytest.approx(found.expected[0, high], rel=0.1)


def test_no_scattering_is_no_diffusion():
    """Gyration in a uniform field and mirrors that conserve the moment: 0 but for rounding."""
    draw = np.random.default_rng(1)
    strength = 0.5 + draw.random((40, 65))
    moment = draw.uniform(0, 1 / strength.max(axis=1))
    mu = np.sqrt(1 - moment[:, None] * strength) * draw.choice((-1, 1), (40, 65))
    found = pitch_angle.diffusion(LocalFrame(mu, strength, 1.0, np.arange(40)), nothing)
    seen = found.pairs > 0
    assert seen.sum() > 10
    assert np.abs(found.value[seen]).max() < 1e-28
    assert np.isnan(found.value[~seen]).all()


def test_origins_in_weak_field_do_not_count():
    frame = of_walks(walks.scattered(0.01, 8, 1, 50, 3), strength=0.2)
    assert pitch_angle.diffusion(frame, nothing).pairs.sum() == 0


def test_one_unit_has_no_error_and_short_tracks_are_refused():
    row = walks.scattered(0.01, 8, 1, 50, 3)
    alone = LocalFrame(row.direction[..., 2], np.ones((50, 9)), 1.0, np.zeros(50, int))
    assert np.isnan(pitch_angle.diffusion(alone, nothing).error).all()
    with pytest.raises(InputError, match="4 or more"):
        pitch_angle.lags_of(3)

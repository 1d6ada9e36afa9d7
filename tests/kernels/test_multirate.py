"""Evaluation along tracks: single precision and multirate against the double-precision sum
(docs/physics.md 2.6, 14: T-MR).
"""

import numpy as np
import pytest

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.multirate import MultirateField
from cython_kernels.plane_waves import PlaneWaveField
from cython_kernels.push import CHUNK, Sampler, advance
from cython_kernels.scatter import Scatterer
from hpcmm.deck.tables import Medium
from hpcmm.fields import multirate as multirate_schedule
from hpcmm.fields.plane_waves import PlaneWaves
from hpcmm.parallel import random_streams
from tests import decks

MEDIUM = Medium.from_plain({"B_rms": 3.0, "l_c": 1.0})


def section(**keys):
    data = {"dB": 3.0, "l_max": 5.0, "l_min": "auto", "l_dissipation": 0.0, "modes_per_decade": 85.0}
    return PlaneWaves.from_plain(data | keys)


def realize(x, step, **keys):
    return section(**keys).realize(MEDIUM, x, step, random_streams.generator(1, random_streams.WAVES, 0, x, 0))


def exact(x, step):
    return realize(x, step, evaluation="brute_force", tolerance=1e-7)


def gyrating_tracks(x, step, steps, seed=3, about=None):
    """Helices of gyroradius x, all pitch angles, about one axis or all: midpoints and directions, (steps, 3, LANES)."""
    draw = np.random.default_rng(seed)
    axis = draw.normal(size=(3, LANES)) if about is None else np.repeat(np.transpose([about]), LANES, axis=1)
    axis /= np.linalg.norm(axis, axis=0)
    e1 = np.cross(axis, draw.normal(size=(3, LANES)), axis=0)
    e1 /= np.linalg.norm(e1, axis=0)
    e2 = np.cross(axis, e1, axis=0)
    mu = draw.uniform(-1, 1, LANES)
    across = np.sqrt(1 - mu**2)
    angle = ((np.arange(steps) + 0.5) * step / x)[:, None, None]
    place = mu * axis * angle * x + across * x * (e1 * np.sin(angle) + e2 * (1 - np.cos(angle)))
    direction = mu * axis + across * (e1 * np.cos(angle) + e2 * np.sin(angle))
    origin = draw.uniform(-250, 250, (3, LANES))
    return origin, place, direction


def errors(x, **keys):
    """|B - B exact| at every place of two chunks, in units of dB."""
    step = min(x, 1.0) / 20
    origin, place, direction = gyrating_tracks(x, step, 2 * CHUNK)
    up = np.array([[0.0], [0], [1]]) * np.ones(LANES)
    truth = exact(x, step).along(ParticleBlock(origin, up), place, direction, CHUNK)
    found = realize(x, step, **keys).along(ParticleBlock(origin, up), place, direction, CHUNK)
    return np.linalg.norm(found - truth, axis=1)


@pytest.mark.parametrize("x", [10.0, 1e-1, 1e-3, 1e-5, 1e-9])
def test_single_precision_errs_by_1e_6(x):
    """Every wave at every step: 6e-7 to 1e-6 rms, from float32 wavevectors over a chunk; CRPropa's waves: 3e-6."""
    error = errors(x, evaluation="brute_force")
    assert np.sqrt((error**2).mean()) < 1.5e-6
    assert error.max() < 1.2e-5


@pytest.mark.parametrize("tolerance", [1e-3, 1e-4, 1e-5])
@pytest.mark.parametrize("x", [1.0, 1e-1, 1e-2, 1e-3, 1e-5, 1e-7, 1e-9])
def test_multirate_keeps_the_tolerance(x, tolerance):
    """rms at most half of it, the largest of 65,536 at most twice; not smaller than a tenth: the bound is used."""
    error = errors(x, evaluation="multirate", tolerance=tolerance)
    rms = np.sqrt((error**2).mean())
    assert rms < 0.5 * tolerance
    assert error.max() < 2 * tolerance
    assert rms > 0.05 * tolerance


def test_error_falls_with_the_tolerance():
    """An error that did not follow the tolerance would be a bug, not truncation."""
    rms = [np.sqrt((errors(1e-3, evaluation="multirate", tolerance=t) ** 2).mean()) for t in (1e-2, 1e-3, 1e-4)]
    assert np.log10(rms[0] / rms[1]) == pytest.approx(1, abs=0.3)
    assert np.log10(rms[1] / rms[2]) == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("period", [2, 8, 64, 512])
def test_truncation_is_of_fourth_order(period):
    """One slow wave: the remainder of a third-order polynomial falls 16-fold when the phase per step halves."""
    up = np.array([[0.0], [0], [1]]) * np.ones(LANES)
    origin, place, direction = gyrating_tracks(1e6, 1.0, CHUNK)  # straight over a chunk
    size = []
    for phase_per_step in (1.0 / period, 0.5 / period):
        k = np.array([[0.6, 0.0, 0.8]]) * phase_per_step / (2 * np.pi)
        wave = k, np.array([[0.8, 0.0, -0.6]]), np.array([0.1])
        slow = MultirateField(*wave, [period], 1.0).along(ParticleBlock(origin, up), place, direction, CHUNK)
        true = PlaneWaveField(*wave).along(ParticleBlock(origin, up), place, direction, CHUNK)
        size.append(np.sqrt(((slow - true) ** 2).mean()))
    # single precision leaves 1e-7 beside 1e-3
    assert np.log2(size[0] / size[1]) == pytest.approx(4, abs=0.15)


def test_divergence_is_round_off():
    """The trace of the gradient, by central differences of one polynomial, relative to sum |dB_i/dx_i|.

    Polynomials of waves with k.a = 0 are solenoidal order by order. Measured 400 steps from the anchor, where one
    wrong term of second order would show as 1e-2. Single precision over 2h = 60 steps leaves 1e-4, the cubic terms,
    which central differences do not cancel, (k h)^2/6 = 1e-5.
    """
    step = 5e-5
    draw = np.random.default_rng(2)
    origin = np.repeat(draw.uniform(-250, 250, (3, 9)), 7, axis=1)  # nine places, seven points each
    origin = np.concatenate([origin, origin[:, -1:]], axis=1)
    up = np.array([[0.0], [0], [1]]) * np.ones(LANES)
    n = 200
    k = draw.normal(size=(n, 3))
    k *= (np.geomspace(1e-6, 1e-4, n) / step / np.linalg.norm(k, axis=1))[:, None]
    a = np.cross(k, draw.normal(size=(n, 3)))
    a /= np.linalg.norm(a, axis=1)[:, None]
    field = MultirateField(k, a, draw.random(n), np.full(n, 512), step)
    h = 30 * step
    shift = np.zeros((2, 3, LANES))
    shift[1] = 400 * step * np.array([[0.6], [0.0], [-0.8]])
    for place in range(9):
        for axis in range(3):
            shift[1, axis, 7 * place + 1 + 2 * axis] += h
            shift[1, axis, 7 * place + 2 + 2 * axis] -= h
    b = field.along(ParticleBlock(origin, up), shift, np.array([up, up]), CHUNK)[1]
    for place in range(9):
        gradient = [(b[i, 7 * place + 1 + 2 * i] - b[i, 7 * place + 2 + 2 * i]) / (2 * h) for i in range(3)]
        assert abs(sum(gradient)) < 5e-4 * np.abs(gradient).sum()


def test_results_do_not_depend_on_lane_mates_or_chunk_calls():
    x, step = 1e-3, 5e-5
    origin, _, direction = gyrating_tracks(x, step, 1)
    whole = ParticleBlock(origin, direction[0])
    advance(realize(x, step), Scatterer(), whole, Sampler([2**40]), 3 * CHUNK + 50, step, x)
    parts = ParticleBlock(origin, direction[0])
    for steps in (CHUNK, 2 * CHUNK, 50):
        advance(realize(x, step), Scatterer(), parts, Sampler([2**40]), steps, step, x)
    assert (whole.state == parts.state).all()
    few = ParticleBlock(origin[:, :3], direction[0][:, :3])
    advance(realize(x, step), Scatterer(), few, Sampler([2**40]), 3 * CHUNK + 50, step, x)
    assert (few.state[:, :3] == whole.state[:, :3]).all()


def test_auto_takes_the_cheaper_way():
    k, power = section().wavenumbers(MEDIUM, 1e-3)
    periods = multirate_schedule.periods(k, power, 5e-5, 1e-3, 1e-4)
    assert multirate_schedule.seconds(periods) < 0.5 * multirate_schedule.seconds(np.zeros(len(k)))
    # waves get slower with wavelength, and a tighter tolerance costs more
    held = np.where(periods == 0, 1, periods)
    assert (np.diff(held) <= 0).all()
    tight = multirate_schedule.periods(k, power, 5e-5, 1e-3, 1e-5)
    assert multirate_schedule.seconds(tight) > multirate_schedule.seconds(periods)
    # three waves that all need every step stay brute force
    assert (multirate_schedule.periods(np.array([0.5, 0.7, 1.0]), np.full(3, 1 / 3), 1.0, 20.0, 1e-4) == 0).all()


def test_kappa_does_not_depend_on_the_evaluation(run_deck):
    """r_g/l_c = 0.1, the same waves and starts: kappa of the two ways within 3 combined standard errors of 4 %.

    Tracks part after a few l_c, so the two are independent samples of one ensemble.
    """
    found = []
    for evaluation in ("brute_force", "multirate"):
        row = run_deck(decks.turbulence_as_kappa_ref(0.1, 50, evaluation=evaluation), name=evaluation).table[0]
        found.append([row[name].to_value("cm2/s") for name in ("kappa_iso_running", "kappa_iso_running_err")])
    (brute, brute_error), (multirate, multirate_error) = found
    assert brute != multirate
    assert max(brute_error / brute, multirate_error / multirate) < 0.04
    assert abs(brute - multirate) < 3 * np.hypot(brute_error, multirate_error)

"""Moments over lags from every origin: against a twin that keeps all points, across cuts, over stages of a path."""

import numpy as np
import pytest

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.field import Field
from cython_kernels.lags import BYTES_A_LANE, COLUMNS, INTERVALS, POINTS, Correlator, levels_of
from cython_kernels.push import Sampler, advance
from cython_kernels.scatter import SmallAngleScatterer

STEPS, EVERY = 512 * 6 + 100, 7


def block(particles=LANES):
    draw = np.random.default_rng(3)
    direction = draw.normal(size=(3, particles))
    return ParticleBlock(np.zeros((3, particles)), direction / np.linalg.norm(direction, axis=0))


def fly(ends, particles=LANES, cut=None, every=EVERY):
    """Sums of a block's flight to the last end; with ``cut`` as left off at that step and resumed by other objects."""
    made, lags, sampler = block(particles), Correlator(every, ends), Sampler([ends[-1]])
    scatterer = SmallAngleScatterer("paper", 0.02, 5)
    step = 0
    while step < ends[-1]:
        if step == cut:
            kept = (lags.sums.copy(), lags.points, lags.ring)
            other = block(particles)
            other.state[:6], other.step = made.state[:6], step
            made, lags = other, Correlator(every, ends)
            lags.resume(made, *kept)
        steps = min(512, ends[-1] - step)
        advance(Field(), scatterer, made, sampler, steps, 1.0, 1.0, lags)
        step += steps
    return lags.sums


def twin(ends, particles=LANES):
    """From all places and directions; a lag of level i pairs points of every 2^i-th base interval."""
    made, sampler = block(particles), Sampler([ends[-1]], particles, np.arange(ends[-1] + 1))
    step = 0
    while step < ends[-1]:
        steps = min(512, ends[-1] - step)
        advance(Field(), SmallAngleScatterer("paper", 0.02, 5), made, sampler, steps, 1.0, 1.0)
        step += steps
    x, n = sampler.tracks[:, :, :3], sampler.tracks[:, :, 3:]
    sums = np.zeros((len(INTERVALS), len(COLUMNS)))
    for begin, end in zip((0, *ends[:-1]), ends, strict=True):
        for row, lag in zip(sums, INTERVALS, strict=True):
            stride = EVERY << max(0, int(np.ceil(np.log2(lag / POINTS))))
            first = np.arange(begin, end - lag * EVERY + 1, stride)
            if len(first) == 0:
                continue
            d, m, now = x[:, first + lag * EVERY] - x[:, first], n[:, first], n[:, first + lag * EVERY]
            moments = np.einsum("pta,ptb->ab", d, d)
            row[0] += len(first) * particles
            row[1:7] += [moments[a, b] for a, b in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))]
            row[7:16] += np.einsum("pta,ptb->ab", m, now).ravel()
            row[16:] += np.einsum("pta,ptb->ab", m, d).ravel()
    return sums


@pytest.mark.parametrize("particles", [LANES, 37, 1])
def test_sums_are_those_of_all_pairs(particles):
    """To rounding of sums of some 1e5 terms."""
    found, expected = fly([STEPS], particles), twin([STEPS], particles)
    np.testing.assert_array_equal(found[:, 0], expected[:, 0])
    assert (np.abs(found - expected) <= 1e-9 * np.abs(expected).max(axis=0)).all()


def test_stages_are_not_paired():
    found, expected = fly([1000, STEPS]), twin([1000, STEPS])
    np.testing.assert_array_equal(found[:, 0], expected[:, 0])
    assert (np.abs(found - expected) <= 1e-9 * np.abs(expected).max(axis=0)).all()


@pytest.mark.parametrize("ends", [[STEPS], [1000, STEPS], [1024, STEPS], [1536, STEPS]])
@pytest.mark.parametrize("cut", [512, 1024, 1536, 3072])
def test_a_resumed_block_gives_the_same_bits(ends, cut):
    np.testing.assert_array_equal(fly(ends, cut=cut), fly(ends))


@pytest.mark.parametrize("end", [700, 1024, 1500])
def test_a_longer_path_gives_the_bits_of_one_planned_as_long(end):
    """From the last multiple of 512 steps of the finished path, whose sums are whole and whose rings are gone."""
    short, lags, sampler = block(), Correlator(EVERY, [end]), Sampler([end])
    scatterer = SmallAngleScatterer("paper", 0.02, 5)
    kept = None
    for step in range(0, end, 512):
        kept = short.state[:6].copy(), step
        advance(Field(), scatterer, short, sampler, min(512, end - step), 1.0, 1.0, lags)
    if end % 512 == 0:
        kept = short.state[:6].copy(), end
    longer, more = block(), Correlator(EVERY, [end, STEPS])
    longer.state[:6], longer.step = kept
    more.resume(longer, lags.sums, 0, lags.ring[:0])
    for step in range(kept[1], STEPS, 512):
        advance(Field(), scatterer, longer, Sampler([STEPS]), min(512, STEPS - step), 1.0, 1.0, more)
    np.testing.assert_array_equal(more.sums, fly([end, STEPS]))


def test_lags_double_and_rings_are_small():
    assert {2 * lag for lag in INTERVALS if 2 * lag <= INTERVALS[-1]} <= set(INTERVALS)
    assert BYTES_A_LANE <= 4096
    assert [levels_of(points) for points in (0, 1, 2, 3, 5, 513, 10**9)] == [0, 1, 2, 3, 4, 10, 10]

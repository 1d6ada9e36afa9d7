"""Cells that live and die against their twin: places, intervals, phases and draws one by one; shares, memory, bits."""

import numpy as np
import pytest

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.field import Field
from cython_kernels.lives import Cells
from cython_kernels.patches import PatchScatterer
from cython_kernels.push import CHUNK, MOMENTS, Sampler, advance
from tests.kernels import twins
from tests.kernels.test_against_twins import block

IN_PATCH = MOMENTS.index("in_patch")
PERIOD, STEP, KEYS = 3.0, 0.05, (11, 2**63 + 5)


def patches(steps, occupied, layers=False, rates=(0.0, 0.0), period=PERIOD, keys=KEYS, size=np.inf):
    cells = Cells(period, steps, occupied, *keys, layers)
    return PatchScatterer("transport", *rates, 77, "layers" if layers else "cubes", size, period, cells)


def fly(scatterer, particles, steps):
    sampler = Sampler([steps])
    advance(Field(), scatterer, particles, sampler, steps, STEP, 1.0)
    return sampler.sums[0]


@pytest.mark.parametrize("layers", [False, True])
@pytest.mark.parametrize("steps", [0.3, 7.3, 40.0, np.inf])
@pytest.mark.parametrize("far", [0.0, 2.0**31 * PERIOD])
def test_kernel_equals_its_twin(steps, layers, far):
    """Steps inside of straight flights, step by step, near 0 on both sides and far away, beyond an anchor."""
    count, n = (600 if far == 0 else 40), 20
    start = block(3, n=n).state
    particles = ParticleBlock(start[6:9, :n] + far, start[3:6, :n])
    scatterer = patches(steps, 0.4, layers)
    sums = fly(scatterer, particles, count)
    path = STEP * (np.arange(count) + 0.5)
    places = start[6:9, :n, None] + path * start[3:6, :n, None]
    cell = np.rint(places / PERIOD).astype(int) + round(far / PERIOD)
    held = {}

    def occupied(step, at):
        key = (step, *at)
        if key not in held:
            held[key] = twins.occupied(at, step, steps, 0.4, *KEYS, layers)
        return held[key]

    inside = sum(occupied(s, tuple(int(i) for i in cell[:, p, s])) for p in range(n) for s in range(count))
    assert sums[IN_PATCH] == inside > 0


def test_share_and_memory():
    """Of cells by the twin: the share is the probability, and what is left of it after a time t is 1 - t/lifetime,
    within 4 sigma of 4096 cells; neighbours know nothing of one another.
    """
    f, life, times = 0.3, 100, (0, 30, 90, 130)
    cells = [[[twins.occupied((x, y, 0), t, life, f, *KEYS) for x in range(64)] for t in times] for y in range(64)]
    found = np.array(cells, float)  # [y, time, x]
    error = np.sqrt(f * (1 - f) / 4096)
    assert np.abs(found.mean(axis=(0, 2)) - f).max() < 4 * error
    off = found - f
    for i, left in ((1, 0.7), (2, 0.1), (3, 0.0)):
        assert (off[:, 0] * off[:, i]).mean() / (f * (1 - f)) == pytest.approx(left, abs=4 / 64)
    assert abs((off[:, 0, 1:] * off[:, 0, :-1]).mean()) < 4 * f * (1 - f) / 63


def test_limits_of_the_probability():
    for occupied in (0.0, 1.0):
        assert fly(patches(5.0, occupied), block(3), 100)[IN_PATCH] == 100 * LANES * occupied


def test_bits_do_not_depend_on_company_or_on_where_one_goes_on():
    full = block(9)
    few = ParticleBlock(full.state[6:9, 3:4], full.state[3:6, 3:4], 3)
    rates = (0.05, 0.001)
    fly(patches(13.0, 0.4, rates=rates), full, 3 * CHUNK + 100)
    for steps in (CHUNK, 2 * CHUNK, 100):
        fly(patches(13.0, 0.4, rates=rates), few, steps)
    assert (full.state[:6, 3] == few.state[:6, 0]).all()
    assert 0 < few.in_patch < 3 * CHUNK


def test_keys_matter():
    found = [
        fly(patches(13.0, 0.4, keys=keys), block(3), 400)[IN_PATCH] for keys in (KEYS, KEYS, (12, KEYS[1]), (11, 6))
    ]
    assert found[0] == found[1]
    assert len(set(found)) == 3


@pytest.mark.parametrize(
    "arguments", [(0.0, 1.0, 0.5), (1.0, 0.0, 0.5), (1.0, np.nan, 0.5), (1.0, 1.0, 1.5), (np.inf, 1.0, 0.5)]
)
def test_kernel_refuses_arguments_that_cannot_be(arguments):
    with pytest.raises(ValueError, match="a period and a lifetime above 0"):
        Cells(*arguments, 1, 2)

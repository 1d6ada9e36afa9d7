"""Patches on a lattice: shapes against their volumes, the kernel against its twin, counts, what is planned."""

import numpy as np
import pytest

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.field import Field
from cython_kernels.patches import PatchScatterer
from cython_kernels.push import CHUNK, MOMENTS, Sampler, advance
from cython_kernels.scatter import Scatterer, SmallAngleScatterer
from hpcmm.deck.load import DeckError, load_deck
from hpcmm.kinds import read_config
from hpcmm.kinds.transport import ensemble
from hpcmm.kinds.transport.plan import plan
from hpcmm.kinds.transport.plan_warnings import warnings
from hpcmm.theory import shapes
from hpcmm.theory.constants import PARSEC, C
from tests.kernels import twins
from tests.kernels.test_against_twins import block

IN_PATCH = MOMENTS.index("in_patch")
SHAPES = [("layers", 0.3), ("cubes", 0.3), ("cubes", 0.9), ("spheres", 0.3), ("spheres", shapes.MOST_SPHERES)]
SIGMAS = (0.05, 0.001)
"""nu s inside and outside."""
KEY, PERIOD, STEP = 77, 3.0, 0.05


def scatterer(shape, f, rates=SIGMAS, period=PERIOD, kick="transport"):
    return PatchScatterer(kick, *rates, KEY, shape, shapes.half_size(shape, f), period)


def fly(scatterer, particles, steps):
    sampler = Sampler([steps])
    advance(Field(), scatterer, particles, sampler, steps, STEP, 1.0)
    return sampler.sums[0]


@pytest.mark.parametrize(("shape", "f"), SHAPES)
def test_shapes_fill_their_fraction(shape, f):
    """2^20 places, within 4 sigma; the same in any cell of the lattice, and on both sides of its points."""
    places = np.random.default_rng(1).uniform(-3, 3, (3, 2**20))
    inside = shapes.inside(shape, f, places)
    assert abs(inside.mean() - f) < 4 * np.sqrt(f * (1 - f) / inside.size)
    assert (shapes.inside(shape, f, -places) == inside).all()


@pytest.mark.parametrize(("shape", "f"), SHAPES)
def test_chords_are_those_of_crossings(shape, f):
    """Entries a length of isotropic straight lines are f / (mean chord), Cauchy's 4V/S: within 4 sigma.

    Places half a step of 0.01 periods apart miss corners that are cut by less: 0.3 % here, allowed 1 %.
    """
    draw = np.random.default_rng(2)
    start, direction = draw.random((3, 2**20)), draw.normal(size=(3, 2**20))
    direction /= np.linalg.norm(direction, axis=0)
    before, after = (shapes.inside(shape, f, start + s * direction) for s in (0.0, 0.01))
    entries, leavings = (after & ~before).mean(), (before & ~after).mean()
    expected = [0.01 * part / chord for part, chord in zip((f, 1 - f), shapes.mean_chords(shape, f), strict=True)]
    sigma = np.sqrt(expected[0] / before.size)
    assert expected[0] == pytest.approx(expected[1], rel=1e-12)
    for found in (entries, leavings):
        assert abs(found - expected[0]) < 4 * sigma + 0.01 * expected[0]


@pytest.mark.parametrize("shape", shapes.MORPHOLOGIES)
def test_smallest_feature_is_the_thin_patch_or_the_gap(shape):
    """Of a thin patch its extent, of a wide one the gap that it leaves."""
    thin = 2 * shapes.half_size(shape, 0.01)
    assert shapes.smallest_feature(shape, 0.01) == thin < 0.5
    wide = {"layers": 0.1, "cubes": 1 - 0.9 ** (1 / 3), "spheres": 4 * (1 - np.pi / 6) / np.pi}[shape]
    assert shapes.smallest_feature(shape, np.pi / 6 if shape == "spheres" else 0.9) == pytest.approx(wide)
    assert shapes.smallest_feature(shape, 0.0) == np.inf
    if shape == "spheres":
        with pytest.raises(ValueError, match="cannot fill"):
            shapes.half_size(shape, 0.53)
    else:
        assert shapes.inside(shape, 1.0, np.array([0.5, 0.5, 0.5]))


@pytest.mark.parametrize(("shape", "f"), SHAPES)
@pytest.mark.parametrize("n", [LANES, 37])
def test_kernel_equals_its_twin(shape, f, n):
    """Lanes inside get the bits of the kick at one rate, the others those at the other; amid the step."""
    start = block(2, n=n).state
    places = start[6:9] + STEP / 2 * start[3:6]
    inside = shapes.inside(shape, f, places / PERIOD)
    mine, found = scatterer(shape, f), block(2, n=n)
    before = shapes.inside(shape, f, start[6:9] / PERIOD)
    sums = fly(mine, found, 1)
    both = [block(2, n=n) for _ in SIGMAS]
    for particles, rate in zip(both, SIGMAS, strict=True):
        fly(SmallAngleScatterer("transport", rate, KEY), particles, 1)
    assert 0 < inside[:n].sum() < n
    assert (found.state[:6] == np.where(inside, both[0].state[:6], both[1].state[:6])).all()
    assert found.in_patch == inside[:n].sum() == sums[IN_PATCH]
    assert mine.entries == (inside & ~before)[:n].sum()
    theta = twins.kick_angles("transport", np.sqrt(SIGMAS[0]), KEY, 0, int(np.argmax(inside)))[0]
    lane = int(np.argmax(inside))
    # three polynomials of relative error 8e-14, and arccos near 1
    assert np.arccos(found.state[3:6, lane] @ start[3:6, lane]) == pytest.approx(theta, rel=1e-9)


def test_counts_over_many_steps():
    """Steps inside and entries of a straight flight, step by step, beyond two anchors."""
    steps, start = 2 * CHUNK + 10, block(3, n=37).state
    mine, found = scatterer("spheres", 0.4, rates=(0.0, 0.0)), block(3, n=37)
    sums = fly(mine, found, steps)
    path = STEP * np.r_[0.0, np.arange(steps) + 0.5]
    places = start[6:9, :37, None] + path * start[3:6, :37, None]
    inside = shapes.inside("spheres", 0.4, places / PERIOD)
    assert sums[IN_PATCH] == inside[:, 1:].sum()
    assert mine.entries == (inside[:, 1:] & ~inside[:, :-1]).sum()


def test_one_phase_alone_gives_the_bits_of_a_constant_rate():
    for f, rate, kick in ((1.0, SIGMAS[0], "paper"), (0.0, SIGMAS[1], "transport"), (1.0, 0.1, "fork-constant")):
        rates = (rate, 0.7) if f else (0.7, rate)
        one, other = block(4, n=40), block(4, n=40)
        sums = fly(scatterer("cubes", f, rates, kick=kick), one, 700)
        fly(SmallAngleScatterer(kick, rate, KEY), other, 700)
        assert (one.state == other.state).all()
        assert sums[IN_PATCH] == 700 * 40 * f


def test_places_are_exact_a_billion_periods_away():
    """Origins a whole number of periods apart, exact in binary: the same bits of displacement, the same counts."""
    near = block(5)
    near.state[6:9] = np.rint(near.state[6:9] * 2**20) / 2**20
    far = ParticleBlock(near.state[6:9] + 2.0**31, near.state[3:6])
    near = ParticleBlock(near.state[6:9], near.state[3:6])
    counts = []
    for particles in (near, far):
        mine = scatterer("cubes", 0.3, period=2.0)
        # far origins are reduced to another sign of the same place, which rounds by 1e-16 of a period elsewhere
        counts.append((fly(mine, particles, CHUNK)[IN_PATCH], mine.entries))
    assert counts[0] == counts[1]
    assert np.abs(near.state[:6] - far.state[:6]).max() < 1e-9


def test_bits_do_not_depend_on_company_or_on_where_one_goes_on():
    full = block(9)
    few = ParticleBlock(full.state[6:9, 3:4], full.state[3:6, 3:4], 3)
    one = scatterer("spheres", 0.3)
    fly(one, full, 3 * CHUNK + 100)
    for steps in (CHUNK, 2 * CHUNK, 100):
        fly(scatterer("spheres", 0.3), few, steps)
    assert (full.state[:6, 3] == few.state[:6, 0]).all()
    assert 0 < few.in_patch < 3 * CHUNK


def test_sum_of_scatterers_is_anchored():
    one, other = block(6), block(6)
    alone, added = scatterer("cubes", 0.3), scatterer("cubes", 0.3)
    fly(alone, one, 600)
    fly(Scatterer() + added + Scatterer(), other, 600)
    assert (one.state == other.state).all()
    assert alone.entries == added.entries > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("paper", -1.0, 0.0, 1, "cubes", 0.3, 1.0), "not negative"),
        (("paper", 0.0, np.inf, 1, "cubes", 0.3, 1.0), "finite"),
        (("paper", 0.0, 0.0, 1, "cubes", np.nan, 1.0), "a size of 0 or more"),
        (("paper", 0.0, 0.0, 1, "cubes", 0.3, 0.0), "a period above 0"),
    ],
)
def test_kernel_refuses_arguments_that_cannot_be(arguments, words):
    with pytest.raises(ValueError, match=words):
        PatchScatterer(*arguments)


LATTICE = f"""
run.kind = "transport"
medium = {{ B_rms = "3 uG", l_c = "100 kpc" }}
particle.energy = ["1 GeV"]
[[scatter]]
model = "patches"
morphology = "cubes"
filling_fraction = 0.3
period = "3 kpc"
rate_patch = "{C / PARSEC / 100!r} / s"
rate_background = "{C / PARSEC / 1e4!r} / s"
"""


def config_of(path, *pairs):
    text = LATTICE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return read_config(load_deck(path))


def test_plan_resolves_both_kicks_and_features(tmp_path):
    """0.02 mean free paths of 100 pc; the gap of 0.331 periods in twenty; memory in gaps of 4V/S."""
    path = tmp_path / "deck.toml"
    large, small = plan(config_of(path))[0], plan(config_of(path, ('"3 kpc"', '"30 pc"')))[0]
    gap = 4 * 0.7 / (6 * 0.3 ** (2 / 3))
    assert large.step == pytest.approx(2.0)
    assert large.decay_length == pytest.approx(3000 * gap)
    assert small.step == pytest.approx((1 - 0.3 ** (1 / 3)) * 30 / 20)
    assert small.decay_length == pytest.approx(1 / (0.3 / 100 + 0.7 / 1e4))
    assert ensemble.box_of(config_of(path)) == 3334 * 3000.0
    everywhere = plan(config_of(path, ("0.3", "1.0")))[0]
    alone = LATTICE[: LATTICE.index("model")] + f'model = "constant_rate"\nrate = "{C / PARSEC / 100!r} / s"\n'
    (tmp_path / "alone.toml").write_text(alone)
    assert everywhere == plan(read_config(load_deck(tmp_path / "alone.toml")))[0]
    wide = config_of(path, ('"3 kpc"', '"300 kpc"'))
    assert plan(wide)[0].decay_length == pytest.approx(1e4)
    assert any("periods of the patches" in line for line in warnings(wide))
    assert not any("periods" in line for line in warnings(config_of(path, ('"3 kpc"', '"30 pc"'))))


@pytest.mark.parametrize(
    ("pairs", "key", "words"),
    [
        ([("cubes", "spheres"), ("0.3", "0.6")], "scatter[0].filling_fraction", "spheres touch at 0.5236"),
        ([("cubes", "cylinders")], "scatter[0].morphology", "'layers' or 'cubes' or 'spheres' is expected"),
        ([('period = "3 kpc"\n', "")], "scatter[0].period", 'e.g. period = "10 kpc"'),
        ([('"3 kpc"', '"1e-5 pc"')], "scatter[0].period", "1e-09 l_c or more is expected"),
        ([('"3 kpc"', '"3 / s"')], "scatter[0].period", "a length"),
        ([("[[scatter]]", LATTICE[LATTICE.index("[[") :] + "[[scatter]]")], "scatter[1].model", "one at most"),
        ([(f"{C / PARSEC / 100!r}", "0"), (f"{C / PARSEC / 1e4!r}", "0")], "stepping.path_length", "nothing scatters"),
    ],
)
def test_deck_of_patches_that_cannot_be_is_refused(tmp_path, pairs, key, words):
    with pytest.raises(DeckError) as caught:
        config_of(tmp_path / "deck.toml", *pairs)
    assert (caught.value.key, len(str(caught.value).splitlines())) == (key, 1)
    assert words in caught.value.message

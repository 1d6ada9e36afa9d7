"""Scattering in patches |B| >= B_star: the gate, its bound, what is counted, what is planned."""

import numpy as np
import pytest

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.plane_waves import PlaneWaveField
from cython_kernels.push import CHUNK, MOMENTS, Sampler, advance
from cython_kernels.scatter import GatedScatterer, Scatterer, SmallAngleScatterer
from cython_kernels.uniform import UniformField
from hpcmm import theory
from hpcmm.deck.load import load_deck
from hpcmm.fields import strength_bound
from hpcmm.kinds import read_config
from hpcmm.kinds.transport import kappa, moments
from hpcmm.kinds.transport.plan import plan
from hpcmm.kinds.transport.plan_warnings import warnings
from tests.deck.good_deck import GOOD
from tests.kernels import twins
from tests.kernels.test_against_twins import block, waves

IN_PATCH = MOMENTS.index("in_patch")
KICK = ("paper", 0.02, 77)
STEP, GYRORADIUS = 0.05, 1.0


def after(scatterer, steps=1, n=LANES, field=None):
    """A block after so many steps, and the sums of its last sample."""
    particles, sampler = block(2, n=n), Sampler([steps])
    advance(field or PlaneWaveField(*waves(20)), scatterer, particles, sampler, steps, STEP, GYRORADIUS)
    return particles, sampler.sums[0]


@pytest.mark.parametrize("n", [LANES, 37, 3])
def test_gate_equals_its_twin(n):
    """Lanes inside get the bits of the kick without a gate, lanes outside those of no kick; active ones are counted."""
    k, a, phase = waves(20)
    start = block(2, n=n).state
    b = twins.plane_waves(k, a, phase, start[6:9] + STEP / 2 * start[3:6])
    B_star = np.median(np.sqrt((b**2).sum(axis=0)))
    inside = twins.in_patch(b, B_star * (1 + 1e-9))
    gated, sums = after(GatedScatterer(*KICK, B_star * (1 + 1e-9)), n=n)
    kicked, free = after(SmallAngleScatterer(*KICK), n=n)[0], after(Scatterer(), n=n)[0]
    assert 0 < inside[:n].sum() < n
    # at the end of the step other lanes would be inside: it is the field of the middle that counts
    end = twins.plane_waves(k, a, phase, start[6:9] + STEP * start[3:6])
    assert n < LANES or (twins.in_patch(end, B_star * (1 + 1e-9)) != inside).any()
    assert (gated.state[:6] == np.where(inside, kicked.state[:6], free.state[:6])).all()
    assert not (kicked.state[3:6] == free.state[3:6]).all(axis=0).any()
    assert gated.in_patch == inside[:n].sum() == sums[IN_PATCH]


def test_open_and_shut_gates_change_no_bit():
    steps = 2 * CHUNK + 10
    for n in (LANES, 37):
        always, sums = after(GatedScatterer(*KICK, 0.0), steps, n)
        assert (always.state == after(SmallAngleScatterer(*KICK), steps, n)[0].state).all()
        assert sums[IN_PATCH] == steps * n
        never, sums = after(GatedScatterer(*KICK, np.inf), steps, n)
        assert (never.state == after(Scatterer(), steps, n)[0].state).all()
        assert sums[IN_PATCH] == 0


def test_the_bound_itself_is_inside():
    guide = UniformField(0.0, 0.0, 0.5)
    assert after(GatedScatterer(*KICK, 0.5), field=guide)[1][IN_PATCH] == LANES
    assert after(GatedScatterer(*KICK, np.nextafter(0.5, 1)), field=guide)[1][IN_PATCH] == 0


def test_a_particle_in_patches_does_not_depend_on_its_block_mates():
    """Vectors without a lane inside skip the draw: which ones do depends on the company, the result must not."""
    field, B_star = PlaneWaveField(*waves(20)), 6.0
    full = block(9)
    few = ParticleBlock(full.state[6:9, 3:4], full.state[3:6, 3:4], 3)
    for particles in (full, few):
        advance(field, GatedScatterer(*KICK, B_star), particles, Sampler([2**40]), 700, STEP, GYRORADIUS)
    assert 0 < few.in_patch < 700
    assert (full.state[:6, 3] == few.state[:6, 0]).all()


def test_gate_refuses_a_bound_that_is_negative_or_no_number():
    for bad in (-1.0, np.nan):
        with pytest.raises(ValueError, match="B_star must not be negative"):
            GatedScatterer(*KICK, bad)


@pytest.mark.parametrize("fraction", [0.9, 0.5, 0.1, 0.01])
def test_bound_gives_the_fraction_asked_for(fraction):
    """At other places of the same field, within 4 sigma of both samples of places."""
    field, box = PlaneWaveField(*waves(30)), 1e4
    bound = strength_bound.bound_of_fraction(field, fraction, box, np.random.default_rng(1))
    again = strength_bound.bound_of_fraction(field, fraction, box, np.random.default_rng(1))
    strengths = strength_bound.field_strengths(field, 2**18, box, np.random.default_rng(2))
    taken = max(strength_bound.FEWEST_PLACES, strength_bound.PLACES_INSIDE / fraction)
    sigma = np.sqrt(fraction * (1 - fraction) * (1 / taken + 1 / len(strengths)))
    assert abs((strengths >= bound).mean() - fraction) < 4 * sigma
    assert again == bound


def test_bounds_of_nothing_and_of_everything():
    assert strength_bound.bound_of_fraction(UniformField(0, 0, 1), 0.0, 1.0, None) == np.inf
    assert strength_bound.bound_of_fraction(UniformField(0, 0, 1), 1.0, 1.0, None) == 0.0


@pytest.mark.parametrize("guide", [0.0, 1e-6, 1e-3, 0.3, 2.0])
def test_fraction_above_is_that_of_gaussian_fields(guide):
    draw = np.random.default_rng(3)
    b = draw.normal(scale=0.7 / np.sqrt(3), size=(3, 400_000))
    b[1] += guide
    strength = np.sqrt((b**2).sum(axis=0))
    for B_star in (0.2, 0.7, 1.3, 2.1):
        f = theory.fraction_above(B_star, guide, 0.7)
        assert abs((strength >= B_star).mean() - f) < 4 * np.sqrt(max(f * (1 - f), 1e-12) / b.shape[1]) + 1e-7
    assert theory.fraction_above(0.9, 1.0, 0.0) == 1.0
    assert theory.fraction_above(1.1, 1.0, 0.0) == 0.0


def test_fraction_above_is_continuous_where_its_formula_changes():
    left, right = (theory.fraction_above(0.8, m * (1 + 1e-12), 1.0) for m in (0.9999e-4, 1e-4))
    assert left == pytest.approx(right, rel=1e-7)


def test_shares_of_time_and_volume():
    """Two realizations of one block: in patches 1 and 2 of 4 particles at the first step, 10 and 14 of 40 in all."""
    sums = np.zeros((2, 1, 3, len(MOMENTS)))
    sums[..., moments.INDEX["particles"]] = 4
    sums[:, 0, :, IN_PATCH] = [[1, 6, 10], [2, 7, 14]]
    row = kappa.patch_shares(sums, np.array([1, 5, 10]))
    assert row["f_mm_time"] == pytest.approx(24 / 80)
    assert row["f_mm_volume"] == pytest.approx(3 / 8)
    assert row["f_mm_time_err"] == pytest.approx(0.05)
    assert row["f_mm_volume_err"] == pytest.approx(0.125)
    with pytest.raises(ValueError, match="first sample is at 2"):
        moments.patch_fractions(sums, np.array([2, 5, 10]))


GATE = 'gate = "field_strength"'


@pytest.fixture
def planned(tmp_path):
    """Callable ``planned((old, new), ...)`` -> config and plan of its first energy."""

    def make(*pairs):
        text = GOOD.replace('step = "1 pc"\n', "").replace('path_length = "10 kpc"', "")
        text = text[: text.index('[[scatter]]\nmodel = "con')] + text[text.index("[stepping]") :]
        for old, new in (*pairs, ('"0.1 kpc"', '"0.5 kpc"'), ('["1 GeV", "1 TeV"]', '["100 PeV"]')):
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "deck.toml").write_text(text)
        config = read_config(load_deck(tmp_path / "deck.toml"))
        return config, plan(config)[0]

    return make


def test_plan_resolves_the_full_rate_and_expects_the_mean_one(planned):
    """docs/physics.md 5.2, 5.3: step 0.02 c/nu_mm in patches, decay length of f_mm nu_mm; with f_mm = 1 the plan
    without a gate.
    """
    strong = ("100 npc", "1 kpc")
    none, gated = planned(strong)[1], planned(strong, ('gate = "none"', GATE))[1]
    assert gated.step == pytest.approx(none.step / 2)
    assert gated.decay_length == pytest.approx(none.decay_length)
    everywhere = ("fraction = 0.5", "fraction = 1.0")
    assert planned(strong, everywhere)[1] == planned(strong, everywhere, ('gate = "none"', GATE))[1]
    nowhere = ("fraction = 0.5", "fraction = 0.0")
    assert planned(strong, nowhere)[1] == planned(strong, nowhere, ('gate = "none"', GATE))[1]
    config, given = planned(strong, ("filling_fraction = 0.5", 'B_star = "5 uG"'), ('gate = "none"', GATE))
    assert config.scatter[0].filling_fraction is None
    expected = gated.decay_length * 0.5 / theory.fraction_above(5.0, 4.0, 3.0)
    assert given.decay_length == pytest.approx(expected, rel=0.01)  # turbulence scatters too, little


def test_warning_where_patches_are_not_averaged_over(planned):
    found = warnings(planned(("100 npc", "1 kpc"), ('gate = "none"', GATE))[0])
    assert any("patches are only partly averaged over" in line for line in found)
    assert not any("patches" in line for line in warnings(planned(("100 npc", "1 kpc"))[0]))

"""The automatic choices of docs/physics.md 5.2 and 5.3, and sample times exact at both ends."""

import numpy as np
import pytest

from hpcmm import theory
from hpcmm.deck.load import load_deck
from hpcmm.deck.section import SectionError
from hpcmm.deck.tables import Medium
from hpcmm.fields.plane_waves import PlaneWaves
from hpcmm.kinds import read_config
from hpcmm.kinds.transport.plan import plan, plan_energy, sample_steps, tasks_of
from hpcmm.kinds.transport.plan_warnings import warnings
from tests.conftest import ROOT

PC = theory.PARSEC


def config(tmp_path, text):
    path = tmp_path / "deck.toml"
    path.write_text('[run]\nkind = "transport"\n[medium]\nB_rms = "3 uG"\nl_c = "100 kpc"\n' + text)
    return read_config(load_deck(path))


MIRRORS = '[[scatter]]\nmodel = "micromirrors"\nl_mm = "100 npc"\n'
WAVES = '[[field]]\nmodel = "plane_waves"\n'
STRAIGHT = '[stepping]\nstep = "1 pc"\npath_length = "100 pc"\n'


def energy(text):
    return f'[particle]\nenergy = ["{text}"]\n'


FEW_AND_MANY = [(4, 4), (10, 4), (6, 5), (64, 64), (66, 64), (100, 64), (1000, 64), (10**12, 64)]


@pytest.mark.parametrize(("steps", "samples"), FEW_AND_MANY)
def test_samples_are_distinct_steps_up_to_the_end(steps, samples):
    found = sample_steps(steps, samples)
    assert len(found) == samples
    assert found[-1] == steps
    assert steps // 2 in found
    assert found[0] >= 1
    assert (np.diff(found) > 0).all()


def test_sample_steps_are_log_spaced():
    found = np.array(sample_steps(10**12, 64))
    late = found[found > 1000]
    ratio = late[1:] / late[:-1]
    assert np.median(ratio) == pytest.approx(1e12 ** (1 / 63), rel=1e-3)
    assert ratio.max() < 1.5 * np.median(ratio)


def test_micromirrors_alone(tmp_path):
    """Step 0.02 c/nu_mm, path 50 decay lengths of 2c/nu_mm, whichever energy."""
    p = plan(config(tmp_path, energy("10 GeV") + MIRRORS))[0]
    nu = theory.nu_mm(1e10 * theory.EV) / theory.C * PC
    assert p.gyroradius == pytest.approx(3.6034e-6, rel=1e-4)
    assert p.step == pytest.approx(0.02 / nu, rel=1e-12)
    assert p.decay_length == pytest.approx(2 / nu, rel=1e-12)
    assert p.steps == 5000
    assert p.path_length == pytest.approx(100 / nu, rel=1e-9)
    assert p.lag_every == 50


@pytest.mark.parametrize(("kick", "decay"), [("paper", 2.0), ("transport", 1.0), ("fork-constant", 6.62)])
def test_decay_length_follows_the_kick(tmp_path, kick, decay):
    text = energy("10 GeV") + '[[scatter]]\nmodel = "constant_rate"\nrate = "1e-9 / s"\n' + f'kick = "{kick}"\n'
    p = plan(config(tmp_path, text))[0]
    assert p.decay_length == pytest.approx(decay * theory.C / 1e-9 / PC, rel=1e-3)


def test_turbulence_bounds_step_and_path(tmp_path):
    """r_g/20 = l_min/2 pi below l_c; at least 60 l_c from x = 3e-3 on; l_min at l_c above."""
    cfg = config(tmp_path, '[particle]\nenergy = ["1 EeV", "10 EeV", "27.752 EeV", "1000 EeV"]\n' + WAVES)
    *low, high = plan(cfg)
    for p in low:
        assert p.step == pytest.approx(p.gyroradius / 20, rel=1e-12)
        assert p.path_length == pytest.approx(60e5, rel=1e-4)
    assert high.step == pytest.approx(1e5 / 20, rel=1e-12)
    x = high.gyroradius / 1e5
    assert high.decay_length == pytest.approx(3e5 * (4 * x**2 / 3 + 0.3 * x + 0.145 * x ** (1 / 3)), rel=1e-12)
    assert high.path_length == pytest.approx(50 * high.decay_length, rel=1e-4)


def test_decay_length_of_turbulence_is_tripled_below_a_tenth():
    medium = Medium.from_plain({"B_rms": 3.0, "l_c": 1.0})
    below, above = (PlaneWaves().decay_rate(medium, x) for x in (0.0999999, 0.1))
    assert above / below == pytest.approx(3, rel=1e-5)


def test_rates_add(tmp_path):
    both = plan(config(tmp_path, energy("100 GeV") + WAVES + MIRRORS))[0]
    waves = plan(config(tmp_path, energy("100 GeV") + WAVES))[0]
    mirrors = plan(config(tmp_path, energy("100 GeV") + MIRRORS))[0]
    assert 1 / both.decay_length == pytest.approx(1 / waves.decay_length + 1 / mirrors.decay_length, rel=1e-12)
    # below x = 3e-3 no 60 l_c are asked
    assert both.path_length == pytest.approx(50 * both.decay_length, rel=1e-3)


def test_quickstart_is_about_2e9_particle_steps():
    cfg = read_config(load_deck(ROOT / "input_decks" / "quickstart.toml"))
    assert sum(p.steps for p in plan(cfg)) * cfg.run.particles * cfg.run.realizations == pytest.approx(1.78e9, rel=0.05)


@pytest.mark.parametrize(
    ("x", "ratio", "measured"),
    [(0.1, 1, 1.7), (0.3, 1, 2.4), (0.03, 1, 0.84), (0.1, 3, 13), (0.03, 3, 8.4), (0.1, 10, 224)],
)
def test_mean_free_path_along_a_guide_field_is_planned_to_a_factor_1_6(tmp_path, x, ratio, measured):
    dB = float(3 / np.hypot(1, ratio))
    text = energy(f"{x * 277.524!r} EeV") + WAVES + f'dB = "{dB!r} uG"\n'
    text += f'[[field]]\nmodel = "uniform"\nB = "{ratio * dB!r} uG"\n'
    p = plan(config(tmp_path, text))[0]
    assert 1 / 1.6 < p.decay_length / 1e5 / measured < 1.6


def test_mean_free_path_along_field_lines_at_low_rigidity():
    medium = Medium.from_plain({"B_rms": 3.0, "l_c": 1.0})
    assert 1 / PlaneWaves().decay_rate(medium, 1e-6) == pytest.approx(1.86 * 1e-6**0.265, rel=1e-12)


def test_points_of_lags_are_an_eighth_of_a_mean_free_path_apart(tmp_path):
    """Lags reach the path, and no point comes sooner than after 50 steps, but of a path shorter than 32 such."""
    for p in plan(config(tmp_path, '[particle]\nenergy = ["1 EeV", "27.752 EeV", "1000 EeV"]\n' + WAVES)):
        wanted = max(50, p.decay_length / p.step / 8, p.steps / 4096)
        assert p.lag_every == int(min(wanted, p.steps // 32))


def test_resolution_is_a_choice(tmp_path):
    coarse = plan(config(tmp_path, energy("27.752 EeV") + WAVES + "[stepping]\nresolution = 10\n"))[0]
    assert coarse.step == pytest.approx(coarse.gyroradius / 10, rel=1e-12)
    assert coarse.steps == pytest.approx(60e5 / coarse.step, rel=1e-3)


def test_explicit_lengths_are_taken(tmp_path):
    p = plan(config(tmp_path, energy("1 PeV") + MIRRORS + '[stepping]\nstep = "3 pc"\npath_length = "1 kpc"\n'))[0]
    assert (p.step, p.steps) == (3.0, 334)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (STRAIGHT.replace("100 pc", "10 pc"), ("stepping", "samples")),
        ('[stepping]\npath_length = "100 pc"\n', ("stepping", "step")),
        (WAVES + 'l_max = "1 pc"\n', ("field", 0, "l_max")),
        (WAVES + 'l_min = "0.5 kpc"\nl_dissipation = "0 pc"\n', ("field", 0, "l_dissipation")),
        (WAVES + 'evaluation = "multirate"\ntolerance = 1e-7\n', ("field", 0, "evaluation")),
        (WAVES + "modes_per_decade = 99999.0\n" + 'l_max = "1e29 pc"\n', ("field", 0, "modes_per_decade")),
        (WAVES + '[stepping]\nstep = "1 kpc"\n', ("stepping", "step")),
        (MIRRORS + '[stepping]\nstep = "1e-29 pc"\n', ("stepping", "path_length")),
    ],
)
def test_deck_whose_plan_cannot_be_is_refused_with_its_key(tmp_path, text, key):
    cfg = config(tmp_path, energy("1 EeV") + text)
    with pytest.raises(SectionError) as caught:
        plan_energy(cfg, cfg.particle.energy[0])
    assert caught.value.key == key


def test_warnings_name_what_is_likely_not_meant(tmp_path):
    good = config(tmp_path, energy("10 EeV") + WAVES)
    assert warnings(good) == []
    short = config(tmp_path, energy("10 EeV") + WAVES + 'l_max = "100 kpc"\n')
    (line,) = warnings(short)
    assert "2e+04 pc" in line
    assert "l_max = 5e+05 pc" in line
    coarse = config(tmp_path, energy("10 EeV") + WAVES + '[stepping]\nstep = "1 kpc"\n')
    (line,) = warnings(coarse)
    assert "1000 pc is longer than the 180.2 pc" in line


def test_more_tasks_than_a_list_can_hold(tmp_path):
    cfg = config(tmp_path, energy("10 GeV") + MIRRORS)
    huge = cfg.model_copy(update={"run": cfg.run.model_copy(update={"realizations": 10**6, "particles": 10**9})})
    with pytest.raises(SectionError, match="tasks; at most"):
        tasks_of(huge, plan(huge))


def test_waves_too_sparse_for_resonance_are_warned_of(tmp_path):
    """Below r_g/l_c = 1e-6 alone, and not of the automatic density."""
    for keys, warned in (("", []), ("modes_per_decade = 85\n", ["10 TeV"]), ("modes = 1024\n", ["10 TeV"])):
        cfg = config(tmp_path, '[particle]\nenergy = ["10 TeV", "3 PeV"]\n' + WAVES + keys)
        found = [line.split(" field")[0] for line in warnings(cfg) if "resonances then do not overlap" in line]
        assert found == [f"at {energy}" for energy in warned]


def test_waves_too_sparse_are_not_warned_of_where_kicks_rule(tmp_path):
    """At 10 GeV and f_mm = 1 kicks are 4e5 times as frequent; at f_mm = 1e-5 four times, so that both count."""
    for fraction, warned in ((1.0, False), (1e-5, True)):
        text = energy("10 GeV") + WAVES + "modes = 512\n" + MIRRORS + f"filling_fraction = {fraction}\n"
        assert any("resonances then do not overlap" in line for line in warnings(config(tmp_path, text))) is warned


def test_waves_enough_for_small_deflections(tmp_path):
    """Above r_g = l_c/3 an automatic range has 1,024 waves, whatever the density; explicit numbers stay."""
    for text, below, above in ((WAVES, 226, 1024), (WAVES + "modes = 64\n", 64, 64)):
        cfg = config(tmp_path, '[particle]\nenergy = ["10 EeV", "100 EeV"]\n' + text)
        waves = [cfg.field[0].wave_count(cfg.medium, p.gyroradius) for p in plan(cfg)]
        assert waves == [below, above]


def test_waves_too_few_for_small_deflections_are_warned_of(tmp_path):
    """From r_g = 3 l_c on, 100 for each l_c and at least 1,024; automatic ones are enough."""
    cases = {"": [], "modes = 3001\n": [], "modes = 512\n": ["3", "30"], "modes = 1024\n": ["30"]}
    for keys, warned in cases.items():
        text = '[particle]\nenergy = ["100 EeV", "832.56 EeV", "8325.6 EeV"]\n' + WAVES + keys
        found = [line for line in warnings(config(tmp_path, text)) if "few make kappa too high" in line]
        assert [line.split(" r_g = ")[1].split(" l_c")[0] for line in found] == warned

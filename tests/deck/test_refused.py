"""Decks that are wrong in the ways people get decks wrong: each refused in one line that helps."""

import pytest

from hpcmm.deck.load import DeckError, load_deck
from hpcmm.kinds import read_config
from tests.deck.good_deck import GOOD

ENERGY = 'energy = ["1 GeV", "1 TeV"]'
EV_TO_J = 'energy = { min = "1 eV", max = "1 J", '
MIRRORS = GOOD[GOOD.index("[[scatter]]") : GOOD.index("[stepping]")]
FIELDS = GOOD[GOOD.index("[[field]]") : GOOD.index("[[scatter]]")]

# (what stands in GOOD, what is written instead, key named, words of the remedy, text that marks the line)
WRONG = [
    # names
    ("seed =", "sed =", "run.sed", "did you mean 'seed'?"),
    ("B_rms =", "b_rms =", "medium.b_rms", "did you mean 'B_rms'?"),
    ("energy =", "energies =", "particle.energies", "did you mean 'energy'?"),
    ("l_max =", "lmax =", "field[0].lmax", "did you mean 'l_max'?"),
    ("samples =", "sample =", "stepping.sample", "did you mean 'samples'?"),
    ("kick =", "kicks =", "scatter[0].kicks", "did you mean 'kick'?"),
    ("seed = 7", "xyz = 7", "run.xyz", "known here: kind, seed"),
    ("l_c =", "seed = 1\nl_c =", "medium.seed", "it belongs in [run]"),
    ('B = "4', 'modes = 5\nB = "4', "field[1].modes", "it belongs in [[field]] with model 'plane_waves'"),
    ("title =", "samples = 3\ntitle =", "samples", "it belongs in [stepping]"),
    ("[medium]", "[medum]", "medum", "unknown table 'medum' (did you mean 'medium'?)"),
    ("[[scatter]]", "[[scattering]]", "scattering", "did you mean 'scatter'?"),
    ("[output]", "[run.extra]", "run.extra", "unknown key 'extra'"),
    ("title", "titel", "titel", "did you mean 'title'?"),
    ('"plane_waves"', '"plane_wave"', "field[0].model", "did you mean 'plane_waves'?"),
    ('"plane_waves"', '"mhd"', "field[0].model", "'mirror_modes' or 'field_file' is expected"),
    ('"micromirrors"', '"micromirror"', "scatter[0].model", "did you mean 'micromirrors'?"),
    ('"micromirrors"', '"uniform"', "scatter[0].model", "'resonant' or 'patches' is expected"),
    ('"paper"', '"papre"', "scatter[0].kick", "did you mean 'paper'?"),
    ('"paper"', '"isotropic"', "scatter[0].kick", "'transport' or 'fork-constant' is expected"),
    ('"transport"', '"Transport"', "run.kind", "did you mean 'transport'?"),
    ('evaluation = "auto"', 'evaluation = "brute"', "field[0].evaluation", "did you mean 'brute_force'?"),
    # units
    ('"100 kpc"', "100", "medium.l_c", 'needs a unit: a length in quotes is expected, e.g. "100 kpc"'),
    ('"100 kpc"', '"100"', "medium.l_c", "needs a unit"),
    ('"100 kpc"', '"100 kpx"', "medium.l_c", "unknown unit 'kpx' (did you mean 'kpc'?)"),
    ('"100 kpc"', '"100 TeV"', "medium.l_c", "'TeV' is an energy, a length is expected"),
    ('"5 uG"', '"5 ug"', "medium.B_rms", "did you mean 'uG'?"),
    ('"5 uG"', "5e-6", "medium.B_rms", "needs a unit"),
    ('"100 npc"', "1e-7", "scatter[0].l_mm", "needs a unit"),
    ('"1e-10 / s"', '"1e-10 s"', "scatter[1].rate", "is a time, a rate is expected"),
    ('"1e-10 / s"', '"1e-10"', "scatter[1].rate", "needs a unit"),
    ('"10 min"', "600", "output.checkpoint_interval", "needs a unit"),
    ('"1 GeV", "1 TeV"', '"1 GeV", 1e12', "particle.energy[1]", "needs a unit"),
    ('"1 GeV", "1 TeV"', '"1 GeV", "1 tev"', "particle.energy[1]", "did you mean 'TeV'?"),
    ('step = "1 pc"', 'step = "atuo"', "stepping.step", 'or "auto"'),
    # range
    ('"5 uG"', '"-5 uG"', "medium.B_rms", "more than zero"),
    ('"5 uG"', '"0 uG"', "medium.B_rms", "more than zero"),
    ('"5 uG"', '"nan uG"', "medium.B_rms", "not a finite number"),
    ('"100 kpc"', '"inf kpc"', "medium.l_c", "not a finite number"),
    ('"0.1 kpc"', '"-1 pc"', "field[0].l_dissipation", "zero or more"),
    ("seed = 7", "seed = -1", "run.seed", "0 or more is expected"),
    ("seed = 7", f"seed = {2**64}", "run.seed", "a number below 1.84467e+19"),
    ("realizations = 2", "realizations = 0", "run.realizations", "1 or more is expected, not 0"),
    ("particles = 64", "particles = 0", "run.particles", "1 or more"),
    ("Z = 1", "Z = 0", "particle.Z", "other than 0"),
    ("modes = 128", "modes = 1", "field[0].modes", "2 or more"),
    ("modes = 128", "modes = 1000001", "field[0].modes", "1000000 or less"),
    ("filling_fraction = 0.5", "filling_fraction = 1.5", "scatter[0].filling_fraction", "1.0 or less"),
    ("filling_fraction = 0.5", "filling_fraction = -0.1", "scatter[0].filling_fraction", "0.0 or more"),
    ("filling_fraction = 0.5", "filling_fraction = nan", "scatter[0].filling_fraction", "finite"),
    ("dB_over_B = 0.3", "dB_over_B = inf", "scatter[0].dB_over_B", "finite"),
    ("dB_over_B = 0.3", "dB_over_B = 0.0", "scatter[0].dB_over_B", "a number above 0"),
    ("samples = 16", "samples = 3", "stepping.samples", "4 or more"),
    ("samples = 16", "samples = 100001", "stepping.samples", "100000 or less"),
    ("tolerance = 1e-4", "tolerance = 0", "field[0].tolerance", "a number above 0"),
    ("spectral_index = 1.7", "spectral_index = -2", "field[0].spectral_index", "a number above 0"),
    ("[0, 0, 2]", "[0, 0, 0]", "field[1].direction", "non-zero length"),
    ("[0, 0, 2]", "[0, 0]", "field[1].direction", "three numbers"),
    ("[0, 0, 2]", "[0, 0, inf]", "field[1].direction[2]", "finite"),
    # types
    ("seed = 7", 'seed = "7"', "run.seed", "a whole number is expected, not '7'"),
    ("seed = 7", "seed = 7.0", "run.seed", "a whole number"),
    ("seed = 7", "seed = true", "run.seed", "a whole number is expected, not true"),
    ("seed = 7", "seed = 2025-01-03", "run.seed", "a whole number"),
    ("realizations = 2", "realizations = [2]", "run.realizations", "a whole number"),
    ("dB_over_B = 0.3", "dB_over_B = true", "scatter[0].dB_over_B", "a number is expected"),
    ("dB_over_B = 0.3", 'dB_over_B = "0.3"', "scatter[0].dB_over_B", "a number is expected"),
    ("dB_over_B = 0.3", 'dB_over_B = "1 uG"', "scatter[0].dB_over_B", "a number is expected"),
    ("dB_over_B = 0.3", f"dB_over_B = {10**400}", "scatter[0].dB_over_B", "a number is expected"),
    ('"a good deck"', "5", "title", "a text in quotes"),
    ('"runs/here"', "5", "output.directory", "a text in quotes"),
    ('"runs/here"', '""', "output.directory", "not empty"),
    ('"100 kpc"', '["100 kpc"]', "medium.l_c", "a length in quotes"),
    ('"100 kpc"', '"auto"', "medium.l_c", "a length in quotes"),
    ('"transport"', "1", "run.kind", "'transport'"),
    ('"paper"', '["paper"]', "scatter[0].kick", "'paper'"),
    ('"plane_waves"', '["plane_waves"]', "field[0].model", "'mirror_modes' or 'field_file' is expected"),
    (ENERGY, 'energy = "1 TeV"', "particle.energy", "a list is expected"),
    (ENERGY, "energy = []", "particle.energy", "the list is empty"),
    (ENERGY, 'energy = [["1 GeV"]]', "particle.energy[0]", "an energy in quotes"),
    (ENERGY, 'energy = ["1 GeV", "1 TeV", "1000 GeV"]', "particle.energy[2]", "repeats energy[1]"),
    (ENERGY, 'energy = { min = "1 GeV", max = "1 TeV" }', "particle.energy.per_decade", "missing key"),
    (ENERGY, 'energy = { min = 1, max = "1 TeV", per_decade = 1 }', "particle.energy.min", "needs a unit"),
    (ENERGY, 'energy = { min = "1 TeV", max = "1 GeV", per_decade = 1 }', "particle.energy.max", "exceed"),
    (ENERGY, EV_TO_J + "pre_decade = 1 }", "particle.energy.pre_decade", "did you mean 'per_decade'?"),
    (ENERGY, EV_TO_J + "per_decade = 0 }", "particle.energy.per_decade", "a number above 0"),
    (ENERGY, EV_TO_J + "per_decade = 999 }", "particle.energy", "too long"),
    # tables
    ("[medium]", "[[medium]]", "medium", "write [medium], in single brackets"),
    (FIELDS, '[field]\nmodel = "plane_waves"\n', "field", "write [[field]], in double brackets"),
    (FIELDS, "[field]\n", "field", "[[field]]"),
    # not in this version
    ('"transport"', '"clusters"', "run.kind", "did you mean 'cluster'?"),
    ("trajectories = 0", "trajectories = 129", "output.trajectories", "at most 128 are expected"),
    ("trajectories = 0", "trajectories = 1.0", "output.trajectories", "whole number"),
    ("trajectories = 0", "trajectories = true", "output.trajectories", "whole number"),
    ("trajectories = 0\ntrack_points = 64", "trajectories = 64\ntrack_points = 999999", "output.trajectories", "GB"),
    ("track_points = 64", "track_points = 1", "output.track_points", "2 or more"),
    ('starts = "independent"', 'starts = "antithetical"', "particle.starts", "did you mean 'antithetic'"),
    ("common_origin = false", "common_origin = 0", "particle.common_origin", "true or false"),
    ("trajectories = 0", "trajectories = -1", "output.trajectories", "0 or more"),
    ("trajectories = 0", 'wall_time = "24 pc"', "output.wall_time", "a time is expected"),
    ("trajectories = 0", 'wall_time = "9.9 s"', "output.wall_time", "10 s or more is expected"),
    ("trajectories = 0", 'wall_time = "1 ms"', "output.wall_time", "10 s or more is expected"),
]  # fmt: skip

WAVES = GOOD[GOOD.index("[[field]]") : GOOD.index('[[field]]\nmodel = "uniform"')]
WAVES_MARK = '[[field]]\nmodel = "plane_waves"'
UNIFORM = FIELDS[len(WAVES) :]
TWO_WAVES = '[[field]]\nmodel = "plane_waves"\n#\n[[field]]  # second\nmodel = "plane_waves"\n'
GATE = ('gate = "none"', 'gate = "field_strength"')
SHARE = "filling_fraction = 0.5\n"
SECOND_GATE = ('rate = "1e-10 / s"', 'l_mm = "1 npc"\nB_star = "3 uG"\ngate = "field_strength"  # second')
ASK_AUTO = ('"10 kpc"', '"auto"')

# (what is replaced by what, text that marks the line or None, key named, words of the remedy)
MISFITS = [
    ([("modes = 128", "modes = 9\nmodes_per_decade = 8")], "modes_", "field[0].modes_per_decade", "keep one"),
    ([('"0.5 kpc"', '"500 kpc"')], "l_min", "field[0].l_min", "shorter than l_max"),
    ([('"0.1 kpc"', '"1 kpc"')], "l_dissipation", "field[0].l_dissipation", "must not exceed l_min"),
    ([('"0.1 kpc"', '"0 pc"'), ("1.7", "1")], "spectral", "field[0].spectral_index", "more than 1 is"),
    ([("1.7", '1\nspectrum = "bend_over"')], "spectral", "field[0].spectral_index", "1 is expected with a bend"),
    ([("1.7", '1.7\nl_bend = "9 kpc"')], "l_bend", "field[0].l_bend", 'spectrum = "bend_over" is expected'),
    ([("1.7", "1.7\nq = 4")], "q =", "field[0].q", 'spectrum = "bend_over" is expected'),
    ([("1.7", '1.7\nspectrum = "bend_over"\nq = 0')], "q = 0", "field[0].q", "more than 0 is expected of isotropic"),
    ([("1.7", '1.7\ngeometry = "slap"')], "geometry", "field[0].geometry", "did you mean 'slab'?"),
    ([("1.7", '1.7\ngeometry = "slab"'), (UNIFORM, ""), ('"5 uG"', '"3 uG"')], "geometry",
     "field[0].geometry", 'a [[field]] of model "uniform" is expected'),
    ([("1.7", '1.7\ngeometry = "slab"\nspectrum = "bend_over"\nq = 1')], WAVES_MARK, "field[0].l_bend", "or q = 0"),
    ([("1.7", '1.7\ngeometry = "2d"\nperiod = "500 kpc"')], "period", "field[0].period", "no period is expected"),
    ([("1.7", '1.7\ngeometry = "2d"\nspectrum = "bend_over"\nq = 0')], "q = 0", "field[0].q", "of 2d waves"),
    ([('dB = "3 uG"', 'dB = "4 uG"')], "B_rms", "medium.B_rms", "sum to 32 uG^2, but B_rms^2 is 25 uG^2"),
    ([('B = "4 uG"\nd', 'B = "1 mG"\nd')], "B_rms", "medium.B_rms", "must agree within 1 %"),
    ([('dB = "3 uG"\n', ""), ('"4 uG"', '"5 uG"')], "[[field]]", "field[0].dB", "nothing is left of B_rms"),
    ([(FIELDS, TWO_WAVES)], "[[field]]  # second", "field[1].dB", "only one can take what is left"),
    ([(FIELDS + MIRRORS, ""), ASK_AUTO], "path_length", "stepping.path_length", "a length is expected"),
    ([(FIELDS + MIRRORS, ""), ('path_length = "10 kpc"', "")], "[stepping]",
     "stepping.path_length", "a length is expected"),
    ([(WAVES, ""), ('"4 uG"', '"5 uG"'), (MIRRORS, ""), ASK_AUTO], "path_length", "stepping.path_length",
     'for "auto" a length is expected, e.g. "10 kpc"'),
    ([(FIELDS, ""), ("title =", "field = 3\ntitle =")], "field", "field", "a list is expected"),
    ([(FIELDS, ""), ("title =", "field = [3]\ntitle =")], "field", "field[0]", "write [[field]]"),
    ([("title =", "run.seed = 3\ntitle ="), ("[run]", "[runs]")], "[runs]", "runs", "did you mean 'run'?"),
    # patches
    ([('gate = "none"', 'B_star = "3 uG"')], "B_star", "scatter[0].B_star", 'gate = "field_strength" is expected'),
    ([GATE, (SHARE, SHARE + 'B_star = "3 uG"\n')], "B_star", "scatter[0].B_star", "exclude each other; keep one"),
    ([GATE, (SHARE, "")], "gate =", "scatter[0].gate", "filling_fraction = 0.5 or B_star = "),
    ([GATE, (SHARE, "filling_fraction = 1e-5\n")], "filling", "scatter[0].filling_fraction", "0, or 0.0001 or more"),
    ([GATE, (SHARE, 'B_star = "3"\n')], "B_star", "scatter[0].B_star", "needs a unit"),
    ([GATE, (SHARE, 'B_star = "0 uG"\n')], "B_star", "scatter[0].B_star", "more than zero"),
    ([('gate = "none"', 'gate = "strength"')], "gate =", "scatter[0].gate", "'field_strength' or 'file' is expected"),
    ([GATE, (FIELDS, "")], "gate =", "scatter[0].gate", "a [[field]] is expected"),
    ([GATE, (WAVES, ""), ('"4 uG"', '"5 uG"')], "filling", "scatter[0].filling_fraction", "0, 1, or B_star instead"),
    ([GATE, ('"constant_rate"', '"micromirrors"'), SECOND_GATE], "gate = \"field_strength\"  # second",
     "scatter[1].gate", "one at most is expected"),
    # missing
    ([('kind = "transport"\n', "")], "[run]", "run.kind", 'e.g. kind = "transport"'),
    ([('B_rms = "5 uG"\n', "")], "[medium]", "medium.B_rms", 'e.g. B_rms = "3 uG"'),
    ([('l_c = "100 kpc"\n', "")], "[medium]", "medium.l_c", 'e.g. l_c = "100 kpc"'),
    ([(ENERGY, "")], "[particle]", "particle.energy", 'e.g. energy = ["1 GeV", "1 TeV"]'),
    ([('model = "plane_waves"\n', "")], "[[field]]", "field[0].model", "'plane_waves' or 'uniform'"),
    ([('B = "4 uG"\n', "")], '[[field]]\nmodel = "uniform"', "field[1].B", 'e.g. B = "1 uG"'),
    ([('l_mm = "100 npc"\n', "")], "[[scatter]]", "scatter[0].l_mm", 'e.g. l_mm = "100 npc"'),
    ([('rate = "1e-10 / s"\n', "")], '[[scatter]]\nmodel = "con', "scatter[1].rate", "e.g. rate = "),
    ([('[medium]\nB_rms = "5 uG"\nl_c = "100 kpc"\n', "")], None, "medium", "[medium] with B_rms, l_c is"),
    # several at once: the first in the file is named, what is missing comes last
    ([("seed =", "sed ="), ("kick =", "kik =")], "sed", "run.sed", "(and 1 more)"),
    ([("l_c =", "lc =")], "lc", "medium.lc", "did you mean 'l_c'?) (and 1 more)"),
]  # fmt: skip


def changed(*pairs):
    text = GOOD
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def assert_refused(path, text, line, key, words):
    path.write_text(text)
    with pytest.raises(DeckError) as caught:
        read_config(load_deck(path))
    error = caught.value
    assert len(str(error).splitlines()) == 1
    assert str(error).startswith(f"{path}:{line}: key '{key}': " if line else f"{path}: key '{key}': ")
    assert (error.line, error.key) == (line, key)
    assert words in error.message


def line_of(text, mark):
    return text.count("\n", 0, text.index(mark)) + 1


@pytest.mark.parametrize(("old", "new", "key", "words"), WRONG)
def test_wrong_value_is_refused_with_line_and_key(tmp_path, old, new, key, words):
    assert_refused(tmp_path / "wrong.toml", changed((old, new)), line_of(GOOD, old), key, words)


@pytest.mark.parametrize(("pairs", "mark", "key", "words"), MISFITS)
def test_values_that_do_not_fit_together_are_refused(tmp_path, pairs, mark, key, words):
    text = changed(*pairs)
    assert_refused(tmp_path / "wrong.toml", text, line_of(text, mark) if mark else None, key, words)


@pytest.mark.parametrize(
    ("item", "key", "words"),
    [
        ("medium.lc=50 kpc", "medium.lc", "did you mean 'l_c'?"),
        ("medium.l_c=50", "medium.l_c", "needs a unit"),
        ("medum.l_c=50 kpc", "medum", "did you mean 'medium'?"),
        ("field.0.modes=0", "field[0].modes", "2 or more"),
        ("run=5", "run", "a table is expected"),
        ("particle.energy.1=1 kpc", "particle.energy[1]", "is a length"),
    ],
)
def test_fault_of_an_override_names_it(tmp_path, item, key, words):
    path = tmp_path / "good.toml"
    path.write_text(GOOD)
    with pytest.raises(DeckError) as caught:
        read_config(load_deck(path, [item]))
    assert str(caught.value).startswith(f"{path}: --set: key '{key}': ")
    assert words in str(caught.value)


def test_good_deck_and_good_overrides(tmp_path):
    path = tmp_path / "good.toml"
    path.write_text(GOOD)
    config = read_config(load_deck(path, ["medium.l_c=50 kpc", "field.0.modes=512"]))
    assert config.medium.l_c == 5e4
    assert config.field[0].modes == 512

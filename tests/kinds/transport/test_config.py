"""What a good deck becomes: defaults, ladders, plain data and the resolved deck."""

import json
import math
import subprocess
import sys

import pytest
from pydantic import ValidationError

from hpcmm.deck.load import load_deck
from hpcmm.deck.validate import resolved_toml
from hpcmm.fields.uniform import Uniform
from hpcmm.kinds import read_config
from hpcmm.kinds.transport.config import Config
from tests.deck.good_deck import GOOD

SMALL = """\
[run]
kind = "transport"
[medium]
B_rms = "3 uG"
l_c = "100 kpc"
[particle]
energy = ["1 TeV"]
"""
WAVES = '[[field]]\nmodel = "plane_waves"\n'
GUIDE = '[[field]]\nmodel = "uniform"\nB = "1 uG"\n'
MIRRORS = '[[scatter]]\nmodel = "micromirrors"\nl_mm = "100 npc"\n'


@pytest.fixture
def config_of(tmp_path):
    def read(text, *overrides):
        path = tmp_path / "small.toml"
        path.write_text(text)
        return read_config(load_deck(path, overrides))

    return read


def test_defaults_of_a_small_deck(config_of):
    config = config_of(SMALL + WAVES + MIRRORS)
    assert config.title == ""
    assert config.run.model_dump() == {"kind": "transport", "seed": 0, "realizations": 10, "particles": 1000}
    assert config.medium.model_dump() == {"B_rms": 3.0, "l_c": 1e5}
    starts = {"starts": "independent", "common_origin": False}
    assert config.particle.model_dump() == {"Z": 1, "energy": (1000.0,)} | starts
    waves = config.field[0]
    assert (waves.dB, waves.l_max, waves.l_min, waves.l_dissipation) == (3.0, 5e5, "auto", 0.0)
    assert (waves.modes, waves.modes_per_decade) == (None, "auto")
    assert (waves.spectral_index, waves.evaluation, waves.tolerance) == (5 / 3, "auto", 1e-4)
    mirrors = config.scatter[0]
    assert (mirrors.l_mm, mirrors.dB_over_B, mirrors.filling_fraction) == (1e-7, 1 / 3, 1.0)
    assert (mirrors.gate, mirrors.kick) == ("none", "paper")
    lengths = {"step": "auto", "resolution": 20.0, "path_length": "auto"}
    assert config.stepping.model_dump() == lengths | {"samples": 64, "path_factors": ()}
    assert (config.output.directory, config.output.checkpoint_interval) == ("runs/small", 600.0)
    assert (config.output.trajectories, config.output.track_points) == (0, 256)


def test_defaults_with_an_explicit_l_min(config_of):
    waves = config_of(SMALL + WAVES + 'l_min = "0.5 kpc"\n').field[0]
    assert (waves.modes, waves.modes_per_decade) == (1024, None)
    assert waves.l_dissipation == waves.l_min == 500.0


def test_given_values_stand(config_of):
    config = config_of(GOOD)
    assert config.run.seed == 7
    assert config.field[0].l_dissipation == 100.0
    assert config.field[1].direction == (0.0, 0.0, 2.0)
    assert config.field[1].vector == (0.0, 0.0, 4.0)
    assert config.scatter[1].rate == 1e-10
    assert config.scatter[1].kick == "transport"
    assert config.stepping.step == 1.0
    assert config.stepping.path_length == 1e4
    assert config.output.directory == "runs/here"


def test_open_dB_takes_what_is_left(config_of):
    assert config_of(SMALL + WAVES + GUIDE).field[0].dB == pytest.approx(math.sqrt(8), rel=1e-15)
    two = config_of(SMALL + WAVES + 'dB = "2 uG"\n' + WAVES + GUIDE)
    assert two.field[1].dB == pytest.approx(2.0, rel=1e-15)


def test_guide_fields_add_as_vectors(config_of):
    across = "direction = [1, 0, 0]\n"
    config = config_of(SMALL + WAVES + GUIDE + GUIDE + GUIDE + across)
    assert config.guide == (1.0, 0.0, 2.0)
    assert config.field[0].dB == pytest.approx(2.0, rel=1e-15)
    opposed = config_of(SMALL + WAVES + GUIDE + GUIDE + "direction = [0, 0, -1]\n")
    assert opposed.guide == (0.0, 0.0, 0.0)
    assert opposed.field[0].dB == 3.0


@pytest.mark.parametrize(("dB", "good"), [("3.014 uG", True), ("2.986 uG", True), ("3.02 uG", False)])
def test_sum_of_squares_within_one_percent(config_of, dB, good):
    text = SMALL + WAVES + f'dB = "{dB}"\n'
    if good:
        assert config_of(text).field[0].dB == float(dB.split()[0])
    else:
        with pytest.raises(ValueError, match="within 1 %"):
            config_of(text)


def test_no_field_is_allowed_with_kicks_or_an_explicit_path(config_of):
    assert config_of(SMALL + MIRRORS).field == ()
    straight = config_of(SMALL + '[stepping]\npath_length = "1 pc"\n')
    assert straight.field == straight.scatter == ()
    with pytest.raises(ValueError, match=r"stepping\.path_length"):
        config_of(SMALL + MIRRORS + "filling_fraction = 0\n")


@pytest.mark.parametrize(
    ("ladder", "count", "some"),
    [
        ('{ min = "1 GeV", max = "10 EeV", per_decade = 2 }', 21, {0: 1.0, 2: 10.0, 6: 1000.0, 20: 1e10}),
        ('{ min = "1 GeV", max = "1 TeV", per_decade = 1 }', 4, {1: 10.0, 2: 100.0, 3: 1000.0}),
        ('{ min = "1 GeV", max = "10 GeV", per_decade = 2 }', 3, {1: 3.16227766017}),
        ('{ min = "1 GeV", max = "20 GeV", per_decade = 2 }', 4, {0: 1.0, 3: 20.0}),
        ('{ min = "1 GeV", max = "1.1 GeV", per_decade = 1 }', 2, {0: 1.0, 1: 1.1}),
    ],
)
def test_ladder_of_energies_is_log_spaced(config_of, ladder, count, some):
    energies = config_of(SMALL.replace('["1 TeV"]', ladder) + MIRRORS).particle.energy
    assert len(energies) == count
    assert {place: energies[place] for place in some} == some
    assert list(energies) == sorted(energies)


def test_energies_keep_their_order(config_of):
    energies = '["1 TeV", "1 GeV", "3.16227766017 GeV"]'
    config = config_of(SMALL.replace('["1 TeV"]', energies) + MIRRORS)
    assert config.particle.energy == (1e3, 1.0, 3.16227766017)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        SMALL + MIRRORS,
        SMALL + WAVES + GUIDE + "direction = [1, 1, 1]\n" + MIRRORS,
        SMALL + WAVES + 'l_min = "0.123456789 kpc"\n',
        SMALL.replace('["1 TeV"]', '{ min = "1.7 GeV", max = "0.3 EeV", per_decade = 3 }') + MIRRORS,
        'title = "a \\"b\\" \\\\ µ \\n"\n' + SMALL.replace('"100 kpc"', '"0.12345678901234567 Mpc"') + WAVES,
    ],
)
def test_resolved_deck_and_plain_data_give_the_same_config(config_of, text):
    config = config_of(text)
    resolved = resolved_toml(config)
    assert resolved.startswith("# ")
    assert config_of(resolved) == config
    assert resolved_toml(config_of(resolved)) == resolved
    assert Config.from_plain(config.plain()) == config
    assert Config.from_plain(json.loads(json.dumps(config.plain()))) == config


def test_config_is_frozen(config_of):
    config = config_of(GOOD)
    with pytest.raises(ValidationError):
        config.medium.l_c = 3.0


def test_plain_data_are_validated(config_of):
    plain = config_of(GOOD).plain()
    plain["medium"]["l_c"] = -1.0
    with pytest.raises(ValidationError):
        Config.from_plain(plain)


def test_section_from_plain():
    uniform = Uniform.from_plain({"model": "uniform", "B": 2.0, "direction": [3.0, 0.0, 4.0]})
    assert uniform.vector == pytest.approx((1.2, 0.0, 1.6), rel=1e-15)


def test_rebuilding_a_config_needs_neither_astropy_nor_mpi_nor_hdf5(config_of):
    code = (
        "import json, sys; from hpcmm.deck.validate import resolved_toml;"
        "from hpcmm.kinds.transport.config import Config;"
        "resolved_toml(Config.from_plain(json.load(sys.stdin)));"
        "print(sorted({'astropy', 'mpi4py', 'h5py'} & {name.split('.')[0] for name in sys.modules}))"
    )
    plain = json.dumps(config_of(GOOD).plain())
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, input=plain, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"

"""Decks of kind field_lines: what they plan, and the lines with which wrong ones are refused."""

import pytest

from hpcmm import kinds
from hpcmm.deck.load import DeckError
from hpcmm.kinds.field_lines.plan import energy_plans, leg_of, plan, warnings, wavenumbers
from tests.kinds.field_lines import deck

GOOD = deck("10 TeV", "1 PeV")

WRONG = [
    ('model = "plane_waves"', 'model = "plane_waves"\nl_min = "1 pc"', "field[0].l_min", "no l_min is expected"),
    ('model = "plane_waves"', 'model = "plane_waves"\nl_dissipation = "1 mpc"', "field[0].l_dissipation", "no l_diss"),
    ('model = "plane_waves"', 'model = "plane_waves"\nmodes = 100', "field[0].modes", "modes_per_decade alone"),
    ('model = "plane_waves"', 'model = "plane_waves"\nperiod = "900 kpc"', "field[0]", "expected"),
    ('model = "plane_waves"', 'model = "plane_waves"\ndB = "1 uG"', "field[0].dB", "leave dB out"),
    (
        'model = "plane_waves"',
        'model = "plane_waves"\nspectral_index = 3.5',
        "field[0].spectral_index",
        "Kolmogorov's spectrum",
    ),
    (
        'model = "plane_waves"',
        'model = "plane_waves"\ngeometry = "2d"',
        "field[0].geometry",
        'kind = "transport" alone',
    ),
    ('model = "plane_waves"', 'model = "nested_grids"', "field[0].model", "plane_waves"),
    ('[[field]]\nmodel = "plane_waves"', "", "field", "one [[field]] of plane waves is expected, not 0"),
    ("[lines]", '[[field]]\nmodel = "plane_waves"\n[lines]', "field", "expected, not 2"),
    ("particles = 64", "particles = 8", "run.particles", "8 particles on 16 lines"),
    ("lines = 16", "lines = 0", "lines.lines", "1 or more"),
    ('cut = "auto"', 'cut = "1 npc"', "lines.cut", "longer than 2 pi r_g"),
    ('cut = "auto"', 'cut = "400 kpc"', "lines.cut", "more than a decade"),
    ('length = "auto"', 'length = "-1 pc"', "lines.length", "length"),
    ("'1 PeV'", "'10 EeV'", "particle.energy[1]", 'kind = "transport"'),
]


@pytest.fixture
def read(tmp_path):
    def call(text):
        path = tmp_path / "lines.toml"
        path.write_text(text)
        return kinds.read(path)[1]

    return call


@pytest.mark.parametrize(("old", "new", "key", "words"), WRONG)
def test_wrong_decks_are_refused_in_a_line(read, old, new, key, words):
    assert GOOD.count(old) == 1
    with pytest.raises(DeckError) as refused:
        read(GOOD.replace(old, new))
    assert key in str(refused.value)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_path_at_ten_TeV(read):
    """Forty mean free paths: .7 to .9 l_c; fifty are planned."""
    config = read(GOOD)
    assert 0.7 < 0.8 * energy_plans(config)[0].path / config.medium.l_c < 0.9


def test_cuts_are_a_decade_apart_and_share_their_waves(read):
    config = read(GOOD)
    plans = plan(config)
    for i in range(2):
        fine, coarse = (plans[leg_of(plans, i, which)[0]] for which in (False, True))
        k = wavenumbers(config, fine.waves)
        assert k[-1] / k[coarse.waves - 1] == pytest.approx(10, rel=0.02)
        assert fine.ds * k[-1] == pytest.approx(0.25)
    assert wavenumbers(config, plans[0].waves)[-1] * config.medium.l_c == pytest.approx(1e6, rel=0.03)
    assert 1e6 * energy_plans(config)[0].gyroradius / config.medium.l_c < 0.3


def test_what_is_better_flown_directly_is_warned_of(read):
    assert not warnings(read(GOOD))
    assert "transport" in warnings(read(deck("600 PeV")))[0]
    short = warnings(read(deck("10 TeV", "1 PeV", length="10 kpc")))
    assert len(short) == 2  # 48 mean free paths are .9 and 2.8 l_c
    assert all("less than 18 mean free paths" in line and '"auto" is expected' in line for line in short)
    assert "one line" in warnings(read(deck("10 TeV", realizations=1, lines=1)))[0]


def test_kicks_shorten_the_path_by_the_harmonic_sum(read):
    without, rates = (energy_plans(read(deck("10 TeV", l_mm=l_mm)))[0] for l_mm in (None, "100 npc"))
    assert 1 / rates.free_path == pytest.approx(1 / without.free_path + rates.nu_kick)

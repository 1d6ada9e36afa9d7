"""[particle] gyroradius: the energies E = Z e B r_g of the run's own field; refused beside energies and rigidities."""

import pytest

from hpcmm.deck.load import load_deck
from hpcmm.deck.validate import resolved_toml
from hpcmm.errors import InputError
from hpcmm.kinds import read_config
from hpcmm.kinds.transport.plan import plan
from hpcmm.theory import EV, energy_of_gyroradius
from hpcmm.theory.constants import PARSEC

MEDIUM = '[medium]\nB_rms = "3 uG"\nl_c = "100 kpc"\n[[field]]\nmodel = "plane_waves"\n'
TABLES = {"transport": MEDIUM, "field_lines": MEDIUM, "cluster": '[plasma]\nB_0 = "4.7 uG"\n', "defaults": ""}
FIELD = {"transport": 3e-6, "field_lines": 3e-6, "cluster": 4.7e-6, "defaults": 3e-6}


def config(tmp_path, keys, kind="transport", tables=None):
    path = tmp_path / "deck.toml"
    tables = TABLES[kind] if tables is None else tables
    kind = "cluster" if kind == "defaults" else kind
    path.write_text(f'[run]\nkind = "{kind}"\n{tables}[particle]\n{keys}')
    return read_config(load_deck(path))


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("Z", [1, 26])
def test_energies_are_those_that_gyrate_so_in_the_reference_field(tmp_path, kind, Z):
    cfg = config(tmp_path, f'Z = {Z}\ngyroradius = ["0.1 pc", "2 kpc"]\n', kind)
    expected = [energy_of_gyroradius(r * PARSEC, FIELD[kind], Z) / (1e9 * EV) for r in (0.1, 2e3)]
    assert cfg.particle.energy == pytest.approx(expected, rel=1e-14)
    assert "gyroradius" not in resolved_toml(cfg)


def test_plans_fly_the_gyroradii_asked_for(tmp_path):
    cfg = config(tmp_path, 'gyroradius = { min = "1 pc", max = "100 pc", per_decade = 1 }\n')
    assert [p.gyroradius for p in plan(cfg)] == pytest.approx([1, 10, 100], rel=1e-11)


@pytest.mark.parametrize(
    ("keys", "key", "message"),
    [
        ('energy = ["1 TeV"]\ngyroradius = ["1 pc"]', "particle.gyroradius", "energy is given too"),
        ('rigidity = ["1 TV"]\ngyroradius = ["1 pc"]', "particle.gyroradius", "rigidity is given too"),
        ('gyroradius = ["1 TeV"]', "particle.gyroradius[0]", "a length is expected"),
        ("gyroradius = [1.0]", "particle.gyroradius[0]", "needs a unit"),
        ('gyroradius = "1 pc"', "particle.gyroradius", "a list is expected"),
        ('gyroradius = { min = "1 pc", max = "9 uG", per_decade = 2 }', "particle.gyroradius.max", "a length"),
        ('Z = 0\ngyroradius = ["1 pc"]', "particle.Z", "other than 0"),
        ('gyroradius = ["1 pc", "1000 mpc"]', "particle.energy[1]", "repeats energy[0]"),
        ('gyroradius = ["0 pc"]', "particle", "more than zero"),
    ],
)
def test_what_is_refused(tmp_path, keys, key, message):
    with pytest.raises(InputError) as refused:
        config(tmp_path, keys + "\n")
    assert key in str(refused.value)
    assert message in str(refused.value)


@pytest.mark.parametrize("B", ["3", '"3 pc"', '"-3 uG"', "[1]"])
def test_a_field_that_is_none_is_told_and_not_the_gyroradius(tmp_path, B):
    with pytest.raises(InputError, match="B_rms"):
        config(tmp_path, 'gyroradius = ["1 pc"]\n', tables=MEDIUM.replace('"3 uG"', B))
    with pytest.raises(InputError, match="medium"):
        config(tmp_path, 'gyroradius = ["1 pc"]\n', tables="")

"""[particle] rigidity: the energies E = Z e R, with the same gyroradius for all nuclei; refused beside energies."""

import pytest

from hpcmm.deck.load import load_deck
from hpcmm.deck.validate import resolved_toml
from hpcmm.errors import InputError
from hpcmm.kinds import read_config
from hpcmm.kinds.transport.plan import plan

DECK = """
[run]
kind = "transport"
[medium]
B_rms = "3 uG"
l_c = "100 kpc"
[[field]]
model = "plane_waves"
[particle]
"""


def config(tmp_path, keys):
    path = tmp_path / "deck.toml"
    path.write_text(DECK + keys)
    return read_config(load_deck(path))


def test_energies_are_Z_times_the_rigidity(tmp_path):
    cfg = config(tmp_path, 'Z = 26\nrigidity = ["10 TV", "1 EV"]\n')
    assert cfg.particle.energy == (260e3, 26e9)
    assert "rigidity" not in resolved_toml(cfg)
    assert "260000.0 GeV" in resolved_toml(cfg)


def test_gyroradii_do_not_depend_on_the_charge(tmp_path):
    radii = [plan(config(tmp_path, f'Z = {Z}\nrigidity = ["1 EV"]\n'))[0].gyroradius for Z in (1, 2, 26, -1)]
    assert radii == pytest.approx([radii[0]] * 4, rel=1e-14)


def test_a_ladder(tmp_path):
    ladder = '{ min = "1 PV", max = "100 PV", per_decade = 1 }'
    assert config(tmp_path, f"Z = 2\nrigidity = {ladder}\n").particle.energy == pytest.approx(
        (2e6, 2e7, 2e8), rel=1e-11
    )


@pytest.mark.parametrize(
    ("keys", "key", "message"),
    [
        ('energy = ["1 TeV"]\nrigidity = ["1 TV"]', "particle.rigidity", "one of the two"),
        ('rigidity = ["1 TeV"]', "particle.rigidity[0]", "a rigidity is expected"),
        ('rigidity = "1 TV"', "particle.rigidity", "a list is expected"),
        ('rigidity = { min = 1, max = "1 EV", per_decade = 2 }', "particle.rigidity.min", "needs a unit"),
        ('Z = "p"\nrigidity = ["1 TV"]', "particle.Z", "expected"),
        ('Z = 0\nrigidity = ["1 TV"]', "particle.Z", "other than 0"),
        ('Z = -119\nrigidity = ["1 TV"]', "particle.Z", "-118"),
        (f'Z = 1{400 * "0"}\nrigidity = ["1 TV"]', "particle.Z", "118"),
        ('rigidity = ["1 TV", "1000 GV"]', "particle.energy[1]", "repeats energy[0]"),
    ],
)
def test_what_is_refused(tmp_path, keys, key, message):
    with pytest.raises(InputError) as refused:
        config(tmp_path, keys + "\n")
    assert key in str(refused.value)
    assert message in str(refused.value)

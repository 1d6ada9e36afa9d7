"""Decks of kind mhd: defaults by flow, and what is refused in one line."""

import numpy as np
import pytest

from hpcmm import kinds
from hpcmm.deck.load import DeckError
from hpcmm.kinds.mhd import plan
from hpcmm.kinds.mhd.report import advice, plan_lines

DECK = """
[run]
kind = "mhd"
[mhd]
points = 32
viscosity = 0.02
resistivity = 0.02
duration = 2.0
[initial]
flow = "{flow}"
"""


@pytest.fixture
def read(tmp_path):
    """Callable ``read(*overrides, flow=...)`` -> config."""

    def call(*overrides, flow="rest"):
        (tmp_path / "deck.toml").write_text(DECK.format(flow=flow))
        return kinds.read(tmp_path / "deck.toml", overrides)[1]

    return call


def test_only_the_flow_of_turbulence_has_a_seed_by_default(read):
    initial = read(flow="taylor_green").initial
    assert (initial.amplitude, initial.wavenumber, initial.seed_field) == (0.4, 2, 0.3)
    initial = read(flow="tg_insulating").initial
    assert (initial.amplitude, initial.wavenumber, initial.seed_field) == (1.0, 1, 0.0)
    assert read("initial.seed_field=0.1", flow="taylor_green").initial.seed_field == 0.1


@pytest.mark.parametrize(
    ("override", "key", "words"),
    [
        ("mhd.points=33", "mhd.points", "an even number"),
        ("mhd.points=4", "mhd.points", "8 or more"),
        ("mhd.viscosity=-1", "mhd.viscosity", "0 or more"),
        ('mhd.scheme="rk2"', "mhd.scheme", "'rk3' or 'rk4'"),
        ("mhd.mean_field=[1, 2]", "mhd.mean_field", "missing"),
        ('initial.flow="file"', "initial.file", "name of a snapshot"),
        ('initial.file="x.h5"', "initial.file", 'flow = "file"'),
        ("initial.seed_wavenumbers=[4, 1]", "initial.seed_wavenumbers", "1 to 64"),
        ("initial.seed_helicity=2", "initial.seed_helicity", "1.0 or less"),
        ("output.snapshots=[1, 1]", "output.snapshots[1]", "a later time than 1"),
        ("output.snapshots=[3]", "output.snapshots[0]", "within the duration"),
        ("output.history_interval=1e-9", "output.history_interval", "at most 100000 rows"),
        ('forcing.model="abc"\nforcing.wavenumber=10', "forcing.wavenumber", "32 points keep |k_i| up to 9"),
    ],
)
def test_refused(read, override, key, words):
    with pytest.raises(DeckError) as refused:
        read(*override.split("\n"))
    assert key in str(refused.value)
    assert words in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("content", [b"", b"no HDF5"])
def test_a_file_that_is_no_snapshot_is_refused(read, tmp_path, content):
    (tmp_path / "x.h5").write_bytes(content)
    with pytest.raises(DeckError, match=r"initial\.file"):
        read('initial.flow="file"', f'initial.file="{tmp_path}/x.h5"')
    with pytest.raises(DeckError, match="no such file"):
        read('initial.flow="file"', 'initial.file="/nowhere.h5"')


def test_times_of_outputs(read):
    config = read()
    assert plan.times(config, 0.5) == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert plan.times(config, 0.8) == [0.0, 0.8, 1.6, 2.0]
    assert plan.times(config, 0.1)[-2:] == [1.9000000000000001, 2.0]
    assert plan.times(config, 5.0) == [0.0, 2.0]
    names = [plan.snapshot_name(time) for time in (0.0, 40.0, 2.5, 12345.0)]
    assert names == ["0000.h5", "0040.h5", "0002.5.h5", "12345.h5"]


def test_steps_are_equal_and_allowed(read):
    config = read()
    allowed = plan.allowed_step(config, 2.0)
    assert allowed == pytest.approx(0.5 * 2 * np.pi / 32 / 2.0)
    assert plan.step_before(config, 2.0, 0.0, 3.5 * allowed) == pytest.approx(3.5 / 4 * allowed)
    assert plan.step_before(config, 2.0, 0.0, allowed) == pytest.approx(allowed)
    still = read('forcing.model="taylor_green"')
    assert plan.allowed_step(still, 0.0) < 0.5


def test_what_is_doubtful_is_said():
    from astropy.table import QTable

    time = np.linspace(0, 40, 81)
    still = np.full(81, 0.1)
    found = QTable({"t": time, "E_b": still, "k_max_eta": still + 1.3})
    assert advice(found) == []
    found = QTable({"t": time, "E_b": 0.1 + 0.01 * time, "k_max_eta": still + 1.0})
    assert "under-resolved: k_max eta = 1.10" in advice(found)[0]
    assert "still drifting: the mean E_b of the last quarter is +28 % off" in advice(found)[1]


def test_plan_of_a_large_run_is_known_before():
    """Core-hours and memory of JHTDB's parameters: the order of what measured costs give."""
    from tests.conftest import ROOT

    _, config = kinds.read(ROOT / "input_decks" / "mhd_jhtdb.toml")
    assert 500 < plan.seconds(config) / 3600 < 3000
    assert 100e9 < plan.memory(config) < 180 * 1024**3
    assert any("core-hours" in line for line in plan_lines(config))

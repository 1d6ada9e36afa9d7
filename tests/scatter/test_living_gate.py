"""Patches of strong field that live and die: the gate against its twin, its bounds, plans, refusals."""

import numpy as np
import pytest

from cython_kernels.block import LANES
from cython_kernels.lives import Cells
from cython_kernels.plane_waves import PlaneWaveField
from cython_kernels.push import MOMENTS
from cython_kernels.scatter import GatedScatterer, Scatterer, SmallAngleScatterer
from hpcmm import theory
from hpcmm.deck.load import DeckError, load_deck
from hpcmm.kinds import read_config
from hpcmm.kinds.transport.plan import plan
from hpcmm.kinds.transport.report import plan_lines
from tests import decks
from tests.kernels import twins
from tests.kernels.test_against_twins import block, waves
from tests.scatter.test_field_strength_gate import KICK, STEP, after

IN_PATCH = MOMENTS.index("in_patch")
CELL, LIFE, OCCUPANCY, KEYS = 0.7, 7.3, 0.4, (11, 2**63 + 5)


def living(B_star, life=LIFE, occupancy=OCCUPANCY):
    return GatedScatterer(*KICK, B_star, Cells(CELL, life, occupancy, *KEYS))


@pytest.mark.parametrize("n", [LANES, 37, 3])
def test_gate_equals_its_twin(n):
    """Kicks act where |B| >= B_star and the cell is occupied, both amid the step: the bits of the kick without a gate
    there, of no kick elsewhere; active lanes are counted.
    """
    k, a, phase = waves(20)
    start = block(2, n=n).state
    middle = start[6:9] + STEP / 2 * start[3:6]
    b = twins.plane_waves(k, a, phase, middle)
    B_star = np.median(np.sqrt((b**2).sum(axis=0))) * (1 + 1e-9)
    cells = np.rint(middle / CELL).astype(int).T
    there = np.array([twins.occupied(tuple(map(int, cell)), 0, LIFE, OCCUPANCY, *KEYS) for cell in cells])
    strong = twins.in_patch(b, B_star)
    inside = strong & there
    gated, sums = after(living(B_star), n=n)
    kicked, free = after(SmallAngleScatterer(*KICK), n=n)[0], after(Scatterer(), n=n)[0]
    assert n < LANES or (0 < inside.sum() < strong.sum() and (there & ~strong).any())
    assert (gated.state[:6] == np.where(inside, kicked.state[:6], free.state[:6])).all()
    assert gated.in_patch == inside[:n].sum() == sums[IN_PATCH]


def test_limits_change_no_bit():
    """All cells occupied: the static gate, at any lifetime; an open gate counts cells alone; none: no kicks."""
    steps = 700
    for life in (0.1, 40.0, np.inf):
        still, sums = after(GatedScatterer(*KICK, 6.0), steps)
        found, same = after(living(6.0, life, 1.0), steps)
        assert (found.state == still.state).all()
        assert (same == sums).all()
    none, sums = after(living(6.0, 5.0, 0.0), steps)
    assert (none.state == after(Scatterer(), steps)[0].state).all()
    assert sums[IN_PATCH] == 0
    long, sums = after(living(6.0, 1e12), steps)
    assert (long.state == after(living(6.0, np.inf), steps)[0].state).all()
    assert 0 < sums[IN_PATCH] < after(GatedScatterer(*KICK, 6.0), steps)[1][IN_PATCH]


def test_count_of_steps_inside_is_the_product():
    """Fast draws are a coin a step: of the steps in strong field the share of the probability, within 4 sigma."""
    field = PlaneWaveField(*waves(20))
    strong = after(GatedScatterer("paper", 0.0, 77, 6.0), 2000, field=field)[1][IN_PATCH]
    fast = GatedScatterer("paper", 0.0, 77, 6.0, Cells(CELL, 0.5, OCCUPANCY, *KEYS))
    found = after(fast, 2000, field=field)[1][IN_PATCH]
    # lanes that share a cell share the coin: a sigma of at most twice that of as many coins, as measured on ten keys
    assert abs(found / strong - OCCUPANCY) < 4 * 2 * np.sqrt(OCCUPANCY * (1 - OCCUPANCY) / strong)


STRONG = {"gate": "field_strength", "lifetime": "1 Myr"}


def config_of(path, *fields, **keys):
    text = decks.transport("27.75 EeV", *(fields or [decks.waves()]), decks.mirrors("36 kpc", **keys))
    (path / "deck.toml").write_text(text)
    return read_config(load_deck(path / "deck.toml"))


def test_defaults_share_the_fraction_alike(tmp_path):
    """The root by strength, the root by draw; cells of l_c; and both are in the plan."""
    config = config_of(tmp_path, filling_fraction=0.25, **STRONG)
    (section,) = config.scatter
    assert (section.occupancy, section.cell, section.strong) == (0.5, 1e5, 0.5)
    assert section.share == 0.25
    (line,) = [line for line in plan_lines(config) if "occupied" in line]
    assert "cells of 1e+05 pc are occupied with probability 0.5, drawn anew at intervals of 3.066e+05 pc" in line
    assert "|B| is strong, 0.5 of the volume" in line


def test_plan_expects_the_product_and_resolves_cells(tmp_path):
    still = plan(config_of(tmp_path, filling_fraction=0.3, gate="field_strength"))[0]
    lives = plan(config_of(tmp_path, filling_fraction=0.3, **STRONG))[0]
    assert lives == still
    small = plan(config_of(tmp_path, filling_fraction=0.3, cell="1 kpc", **STRONG))[0]
    assert small.step == 50.0
    bound = plan(config_of(tmp_path, B_star="3 uG", occupancy=0.5, **STRONG))[0]
    half = 0.5 * theory.fraction_above(3.0, 0.0, 3.0)
    same = plan(config_of(tmp_path, filling_fraction=half, gate="field_strength"))[0]
    assert bound.decay_length == pytest.approx(same.decay_length)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"lifetime": "1 Myr"}, r'lifetime.{3}.*gate = "field_strength" is expected'),
        ({"gate": "field_strength", "filling_fraction": 0.5, "cell": "1 kpc"}, r'cell.{3}.*lifetime = "1 Myr"'),
        ({"gate": "field_strength", "filling_fraction": 0.5, "occupancy": 0.5}, r'occupancy.{3}.*lifetime = "1 Myr"'),
        ({**STRONG, "B_star": "3 uG"}, "lifetime.{3}.*occupancy = 0.5 is expected"),
        ({**STRONG, "filling_fraction": 0.5, "occupancy": 0.4}, "occupancy.{3}.*filling_fraction = 0.5 or more"),
        ({**STRONG, "filling_fraction": 0.5, "occupancy": 0.0}, "occupancy.{3}.*a number above 0"),
        ({**STRONG, "filling_fraction": 0.5, "occupancy": 1.5}, "occupancy.{3}.*1.0 or less"),
        ({**STRONG, "filling_fraction": 0.5, "cell": "1e-5 pc"}, "cell.{3}.*1e-09 l_c or more is expected"),
        ({**STRONG, "filling_fraction": 0.5, "lifetime": "0 s"}, "lifetime.{3}.*a time of more than zero"),
        ({**STRONG, "filling_fraction": 0.5, "lifetime": "1 kpc"}, "lifetime.{3}.*a time is expected"),
        ({"gate": "file", "mask": "m.h5", "lifetime": "1 Myr"}, r'lifetime.{3}.*gate = "field_strength" is expected'),
    ],
)
def test_bad_keys_are_refused(tmp_path, keys, said):
    with pytest.raises(DeckError, match=said):
        config_of(tmp_path, **keys)


def test_a_uniform_field_takes_cells_alone(tmp_path):
    field = decks.guide("3 uG")
    with pytest.raises(DeckError, match=r"occupancy.{3}.*filling_fraction itself, or B_star"):
        config_of(tmp_path, field, filling_fraction=0.3, **STRONG)
    assert config_of(tmp_path, field, filling_fraction=0.3, occupancy=0.3, **STRONG).scatter[0].strong == 1.0

"""The deck's nested grids: the ladder, its refusals and defaults, memory, and grids made in any order."""

from itertools import pairwise

import numpy as np
import pytest

from cython_kernels.block import LANES, ParticleBlock
from hpcmm import kinds
from hpcmm.deck.load import DeckError, load_deck
from hpcmm.deck.section import SectionError
from hpcmm.deck.tables import Medium
from hpcmm.deck.validate import resolved_toml
from hpcmm.fields.nested_grids import NestedGrids
from hpcmm.kinds.transport.config import Config
from hpcmm.kinds.transport.plan import plan
from hpcmm.parallel import random_streams

MEDIUM = Medium.from_plain({"B_rms": 3.0, "l_c": 1.0})


def section(**keys):
    data = {"dB": 1.5, "l_max": 5.0, "l_min": 5e-3, "l_dissipation": 5e-3, "points": 64} | keys
    return NestedGrids.from_plain(data)


def draw():
    return random_streams.generator(1, random_streams.WAVES, 0, 1.0, 0)


def test_ladder_is_contiguous_and_its_squares_sum_to_those_of_the_component():
    """Three decades by at most 8: four grids of ratio 1000^(1/4); dB_i as in docs/physics.md 3.1."""
    rungs = section().ladder(MEDIUM, 1.0)
    assert len(rungs) == 4
    assert (rungs[0].l_max, rungs[-1].l_min) == pytest.approx((5.0, 5e-3), rel=1e-12)
    for upper, lower in pairwise(rungs):
        assert upper.l_min == lower.l_max
    for rung in rungs:
        assert rung.l_max / rung.l_min == pytest.approx(1000**0.25, rel=1e-12)
        assert rung.box == pytest.approx(64 * rung.l_min / 4, rel=1e-12)
        share = (rung.l_max ** (2 / 3) - rung.l_min ** (2 / 3)) / (5 ** (2 / 3) - 5e-3 ** (2 / 3))
        assert rung.dB == pytest.approx(0.5 * share**0.5, rel=1e-12)


def test_shares_of_power_are_those_of_twelve_decades():
    """docs/physics.md 3.1: .785, .169, .0364, .0078 of dB^2 in the first four decades."""
    rungs = section(l_min=5e-12, l_dissipation=5e-12, points=128, scale_ratio=10).ladder(MEDIUM, 1.0)
    shares = [4 * rung.dB**2 for rung in rungs]
    assert len(rungs) == 12
    assert shares[:4] == pytest.approx([0.785, 0.169, 0.0364, 0.0078], abs=5e-4)
    assert sum(shares) == pytest.approx(1, rel=1e-9)


def test_automatic_smallest_wave_step_and_missing_power():
    """l_min = 2 pi r_g/20, its power above l_dissipation = 0 only, step 0.3 cells = 0.075 l_min."""
    grids = section(l_min="auto", l_dissipation=0.0)
    rungs = grids.ladder(MEDIUM, 0.01)
    assert rungs[-1].l_min == pytest.approx(2 * np.pi * 0.01 / 20, rel=1e-12)
    missing = (rungs[-1].l_min / 5) ** (2 / 3)
    assert sum(4 * r.dB**2 for r in rungs) == pytest.approx(1 - missing, rel=1e-9)
    assert grids.step_bound(MEDIUM, 0.01) == pytest.approx(0.075 * rungs[-1].l_min, rel=1e-12)
    assert grids.nu_unresolved(MEDIUM, 0.01) > 0
    assert section().nu_unresolved(MEDIUM, 0.01) == 0


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"points": 100}, "a power of two"),
        ({"points": 8}, "at least 64 points or scale_ratio = 1 is expected"),
        ({"points": 32}, "32 cells hold less than two of the longest waves"),
        ({"scale_ratio": 20.0}, "at least 128 points or scale_ratio = 8"),
        ({"l_min": 6.0}, "must be shorter than l_max"),
        ({"l_dissipation": 0.1}, "must not exceed l_min"),
    ],
)
def test_section_refuses_keys_that_cannot_be(keys, words):
    with pytest.raises(ValueError, match=words):
        section(**keys)


def test_a_box_too_small_at_one_energy_is_refused_there():
    grids = section(l_min="auto", l_dissipation=0.0, scale_ratio=10.0)
    assert len(grids.ladder(MEDIUM, 1.0)) == 2
    with pytest.raises(SectionError, match="128 points or scale_ratio = 8"):
        grids.step_bound(MEDIUM, 0.016)  # 994.7 in three grids: 9.98 each


def test_memory_is_that_of_the_arrays_and_allocated_as_asked():
    asked = []

    def allocate(shape, dtype):
        asked.append(np.empty(shape, dtype))
        return asked[-1]

    grids = section(points=32, scale_ratio=4, l_min=0.5, l_dissipation=0.5)
    field = grids.realize(MEDIUM, 1.0, 0.01, draw(), allocate)
    assert len(asked) == 1
    assert asked[0].nbytes == grids.grid_bytes(MEDIUM, 1.0) == 2 * 32 * 32 * 34 * 3 * 4
    assert all(np.shares_memory(asked[0], array) for array in field.values)


def test_who_fills_a_grid_changes_no_bit():
    """Two processes with the same draw, each filling every other grid, last one first."""
    grids = section(points=32, scale_ratio=4)
    alone = grids.realize(MEDIUM, 1.0, 0.01, draw())
    shared = np.full((5, 32, 32, 34, 3), np.nan, np.float32)

    def process(mine):
        def share(fill, count):
            for i in range(count - 1, -1, -1):
                if i % 2 in mine:
                    fill(i)

        return grids.realize(MEDIUM, 1.0, 0.01, draw(), lambda shape, dtype: shared, share)

    with pytest.raises(ValueError, match="not a finite number"):
        process({0})
    together = process({1})
    place = ParticleBlock(np.random.default_rng(1).uniform(-9, 9, (3, LANES)), np.eye(3)[:, [2] * LANES])
    assert (np.array(alone.values) == shared).all()
    assert (alone.at(place) == together.at(place)).all()


DECK = """\
[run]
kind = "transport"
[medium]
B_rms = "5 uG"
l_c = "100 kpc"
[particle]
energy = ["1 EeV"]
[[field]]
model = "uniform"
B = "3 uG"
[[field]]
model = "nested_grids"
"""


def read(tmp_path, text):
    path = tmp_path / "deck.toml"
    path.write_text(text)
    return kinds.read_config(load_deck(path))


def test_defaults_of_a_deck(tmp_path):
    config = read(tmp_path, DECK)
    grids = config.field[1]
    assert (grids.dB, grids.l_max, grids.l_min, grids.l_dissipation) == (4.0, 5e5, "auto", 0.0)
    assert (grids.points, grids.scale_ratio, grids.interpolation) == (128, 8.0, "trilinear")
    again = read(tmp_path, resolved_toml(config))
    assert again == config
    assert Config.from_plain(config.plain()) == config
    p = plan(config)[0]
    assert p.step == pytest.approx(0.3 * grids.ladder(config.medium, p.gyroradius)[-1].l_min / 4, rel=1e-12)


@pytest.mark.parametrize(
    ("line", "key", "words"),
    [
        ("points = 100", "field[1].points", "power of two"),
        ("points = 2048", "field[1].points", "1024"),
        ("points = 128.0", "field[1].points", "whole number"),
        ("scale_ratio = 1", "field[1].scale_ratio", "above 1"),
        ('interpolation = "tricubic"', "field[1].interpolation", "'trilinear' or 'solenoidal'"),
        ("modes = 64", "field[1].modes", "unknown key"),
        ('l_min = "100 pc"\nscale_ratio = 30', "field[1].points", "less than two of the longest waves"),
        ('[[field]]\nmodel = "plane_waves"', "field[2].dB", "only one can take what is left"),
    ],
)
def test_wrong_deck_is_refused_with_its_key(tmp_path, line, key, words):
    if line.startswith("l_min"):
        line = 'l_max = "500 kpc"\n' + line
    with pytest.raises(DeckError) as caught:
        read(tmp_path, DECK + line + "\n")
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.key == key
    assert words in caught.value.message

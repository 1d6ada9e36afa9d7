"""A run with patches on a lattice: the same bytes on 1, 2 and 4 ranks, saved and gone on with in between."""

import pytest

from hpcmm import open_run
from tests.products import bytes_of
from tests.scatter.test_lattice_patches import LATTICE

SHORT = ["--set", "run.realizations=2", "--set", "run.particles=150", "--set", "stepping.path_length=6 kpc"]


@pytest.mark.mpi
def test_half_the_path_on_four_ranks_and_half_on_two_give_the_bytes_of_one(done, tmp_path):
    """A block is resumed from the places and counts saved; both shares are those asked for."""
    (tmp_path / "deck.toml").write_text(LATTICE)
    whole, grown = tmp_path / "whole", tmp_path / "grown"
    done("run", tmp_path / "deck.toml", "--out", whole, *SHORT, "--set", "stepping.path_factors=[2.0]")
    done("run", tmp_path / "deck.toml", "--out", grown, *SHORT, ranks=4)
    done("extend", grown, "--path-factor", "2", ranks=2)
    assert bytes_of(grown) == bytes_of(whole)
    # origins fill the lattice evenly: both shares within 4 standard errors of 300 independent particles
    row = open_run(whole).table[0]
    sigma = (0.3 * 0.7 / 300) ** 0.5
    assert abs(row["f_mm_volume"] - 0.3) < 4 * sigma
    assert abs(row["f_mm_time"] - 0.3) < 4 * sigma

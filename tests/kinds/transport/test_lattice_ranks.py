"""A run with patches on a lattice: the same bytes on 1, 2 and 4 ranks, saved and gone on with in between."""

from hpcmm import open_run
from tests.kinds.transport.test_ranks import bytes_of
from tests.scatter.test_lattice_patches import LATTICE

SHORT = ["--set", "run.realizations=2", "--set", "run.particles=150", "--set", "stepping.path_length=6 kpc"]


def test_bytes_and_shares(hpcmm, tmp_path):
    """Half the path on 4 ranks and the rest on 2 as all of it on one: a block goes on from places and counts saved."""

    def do(*arguments, ranks=1):
        call = hpcmm(*arguments, ranks=ranks)
        assert call.returncode == 0, call.stderr

    (tmp_path / "deck.toml").write_text(LATTICE)
    whole, grown = tmp_path / "whole", tmp_path / "grown"
    do("run", tmp_path / "deck.toml", "--out", whole, *SHORT, "--set", "stepping.path_factors=[2.0]")
    do("run", tmp_path / "deck.toml", "--out", grown, *SHORT, ranks=4)
    do("extend", grown, "--path-factor", "2", ranks=2)
    assert bytes_of(grown) == bytes_of(whole)
    # origins fill the lattice evenly: both shares within 4 standard errors of 300 independent particles
    row = open_run(whole).table[0]
    sigma = (0.3 * 0.7 / 300) ** 0.5
    assert abs(row["f_mm_volume"] - 0.3) < 4 * sigma
    assert abs(row["f_mm_time"] - 0.3) < 4 * sigma

"""Grids lie once in a node's memory, are filled by all its ranks, and give the bits that one rank gives."""

import subprocess
import sys

import pytest

from tests import decks
from tests.products import bytes_of

pytestmark = pytest.mark.mpi


def deck(*more):
    """Nested grids, and what else is asked for."""
    return decks.transport(
        ["83.3 EeV", "27.75 EeV"],
        {"model": "nested_grids", "points": 32, "scale_ratio": 4},
        *more,
        run={"seed": 3, "particles": 150},
        stepping={"path_length": "1000 kpc", "samples": 12},
    )


GUIDED = deck(decks.guide("1 uG"))


def test_bytes_do_not_depend_on_who_fills_the_grids(done, tmp_path):
    """Two and three ranks of one node share windows; one rank has ordinary memory."""
    (tmp_path / "deck.toml").write_text(GUIDED)
    for ranks in (1, 2, 3):
        done("run", tmp_path / "deck.toml", "--out", tmp_path / str(ranks), ranks=ranks)
    assert bytes_of(tmp_path / "1") == bytes_of(tmp_path / "2") == bytes_of(tmp_path / "3")


PROGRAM = """
import numpy as np
from mpi4py import MPI
from hpcmm import kinds
from hpcmm.kinds.transport import realize
from hpcmm.kinds.transport.plan import plan

comm = MPI.COMM_WORLD
_, config = kinds.read("deck.toml")
fields = realize.RealizedFields(config, plan(config), comm)
wanted = [(0, comm.rank), (0, comm.rank), (1, 0), (1, 2)]  # two of them count
fields.hold(wanted)
assert all(fields.ready(key) for key in [(0, 0), (0, 1), (1, 0)]) and not fields.ready((1, 2))
field = fields.get((0, 0))
values = field.values[0]
before = values[0, 0, 1, 0]
comm.Barrier()
if comm.rank == 1:
    values[0, 0, 1, 0] = 77
comm.Barrier()
assert before != 77 and values[0, 0, 1, 0] == 77, "each rank has grids of its own"
del field, values
fields.hold([])
assert not fields.ready((0, 0))
print("one copy", flush=True)
"""


def test_ranks_of_a_node_see_one_copy(mpirun, environment, tmp_path):
    (tmp_path / "deck.toml").write_text(deck())
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [mpirun, "-n", "2", sys.executable, "program.py"]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("one copy") == 2


def test_check_tells_the_memory_of_grids(done, tmp_path):
    """Values by hand: 32 x 32 x 34 x 3 float32 are 0.418 MB a grid, and l_max/l_min = 5 to 50 makes 4 grids."""
    (tmp_path / "deck.toml").write_text(GUIDED)
    assert "1.67 MB a realization, once per node" in done("check", tmp_path / "deck.toml").stdout

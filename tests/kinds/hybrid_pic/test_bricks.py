"""One, two, three, four ranks: fields and markers have the same bits (P12)."""

import json
import subprocess
import sys

import numpy as np
import pytest

from hpcmm.errors import InputError
from hpcmm.kinds.hybrid_pic.bricks import division
from tests.conftest import ROOT

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize("weights", [pytest.param("delta_f", marks=pytest.mark.slow), "full_f"])
def test_any_number_of_ranks_gives_the_same_bits(environment, mpirun, weights):
    """Delta f in a contracting box, full f in an expanding one; 4 ranks divide y and z."""
    found = []
    for ranks in (1, 2, 4):
        command = [mpirun, "-n", str(ranks), sys.executable, "-m", "tests.kinds.hybrid_pic.digest", weights]
        ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=100)
        assert ended.returncode == 0, ended.stderr
        found.append(ended.stdout.split(") "))
    assert len({parts for parts, _ in found}) == 3
    assert len({digest for _, digest in found}) == 1


def sent(environment, mpirun, ranks):
    """Messages, bytes and collective calls [rank, step, 3]."""
    command = [mpirun, "-n", str(ranks), sys.executable, "-m", "tests.kinds.hybrid_pic.messages"]
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["bricks"] == [ranks, 1, 1]
    return np.array(found["sent"])


def test_what_a_rank_sends_does_not_depend_on_how_many_there_are(environment, mpirun):
    """Weak scaling, counted: 512 cells a rank, in a row. No global operation between two checks of limits."""
    few, many = sent(environment, mpirun, 3), sent(environment, mpirun, 5)
    assert (few[..., 2] == 0).all()
    assert (many[..., 2] == 0).all()
    messages = few[0, 0, 0]
    assert (few[..., 0] == messages).all()
    assert (many[..., 0] == messages).all()
    # halos are the same bytes; markers that cross, of 32 bytes, scatter as the root of their number
    crossing = few[..., 1] - few[..., 1].min()
    assert abs(few[..., 1].mean() - many[..., 1].mean()) < 4 * crossing.std()
    assert crossing.std() < 0.01 * few[..., 1].mean()


def test_bricks_have_little_surface():
    assert division(8, (64, 64, 64)) == (2, 2, 2)
    assert division(4, (64, 16, 1)) == (4, 1, 1)
    assert division(2, (64, 48, 48)) == (2, 1, 1)
    with pytest.raises(InputError, match="3 ranks cannot share"):
        division(3, (8, 8, 1))

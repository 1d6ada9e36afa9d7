"""One, two, three, four ranks: fields and markers have the same bits (P12)."""

import subprocess
import sys

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


def test_bricks_have_little_surface():
    assert division(8, (64, 64, 64)) == (2, 2, 2)
    assert division(4, (64, 16, 1)) == (4, 1, 1)
    assert division(2, (64, 48, 48)) == (2, 1, 1)
    with pytest.raises(InputError, match="3 ranks cannot share"):
        division(3, (8, 8, 1))

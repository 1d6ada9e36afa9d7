"""Collective calls on real ranks: one outcome on all, and no core kept busy by waiting for root."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

WAITS = """
import resource, time
from mpi4py import MPI
from hpcmm.parallel.collective import on_root

def seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

comm, before = MPI.COMM_WORLD, seconds()
assert on_root(comm, lambda: (time.sleep(2), 7)[1]) == 7
busy = comm.gather(seconds() - before)
try:
    on_root(comm, lambda: 1 / 0)
except ZeroDivisionError:
    raised = comm.gather(True)
if comm.rank == 0:
    print(len(raised), *busy)
"""


@pytest.mark.mpi
@pytest.mark.parametrize("ranks", [1, 2, 5])
def test_root_is_awaited_asleep(environment, mpirun, ranks):
    """Two seconds of root cost others less than half a second, where a broadcast that spins costs two."""
    command = [mpirun, "-n", str(ranks), sys.executable, "-c", WAITS]
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    count, *busy = ended.stdout.split()
    assert int(count) == len(busy) == ranks
    assert max(map(float, busy)) < 0.5

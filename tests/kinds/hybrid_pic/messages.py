"""Steps of a plasma on the ranks of mpirun, 8^3 cells a rank in a row; root prints what each sent in each, as JSON."""

import json

from mpi4py import MPI

from hpcmm.kinds.hybrid_pic.plasma import BEAT, WARM_UP
from tests.kinds.hybrid_pic.test_box import seeded

STEPS = 12


class Counted:
    """A communicator that counts messages, bytes and collective calls of its rank."""

    def __init__(self, comm):
        self._comm, self.messages, self.bytes, self.collective = comm, 0, 0, 0

    def __getattr__(self, name):
        if name in ("allgather", "allreduce", "bcast", "exscan", "alltoall", "Barrier"):
            self.collective += 1
        return getattr(self._comm, name)

    def _count(self, sent):
        self.messages += 1
        self.bytes += sent.nbytes

    def Sendrecv(self, sent, *how, **more):
        """As that of mpi4py."""
        self._count(sent)
        return self._comm.Sendrecv(sent, *how, **more)

    def Isend(self, sent, rank):
        """As that of mpi4py."""
        self._count(sent)
        return self._comm.Isend(sent, rank)


if __name__ == "__main__":
    comm = Counted(MPI.COMM_WORLD)
    made = seeded((8 * comm.size, 8, 8), comm, delta_f=False, tau=40.0)
    while made.steps < WARM_UP or made.steps % BEAT:  # limits are checked at each of these
        made.advance()
    found = []
    for _ in range(STEPS):
        before = comm.messages, comm.bytes, comm.collective
        made.advance()
        found.append(
            [now - then for now, then in zip((comm.messages, comm.bytes, comm.collective), before, strict=True)]
        )
    parts = MPI.COMM_WORLD.gather(found)
    if comm.rank == 0:
        print(json.dumps({"bricks": made.bricks.parts, "sent": parts}))

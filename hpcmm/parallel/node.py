"""Arrays in memory that the ranks of a node share, one copy a node. Imports nothing of hpcmm."""

import math

import numpy as np


class Node:
    """The ranks that share memory with this one; its constructor is collective.

    Parameters
    ----------
    comm : communicator
        Communicator of all ranks of the run.

    Attributes
    ----------
    comm : communicator
        Communicator of the ranks of this node.
    """

    def __init__(self, comm):
        from mpi4py import MPI  # here, so that what runs without ranks starts no MPI

        self._mpi = MPI
        self.comm = comm.Split_type(MPI.COMM_TYPE_SHARED)
        self._new = []

    def allocate(self, shape, dtype):
        """Collective: allocate an array that all ranks of the node see, in an MPI shared-memory window.

        Raises
        ------
        MemoryError
            On all ranks of the node, if it has no room.
        """
        size = math.prod(shape) * np.dtype(dtype).itemsize
        if self.comm.size == 1:
            # ordinary memory, which the kernel can give out in huge pages: fewer misses of address translation
            return np.empty(shape, dtype)
        try:
            window = self._mpi.Win.Allocate_shared(size if self.comm.rank == 0 else 0, comm=self.comm)
        except self._mpi.Exception as error:
            reason = error.Get_error_string()
            raise MemoryError(
                f"no {size / 1e6:.0f} MB of memory that the {self.comm.size} ranks of a node can share ({reason}); "
                "see `df -h /dev/shm`, or take fewer or smaller grids"
            ) from None
        self._new.append(window)
        memory, _ = window.Shared_query(0)
        return np.ndarray(shape, dtype, buffer=memory)

    def share(self, fill, count):
        """Collective: call ``fill(i)`` for every i below ``count``, each on one rank; returns when all are done."""
        for i in range(self.comm.rank, count, self.comm.size):
            fill(i)
        for window in self._new:
            window.Fence()
        self.comm.Barrier()

    def take(self):
        """Return the windows made since the last call, to be freed when nothing uses their arrays any more."""
        new, self._new = self._new, []
        return new

    def free(self, windows):
        """Collective: free the memory of windows."""
        for window in windows:
            window.Free()

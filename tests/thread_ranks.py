"""Ranks as threads of one process, for what is collective but needs no real MPI."""

import threading
from types import SimpleNamespace


class ThreadRank:
    """The communicator of one of several threads; collective calls return only when all have made them."""

    def __init__(self, rank, board, barrier):
        self.rank, self.size, self._board, self._barrier = rank, len(board), board, barrier

    def allgather(self, value):
        """Values of all ranks."""
        self._board[self.rank] = value
        self._barrier.wait(60)
        found = list(self._board)
        self._barrier.wait(60)
        return found

    def Ibarrier(self):
        """A request that is done: what follows waits for all."""
        return SimpleNamespace(Test=lambda: True)

    def bcast(self, value, root=0):
        """Value of root."""
        return self.allgather(value)[root]

    def allreduce(self, value):
        """Sum over ranks."""
        return sum(self.allgather(value))

    def exscan(self, value):
        """Sum over lower ranks; None on the first."""
        before = self.allgather(value)[: self.rank]
        return sum(before) if before else None

    def alltoall(self, values):
        """What every rank has for this one."""
        return [row[self.rank] for row in self.allgather(values)]


def on_ranks(count, action):
    """Do ``action(comm)`` on so many ranks; returns their results in order, or raises what the first raised."""
    board, barrier = [None] * count, threading.Barrier(count)
    results, errors = [None] * count, [None] * count

    def work(rank):
        try:
            results[rank] = action(ThreadRank(rank, board, barrier))
        except Exception as error:
            errors[rank] = error
            barrier.abort()

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = [error for error in errors if error is not None and not isinstance(error, threading.BrokenBarrierError)]
    if first:
        raise first[0]
    assert errors == [None] * count
    return results

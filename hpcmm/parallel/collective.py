"""MPI habits shared by all: one outcome on all ranks, collective abort."""

import sys
import traceback


def on_root(comm, action):
    """Run ``action()`` on rank 0 and give every rank its result, or raise its exception on every rank.

    So that a mistake that only root can see (a deck, a directory) ends all ranks the same way.
    """
    outcome = None
    if comm.rank == 0:
        try:
            outcome = (True, action())
        except Exception as error:
            outcome = (False, error)
    good, value = comm.bcast(outcome)
    if not good:
        raise value
    return value


class AloneError(Exception):
    """An error of this rank amid a collective call: others may wait for it, so that the job must be ended."""


class OneRank:
    """The communicator of a process that is alone, for commands that start no MPI."""

    rank, size = 0, 1

    def bcast(self, value, root=0):
        """The value."""
        return value

    def allgather(self, value):
        """A list of the one value."""
        return [value]

    def allreduce(self, value):
        """The value."""
        return value

    def exscan(self, value):
        """None, as on rank 0 of any communicator."""

    def alltoall(self, values):
        """The list of one value, as it is."""
        return values


def on_all(comm, action):
    """Run ``action()`` on every rank and return its result; if it fails on any, every rank raises.

    For what fails on one rank alone (a full disk, a damaged file), so that no other waits for it for ever.
    """
    mine, value = None, None
    try:
        value = action()
    except Exception as error:
        mine = error
    first = next((error for error in comm.allgather(mine) if error is not None), None)
    if first is not None:
        raise mine or first
    return value


def abort_on_error(comm, action, expected):
    """Run ``action()``; an exception on any rank takes the whole job down within seconds, with its message.

    Parameters
    ----------
    comm : communicator
    action : callable
    expected : tuple of exception types
        Raised on all ranks alike (see :func:`on_root`); passed on.
    """
    try:
        return action()
    except expected:
        raise
    except BaseException as error:
        where = f"rank {comm.rank} of {comm.size}" if comm.size > 1 else "the run"
        if isinstance(error, KeyboardInterrupt):
            print(f"hpcmm: {where} was interrupted", file=sys.stderr, flush=True)
        else:
            traceback.print_exc()
            print(f"hpcmm: {where} failed: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        comm.Abort(1)

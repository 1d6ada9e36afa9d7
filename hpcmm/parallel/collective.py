"""Collective calls that all rooms share: one outcome on all ranks, an abort of the whole job."""

import contextlib
import sys
import time
import traceback

from hpcmm.foreign import printable

PAUSE = 1e-3
"""Time between two looks whether root is done [s]."""


def on_root(comm, action):
    """Run ``action()`` on rank 0 and give every rank its result, or raise its exception on every rank.

    A mistake that only root can see (a deck, a directory) thus ends all ranks the same way.
    """
    outcome = None
    if comm.rank == 0:
        try:
            outcome = (True, action())
        except Exception as error:
            outcome = (False, error)
    if comm.size > 1:
        _await_all(comm)
    good, value = comm.bcast(outcome)
    if not good:
        raise value
    return value


def _await_all(comm):
    """Wait until all ranks, root above all, have come here; asleep, where a broadcast would keep cores busy."""
    request, quick = comm.Ibarrier(), time.monotonic() + PAUSE
    while not request.Test():
        if time.monotonic() > quick:  # what root does in no time at all, as at rows of a history, must not cost a pause
            time.sleep(PAUSE)


class AloneError(Exception):
    """An error of this rank amid a collective call: others may wait for it, so the whole job must be aborted."""


class OneRank:
    """Communicator of a single process, for commands that start no MPI."""

    rank, size = 0, 1

    def bcast(self, value, root=0):
        """Return the value."""
        return value

    def allgather(self, value):
        """Return a list of the one value."""
        return [value]

    def allreduce(self, value):
        """Return the value."""
        return value

    def exscan(self, value):
        """Return None, as on rank 0 of any communicator."""

    def alltoall(self, values):
        """Return the list of one value, as it is."""
        return values


def on_all(comm, action):
    """Run ``action()`` on every rank and return its result; if it fails on any, every rank raises.

    It is for actions that may fail on one rank alone (a full disk, a damaged file), so that no other rank waits for
    that one for ever.
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
        Exceptions that are raised on all ranks alike (see :func:`on_root`); these are raised again.
    """
    try:
        return action()
    except expected:
        raise
    except BaseException as error:
        where = f"rank {comm.rank} of {comm.size}" if comm.size > 1 else "the run"
        lines = [f"hpcmm: {where} was interrupted"]
        if not isinstance(error, KeyboardInterrupt):
            lines = [*traceback.format_exc().splitlines(), f"hpcmm: {where} failed: {type(error).__name__}: {error}"]
        with contextlib.suppress(OSError, ValueError):  # a stream that was closed must not keep the job alive
            print("\n".join(map(printable, lines)), file=sys.stderr, flush=True)
        comm.Abort(1)

"""Reads the environment variables that launchers of MPI jobs set for the ranks they start."""

import os

SIZES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE")
"""Environment variables that hold the number of ranks."""

RANKS = ("PMIX_RANK", "PMI_RANK")
"""Environment variables that hold the number of this rank."""


def is_launched():
    """True if this process was started as a rank, by mpirun, mpiexec or srun."""
    return any(name in os.environ for name in SIZES + RANKS)


def rank_count():
    """Number of ranks that the launcher has started; 1 without a launcher, or where it does not say."""
    return max((int(os.environ.get(name, 1)) for name in SIZES), default=1)


def start_no_daemon():
    """Let Open MPI 4 start a process without a launcher on its own.

    Else it starts a daemon for processes that this one might spawn, which takes half a second; none is ever spawned.
    """
    if not is_launched():
        os.environ.setdefault("OMPI_MCA_ess_singleton_isolated", "1")

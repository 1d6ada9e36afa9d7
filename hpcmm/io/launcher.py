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

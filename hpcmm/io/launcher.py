"""What launchers of MPI jobs leave in the environment of the ranks that they start."""

import os

SIZES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE")
"""Number of ranks."""

RANKS = ("PMIX_RANK", "PMI_RANK")
"""Number of this rank."""


def is_launched():
    """Was this process started as a rank, by mpirun, mpiexec or srun?"""
    return any(name in os.environ for name in SIZES + RANKS)


def rank_count():
    """Number of ranks that the launcher has started; 1 without one, or where it does not tell."""
    return max((int(os.environ.get(name, 1)) for name in SIZES), default=1)

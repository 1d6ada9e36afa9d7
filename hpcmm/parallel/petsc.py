"""Starts and ends PETSc through petsc4py, and chooses the best multigrid that it has."""

import os
import sys

from hpcmm.errors import InputError

MULTIGRID = {
    "hypre": {
        "pc_hypre_boomeramg_coarsen_type": "HMIS",
        "pc_hypre_boomeramg_interp_type": "ext+i",
        "pc_hypre_boomeramg_P_max": "4",
        "pc_hypre_boomeramg_agg_nl": "1",
    },
    "gamg": {"pc_gamg_square_graph": "2"},
}
"""Algebraic multigrid -> its options; the first that PETSc has is taken, as hypre needs half the memory of gamg in the
same time (docs/decisions)."""


REQUIRED = {
    "petsc4py": "`make setup`, or pip install petsc4py with PETSC_DIR set to a PETSc of the same MPI",
}
"""Module that kinds of run with PETSc require -> how to get it."""


def started(comm):
    """Start PETSc on a communicator; returns petsc4py.PETSc. PETSc takes no signals, as these stop a run."""
    import petsc4py

    petsc4py.init(["hpcmm", "-no_signal_handler"], comm=comm)
    from petsc4py import PETSc

    return PETSc


def end():
    """End PETSc on this rank, if it was started.

    Left to Python's exit, petsc4py 3.18 first collects garbage on every communicator, and hangs there where ranks have
    made unequal numbers of objects of their own.
    """
    PETSc = sys.modules.get("petsc4py.PETSc")
    if PETSc is not None and PETSc.Sys.isInitialized() and not PETSc.Sys.isFinalized():
        PETSc._finalize()


def multigrid(PETSc, prefix):
    """Choose a preconditioner and return its name; sets its options unless PETSC_OPTIONS has them.

    Parameters
    ----------
    PETSc : module
        From `started`.
    prefix : str
        Prefix of the solver's options.
    """
    name = "hypre" if PETSc.Sys.hasExternalPackage("hypre") else "gamg"
    options, given = PETSc.Options(prefix), os.environ.get("PETSC_OPTIONS", "")
    for key, value in MULTIGRID[name].items():
        if f"-{prefix}{key}" not in given:
            options.setValue(key, value)
    return name


def shares(ranks, grid):
    """Number of ranks along each axis, so that each rank has cells and borders are short.

    Raises
    ------
    InputError
        If there is no such division of the grid among so many ranks.
    """
    choices = [
        (x, y, ranks // (x * y))
        for x in range(1, ranks + 1) if ranks % x == 0
        for y in range(1, ranks // x + 1) if (ranks // x) % y == 0
    ]  # fmt: skip
    fit = [choice for choice in choices if all(n <= cells for n, cells in zip(choice, grid, strict=True))]
    if not fit:
        raise InputError(f"{ranks} ranks cannot share a grid of {list(grid)} in boxes; fewer are expected")
    # z first: planes of z lie together in memory
    return min(fit, key=lambda choice: (sum(n / cells for n, cells in zip(choice, grid, strict=True)), choice))

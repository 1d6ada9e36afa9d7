"""Shares rows of arrays among ranks and sends rows to the ranks that own them."""

import numpy as np

from hpcmm.parallel.collective import on_all


def share_of(total, rank, ranks):
    """(first, last + 1) of ``total`` rows that a rank holds where ranks share them in order."""
    return total * rank // ranks, total * (rank + 1) // ranks


def owner_of(rows, total, ranks):
    """Find the ranks that hold rows by `share_of`: array of int [row].

    Parameters
    ----------
    rows : array of int
        Row numbers from 0 to ``total`` - 1.
    total, ranks : int
    """
    firsts = [share_of(total, rank, ranks)[0] for rank in range(ranks)]
    return np.searchsorted(firsts, rows, side="right") - 1


def to_owners(comm, owner, *arrays):
    """Collective: send every row to the rank that owns it.

    Parameters
    ----------
    comm : communicator
    owner : array of int [row]
        Rank that each row goes to.
    arrays : arrays [row, ...]
        Values of the rows; at most some 2^30 bytes a rank.

    Returns
    -------
    list of array
        Rows that came to this rank, those of rank 0 first.
    """

    def sort():
        order = np.argsort(owner, kind="stable")
        borders = np.searchsorted(owner[order], np.arange(1, comm.size))
        return [np.split(array[order], borders) for array in arrays]

    parts = on_all(comm, sort)
    came = comm.alltoall([[part[rank] for part in parts] for rank in range(comm.size)])
    return [np.concatenate([pieces[i] for pieces in came]) for i in range(len(arrays))]

"""Sums of floating-point numbers over all ranks that have the same bits however the numbers are shared and ordered."""

import math

import numpy as np

PARTS = 3
"""Whole numbers that stand for one number; two hold all digits of a double unless terms are many."""


def exact_sums(comm, values, bins=None, count=1):
    """Collective: sum numbers by bin, in whole multiples of a power of two, which any order sums to the same bits.

    Parameters
    ----------
    comm : communicator
    values : array (n,)
        Numbers of this rank.
    bins : array of int (n,), optional
        Bin of each; default: all in one.
    count : int
        Number of bins.

    Returns
    -------
    array (count,)
        Sums over all ranks, to the last digits of a double; nan where any number is not finite.
    """
    values = np.ravel(values).astype(float)
    bins = np.zeros(len(values), int) if bins is None else np.ravel(bins)
    finite, largest = np.isfinite(values), np.zeros(count)
    values = np.where(finite, values, 0.0)
    np.maximum.at(largest, bins, np.where(finite, np.abs(values), np.inf))
    every = comm.allgather((len(values), largest))
    largest = np.array([most for _, most in every]).max(axis=0)
    # so few bits that sums of all terms stay below 2^53, where doubles hold whole numbers exactly
    bits = 52 - math.ceil(math.log2(max(sum(n for n, _ in every), 2)))
    unit = np.ldexp(1.0, np.frexp(np.where(np.isfinite(largest), largest, 1.0))[1])
    rest, parts = values / unit[bins], []
    for _ in range(PARTS):
        rest = rest * 2.0**bits
        whole = np.rint(rest)
        parts.append(np.bincount(bins, whole, count))
        rest = rest - whole
    totals = sum(comm.allgather(np.array(parts)))
    found = sum(totals[i] * 2.0 ** (-bits * (i + 1)) for i in reversed(range(PARTS)))
    return np.where(np.isfinite(largest), found * unit, np.nan)

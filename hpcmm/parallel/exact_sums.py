"""Sums of floating-point numbers over all ranks that have the same bits however the numbers are shared and ordered."""

import math

import numpy as np

PARTS = 3
"""Whole numbers that stand for one number; two hold all digits of a double unless terms are many."""

CHUNK = 2**16
"""Numbers that are taken at a time, so that little memory is needed beside them."""


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
    values, bins = np.ravel(values), None if bins is None else np.ravel(bins)
    chunks = [slice(first, first + CHUNK) for first in range(0, len(values), CHUNK)]
    largest = np.zeros(count)
    for chunk in chunks:
        size = np.abs(values[chunk].astype(float))
        np.maximum.at(largest, _bins(bins, chunk, size), np.where(np.isfinite(size), size, np.inf))
    every = comm.allgather((len(values), largest))
    largest = np.array([most for _, most in every]).max(axis=0)
    # so few bits that sums of all terms stay below 2^53, where doubles hold whole numbers exactly
    bits = 52 - math.ceil(math.log2(max(sum(n for n, _ in every), 2)))
    unit = np.ldexp(1.0, np.frexp(np.where(np.isfinite(largest), largest, 1.0))[1])
    parts = np.zeros((PARTS, count))
    for chunk in chunks:
        rest = values[chunk].astype(float)
        here = _bins(bins, chunk, rest)
        rest = np.where(np.isfinite(rest), rest, 0.0) / unit[here]
        for part in parts:
            rest = rest * 2.0**bits
            whole = np.rint(rest)
            part += np.bincount(here, whole, count)
            rest = rest - whole
    totals = sum(comm.allgather(parts))
    found = sum(totals[i] * 2.0 ** (-bits * (i + 1)) for i in reversed(range(PARTS)))
    return np.where(np.isfinite(largest), found * unit, np.nan)


def _bins(bins, chunk, values):
    return np.zeros(len(values), int) if bins is None else bins[chunk]

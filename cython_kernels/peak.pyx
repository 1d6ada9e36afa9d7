"""Vector multiply-adds on registers alone, whose rate `hpcmm bench` measures."""

from libc.stdint cimport int64_t

cdef extern from "peak.h":
    enum: PEAK_CHAINS
    double multiply_add_chains(int64_t rounds) noexcept nogil


def multiply_adds(int64_t rounds):
    """Do ``rounds`` times PEAK_CHAINS vector multiply-adds; returns (their number, a sum that keeps them alive)."""
    cdef double total
    with nogil:
        total = multiply_add_chains(rounds)
    return rounds * PEAK_CHAINS, total

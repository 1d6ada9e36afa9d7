"""Cells of a lattice that are occupied or not, drawn anew at intervals of their lifetime."""

from libc.stdint cimport uint64_t

import numpy as np

from cython_kernels.block cimport HPCMM_LANES, aligned_rows


cdef class Cells:
    """Which cells are occupied at which step, for a scatterer (docs/physics.md 8.7).

    Parameters
    ----------
    period : float
        Edge of the cubic cells, which are centred on the points of the lattice [pc].
    steps : float
        Lifetime, in steps; below 1 every step draws anew.
    occupied : float
        Probability that a cell is occupied in an interval.
    phases, draws : int
        64-bit keys of the streams that give each cell the phase of its intervals, and their draws.
    layers : bool
        Cells are slabs normal to x.
    """

    def __init__(self, double period, double steps, double occupied, uint64_t phases, uint64_t draws,
                 bint layers=False):
        if not (period > 0 and np.isfinite(period) and steps > 0 and 0 <= occupied <= 1):
            raise ValueError(f"a period and a lifetime above 0, a probability of 0 to 1 are expected, "
                             f"got {period}, {steps}, {occupied}")
        self._rows = aligned_rows(6)
        cdef double* row = &self._rows[0, 0]
        self.c.cx, self.c.cy, self.c.cz = row, row + HPCMM_LANES, row + 2 * HPCMM_LANES
        row += 3 * HPCMM_LANES
        self.c.ox, self.c.oy, self.c.oz = row, row + HPCMM_LANES, row + 2 * HPCMM_LANES
        self.c.period, self.c.per_period = period, 1 / period
        self.c.per_life, self.c.occupied = min(1 / steps, 1.0), occupied
        self.c.phases, self.c.draws, self.c.layers = phases, draws, layers

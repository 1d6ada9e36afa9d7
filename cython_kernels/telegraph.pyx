"""Particles at +-c on a line with periodic patches of scattering, from turn to turn (SPEC 2.4 i)."""

from libc.stdint cimport int64_t, uint64_t

import math

import numpy as np

from cython_kernels.block cimport HPCMM_LANES, aligned_rows

cdef extern from "telegraph.h":
    enum: TELEGRAPH_LANES
    enum: TELEGRAPH_ROWS
    ctypedef struct Line:
        double f
        double depth
        double depth_mm
        double per_mm
        double per_res
        double early
        double end
    void telegraph_start(const Line *m, double *rows, uint64_t key, uint64_t first) noexcept nogil
    int telegraph_fly(const Line *m, double *rows, uint64_t key, uint64_t first, int64_t pair,
                      int64_t stop) noexcept nogil

LANES = TELEGRAPH_LANES
ROWS = ("depth", "sense", "time", "origin", "early", "end", "in_mm", "entries", "turns")
"""Rows of a block's state; see telegraph.h."""

assert len(ROWS) == TELEGRAPH_ROWS and LANES == HPCMM_LANES


cdef class TelegraphBlock:
    """LANES particles on the line, each keyed by its id, so that no other can change its path.

    Parameters
    ----------
    nu_mm, nu_res : float
        Scattering rates inside and outside the patches [c per period], above 0.
    f_mm : float
        Part of the period within the patch, 0 to 1.
    duration : float
        T [periods / c]; displacements are sampled at T/3 and T.
    key : int
        Of the random stream.
    first_particle : int
        Id of lane 0; lane j is particle ``first_particle + j``.
    active : int
        Lanes that count; the others stay where they are.

    Attributes
    ----------
    state : (len(ROWS), LANES) array
        A view.
    pair : int
        Counter of the random numbers to come; each gives two flights.
    done : bool
        Have all active particles passed T?
    """

    cdef Line line
    cdef double[:, ::1] _rows
    cdef uint64_t _key, _first
    cdef readonly object state
    cdef readonly int64_t pair
    cdef readonly int active
    cdef readonly bint done

    def __init__(self, double nu_mm, double nu_res, double f_mm, double duration, uint64_t key,
                 uint64_t first_particle=0, int active=LANES):
        if not (0 < nu_mm < math.inf and 0 < nu_res < math.inf and 0 <= f_mm <= 1 and 0 < duration < math.inf):
            raise ValueError(f"rates and duration must be positive, f_mm in [0, 1], got {nu_mm}, {nu_res}, "
                             f"{duration}, {f_mm}")
        if not 1 <= active <= LANES:
            raise ValueError(f"a block holds 1 to {LANES} particles, got {active}")
        self.line.f = f_mm
        self.line.depth_mm = f_mm * nu_mm / 2
        self.line.depth = self.line.depth_mm + (1 - f_mm) * nu_res / 2
        self.line.per_mm, self.line.per_res = 2 / nu_mm, 2 / nu_res
        self.line.early, self.line.end = duration / 3, duration
        self._key, self._first, self.active = key, first_particle, active
        self._rows = aligned_rows(TELEGRAPH_ROWS)
        self.state = np.asarray(self._rows)
        telegraph_start(&self.line, &self._rows[0, 0], key, first_particle)
        self.state[ROWS.index("time"), active:] = duration
        self.pair, self.done = 1, False

    def advance(self, int64_t pairs):
        """Fly on for so many pairs of flights, or to the end."""
        cdef int64_t stop = self.pair + pairs
        cdef bint done
        with nogil:
            done = telegraph_fly(&self.line, &self._rows[0, 0], self._key, self._first, self.pair, stop)
        self.pair, self.done = stop, done

    def resume(self, state, int64_t pair):
        """Take on the state of a block that was saved."""
        self.state[...] = state
        self.pair = pair
        self.done = bool((self.state[ROWS.index("time"), : self.active] >= self.line.end).all())

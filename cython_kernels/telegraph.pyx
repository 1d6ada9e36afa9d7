"""Particles at +-c on a line with periodic patches of scattering, from turn to turn (docs/physics.md 7.1)."""

from libc.stdint cimport int64_t, uint64_t

import math

import numpy as np

cdef extern from "telegraph.h":
    enum: TELEGRAPH_ROWS
    enum: HPCMM_WIDTH
    ctypedef struct Line:
        double f
        double depth
        double depth_mm
        double per_mm
        double per_res
        double early
        double end
    ctypedef struct Track:
        int64_t intervals
        double *place
        int64_t *next
    void telegraph_start(const Line *m, double *rows, int64_t n, uint64_t key, uint64_t first) noexcept nogil
    int telegraph_fly(const Line *m, double *rows, int64_t n, uint64_t key, uint64_t first,
                      int64_t pairs) noexcept nogil
    int telegraph_fly_tracked(const Line *m, double *rows, int64_t n, uint64_t key, uint64_t first, int64_t pairs,
                              const Track *track) noexcept nogil

WIDTH = HPCMM_WIDTH
"""Number of particles in flight at a time."""

ROWS = ("depth", "sense", "time", "origin", "early", "end", "in_mm", "entries", "turns", "pair")
"""Names of the rows of a block's state; see telegraph.h."""

assert len(ROWS) == TELEGRAPH_ROWS


cdef class TelegraphBlock:
    """Particles on the line, each keyed by its id, so that no other can change its path.

    Parameters
    ----------
    nu_mm, nu_res : float
        Scattering rates inside and outside the patches [c per period], above 0.
    f_mm : float
        Part of the period within the patch, 0 to 1.
    duration : float
        T [periods / c]; displacements are sampled at T/3 and T.
    key : int
        64-bit key of the random stream.
    first_particle : int
        Id of the first particle; the j-th is particle ``first_particle + j``.
    particles : int
        Number of particles.
    intervals : int
        Number of equal intervals of T at which tracks are kept; 0: no tracks.

    Attributes
    ----------
    state : (len(ROWS), particles) array
        A view; all that a block needs to resume.
    tracks : (particles, intervals + 1) array or None
        Displacements from the start [periods].
    done : bool
        True if all particles have passed T.
    """

    cdef Line line
    cdef Track track
    cdef double[:, ::1] _rows
    cdef double[:, ::1] _places
    cdef int64_t[::1] _next
    cdef uint64_t _key, _first
    cdef readonly object state, tracks
    cdef readonly bint done

    def __init__(self, double nu_mm, double nu_res, double f_mm, double duration, uint64_t key,
                 uint64_t first_particle=0, int64_t particles=64, int64_t intervals=0):
        if not (0 < nu_mm < math.inf and 0 < nu_res < math.inf and 0 <= f_mm <= 1 and 0 < duration < math.inf):
            raise ValueError(f"rates and duration must be positive, f_mm in [0, 1], got {nu_mm}, {nu_res}, "
                             f"{duration}, {f_mm}")
        if particles < 1 or intervals < 0:
            raise ValueError(f"a block holds particles and no less than 0 intervals, got {particles}, {intervals}")
        self.line.f = f_mm
        self.line.depth_mm = f_mm * nu_mm / 2
        self.line.depth = self.line.depth_mm + (1 - f_mm) * nu_res / 2
        self.line.per_mm, self.line.per_res = 2 / nu_mm, 2 / nu_res
        self.line.early, self.line.end = duration / 3, duration
        self._key, self._first = key, first_particle
        self.state = np.zeros((TELEGRAPH_ROWS, particles))
        self._rows = self.state
        telegraph_start(&self.line, &self._rows[0, 0], particles, key, first_particle)
        self.done, self.tracks = False, None
        if intervals:
            self.tracks = np.zeros((particles, intervals + 1))
            self._places, self._next = self.tracks, np.ones(particles, dtype=np.int64)
            self.track.intervals = intervals
            self.track.place, self.track.next = &self._places[0, 0], &self._next[0]

    def advance(self, int64_t pairs):
        """Fly on, WIDTH particles at a time, for ``pairs`` pairs of flights of each lane, or to the end."""
        cdef int64_t n = self._rows.shape[1]
        cdef bint done
        with nogil:
            if self.track.intervals:
                done = telegraph_fly_tracked(&self.line, &self._rows[0, 0], n, self._key, self._first, pairs,
                                             &self.track)
            else:
                done = telegraph_fly(&self.line, &self._rows[0, 0], n, self._key, self._first, pairs)
        self.done = done

    def resume(self, state):
        """Resume from the saved state of a block; not for blocks with tracks, which would begin in the middle."""
        if self.track.intervals:
            raise ValueError("a block with tracks flies from start to end")
        self.state[...] = state
        self.done = bool((self.state[ROWS.index("time")] >= self.line.end).all())

"""Blocks of particles in structure-of-arrays form, the state that kernels advance."""

from libc.stdint cimport uintptr_t

import numpy as np

LANES = HPCMM_LANES


cdef double[:, ::1] aligned_rows(Py_ssize_t rows):
    """Zeroed rows of LANES doubles on a 64-byte boundary, as the vector loads need."""
    raw = np.zeros(rows * HPCMM_LANES + 8)
    cdef Py_ssize_t shift = (-<Py_ssize_t>(<uintptr_t>raw.ctypes.data % 64) % 64) // 8
    if shift < 0:
        shift += 8
    return raw[shift:shift + rows * HPCMM_LANES].reshape(rows, HPCMM_LANES)


cdef class ParticleBlock:
    """LANES particles that share energy, step and schedule.

    Parameters
    ----------
    origin : (3, n) array
        Each particle's own origin [pc], n <= LANES; unfilled lanes are inert copies of the last one.
    direction : (3, n) array
        Unit vectors at the start.
    first_particle : int
        Id of lane 0 within its realization; lane j is particle ``first_particle + j``.

    Attributes
    ----------
    state : (12, LANES) array
        Rows x y z (displacement, pc), direction, origin, direction at the start. A view: writing to it
        moves the particles.
    """

    def __init__(self, origin, direction, int64_t first_particle=0):
        origin = np.asarray(origin, dtype=np.float64)
        direction = np.asarray(direction, dtype=np.float64)
        if origin.ndim != 2 or origin.shape[0] != 3 or origin.shape != direction.shape:
            raise ValueError(f"origin and direction need shape (3, n), got {origin.shape} and {direction.shape}")
        n = origin.shape[1]
        if not 1 <= n <= HPCMM_LANES:
            raise ValueError(f"a block holds 1 to {HPCMM_LANES} particles, got {n}")
        if not (np.isfinite(origin).all() and np.allclose((direction**2).sum(0), 1, rtol=0, atol=1e-12)):
            raise ValueError("origins must be finite and directions of unit length")
        self._rows = aligned_rows(12)
        self.state = np.asarray(self._rows)
        self.state[3:6, :n] = direction
        self.state[6:9, :n] = origin
        self.state[3:9, n:] = self.state[3:9, n - 1:n]
        self.state[9:12] = self.state[3:6]
        cdef double* row = &self._rows[0, 0]
        self.c.x, self.c.y, self.c.z = row, row + HPCMM_LANES, row + 2 * HPCMM_LANES
        self.c.nx, self.c.ny, self.c.nz = row + 3 * HPCMM_LANES, row + 4 * HPCMM_LANES, row + 5 * HPCMM_LANES
        self.c.ox, self.c.oy, self.c.oz = row + 6 * HPCMM_LANES, row + 7 * HPCMM_LANES, row + 8 * HPCMM_LANES
        self.c.n0x = row + 9 * HPCMM_LANES
        self.c.n0y = row + 10 * HPCMM_LANES
        self.c.n0z = row + 11 * HPCMM_LANES
        self.c.first_particle = first_particle
        self.c.step = 0
        self.c.in_patch = 0
        self.c.active = n

    @property
    def step(self):
        """Number of steps done since the start."""
        return self.c.step

    @step.setter
    def step(self, int64_t value):
        self.c.step = value

    @property
    def in_patch(self):
        """Number of steps of active lanes inside patches since the start."""
        return self.c.in_patch

    @in_patch.setter
    def in_patch(self, int64_t value):
        self.c.in_patch = value

    @property
    def active(self):
        """Number of lanes that hold particles; the rest are copies of the last one."""
        return self.c.active

    @property
    def first_particle(self):
        """Id of lane 0 within its realization."""
        return self.c.first_particle

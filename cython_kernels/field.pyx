"""The interface of all fields: base class and sum."""

from libc.stdint cimport int64_t

import numpy as np

from cython_kernels.block cimport HPCMM_LANES, Block, ParticleBlock, aligned_rows


cdef class Field:
    """A magnetic field in units of B_rms, evaluated at all lanes of a block at once. This one is zero.

    ``anchor`` is called at absolute multiples of the chunk and after a restart: all that a field caches
    along trajectories is formed anew there, from origin and displacement alone. ``add`` adds the field at
    the present places to b, rows bx, by, bz.
    """

    cdef void anchor(self, const Block* p) noexcept nogil:
        pass

    cdef void add(self, const Block* p, double* b) noexcept nogil:
        pass

    def __add__(self, other):
        return Sum(self, other)

    def at(self, ParticleBlock block not None):
        """Field at the places of a block, shape (3, LANES), in units of B_rms."""
        cdef double[:, ::1] b = aligned_rows(3)
        self.anchor(&block.c)
        self.add(&block.c, &b[0, 0])
        return np.asarray(b)

    def evaluate_many(self, ParticleBlock block not None, int64_t times):
        """Add the field ``times`` times at one place and return the sum; `hpcmm bench` measures its time."""
        cdef double[:, ::1] b = aligned_rows(3)
        cdef int64_t _
        self.anchor(&block.c)
        for _ in range(times):
            self.add(&block.c, &b[0, 0])
        return np.asarray(b)

    def along(self, ParticleBlock block not None, displacement, direction, int64_t chunk):
        """Field along given tracks, evaluated step by step as a run does, anchored at multiples of ``chunk``.

        Parameters
        ----------
        block : ParticleBlock
            A block whose displacements, directions and step are overwritten.
        displacement, direction : (steps, 3, LANES) arrays
        chunk : int

        Returns
        -------
        (steps, 3, LANES) array, in units of B_rms
        """
        out = np.zeros((len(displacement), 3, HPCMM_LANES))
        cdef double[:, ::1] b = aligned_rows(3)
        for i in range(len(displacement)):
            block.state[0:3] = displacement[i]
            block.state[3:6] = direction[i]
            block.c.step = i
            if i % chunk == 0:
                self.anchor(&block.c)
            b[:] = 0
            self.add(&block.c, &b[0, 0])
            out[i] = b
        return out


cdef class Sum(Field):
    """The sum of two fields."""

    def __init__(self, Field first not None, Field second not None):
        self.first = first
        self.second = second

    cdef void anchor(self, const Block* p) noexcept nogil:
        self.first.anchor(p)
        self.second.anchor(p)

    cdef void add(self, const Block* p, double* b) noexcept nogil:
        self.first.add(p, b)
        self.second.add(p, b)

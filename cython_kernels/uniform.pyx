"""The uniform field."""

from cython_kernels.block cimport HPCMM_LANES, Block
from cython_kernels.field cimport Field


cdef class UniformField(Field):
    """B(r) = B0, in units of B_rms."""

    cdef double bx
    cdef double by
    cdef double bz

    def __init__(self, double bx, double by, double bz):
        self.bx, self.by, self.bz = bx, by, bz

    cdef void add(self, const Block* p, double* b) noexcept nogil:
        cdef int j
        for j in range(HPCMM_LANES):
            b[j] += self.bx
            b[HPCMM_LANES + j] += self.by
            b[2 * HPCMM_LANES + j] += self.bz

from libc.stdint cimport int64_t

cdef extern from "block.h":
    enum: HPCMM_LANES
    ctypedef struct Block:
        double *x
        double *y
        double *z
        double *nx
        double *ny
        double *nz
        const double *ox
        const double *oy
        const double *oz
        const double *n0x
        const double *n0y
        const double *n0z
        int64_t first_particle
        int64_t step
        int64_t in_patch
        int active
    void drift(Block *p, double length) noexcept nogil
    void boris_rotate(Block *p, const double *b, double half_angle) noexcept nogil

cdef double[:, ::1] aligned_rows(Py_ssize_t rows)

cdef class ParticleBlock:
    cdef Block c
    cdef readonly object state
    cdef double[:, ::1] _rows

from libc.stdint cimport int64_t

from cython_kernels.block cimport Block

cdef extern from "lags.h":
    enum: LAG_LEVELS
    enum: LAG_POINTS
    enum: LAG_ROWS
    enum: LAG_COUNT
    enum: LAG_COLUMNS
    ctypedef struct Lags:
        double *ring
        double *sums
        int64_t points
    void lags_take(Lags *a, const Block *p) noexcept nogil

cdef class Correlator:
    cdef Lags c
    cdef readonly object sums
    cdef double[:, ::1] _sums
    cdef double[:, ::1] _ring
    cdef int64_t[::1] _ends
    cdef int64_t _every, _next
    cdef Py_ssize_t _stage
    cdef void take(self, const Block* p) noexcept nogil
    cdef void begin_stage(self, const Block* p) noexcept nogil

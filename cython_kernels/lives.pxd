"""Cells that live and die, for the scatterers that have them."""

from libc.stdint cimport uint64_t

from cython_kernels.block cimport Block


cdef extern from "lives.h":
    ctypedef struct Lives:
        double period
        double per_period
        double per_life
        double occupied
        int layers
        uint64_t phases
        uint64_t draws
        double *cx
        double *cy
        double *cz
        double *ox
        double *oy
        double *oz
    void lives_anchor(Lives* a, const Block* p) noexcept nogil


cdef class Cells:
    cdef Lives c
    cdef double[:, ::1] _rows

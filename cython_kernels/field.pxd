from cython_kernels.block cimport Block

cdef class Field:
    cdef void anchor(self, const Block* p) noexcept nogil
    cdef void add(self, const Block* p, double* b) noexcept nogil

cdef class Sum(Field):
    cdef Field first
    cdef Field second

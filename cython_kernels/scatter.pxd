from cython_kernels.block cimport Block

cdef class Scatterer:
    cdef void anchor(self, const Block* p) noexcept nogil
    cdef void kick(self, Block* p, const double* b) noexcept nogil

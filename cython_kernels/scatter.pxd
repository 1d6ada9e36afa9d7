from cython_kernels.block cimport Block

cdef class Scatterer:
    cdef void kick(self, Block* p, const double* b) noexcept nogil

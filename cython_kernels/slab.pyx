"""Values of a file into a cube in memory: converted, scaled, summed up and placed in one pass."""

from libc.stdint cimport int64_t, uint32_t

cdef extern from "slab.h":
    uint32_t slab_row_ff(int parts, const char* const* at, int64_t step, float* out, int64_t skip, int64_t n,
                         const double* less, double unit) noexcept nogil
    uint32_t slab_row_fd(int parts, const char* const* at, int64_t step, double* out, int64_t skip, int64_t n,
                         const double* less, double unit) noexcept nogil
    uint32_t slab_row_df(int parts, const char* const* at, int64_t step, float* out, int64_t skip, int64_t n,
                         const double* less, double unit) noexcept nogil
    uint32_t slab_row_dd(int parts, const char* const* at, int64_t step, double* out, int64_t skip, int64_t n,
                         const double* less, double unit) noexcept nogil

ctypedef const float read_float
ctypedef const double read_double

ctypedef fused stored:
    read_float
    read_double

ctypedef fused kept:
    float
    double


def place(kept[:, :, :, :] out, stored[:, :, :] x, stored[:, :, :] y, stored[:, :, :] z, less, double unit):
    """Set out[..., i] = ((x, y, z)[i] - less[i]) / unit, each rounded once; returns the sum of the 32-bit words read.

    Parameters
    ----------
    out : (n0, n1, n2, parts) array of float32 or float64
        Of 1 or 3 parts, one after the other in memory; other strides are free.
    x, y, z : (n0, n1, n2) arrays of float32 or float64
        In this machine's order of bytes, with the same strides; ``y`` and ``z`` are not read where there is one part.
    less : sequence of floats
        One a part.
    unit : float

    Returns
    -------
    int
        Modulo 2^32.
    """
    cdef int64_t i, j, n = out.shape[2], skip = out.strides[2] // sizeof(out[0, 0, 0, 0]), step = x.strides[2]
    cdef int parts = out.shape[3]
    cdef double shift[3]
    cdef const char* at[3]
    cdef uint32_t words = 0
    for i in range(parts):
        shift[i] = less[i]
    for i in range(3):
        if x.strides[i] != y.strides[i] or x.strides[i] != z.strides[i]:
            raise ValueError("components have different strides")
        if not (x.shape[i] == y.shape[i] == z.shape[i] == out.shape[i]):
            raise ValueError("values and out have different shapes")
    if parts not in (1, 3) or (parts == 3 and out.strides[3] != sizeof(out[0, 0, 0, 0])):
        raise ValueError("1 or 3 parts, one after the other in memory, are expected")
    if out.shape[0] == 0 or out.shape[1] == 0 or n == 0:
        return 0
    with nogil:
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                at[0], at[1], at[2] = <const char*>&x[i, j, 0], <const char*>&y[i, j, 0], <const char*>&z[i, j, 0]
                if kept is float and stored is read_float:
                    words += slab_row_ff(parts, at, step, &out[i, j, 0, 0], skip, n, shift, unit)
                elif kept is float:
                    words += slab_row_df(parts, at, step, &out[i, j, 0, 0], skip, n, shift, unit)
                elif stored is read_float:
                    words += slab_row_fd(parts, at, step, &out[i, j, 0, 0], skip, n, shift, unit)
                else:
                    words += slab_row_dd(parts, at, step, &out[i, j, 0, 0], skip, n, shift, unit)
    return words

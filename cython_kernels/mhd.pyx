"""Loops of the spectral MHD solver (`hpcmm.kinds.mhd`): products at points, one Runge-Kutta stage of all modes."""

from libc.stdint cimport int64_t

cdef extern from "mhd.h":
    enum: HPCMM_WIDTH
    ctypedef struct double_Modes:
        int64_t planes
        int64_t rows
        int64_t row
        const double *k[3]
        const double *decay_u[3]
        const double *decay_b[3]
    ctypedef struct float_Modes:
        int64_t planes
        int64_t rows
        int64_t row
        const float *k[3]
        const float *decay_u[3]
        const float *decay_b[3]
    void double_difference(double *out, const double *p, const double *q, const double *r, const double *s,
                           int64_t n) noexcept nogil
    void float_difference(float *out, const float *p, const float *q, const float *r, const float *s,
                          int64_t n) noexcept nogil
    void double_trace_free(double *out, const double *u, const double *b, const double *w, const double *c,
                           int64_t n) noexcept nogil
    void float_trace_free(float *out, const float *u, const float *b, const float *w, const float *c,
                          int64_t n) noexcept nogil
    void double_speeds(const double *fields, int64_t stride, double *found) noexcept nogil
    void float_speeds(const float *fields, int64_t stride, double *found) noexcept nogil
    void double_stage(const double *products, double *q, double *g, const double_Modes *m, double A, double B,
                      double dt) noexcept nogil
    void float_stage(const float *products, float *q, float *g, const float_Modes *m, float A, float B,
                     float dt) noexcept nogil

ctypedef fused real:
    double
    float

VECTOR_BYTES = 8 * HPCMM_WIDTH
"""Rows of modes, and fields at points, are padded with zeros to whole vectors of so many bytes."""

PRODUCTS = 8
"""Number of products: S_xx, S_yy without S_zz, S_xy, S_xz, S_yz of S = u u - b b, then u x b."""

cdef int[8][4] _FACTORS = [[0, 3, 2, 5], [1, 4, 2, 5], [0, 1, 3, 4], [0, 2, 3, 5], [1, 2, 4, 5],
                           [1, 5, 2, 4], [2, 3, 0, 5], [0, 4, 1, 3]]


def product(int which, const real[:, ::1] fields, real[:, :, ::1] out):
    """Form one of the products at all points of this rank.

    Parameters
    ----------
    which : int
        Below PRODUCTS.
    fields : array (6, padded number of points)
        u_x, u_y, u_z, b_x, b_y, b_z.
    out : array [z, y, x]
    """
    cdef int64_t n = out.shape[0] * out.shape[1] * out.shape[2]
    cdef const int *factors
    cdef real *into
    cdef bint whole = fields.shape[1] * sizeof(real) % (8 * HPCMM_WIDTH) == 0
    if not 0 <= which < 8 or fields.shape[0] != 6 or fields.shape[1] < n or not whole:
        raise ValueError(f"product {which} of fields {fields.shape[0]} x {fields.shape[1]} at {n} points")
    if n == 0:
        return
    factors, into = _FACTORS[which], &out[0, 0, 0]
    with nogil:
        if real is double:
            if which < 2:
                double_trace_free(into, &fields[factors[0], 0], &fields[factors[1], 0], &fields[factors[2], 0],
                                  &fields[factors[3], 0], n)
            else:
                double_difference(into, &fields[factors[0], 0], &fields[factors[1], 0], &fields[factors[2], 0],
                                  &fields[factors[3], 0], n)
        else:
            if which < 2:
                float_trace_free(into, &fields[factors[0], 0], &fields[factors[1], 0], &fields[factors[2], 0],
                                 &fields[factors[3], 0], n)
            else:
                float_difference(into, &fields[factors[0], 0], &fields[factors[1], 0], &fields[factors[2], 0],
                                 &fields[factors[3], 0], n)


def speeds(const real[:, ::1] fields):
    """Largest |u| + |b|, |u| and |b| of this rank's points; the first is nan where any number is not finite."""
    cdef double[3] found
    if fields.shape[0] != 6 or fields.shape[1] * sizeof(real) % (8 * HPCMM_WIDTH):
        raise ValueError(f"speeds of fields {fields.shape[0]} x {fields.shape[1]}")
    found[0] = found[1] = found[2] = 0.0
    if fields.shape[1]:
        with nogil:
            if real is double:
                double_speeds(&fields[0, 0], fields.shape[1], found)
            else:
                float_speeds(&fields[0, 0], fields.shape[1], found)
    return found[0], found[1], found[2]


def stage(const real[:, :, :, ::1] products, real[:, :, :, ::1] q, real[:, :, :, ::1] g, tuple waves, tuple decay_u,
          tuple decay_b, double A, double B, double dt):
    """Take one Runge-Kutta stage of all modes of this rank: g = A g + dt rhs, q = q + B g, both times the decay.

    Parameters
    ----------
    products : array (8, planes, rows, row)
        Transformed products; complex numbers as pairs, rows padded to whole vectors.
    q, g : arrays (6, planes, rows, row)
        u and b, and the second register; changed.
    waves, decay_u, decay_b : tuple of 3 array
        Wavenumbers and factors of decay along z, y and x, those along x twice each.
    A, B, dt : float
    """
    cdef double_Modes md
    cdef float_Modes mf
    cdef const real[::1] view
    cdef int i
    cdef int64_t planes = q.shape[1], rows = q.shape[2], row = q.shape[3]
    if (products.shape[0] != 8 or q.shape[0] != 6 or g.shape[0] != 6 or row * sizeof(real) % (8 * HPCMM_WIDTH)):
        raise ValueError("a stage takes 8 products and 2 x 6 registers in padded rows")
    for i in range(3):
        if products.shape[i + 1] != q.shape[i + 1] or g.shape[i + 1] != q.shape[i + 1]:
            raise ValueError("products and registers differ in shape")
        for table in (waves, decay_u, decay_b):
            if len(table[i]) != q.shape[i + 1]:
                raise ValueError("a table of wavenumbers or factors does not fit the registers")
    if planes * rows * row == 0:
        return
    for i in range(3):
        if real is double:
            view = waves[i]
            md.k[i] = &view[0]
            view = decay_u[i]
            md.decay_u[i] = &view[0]
            view = decay_b[i]
            md.decay_b[i] = &view[0]
            md.planes, md.rows, md.row = planes, rows, row
        else:
            view = waves[i]
            mf.k[i] = &view[0]
            view = decay_u[i]
            mf.decay_u[i] = &view[0]
            view = decay_b[i]
            mf.decay_b[i] = &view[0]
            mf.planes, mf.rows, mf.row = planes, rows, row
    with nogil:
        if real is double:
            double_stage(&products[0, 0, 0, 0], &q[0, 0, 0, 0], &g[0, 0, 0, 0], &md, A, B, dt)
        else:
            float_stage(&products[0, 0, 0, 0], &q[0, 0, 0, 0], &g[0, 0, 0, 0], &mf, <float>A, <float>B, <float>dt)

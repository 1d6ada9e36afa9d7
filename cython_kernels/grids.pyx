"""A ladder of periodic grids, each turned and shifted at random, vectorised across the particles of a block."""

from libc.stdint cimport int64_t, uintptr_t

import numpy as np

from cython_kernels.block cimport HPCMM_LANES, Block, aligned_rows
from cython_kernels.field cimport Field

cdef extern from "grids.h":
    ctypedef enum Interpolation:
        TRILINEAR
        SOLENOIDAL
    ctypedef struct Grid:
        double turns[3][3]
        double offset[3]
        double cells[3][3]
        double period[3]
        double per_pc
        float to_lab[3][3]
        int points[3]
        const float* values
    ctypedef struct Held:
        pass
    enum: GROUPS
    void grids_anchor(int64_t grids, const Grid* grid, const Block* p, Held* held) noexcept nogil
    void grids_add(Interpolation kind, int64_t grids, const Grid* grid, Held* held, const double* d,
                   const double* next, double* b) noexcept nogil

INTERPOLATIONS = {"trilinear": TRILINEAR, "solenoidal": SOLENOIDAL}


cdef class NestedGridField(Field):
    """B(r) = sum_i R_i^T f_i(u), u = points (R_i r / L_i + o_i) modulo points, f_i interpolated between values.

    Parameters
    ----------
    values : sequence of (points, points, points + 2, 3) float32 arrays
        One a grid, in units of B_rms, used in place: [z, y, 1 + x, component], components along the grid's own
        axes. x runs from -1 to points: the first and the last plane repeat the ones a period away.
    box : (n,) array
        Periods L_i [pc].
    rotation : (n, 3, 3) array
        R_i: rows are the axes of grid i in the lab frame.
    offset : (n, 3) array
        o_i [periods].
    interpolation : {"trilinear", "solenoidal"}
        "trilinear": values on the nodes, every component linear along every axis. "solenoidal": component c of
        node (x, y, z) sits half a cell up axis c, and is a quadratic B-spline along c and linear across: div B
        is the trilinear interpolant of its differences, zero everywhere if those are (docs/physics.md 3.2).

    Notes
    -----
    Places are formed exactly (products split into value and rounding error, modulo one period) at an anchor,
    to 2^-36 cells from there, up to 2^15 cells away. The polynomial of each lane's present cell is kept until
    it leaves the cell, which changes no bit. Sums are in single precision. A field serves one block at a time.
    """

    cdef int64_t grids
    cdef int64_t points
    cdef Interpolation kind
    cdef readonly object values
    cdef readonly object rotation
    cdef readonly object offset
    cdef object _table
    cdef object _cache
    cdef Grid* grid
    cdef Held* held
    cdef double[:, ::1] places  # rows 0-2: the anchor, 3-5: displacement from it, 6-8: likely next one

    def __init__(self, values, box, rotation, offset, interpolation="trilinear"):
        values = tuple(values)
        box, rotation, offset = (np.array(a, dtype=np.float64, order="C") for a in (box, rotation, offset))
        n = len(values)
        if n == 0 or box.shape != (n,) or rotation.shape != (n, 3, 3) or offset.shape != (n, 3):
            raise ValueError(
                f"{n} grids need box (n,), rotation (n, 3, 3), offset (n, 3), n >= 1; "
                f"got {box.shape}, {rotation.shape}, {offset.shape}"
            )
        if not (np.isfinite(box).all() and (box > 0).all() and np.isfinite(offset).all()):
            raise ValueError("boxes must be positive, offsets finite")
        if not np.allclose(rotation @ rotation.transpose(0, 2, 1), np.eye(3), rtol=0, atol=1e-12):
            raise ValueError("rotations must be orthogonal")
        if interpolation not in INTERPOLATIONS:
            raise ValueError(f"interpolation 'trilinear' or 'solenoidal' is expected, not {interpolation!r}")
        for i, array in enumerate(values):
            _check(array, np.shape(values[0]), i)
        self.kind = INTERPOLATIONS[interpolation]
        self.values, self.grids, self.points = values, n, len(values[0])
        self.rotation, self.offset = rotation, offset
        self._table, self.grid = np.zeros(n * sizeof(Grid), dtype=np.uint8), NULL
        self._fill_table(box, rotation, offset)
        self._cache = np.zeros(n * GROUPS * sizeof(Held) + 64, dtype=np.uint8)
        cdef uintptr_t address = self._cache.ctypes.data
        self.held = <Held*>((address + 63) // 64 * 64)
        self.places = aligned_rows(9)

    def _fill_table(self, double[::1] box, double[:, :, ::1] rotation, double[:, ::1] offset):
        cdef uintptr_t address = self._table.ctypes.data
        cdef int64_t i, j, k, middle = self.values[0].size // 2
        self.grid = <Grid*>address
        for i in range(self.grids):
            address = self.values[i].ctypes.data
            self.grid[i].per_pc = self.points / box[i]
            self.grid[i].values = <const float*>address + middle
            for j in range(3):
                self.grid[i].points[j] = <int>self.points
                self.grid[i].period[j] = self.points
                self.grid[i].offset[j] = offset[i, j]
                for k in range(3):
                    self.grid[i].turns[j][k] = rotation[i, j, k] / box[i]
                    self.grid[i].cells[j][k] = self.points * self.grid[i].turns[j][k]
                    self.grid[i].to_lab[k][j] = <float>rotation[i, j, k]

    cdef void anchor(self, const Block* p) noexcept nogil:
        cdef int j
        for j in range(HPCMM_LANES):
            self.places[0, j] = p.x[j]
            self.places[1, j] = p.y[j]
            self.places[2, j] = p.z[j]
            self.places[3, j] = self.places[4, j] = self.places[5, j] = 0
        grids_anchor(self.grids, self.grid, p, self.held)

    cdef void add(self, const Block* p, double* b) noexcept nogil:
        cdef int j, axis
        cdef double before
        for j in range(HPCMM_LANES):
            for axis in range(3):
                before = self.places[3 + axis, j]
                self.places[3 + axis, j] = (&p.x)[axis][j] - self.places[axis, j]
                self.places[6 + axis, j] = 2 * self.places[3 + axis, j] - before
        grids_add(self.kind, self.grids, self.grid, self.held, &self.places[3, 0], &self.places[6, 0], b)


def _check(array, shape, i):
    """Refuse an array that the kernel would misread."""
    if not isinstance(array, np.ndarray) or array.dtype != np.float32 or not array.flags.c_contiguous:
        raise ValueError(f"grid {i} must be a C-contiguous float32 array")
    points = shape[0] if shape else 0
    fits = array.shape == shape == (points, points, points + 2, 3)
    if not fits or not 2 <= points <= 1024 or points & (points - 1):
        raise ValueError(
            f"grid {i} needs shape (points, points, points + 2, 3), points a power of two up to 1024, as the first; "
            f"got {array.shape}"
        )
    for plane in array:  # one at a time: no second array of that size
        if not np.isfinite(plane).all():
            raise ValueError(f"grid {i} holds what is not a finite number")
        if not (plane[:, 0] == plane[:, -2]).all() or not (plane[:, -1] == plane[:, 1]).all():
            raise ValueError(f"the first and last x planes of grid {i} must repeat those a period away")

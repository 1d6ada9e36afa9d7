"""One grid of any size and sides, from a file: periodic, mirrored, or with nothing beyond it."""

from libc.stdint cimport int64_t, uintptr_t

import numpy as np

from cython_kernels.block cimport HPCMM_LANES, Block, aligned_rows
from cython_kernels.field cimport Field

cdef extern from "grids.h":
    ctypedef enum Interpolation:
        TRILINEAR
        SOLENOIDAL
    ctypedef enum Beyond:
        PERIODIC
        MIRROR
        STOP
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
    void cube_add(Interpolation kind, Beyond beyond, const Grid* grid, Held* held, const double* d,
                  const double* next, double* b) noexcept nogil

INTERPOLATIONS = {"trilinear": TRILINEAR, "solenoidal": SOLENOIDAL}
BOUNDARIES = {"periodic": (PERIODIC, 1), "mirror": (MIRROR, 2), "stop": (STOP, 4)}

MOST_VALUES = 2**32
"""Fewer numbers than these in the array of a grid: indices have 32 bits."""


cdef class CubeField(Field):
    """B(r) = R^T f(u), u_i = points_i ((R r)_i / L_i + o_i), f interpolated between values at whole u.

    Parameters
    ----------
    values : (nz, ny, nx + 2, 3) float32 array
        In units of B_rms, used in place: [z, y, 1 + x, component], all finite. Of a periodic field the first and last
        plane along x repeat those a period away; else they are not read.
    box : (3,) array
        L_i [pc]: points times spacing along x, y, z.
    rotation : (3, 3) array
        R: rows are the axes of the grid in the lab frame.
    offset : (3,) array
        o_i: place of the lab's origin in the grid, in boxes from the first value.
    boundary : {"periodic", "mirror", "stop"}
        "mirror": planes half a cell outside the first and last values reflect the field as an axial vector: the
        component across stays, those along change sign, so that div B = 0. "stop": the field is NaN outside the
        first and last values; whatever a particle meets there is lost.
    interpolation : {"trilinear", "solenoidal"}
        As of `cython_kernels.grids.NestedGridField`; "solenoidal" where periodic.

    Notes
    -----
    A periodic cube with a power of two of points has the bits of a `NestedGridField` of one grid.
    """

    cdef Interpolation kind
    cdef Beyond beyond
    cdef readonly object values
    cdef readonly object rotation
    cdef readonly object offset
    cdef readonly object boundary
    cdef object _table
    cdef object _cache
    cdef Grid* grid
    cdef Held* held
    cdef double[:, ::1] places  # rows 0-2: the anchor, 3-5: displacement from it, 6-8: likely next one

    def __init__(self, values, box, rotation, offset, boundary="periodic", interpolation="trilinear"):
        box, rotation, offset = (np.array(a, dtype=np.float64, order="C") for a in (box, rotation, offset))
        if box.shape != (3,) or rotation.shape != (3, 3) or offset.shape != (3,):
            raise ValueError(f"box (3,), rotation (3, 3), offset (3,) are expected, "
                             f"got {box.shape}, {rotation.shape}, {offset.shape}")
        if not (np.isfinite(box).all() and (box > 0).all() and np.isfinite(offset).all()):
            raise ValueError("boxes must be positive, offsets finite")
        if not np.allclose(rotation @ rotation.T, np.eye(3), rtol=0, atol=1e-12):
            raise ValueError("rotations must be orthogonal")
        if interpolation not in INTERPOLATIONS or boundary not in BOUNDARIES:
            raise ValueError(f"no interpolation {interpolation!r}, or no boundary {boundary!r}")
        if interpolation == "solenoidal" and boundary != "periodic":
            raise ValueError("solenoidal interpolation needs a periodic field")
        if not isinstance(values, np.ndarray) or values.dtype != np.float32 or not values.flags.c_contiguous:
            raise ValueError("values must be a C-contiguous float32 array")
        if values.ndim != 4 or values.shape[3] != 3 or min(values.shape[:3]) < 2 or values.shape[2] < 4:
            raise ValueError(f"values need shape (nz, ny, nx + 2, 3), at least 2 along each axis, got {values.shape}")
        if values.size >= MOST_VALUES:
            raise ValueError(f"{values.size} numbers; fewer than {MOST_VALUES} are expected")
        self.kind = INTERPOLATIONS[interpolation]
        self.beyond, periods = BOUNDARIES[boundary]
        self.values, self.rotation, self.offset, self.boundary = values, rotation, offset, boundary
        self._table = np.zeros(sizeof(Grid), dtype=np.uint8)
        self._fill_table(box * periods, rotation, offset / periods, periods)
        self._cache = np.zeros(GROUPS * sizeof(Held) + 64, dtype=np.uint8)
        cdef uintptr_t address = self._cache.ctypes.data
        self.held = <Held*>((address + 63) // 64 * 64)
        self.places = aligned_rows(9)

    def _fill_table(self, double[::1] period, double[:, ::1] rotation, double[::1] offset, int periods):
        cdef uintptr_t address = self._table.ctypes.data
        cdef int j, k
        cdef double cells
        self.grid = <Grid*>address
        address = self.values.ctypes.data
        # the middle by planes, as the kernel counts it
        self.grid.values = <const float*>address + <int64_t>(self.values.size // 2)
        self.grid.per_pc = 0
        for j in range(3):
            self.grid.points[j] = self.values.shape[2 - j] - (2 if j == 0 else 0)
            cells = periods * self.grid.points[j]
            self.grid.period[j] = cells
            self.grid.per_pc = max(self.grid.per_pc, cells / period[j])
            self.grid.offset[j] = offset[j]
            for k in range(3):
                self.grid.turns[j][k] = rotation[j, k] / period[j]
                self.grid.cells[j][k] = cells * self.grid.turns[j][k]
                self.grid.to_lab[k][j] = <float>rotation[j, k]

    cdef void anchor(self, const Block* p) noexcept nogil:
        cdef int j
        for j in range(HPCMM_LANES):
            self.places[0, j] = p.x[j]
            self.places[1, j] = p.y[j]
            self.places[2, j] = p.z[j]
            self.places[3, j] = self.places[4, j] = self.places[5, j] = 0
        grids_anchor(1, self.grid, p, self.held)

    cdef void add(self, const Block* p, double* b) noexcept nogil:
        cdef int j, axis
        cdef double before
        for j in range(HPCMM_LANES):
            for axis in range(3):
                before = self.places[3 + axis, j]
                self.places[3 + axis, j] = (&p.x)[axis][j] - self.places[axis, j]
                self.places[6 + axis, j] = 2 * self.places[3 + axis, j] - before
        cube_add(self.kind, self.beyond, self.grid, self.held, &self.places[3, 0], &self.places[6, 0], b)

"""Markers of a kinetic plasma in the cells of a brick: push, exchange of cells, moments (docs/physics.md 16.4)."""

from libc.stdint cimport int32_t, int64_t

import numpy as np

cdef extern from "hybrid_pic.h":
    enum: HPCMM_FLOATS
    ctypedef struct Brick:
        int64_t cells[3]
        int64_t capacity
        int64_t whole[3]
        float *markers
        int32_t *count
        int32_t *fresh
        float *leaving
        int64_t left
        int64_t room
        int64_t clamped
        int64_t full
        float largest[2]
    ctypedef struct Kick:
        const float *fields
        int64_t *moments
        float drag[3]
        float drift[3]
        float shape[3]
        float scale[2]
        int delta_f
    void prepare_packing() noexcept nogil
    void push_markers(Brick *b, const Kick *k, int move) noexcept nogil
    void deposit_markers(Brick *b, const Kick *k) noexcept nogil
    void insert_markers(Brick *b, const float *came, const int64_t *cell, int64_t n) noexcept nogil

cdef extern from "hybrid_naive.h":
    void naive_step(double *marker, int64_t n, const double *fields, double *minus, double *plus, const int64_t *cells,
                    double dt, const double *drift) noexcept nogil

prepare_packing()

ROWS = ("x", "y", "z", "u", "v", "w", "h")
"""Rows of the markers of a cell: place in it, 0 to 1; velocity; -ln f, up to the norm of f_0."""

LANES = HPCMM_FLOATS
"""Number of markers in a vector; the capacity of a cell is a multiple of it."""

LARGEST_SUM = 2**22
"""Bound of a term of a fixed-point sum; for more than 512 markers a cell it is less: `unit_bound`."""


def unit_bound(int64_t capacity):
    """Largest term of a fixed-point sum whose total over a cell still fits 32 bits."""
    return LARGEST_SUM / max(1, capacity / 512)


cdef class Markers:
    """Markers of the cells of a brick.

    Parameters
    ----------
    cells : (int, int, int)
        Number of cells along x, y, z.
    capacity : int
        Most markers of a cell; rounded up to a multiple of `LANES`.
    whole : (bool, bool, bool)
        Axes along which this brick has all cells of the box, so that its ends meet.

    Attributes
    ----------
    rows : (cells, 7, capacity) array of float32
        See `ROWS`; a view. Places beyond the count of a cell must hold finite numbers.
    count : (cells,) array of int32
        Markers of each cell; a view.
    clamped : int
        Markers that would have moved further than a cell, so far.
    """

    cdef Brick _brick
    cdef readonly object rows, count, cells
    cdef object _fresh, _leaving

    def __init__(self, cells, capacity, whole=(True, True, True)):
        capacity = -(-capacity // HPCMM_FLOATS) * HPCMM_FLOATS
        total = int(np.prod(cells))
        self.cells = tuple(cells)
        # vectors are loaded whole: rows begin at multiples of 64 bytes. Not np.zeros, which takes no huge pages.
        memory = np.empty(total * 7 * capacity + 16, np.float32)
        memory.fill(0)
        first = -(memory.ctypes.data // 4) % 16
        self.rows = memory[first : first + total * 7 * capacity].reshape(total, 7, capacity)
        self.count, self._fresh = np.zeros(total, np.int32), np.zeros(total, np.int32)
        faces = sum(total // n for n, one in zip(cells, whole) if not one)
        # up to two fifths of the markers of cells at the surface leave in a step; twice as many have room
        self._leaving = np.zeros((2 * faces * capacity + 1, 8), np.float32)
        cdef float[:, :, ::1] rows = self.rows
        cdef int32_t[::1] count = self.count, fresh = self._fresh
        cdef float[:, ::1] leaving = self._leaving
        for d in range(3):
            self._brick.cells[d], self._brick.whole[d] = cells[d], bool(whole[d])
        self._brick.capacity, self._brick.room = capacity, leaving.shape[0]
        self._brick.markers, self._brick.count, self._brick.fresh = &rows[0, 0, 0], &count[0], &fresh[0]
        self._brick.leaving = &leaving[0, 0]

    @property
    def capacity(self):
        """Most markers of a cell."""
        return self._brick.capacity

    @property
    def clamped(self):
        """Number of markers, so far, that would have moved further than a cell in a step."""
        return self._brick.clamped

    @property
    def full(self):
        """Number of a cell without room for a marker that came, which is lost; None while none was; -1: of the exit."""
        return None if self._brick.full == 0 else max(self._brick.full - 1, -1)

    @property
    def largest(self):
        """Largest \\|W\\| and \\|W w\\| of pushes since the last call."""
        found = self._brick.largest[0], self._brick.largest[1]
        self._brick.largest[0] = self._brick.largest[1] = 0
        return found

    @property
    def leaving(self):
        """(n, 8) array of float32: rows of markers that left in the last push, and as int32 where they went.

        That is the number of the cell in the brick with a layer of cells around it. A view.
        """
        return self._leaving[: self._brick.left]

    cdef Kick _kick(self, int64_t[:, :, :, ::1] moments, shape, scale, delta_f) except *:
        cdef Kick kick
        self._fits(moments, 4)
        kick.moments, kick.delta_f = &moments[0, 0, 0, 0], bool(delta_f)
        for d in range(3):
            kick.shape[d] = shape[d]
        kick.scale[0], kick.scale[1] = scale
        return kick

    def _fits(self, array, last):
        if array.shape[3] != last or tuple(array.shape[d] for d in range(3)) != tuple(n + 1 for n in self.cells):
            raise ValueError(f"an array of one node more than cells {self.cells} along each axis is expected")

    def push(self, float[:, :, :, ::1] fields, int64_t[:, :, :, ::1] moments, drag, drift, shape, scale, delta_f,
             move=True):
        """Push the markers by a step, add W w at the old places and new velocities to ``moments``, then move them.

        Parameters
        ----------
        fields : array of float32 [x, y, z, 8]
            E and B times half the step, at the nodes: one more than cells along each axis.
        moments : array of int64 [x, y, z, 4]
            Sums at the nodes: nothing, W w_x, W w_y, W w_z, in units of 1/scale.
        drag : (float, float, float)
            Factor of the velocities over half a step.
        drift : (float, float, float)
            Step over the side of a cell, per velocity; 0 where nothing varies.
        shape : (float, float, float)
            c_i L_i^2; -ln f_0 = sum c_i (L_i w_i)^2.
        scale : (float, float)
            Units of the sums in 1: of W, and of W w. No term may exceed `unit_bound` in size.
        delta_f : bool
            W = 1 - exp(h - sum c_i L_i^2 w_i^2); else W = 1.
        move : bool
            False: velocities alone change.
        """
        self._fits(fields, 8)
        cdef Kick kick = self._kick(moments, shape, scale, delta_f)
        cdef int moving = bool(move)
        kick.fields = &fields[0, 0, 0, 0]
        for d in range(3):
            kick.drag[d], kick.drift[d] = drag[d], drift[d]
        self._brick.left = 0
        with nogil:
            push_markers(&self._brick, &kick, moving)

    def deposit(self, int64_t[:, :, :, ::1] moments, shape, scale, delta_f):
        """Add W, W w_x, W w_y, W w_z at the markers' places to ``moments``; arguments as in `push`."""
        cdef Kick kick = self._kick(moments, shape, scale, delta_f)
        with nogil:
            deposit_markers(&self._brick, &kick)

    def insert(self, float[:, ::1] came, int64_t[::1] cell):
        """Put markers, rows as in `leaving`, into cells of this brick given by number."""
        if came.shape[1] != 8 or came.shape[0] != cell.shape[0]:
            raise ValueError("rows of 8 and a cell for each are expected")
        if came.shape[0] == 0:
            return
        if min(cell) < 0 or max(cell) >= len(self.count):
            raise ValueError("a cell of this brick is expected")
        insert_markers(&self._brick, &came[0, 0], &cell[0], came.shape[0])


def naive(double[:, ::1] markers, double[:, :, :, ::1] fields, double[:, :, :, ::1] minus,
          double[:, :, :, ::1] plus, double dt, double[::1] drift):
    """Push, move and sum markers one by one in double precision, in a periodic box: what the kernel is measured by.

    Parameters
    ----------
    markers : array [marker, 6]
        Places in cells and velocities, in order of cell.
    fields : array [x, y, z, 6]
        E and B at the nodes, one a cell.
    minus, plus : array [x, y, z, 4]
        1 and w are added to: at old places, and at new ones.
    dt : float
    drift : array (3,)
        Step over the side of a cell.
    """
    cdef int64_t cells[3]
    for d in range(3):
        cells[d] = fields.shape[d]
    naive_step(&markers[0, 0], markers.shape[0], &fields[0, 0, 0, 0], &minus[0, 0, 0, 0], &plus[0, 0, 0, 0], cells, dt,
               &drift[0])

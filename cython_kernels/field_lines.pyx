"""Field lines of plane waves, tabulated, and cosmic rays on them whose magnetic moment is conserved between kicks."""

from libc.stdint cimport int64_t, uint64_t, uintptr_t

import numpy as np

cdef extern from "line_trace.h":
    enum: GROUP
    enum: SINGLE_WAVES_OPERATIONS
    double TURN_REACH
    ctypedef struct Wave:
        pass
    ctypedef struct SingleWave:
        pass
    ctypedef struct LineEnds:
        double x[3][GROUP]
        double anchor[3][GROUP]
        double before[3][GROUP]
        double last[3][GROUP]
    void line_anchor(int64_t waves, const Wave* wave, const double* origin, LineEnds* at, double* phase) noexcept nogil
    void line_begin(int64_t waves, const Wave* wave, const SingleWave* single, const double* origin, LineEnds* at,
                    double* phase) noexcept nogil
    void line_cell(int64_t waves, const SingleWave* wave, const double* phase, double ds, LineEnds* at,
                   double* strength) noexcept nogil

cdef extern from "line_walk.h":
    enum: HPCMM_WIDTH
    enum: WALK_ROWS
    ctypedef struct LineWalk:
        const float* strength
        int64_t cells
        double ds
        double dt
        const double* slopes
        int64_t nodes
        double index
        double least_B
        double nu_kick
        double B_star
        uint64_t key
    void line_walk(const LineWalk* p, double* rows, int64_t stride, int64_t lanes, int64_t first,
                   int64_t steps) noexcept nogil

LINES = GROUP
"""Lines that are traced together."""

OPERATIONS_PER_WAVE = SINGLE_WAVES_OPERATIONS


def _aligned(shape):
    """Zeros on a cache line."""
    size = int(np.prod(shape))
    raw = np.zeros(size + 8)
    start = (-raw.ctypes.data // 8) % 8
    return raw[start:start + size].reshape(shape)


cdef class LineTracer:
    """Tabulates field lines from their middles to both ends (docs/physics.md 17.2).

    Parameters
    ----------
    wavevector, amplitude, phase : arrays (n, 3), (n, 3), (n,)
        k / 2 pi [turns per pc], a [B_rms], phi / 2 pi, as of `cython_kernels.plane_waves.PlaneWaveField`.
    origin : array (3, lines)
        Middles of the lines [pc]; at most LINES of them.
    ds : float
        Length of a cell [pc].
    half : int
        Cells from the middle to each end, a multiple of ``every``.
    every : int
        Cells between two kept places.
    strength : array (lines, 2 half), float32
        Filled: |B|/B_rms at the middles of cells, against the field first.
    place : array (lines, 2 half/every + 1, 3), float32
        Filled: places [pc] from the middle of the line, at every ``every``-th edge of cells.

    Attributes
    ----------
    done : bool
    """

    cdef LineEnds* ends
    cdef int64_t waves, half, every, at, reach
    cdef double ds
    cdef object _wave_table, _single_table, _phase_table, _origin_table, _ends_table
    cdef const Wave* wave
    cdef const SingleWave* single
    cdef double[:, ::1] _phases, _origins
    cdef double[::1] _sizes
    cdef float[:, ::1] _strength
    cdef float[:, :, ::1] _place

    def __init__(self, wavevector, amplitude, phase, origin, double ds, int64_t half, int64_t every,
                 float[:, ::1] strength, float[:, :, ::1] place):
        origin = np.asarray(origin, dtype=np.float64)
        n, lines = len(phase), origin.shape[1]
        if not 1 <= lines <= GROUP or n < 1 or half < 1 or every < 1 or half % every or not ds > 0:
            raise ValueError(f"1 to {GROUP} lines, waves, and whole pieces of {every} cells are expected, "
                             f"got {lines}, {n}, {half} cells of {ds}")
        if strength.shape[0] != lines or strength.shape[1] != 2 * half:
            raise ValueError(f"a table of strengths of {lines} lines x {2 * half} cells is expected")
        if place.shape[0] != lines or place.shape[1] != 2 * half // every + 1 or place.shape[2] != 3:
            raise ValueError(f"a table of places of {lines} lines x {2 * half // every + 1} x 3 is expected")
        self.waves, self.ds, self.half, self.every, self.at = n, ds, half, every, 0
        self._wave_table = np.zeros((n, 8))
        self._wave_table[:, :3], self._wave_table[:, 3], self._wave_table[:, 4:7] = wavevector, phase, amplitude
        row = [("k", np.float64, 3), ("a", np.float32, 3), ("unused", np.float32)]
        self._single_table = np.zeros(n, dtype=row)
        self._single_table["k"], self._single_table["a"] = wavevector, amplitude
        cdef uintptr_t address = self._wave_table.ctypes.data
        self.wave = <const Wave*>address
        address = self._single_table.ctypes.data
        self.single = <const SingleWave*>address
        # prefetches look ahead of the last wave
        self._phases = self._phase_table = _aligned((n + 32, GROUP))
        self._origins = self._origin_table = _aligned((3, GROUP))
        self._origin_table[:, :lines] = origin
        self._ends_table, self._sizes = _aligned((4 * 3, GROUP)), _aligned((GROUP,))
        address = self._ends_table.ctypes.data
        self.ends = <LineEnds*>address
        largest = np.abs(np.asarray(wavevector)).sum(axis=1).max()
        self.reach = max(1, int(min(TURN_REACH / (largest * ds), 2.0**40))) if largest > 0 else 2**40
        self._strength, self._place = strength, place

    @property
    def done(self):
        return self.at == 2 * self.half

    @property
    def share(self):
        """Part of the cells that is traced."""
        return self.at / (2 * self.half)

    def advance(self, int64_t cells):
        """Trace so many cells more of each line, or what is left."""
        cdef int64_t end = min(self.at + cells, 2 * self.half)
        with nogil:
            while self.at < end:
                self._cell()

    cdef void _cell(self) noexcept nogil:
        cdef int64_t along = self.at % self.half  # first along the field, then against it
        cdef bint ahead = self.at < self.half
        cdef int64_t cell = self.half + along if ahead else self.half - 1 - along
        cdef int j, c
        if along == 0:
            line_begin(self.waves, self.wave, self.single, &self._origins[0, 0], self.ends, &self._phases[0, 0])
        elif along % self.reach == 0:
            line_anchor(self.waves, self.wave, &self._origins[0, 0], self.ends, &self._phases[0, 0])
        line_cell(self.waves, self.single, &self._phases[0, 0], self.ds if ahead else -self.ds, self.ends,
                  &self._sizes[0])
        for j in range(self._strength.shape[0]):
            self._strength[j, cell] = <float>self._sizes[j]
        along += 1
        if along % self.every == 0:
            cell = (self.half + along if ahead else self.half - along) // self.every
            for j in range(self._strength.shape[0]):
                for c in range(3):
                    self._place[j, cell, c] = <float>self.ends.x[c][j]
        self.at += 1


cdef class LineWalkers:
    """Cosmic rays on tabulated lines (docs/physics.md 17.3, 12.4).

    Parameters
    ----------
    strength : array (lines, cells), float32
        |B|/B_rms > 0 at the middles of cells; the middle of a line is s = 0. Cells of a line lie side by side, lines
        anywhere: a middle part of a longer table will do.
    ds, dt : float
        Cell and step [pc], c = 1.
    line : array (particles,) of int
        Line of each particle.
    mu : array (particles,)
        Pitch-angle cosines at the start, at s = 0.
    diffusion : array (nodes + 1,)
        D_mumu at |B| = B_rms and |mu| = 0, 1/nodes, ..., 1 [1/pc]; linear between.
    index : float
        D_mumu ~ |B|^-index.
    least_B : float
        |B|/B_rms below which D_mumu rises no more.
    key : int
        64-bit key of the random stream.
    nu_kick, B_star : float
        Decay rate of directions by kicks [1/pc] where |B|/B_rms >= B_star.

    Attributes
    ----------
    s, mu, hits : arrays (particles,)
        Views; the last counts reflections at ends of lines.
    step : int
    """

    cdef LineWalk p
    cdef float[:, :] _strength
    cdef double[:, ::1] _slopes, _rows
    cdef int64_t particles
    cdef object _state
    cdef readonly int64_t step

    def __init__(self, float[:, :] strength, double ds, double dt, line, mu, diffusion, double index, double least_B,
                 uint64_t key, double nu_kick=0.0, double B_star=0.0):
        line, mu = np.asarray(line, dtype=np.int64), np.asarray(mu, dtype=np.float64)
        diffusion = np.asarray(diffusion, dtype=np.float64)
        cdef int64_t cells = strength.shape[1]
        if line.shape != mu.shape or len(line) < 1 or line.min() < 0 or line.max() >= strength.shape[0] or cells < 2:
            raise ValueError("a line of the table and a pitch angle for each particle are expected")
        if not (ds > 0 and 0 < dt <= ds and least_B > 0 and len(diffusion) >= 2 and (diffusion >= 0).all()):
            raise ValueError(f"0 < dt <= ds, D >= 0 and a least B above 0 are expected, got {dt}, {ds}, {least_B}")
        if strength.strides[1] != sizeof(float) or strength.strides[0] % sizeof(float):
            raise ValueError("lines whose cells lie side by side are expected")
        self._strength = strength
        nodes = len(diffusion) - 1
        self._slopes = np.ascontiguousarray(np.stack([diffusion[:nodes], np.diff(diffusion) * nodes], axis=1))
        self.p.strength, self.p.cells, self.p.ds, self.p.dt = &strength[0, 0], cells, ds, dt
        self.p.slopes, self.p.nodes, self.p.index, self.p.least_B = &self._slopes[0, 0], nodes, index, least_B
        self.p.nu_kick, self.p.B_star, self.p.key = nu_kick, B_star, key
        self.particles, self.step = len(line), 0
        self._state = _aligned((WALK_ROWS, (len(line) + 7) // 8 * 8))
        self._rows = self._state
        self._state[1, :len(mu)] = mu
        self._state[3, :len(line)] = line * (strength.strides[0] // <int64_t>sizeof(float))
        middle = np.asarray(strength)[:, cells // 2 - 1:cells // 2 + 1].astype(np.float64).mean(axis=1)
        self._state[2] = middle[0]
        self._state[2, :len(line)] = middle[line]

    @property
    def s(self):
        return self._state[0, :self.particles]

    @property
    def mu(self):
        return self._state[1, :self.particles]

    @property
    def hits(self):
        return self._state[4, :self.particles]

    @property
    def b(self):
        """|B|/B_rms where they are."""
        return self._state[2, :self.particles]

    def advance(self, int64_t steps):
        """Advance all by so many steps."""
        cdef int64_t lanes = (self.particles + HPCMM_WIDTH - 1) // HPCMM_WIDTH * HPCMM_WIDTH
        with nogil:
            line_walk(&self.p, &self._rows[0, 0], self._rows.shape[1], lanes, self.step, steps)
        self.step += steps

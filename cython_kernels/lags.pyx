"""Displacement and direction moments over lags, from every origin along the tracks of a block."""

from libc.stdint cimport int64_t

import numpy as np

from cython_kernels.block cimport HPCMM_LANES, Block, ParticleBlock, aligned_rows

LEVELS = LAG_LEVELS
POINTS = LAG_POINTS
LANES = HPCMM_LANES

COLUMNS = (
    "count",
    "xx", "yy", "zz", "xy", "xz", "yz",
    *(f"n{a}n{b}" for a in "xyz" for b in "xyz"),
    *(f"n{a}d{b}" for a in "xyz" for b in "xyz"),
)
"""Order of a row of lag sums: displacements dx_i dx_j, directions n_i(0) n_j(t), and n_i(0) dx_j(t)."""

assert len(COLUMNS) == LAG_COLUMNS

INTERVALS = np.array(
    [*range(1, LAG_POINTS + 1)]
    + [j << level for level in range(1, LAG_LEVELS) for j in range(LAG_POINTS // 2 + 1, LAG_POINTS + 1)],
    dtype=np.int64,
)
"""Each lag in base intervals: 1 ... 8, then four an octave."""

assert len(INTERVALS) == LAG_COUNT

BYTES_A_LANE = LAG_LEVELS * LAG_POINTS * LAG_ROWS * 8
"""Memory of the rings."""


def levels_of(int64_t points):
    """Levels to keep after so many points: those with more than the first one, and one that stands for all above."""
    return min(LAG_LEVELS, (points - 1).bit_length() + 1) if points > 0 else 0


cdef class Correlator:
    """Sums over pairs of points of a block's tracks, by lag (order-n algorithm: Dubbeldam et al. 2009, PRE 79, 011705).

    Parameters
    ----------
    every : int
        Steps of a base interval.
    ends : sequence of int
        Steps at which the stages of the path end, rising; points of different stages are not paired, so that a path
        prolonged later gives the sums that one planned as long gives.

    Attributes
    ----------
    sums : array (lags, len(COLUMNS))
    """

    def __init__(self, int64_t every, ends):
        ends = np.array(ends, dtype=np.int64)
        if every < 1 or ends.ndim != 1 or len(ends) == 0 or (np.diff(ends) <= 0).any() or ends[0] < 1:
            raise ValueError(f"1 or more steps between points and rising ends are expected, got {every} and {ends}")
        self._every, self._ends = every, ends
        self.sums = np.zeros((LAG_COUNT, LAG_COLUMNS))
        self._sums = self.sums
        self._ring = aligned_rows(LAG_LEVELS * LAG_POINTS * LAG_ROWS)
        self.c.sums, self.c.ring, self.c.points = &self._sums[0, 0], &self._ring[0, 0], 0
        self._stage, self._next = 0, 0

    cdef void begin_stage(self, const Block* p) noexcept nogil:
        self.c.points = 0
        lags_take(&self.c, p)
        self._next = p.step + self._every

    cdef void take(self, const Block* p) noexcept nogil:
        if p.step == self._next:
            lags_take(&self.c, p)
            self._next += self._every
        if p.step == self._ends[self._stage] and self._stage + 1 < self._ends.shape[0]:
            self._stage += 1
            self.begin_stage(p)

    def start(self, ParticleBlock block not None):
        """Take the first point, of a block at its start."""
        if block.c.step == 0 and self.c.points == 0:
            self.take(&block.c)

    @property
    def points(self):
        """Base points taken in the present stage."""
        return self.c.points

    @property
    def ring(self):
        """Points kept, (levels, POINTS, 6, LANES); see `levels_of`."""
        shape = (LAG_LEVELS, LAG_POINTS, LAG_ROWS, HPCMM_LANES)
        return np.asarray(self._ring).reshape(shape)[: levels_of(self.c.points)].copy()

    def resume(self, ParticleBlock block not None, sums, int64_t points, ring):
        """Continue from what was kept of a block at its present step.

        Parameters
        ----------
        block : ParticleBlock
        sums : array (lags, len(COLUMNS))
        points : int
            Taken in the stage; 0 where that was finished, so that the next one begins at its end.
        ring : array
            As from the attribute.
        """
        step = block.c.step
        self.sums[...] = sums
        # a stage is in progress up to the step before its end; at the end the next one has begun
        self._stage = np.searchsorted(np.asarray(self._ends)[:-1], step, side="right" if points else "left")
        begin = self._ends[self._stage - 1] if self._stage else 0
        if points:
            whole = np.asarray(self._ring).reshape(LAG_LEVELS, LAG_POINTS, LAG_ROWS, HPCMM_LANES)
            whole[: len(ring)] = ring
            whole[len(ring):, 0] = ring[-1, 0]  # levels above hold the first point alone
            self.c.points, self._next = points, begin + points * self._every
        else:
            self._next = -1
            if step == self._ends[self._stage] and self._stage + 1 < self._ends.shape[0]:
                self._stage += 1
                self.begin_stage(&block.c)

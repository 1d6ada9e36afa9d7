"""The interface of all scatterers: base class, sum, and small-angle kicks."""

from libc.math cimport M_PI, sqrt
from libc.stdint cimport int64_t, uint64_t

import numpy as np

from cython_kernels.block cimport Block
from cython_kernels.lives cimport Cells, Lives, lives_anchor

cdef extern from "kick.h":
    ctypedef enum Kick:
        KICK_PAPER
        KICK_TRANSPORT
        KICK_FORK_CONSTANT
    ctypedef struct Gate:
        double threshold
        Lives* lives
    void kick_block(Block* p, Kick kind, double sigma, uint64_t key) noexcept nogil
    void kick_block_gated(
        Block* p, const double* b, Gate gate, Kick kind, double sigma, uint64_t key
    ) noexcept nogil

KICKS = {"paper": KICK_PAPER, "transport": KICK_TRANSPORT, "fork-constant": KICK_FORK_CONSTANT}


cdef class Scatterer:
    """Changes the directions amid a step, b being the field there. This one leaves them as they are.

    ``anchor`` is called where `Field.anchor` is: all that is cached along tracks is formed anew there, from places.
    """

    cdef void anchor(self, const Block* p) noexcept nogil:
        pass

    cdef void kick(self, Block* p, const double* b) noexcept nogil:
        pass

    def __add__(self, other):
        return Both(self, other)


cdef class Both(Scatterer):
    """Two scatterers, one after the other."""

    cdef Scatterer first
    cdef Scatterer second

    def __init__(self, Scatterer first not None, Scatterer second not None):
        self.first = first
        self.second = second

    cdef void anchor(self, const Block* p) noexcept nogil:
        self.first.anchor(p)
        self.second.anchor(p)

    cdef void kick(self, Block* p, const double* b) noexcept nogil:
        self.first.kick(p, b)
        self.second.kick(p, b)


cdef class SmallAngleScatterer(Scatterer):
    """Every direction turns by X sqrt(m nu s) about an isotropic axis at each m-th step (paper eq 13, physics.md 4.1).

    Parameters
    ----------
    kick : {"paper", "transport", "fork-constant"}
        X normal; Rayleigh (two transverse normal deflections); or the constant -0.549746 (docs/physics.md 4.1).
    rate_times_step : float
        nu s / c, the variance of the angle for X normal [rad^2].
    key : int
        64-bit key of the random stream; the counter is (step, particle id).
    every : int
        m, steps from one kick to the next; the kick is amid the m steps that it stands for.
    """

    cdef Kick kind
    cdef double sigma
    cdef uint64_t key
    cdef int64_t every

    def __init__(self, kick, double rate_times_step, uint64_t key, int64_t every=1):
        if every < 1:
            raise ValueError(f"a kick every 1 or more steps is expected, got {every}")
        if not (rate_times_step >= 0 and np.isfinite(rate_times_step)):
            raise ValueError(f"rate_times_step must be finite and not negative, got {rate_times_step}")
        self.kind = KICKS[kick]
        self.sigma = sqrt(rate_times_step * every) / (2 * M_PI)
        self.key, self.every = key, every

    cdef void kick(self, Block* p, const double* b) noexcept nogil:
        if p.step % self.every == self.every // 2:
            kick_block(p, self.kind, self.sigma, self.key)


cdef class GatedScatterer(SmallAngleScatterer):
    """The same kicks, bit for bit, only where |B| >= B_star, there and then amid the step: patches, which may live
    and die (docs/physics.md 4.1, 8.4, 8.8).

    Counts the steps of active lanes inside in the block's ``in_patch``.

    Parameters
    ----------
    kick, rate_times_step, key
        See the base class.
    B_star : float
        Threshold in units of B_rms: 0 lets all kicks pass, infinity none.
    cells : cython_kernels.lives.Cells, optional
        Kicks pass in occupied cells alone; in all where there are none. Used by this object alone.
    """

    cdef Gate gate
    cdef Cells _cells

    def __init__(self, kick, double rate_times_step, uint64_t key, double B_star, Cells cells=None):
        super().__init__(kick, rate_times_step, key)
        if not B_star >= 0:
            raise ValueError(f"B_star must not be negative, got {B_star}")
        self.gate.threshold = B_star * B_star
        self._cells, self.gate.lives = cells, NULL if cells is None else &cells.c

    cdef void anchor(self, const Block* p) noexcept nogil:
        if self.gate.lives:
            lives_anchor(self.gate.lives, p)

    cdef void kick(self, Block* p, const double* b) noexcept nogil:
        kick_block_gated(p, b, self.gate, self.kind, self.sigma, self.key)

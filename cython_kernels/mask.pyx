"""Small-angle kicks in patches of any shape: where a grid of 0 and 1 says so, which lies as a field of a file does."""

from libc.math cimport M_PI, sqrt
from libc.stdint cimport int64_t, uint8_t, uint64_t, uintptr_t

import numpy as np

from cython_kernels.block cimport Block, aligned_rows
from cython_kernels.scatter cimport Scatterer

cdef extern from "mask.h":
    ctypedef enum Beyond:
        PERIODIC
        MIRROR
        STOP
    ctypedef enum Kick:
        KICK_PAPER
        KICK_TRANSPORT
        KICK_FORK_CONSTANT
    ctypedef struct Mask:
        double turns[3][3]
        double cells[3][3]
        double offset[3]
        double period[3]
        int64_t points[3]
        const uint8_t* values
        double* home
        Kick kind
        double sigma
        uint64_t key
    void mask_anchor(Mask* a, const Block* p) noexcept nogil
    void kick_block_mask(Beyond beyond, Mask* a, Block* p) noexcept nogil

BOUNDARIES = {"periodic": (PERIODIC, 1), "mirror": (MIRROR, 2), "stop": (STOP, 4)}
KICKS = {"paper": KICK_PAPER, "transport": KICK_TRANSPORT, "fork-constant": KICK_FORK_CONSTANT}


cdef class MaskScatterer(Scatterer):
    """The kicks of `SmallAngleScatterer`, bit for bit, only where a mask is 1 amid the step (docs/physics.md 4.1, 8.6).

    The value that holds is the nearest one: that at floor(u + 1/2), u_i = points_i ((R r)_i / L_i + o_i) as of
    `cython_kernels.cube.CubeField`. Steps of active lanes inside are counted in the block's ``in_patch``.

    Parameters
    ----------
    kick, rate_times_step, key
        As of `cython_kernels.scatter.SmallAngleScatterer`.
    values : (nx, ny, nz) uint8 array
        0 or 1, used in place.
    box, rotation, offset, boundary
        As of `CubeField`: "mirror" repeats values beyond planes half a cell outside the outer ones; "stop" has no
        kicks beyond half a cell.
    """

    cdef Mask c
    cdef int beyond
    cdef readonly object values
    cdef double[:, ::1] _home

    def __init__(self, kick, double rate_times_step, uint64_t key, values, box, rotation, offset, boundary="periodic"):
        box, rotation, offset = (np.array(a, dtype=np.float64, order="C") for a in (box, rotation, offset))
        if box.shape != (3,) or rotation.shape != (3, 3) or offset.shape != (3,):
            raise ValueError(f"box (3,), rotation (3, 3), offset (3,) are expected, "
                             f"got {box.shape}, {rotation.shape}, {offset.shape}")
        if not (np.isfinite(box).all() and (box > 0).all() and np.isfinite(offset).all()):
            raise ValueError("boxes must be positive, offsets finite")
        if not np.allclose(rotation @ rotation.T, np.eye(3), rtol=0, atol=1e-12):
            raise ValueError("rotations must be orthogonal")
        if not (rate_times_step >= 0 and np.isfinite(rate_times_step)):
            raise ValueError(f"rate_times_step must be finite and not negative, got {rate_times_step}")
        if boundary not in BOUNDARIES:
            raise ValueError(f"no boundary {boundary!r}")
        if not isinstance(values, np.ndarray) or values.dtype != np.uint8 or not values.flags.c_contiguous:
            raise ValueError("values must be a C-contiguous uint8 array")
        if values.ndim != 3 or min(values.shape) < 1 or max(values.shape) > 2**20:
            raise ValueError(f"values need shape (nx, ny, nz), 1 to 2^20 along each axis, got {values.shape}")
        cdef int periods
        self.beyond, periods = BOUNDARIES[boundary]
        self.values = values
        self._home = aligned_rows(6)
        self.c.home = &self._home[0, 0]
        cdef uintptr_t address = values.ctypes.data
        self.c.values = <const uint8_t*>address
        self.c.kind, self.c.key = KICKS[kick], key
        self.c.sigma = sqrt(rate_times_step) / (2 * M_PI)
        cdef int j, k
        for j in range(3):
            self.c.points[j] = values.shape[j]
            self.c.period[j] = periods * values.shape[j]
            self.c.offset[j] = (offset[j] + 0.5 / values.shape[j]) / periods
            for k in range(3):
                self.c.turns[j][k] = rotation[j, k] / (box[j] * periods)
                self.c.cells[j][k] = self.c.period[j] * self.c.turns[j][k]

    cdef void anchor(self, const Block* p) noexcept nogil:
        mask_anchor(&self.c, p)

    cdef void kick(self, Block* p, const double* b) noexcept nogil:
        kick_block_mask(<Beyond>self.beyond, &self.c, p)

"""Small-angle kicks in shapes on a cubic lattice, with another rate between them."""

from libc.math cimport M_PI, sqrt
from libc.stdint cimport int64_t, uint64_t

import numpy as np

from cython_kernels.block cimport HPCMM_LANES, Block, aligned_rows
from cython_kernels.lives cimport Cells, Lives
from cython_kernels.scatter cimport Scatterer

cdef extern from "patches.h":
    ctypedef enum Morphology:
        LAYERS
        CUBES
        SPHERES
    ctypedef enum Kick:
        KICK_PAPER
        KICK_TRANSPORT
        KICK_FORK_CONSTANT
    ctypedef struct Patches:
        Morphology shape
        double half_size
        double per_period
        double period
        double *ox
        double *oy
        double *oz
        Kick kind
        double sigma_inside
        double sigma_outside
        uint64_t key
        int64_t entries
        int begun
        Lives* lives
    void patches_anchor(Patches* a, const Block* p) noexcept nogil
    void kick_block_patches(Patches* a, Block* p) noexcept nogil

MORPHOLOGIES = {"layers": LAYERS, "cubes": CUBES, "spheres": SPHERES}
KICKS = {"paper": KICK_PAPER, "transport": KICK_TRANSPORT, "fork-constant": KICK_FORK_CONSTANT}


cdef class PatchScatterer(Scatterer):
    """Kicks like those of `SmallAngleScatterer`, bit for bit, of one rate inside patches and another outside
    (docs/physics.md 8.1).

    The rate is that of the place where the kick happens, amid the step. Steps of active lanes inside are counted
    in the block's ``in_patch``.

    Parameters
    ----------
    kick : {"paper", "transport", "fork-constant"}
    inside, outside : float
        nu s / c of either phase [rad^2].
    key : int
        64-bit key of the random stream.
    morphology : {"layers", "cubes", "spheres"}
        Layers are normal to x.
    half_size : float
        Half the thickness, half the edge, the radius, in periods; infinity leaves nothing outside.
    period : float
        Period of the lattice [pc]; patches are centred on its points, one of which is 0.
    cells : cython_kernels.lives.Cells, optional
        Which patches are there; all where there are none. Used by this object alone.
    """

    cdef Patches c
    cdef double[:, ::1] _origins
    cdef Cells _cells

    def __init__(self, kick, double inside, double outside, uint64_t key, morphology, double half_size, double period,
                 Cells cells=None):
        for rate in (inside, outside):
            if not (rate >= 0 and np.isfinite(rate)):
                raise ValueError(f"rates times step must be finite and not negative, got {rate}")
        if not (half_size >= 0 and period > 0 and np.isfinite(period)):
            raise ValueError(f"a size of 0 or more and a period above 0 are expected, got {half_size} and {period}")
        self._origins = aligned_rows(3)
        cdef double* row = &self._origins[0, 0]
        self.c.ox, self.c.oy, self.c.oz = row, row + HPCMM_LANES, row + 2 * HPCMM_LANES
        self.c.shape, self.c.half_size = MORPHOLOGIES[morphology], half_size
        self.c.period, self.c.per_period = period, 1 / period
        self.c.kind, self.c.key = KICKS[kick], key
        self.c.sigma_inside, self.c.sigma_outside = sqrt(inside) / (2 * M_PI), sqrt(outside) / (2 * M_PI)
        self.c.entries, self.c.begun = 0, 0
        self._cells, self.c.lives = cells, NULL if cells is None else &cells.c

    @property
    def entries(self):
        """Number of entries of active lanes into patches, from one kick to the next, since this object was made."""
        return self.c.entries

    cdef void anchor(self, const Block* p) noexcept nogil:
        patches_anchor(&self.c, p)

    cdef void kick(self, Block* p, const double* b) noexcept nogil:
        kick_block_patches(&self.c, p)

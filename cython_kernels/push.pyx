"""The loop over steps: drift, evaluate, rotate, drift, kick, sample."""

from libc.stdint cimport int64_t
from libc.string cimport memset

import numpy as np

from cython_kernels.block cimport HPCMM_LANES, Block, ParticleBlock, aligned_rows, boris_rotate, drift
from cython_kernels.field cimport Field
from cython_kernels.lags cimport Correlator
from cython_kernels.scatter cimport Scatterer

CHUNK = 512
"""Steps between anchors; fields and checkpoints rely on it, results depend on it in the last digits."""

MOMENTS = (
    "particles",
    "x", "y", "z",
    "xx", "yy", "zz", "xy", "xz", "yz",
    "xxxx", "yyyy", "zzzz", "xxyy", "xxzz", "yyzz",
    "vxvx", "vxvy", "vxvz", "vyvx", "vyvy", "vyvz", "vzvx", "vzvy", "vzvz",
    "mu_squared",
    "in_patch",
)
"""Order of a row of moment sums: v_i v_j is n_i(0) n_j(t), mu_squared is (n(0).n(t))^2, in_patch counts
the steps since the start inside patches."""

cdef enum:
    N_MOMENTS = 27

assert len(MOMENTS) == N_MOMENTS


cdef void add_moments(const Block* p, double* out) noexcept nogil:
    """Write the sums of all moments over the active lanes, in lane order, to ``out``; lost lanes are left out."""
    cdef int j
    cdef double x, y, z, nx, ny, nz, mx, my, mz, mu
    memset(out, 0, N_MOMENTS * sizeof(double))
    for j in range(p.active):
        x, y, z = p.x[j], p.y[j], p.z[j]
        nx, ny, nz = p.nx[j], p.ny[j], p.nz[j]
        if nx != nx:
            continue
        mx, my, mz = p.n0x[j], p.n0y[j], p.n0z[j]
        mu = mx * nx + my * ny + mz * nz
        out[0] += 1
        out[1] += x
        out[2] += y
        out[3] += z
        out[4] += x * x
        out[5] += y * y
        out[6] += z * z
        out[7] += x * y
        out[8] += x * z
        out[9] += y * z
        out[10] += x * x * (x * x)
        out[11] += y * y * (y * y)
        out[12] += z * z * (z * z)
        out[13] += x * x * (y * y)
        out[14] += x * x * (z * z)
        out[15] += y * y * (z * z)
        out[16] += mx * nx
        out[17] += mx * ny
        out[18] += mx * nz
        out[19] += my * nx
        out[20] += my * ny
        out[21] += my * nz
        out[22] += mz * nx
        out[23] += mz * ny
        out[24] += mz * nz
        out[25] += mu * mu
    out[26] = <double>p.in_patch


cdef class Sampler:
    """Moment sums of one block at given steps.

    Parameters
    ----------
    steps : (times,) array of int64
        Steps at which moments are sampled, strictly increasing; 0 is the start.
    tracked : int
        Number of lanes whose tracks are kept, the first ones.
    kept : (places,) array of int64
        Steps at which their places are kept, strictly increasing; 0 is the start.

    Attributes
    ----------
    sums : (times, len(MOMENTS)) array
        Moment sums; rows are filled as the block reaches each step.
    tracks : (tracked, places, 6) array
        Displacements [pc] and directions, filled in the same way.
    """

    cdef readonly object sums
    cdef readonly object steps
    cdef readonly object tracks
    cdef int64_t[::1] _steps
    cdef double[:, ::1] _sums
    cdef readonly object kept
    cdef double[:, :, ::1] _tracks
    cdef int64_t[::1] _kept
    cdef Py_ssize_t _next, _place

    def __init__(self, steps, int tracked=0, kept=()):
        self.steps = np.array(steps, dtype=np.int64)
        if self.steps.ndim != 1 or (np.diff(self.steps) <= 0).any() or len(self.steps) == 0 or self.steps[0] < 0:
            raise ValueError("sample steps must be strictly increasing and not negative")
        self.sums = np.zeros((len(self.steps), N_MOMENTS))
        self._steps, self._sums, self._next = self.steps, self.sums, 0
        self.kept = np.array(kept, dtype=np.int64)
        rising = self.kept.ndim == 1 and (np.diff(self.kept) > 0).all() and (self.kept >= 0).all()
        if not 0 <= tracked <= HPCMM_LANES or not rising:
            raise ValueError(f"no tracks of {tracked} lanes at these steps, which must be strictly increasing")
        self.tracks = np.zeros((tracked, len(self.kept), 6))
        self._tracks, self._kept, self._place = self.tracks, self.kept, 0

    cdef void keep_places(self, const Block* p) noexcept nogil:
        cdef int j
        cdef double* row
        for j in range(min(self._tracks.shape[0], p.active)):
            row = &self._tracks[j, self._place, 0]
            row[0], row[1], row[2] = p.x[j], p.y[j], p.z[j]
            row[3], row[4], row[5] = p.nx[j], p.ny[j], p.nz[j]
        self._place += 1

    cdef void sample(self, const Block* p) noexcept nogil:
        if self._next < self._steps.shape[0] and self._steps[self._next] == p.step:
            add_moments(p, &self._sums[self._next, 0])
            self._next += 1
        if self._place < self._kept.shape[0] and self._kept[self._place] == p.step:
            self.keep_places(p)

    def seek(self, int64_t step):
        """Resume after ``step``: the next sample, and the next place, is the first one after it."""
        self._next = np.searchsorted(self.steps, step, side="right")
        self._place = np.searchsorted(self.kept, step, side="right")


def advance(Field field not None, Scatterer scatterer not None, ParticleBlock block not None,
            Sampler sampler not None, int64_t n_steps, double step, double gyroradius, Correlator lags=None):
    """Advance a block by ``n_steps`` Boris steps (docs/physics.md 5.1), kick amid each, sample where asked.

    Parameters
    ----------
    field, scatterer, block, sampler
        Objects of these classes; the field is in units of B_rms.
    n_steps : int
        Number of steps. The block's ``step`` must be a multiple of CHUNK at the start, as caches are formed there.
    step, gyroradius : float
        Path length of a step and E / (Z e B_rms) [pc], below 0 for negative charges, which gyrate the other way.
    lags : Correlator, optional
        Takes points of the same tracks.
    """
    if not (step > 0 and abs(gyroradius) > 0):
        raise ValueError(f"a step above 0 and a gyroradius other than 0 are expected, not {step} and {gyroradius}")
    if block.c.step % CHUNK != 0:
        raise ValueError(f"a block resumes at a multiple of {CHUNK} steps only, not at {block.c.step}")
    cdef double[:, ::1] b_rows = aligned_rows(3)
    cdef double* b = &b_rows[0, 0]
    cdef double half = 0.5 * step
    cdef double half_angle = 0.5 * step / gyroradius
    cdef int64_t chunk = CHUNK
    cdef int64_t _
    cdef Block* p = &block.c
    cdef bint correlated = lags is not None
    with nogil:
        if p.step == 0:
            sampler.sample(p)
            if correlated:
                lags.take(p)
        for _ in range(n_steps):
            if p.step % chunk == 0:
                field.anchor(p)
                scatterer.anchor(p)
            drift(p, half)
            memset(b, 0, 3 * HPCMM_LANES * sizeof(double))
            field.add(p, b)
            boris_rotate(p, b, half_angle)
            scatterer.kick(p, b)
            drift(p, half)
            p.step += 1
            sampler.sample(p)
            if correlated:
                lags.take(p)

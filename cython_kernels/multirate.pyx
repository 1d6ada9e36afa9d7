"""Plane-wave turbulence along tracks: fast waves at every step, slow ones as refreshed Taylor polynomials."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free

import numpy as np

from cython_kernels.block cimport Block, aligned_rows
from cython_kernels.field cimport Field

cdef extern from "plane_waves.h":
    ctypedef struct Wave:
        pass

cdef extern from "float_waves.h":
    enum: FLOAT_WAVES_OPERATIONS
    ctypedef struct FloatWave:
        pass

cdef extern from "multirate.h":
    enum: TAYLOR_ROWS
    ctypedef struct Level:
        int64_t period
        int64_t waves
        int64_t first
        double ahead
        double* place
        float* merged
    ctypedef struct Multirate:
        int64_t fast
        int64_t slow
        int64_t levels
        const Wave* wave
        const FloatWave* fast_wave
        int32_t* fast_phase
        const float* slow_k
        int32_t* slow_phase
        const float* weight
        Level* level
        double step
        double* start
        double* last
        int64_t first_step
    void taylor_weights(const double* k, const double* a, float* weight) noexcept nogil
    void multirate_anchor(Multirate* m, const Block* p) noexcept nogil
    void multirate_add(Multirate* m, const Block* p, double* b) noexcept nogil


OPERATIONS_PER_WAVE = FLOAT_WAVES_OPERATIONS


cdef class MultirateField(Field):
    """B(r) = sum_n a_n cos(2 pi (k_n.r + phi_n)) along tracks of a fixed step (paper eq 12, docs/physics.md 2.6).

    Parameters
    ----------
    wavevector, amplitude, phase
        As in :class:`PlaneWaveField`.
    period : (n,) array of int
        0: the wave is summed at every step. Else it is held in a Taylor polynomial that is formed anew every
        ``period`` steps; periods must divide each other and the chunk.
    step : float
        Path length between evaluations [pc]; |k| step must stay below half a turn.
    ahead : float
        Polynomials are centred this far ahead in units of their period's path, where that is at most `reach` [pc].
    reach : float

    Notes
    -----
    Phases are formed exactly at each anchor and held as 32-bit fractions of a turn; between anchors single precision
    carries them, to 1e-6 of the rms field. A field serves one block at a time.
    """

    cdef Multirate c
    cdef object _kept

    def __cinit__(self):
        self.c.level = NULL

    def __dealloc__(self):
        free(self.c.level)

    def __init__(self, wavevector, amplitude, phase, period, double step, double ahead=0.0, double reach=0.0):
        wavevector = np.asarray(wavevector, dtype=np.float64)
        amplitude = np.asarray(amplitude, dtype=np.float64)
        period = np.asarray(period, dtype=np.int64)
        n = len(period)
        if wavevector.shape != (n, 3) or amplitude.shape != (n, 3) or np.shape(phase) != (n,) or n == 0:
            raise ValueError("wavevector and amplitude need shape (n, 3), phase and period (n,), n >= 1")
        if not all(np.isfinite(a).all() for a in (wavevector, amplitude, phase)):
            raise ValueError("wavevectors, amplitudes and phases must be finite")
        if not step > 0 or (np.linalg.norm(wavevector, axis=1) * step >= 0.5).any():
            raise ValueError("a step must be positive and shorter than half of every wavelength")
        periods = np.unique(period[period > 0])[::-1]
        if (period < 0).any() or any(512 % m for m in periods):
            raise ValueError("periods must be 0 or divide 512")
        # fast waves first, then slow ones from the longest period on
        order = np.argsort(np.where(period == 0, -2**62, -period), kind="stable")
        fast = int((period == 0).sum())
        wave = np.zeros((n, 8))
        wave[:, 0:3], wave[:, 3], wave[:, 4:7] = wavevector[order], np.asarray(phase)[order], amplitude[order]
        fast_wave = np.zeros((max(fast, 1), 8), dtype=np.float32)
        fast_wave[:fast, 0:3] = wave[:fast, 0:3] * 2.0**32
        fast_wave[:fast, 3:6] = wave[:fast, 4:7]
        slow_k = np.zeros((max(n - fast, 1), 4), dtype=np.float32)
        slow_k[: n - fast, 0:3] = wave[fast:, 0:3]
        weight = np.zeros((max(n - fast, 1), TAYLOR_ROWS), dtype=np.float32)
        cdef double[:, ::1] k_step = np.ascontiguousarray(2 * np.pi * step * wave[:, 0:3])
        cdef double[:, ::1] a = np.ascontiguousarray(wave[:, 4:7])
        cdef float[:, ::1] w = weight
        cdef Py_ssize_t i, first = 0
        for i in range(n - fast):
            taylor_weights(&k_step[fast + i, 0], &a[fast + i, 0], &w[i, 0])

        cdef double[:, ::1] wave_view = wave
        cdef float[:, ::1] fast_view = fast_wave
        cdef float[:, ::1] slow_view = slow_k
        # two int32 or float rows fit in a row of doubles
        cdef double[:, ::1] fast_phase = aligned_rows(fast // 2 + 1)
        cdef double[:, ::1] slow_phase = aligned_rows((n - fast) // 2 + 1)
        cdef double[:, ::1] places = aligned_rows(6 + 3 * len(periods))
        cdef double[:, ::1] merged = aligned_rows(max(1, len(periods)) * TAYLOR_ROWS // 2)
        self._kept = (wave, fast_wave, slow_k, weight, np.asarray(fast_phase), np.asarray(slow_phase),
                      np.asarray(places), np.asarray(merged))
        self.c.fast, self.c.slow, self.c.levels = fast, n - fast, len(periods)
        self.c.wave = <const Wave*>&wave_view[0, 0]
        self.c.fast_wave = <const FloatWave*>&fast_view[0, 0]
        self.c.fast_phase = <int32_t*>&fast_phase[0, 0]
        self.c.slow_k = &slow_view[0, 0]
        self.c.slow_phase = <int32_t*>&slow_phase[0, 0]
        self.c.weight = &w[0, 0]
        self.c.step = step
        self.c.start, self.c.last = &places[0, 0], &places[3, 0]
        self.c.level = <Level*>calloc(max(1, len(periods)), sizeof(Level))
        if self.c.level == NULL:
            raise MemoryError
        for i, m in enumerate(periods):
            self.c.level[i].period = m
            self.c.level[i].waves = int((period == m).sum())
            self.c.level[i].first = first
            self.c.level[i].ahead = ahead * m * step if m * step <= reach else 0.0
            self.c.level[i].place = &places[6 + 3 * i, 0]
            self.c.level[i].merged = <float*>&merged[i * TAYLOR_ROWS // 2, 0]
            first += self.c.level[i].waves

    cdef void anchor(self, const Block* p) noexcept nogil:
        multirate_anchor(&self.c, p)

    cdef void add(self, const Block* p, double* b) noexcept nogil:
        multirate_add(&self.c, p, b)

"""Plane-wave turbulence, every wave at every step, vectorised across the particles of a block."""

from libc.stdint cimport int64_t, uintptr_t

import numpy as np

from cython_kernels.block cimport HPCMM_LANES, Block, aligned_rows
from cython_kernels.field cimport Field

cdef extern from "plane_waves.h":
    enum: PLANE_WAVES_OPERATIONS
    ctypedef struct Wave:
        double kx
        double ky
        double kz
        double phase
        double ax
        double ay
        double az
    void plane_waves_anchor(int64_t waves, const Wave* wave, double whole, const Block* p,
                            double* phase) noexcept nogil
    void plane_waves_add(int64_t waves, const Wave* wave, const double* phase, const double* d,
                         double* b) noexcept nogil

cdef extern from "single_waves.h":
    enum: SINGLE_WAVES_OPERATIONS
    double TURN_SHIFT
    double TURN_REACH
    ctypedef struct SingleWave:
        pass
    void single_waves_add(int64_t waves, const Wave* wave, const SingleWave* single, const double* phase,
                          double reach, const double* d, double* b) noexcept nogil

OPERATIONS_PER_WAVE = PLANE_WAVES_OPERATIONS
SINGLE_OPERATIONS_PER_WAVE = SINGLE_WAVES_OPERATIONS


cdef class PlaneWaveField(Field):
    """B(r) = sum_n a_n cos(2 pi (k_n.r + phi_n)), r = origin + displacement (paper eq 12).

    Parameters
    ----------
    wavevector : (n, 3) array
        k_n / 2 pi [turns per pc].
    amplitude : (n, 3) array
        a_n in units of B_rms.
    phase : (n,) array
        phi_n / 2 pi [turns].

    Notes
    -----
    At an anchor the phases are formed exactly (products split into value and rounding error, taken modulo
    one turn), so that k.r = 1e13 turns costs no digits; between anchors only the displacement since then
    is propagated (docs/physics.md 2.2). A field serves one block at a time.
    """

    cdef int64_t waves
    cdef double whole  # turns added to every phase
    cdef readonly object table  # rows kx ky kz phase ax ay az 0
    cdef double[:, ::1] wave_rows
    cdef double[:, ::1] phase_rows
    cdef double[:, ::1] places  # rows 0-2: the anchor, 3-5: displacement from it

    def __init__(self, wavevector, amplitude, phase):
        wavevector = np.asarray(wavevector, dtype=np.float64)
        amplitude = np.asarray(amplitude, dtype=np.float64)
        phase = np.asarray(phase, dtype=np.float64)
        n = len(phase)
        if wavevector.shape != (n, 3) or amplitude.shape != (n, 3) or phase.shape != (n,) or n == 0:
            raise ValueError(
                "wavevector and amplitude need shape (n, 3), phase (n,), n >= 1; "
                f"got {wavevector.shape}, {amplitude.shape}, {phase.shape}"
            )
        if not all(np.isfinite(a).all() for a in (wavevector, amplitude, phase)):
            raise ValueError("wavevectors, amplitudes and phases must be finite")
        self.waves, self.whole = n, 0
        table = np.zeros((n, 8))
        table[:, 0:3], table[:, 3], table[:, 4:7] = wavevector, phase, amplitude
        self.table = table
        self.wave_rows = table
        self.phase_rows = aligned_rows(n)
        self.places = aligned_rows(6)

    cdef void anchor(self, const Block* p) noexcept nogil:
        cdef int j
        for j in range(HPCMM_LANES):
            self.places[0, j] = p.x[j]
            self.places[1, j] = p.y[j]
            self.places[2, j] = p.z[j]
        plane_waves_anchor(self.waves, <const Wave*>&self.wave_rows[0, 0], self.whole, p, &self.phase_rows[0, 0])

    cdef void displace(self, const Block* p) noexcept nogil:
        cdef int j
        for j in range(HPCMM_LANES):
            self.places[3, j] = p.x[j] - self.places[0, j]
            self.places[4, j] = p.y[j] - self.places[1, j]
            self.places[5, j] = p.z[j] - self.places[2, j]

    cdef void add(self, const Block* p, double* b) noexcept nogil:
        self.displace(p)
        plane_waves_add(self.waves, <const Wave*>&self.wave_rows[0, 0], &self.phase_rows[0, 0],
                        &self.places[3, 0], b)


cdef class SinglePrecisionPlaneWaveField(PlaneWaveField):
    """B(r) = sum_n a_n cos(2 pi (k_n.r + phi_n)) to 2e-7 of B_rms, rms, at any places
    (paper eq 12, docs/physics.md 2.1).

    Parameters
    ----------
    wavevector, amplitude, phase
        As in :class:`PlaneWaveField`.

    Notes
    -----
    Phases are those of :class:`PlaneWaveField`, held to 2^-32 turns; cosines are taken and added up in single
    precision, 64 waves at a time. Unlike :class:`MultirateField` it allows any displacement from one place to the
    next. Lanes whose phases may have moved by 2^18 turns since the anchor take the double-precision sum. A field
    serves one block at a time.
    """

    cdef object _single_table
    cdef const SingleWave* single
    cdef double reach

    def __init__(self, wavevector, amplitude, phase):
        super().__init__(wavevector, amplitude, phase)
        self.whole = TURN_SHIFT
        row = [("k", np.float64, 3), ("a", np.float32, 3), ("unused", np.float32)]
        self._single_table = np.zeros(self.waves, dtype=row)
        self._single_table["k"], self._single_table["a"] = self.table[:, 0:3], self.table[:, 4:7]
        cdef uintptr_t address = self._single_table.ctypes.data
        self.single = <const SingleWave*>address
        largest = np.abs(self.table[:, 0:3]).max()
        self.reach = TURN_REACH / largest if largest > 0 else np.inf

    cdef void add(self, const Block* p, double* b) noexcept nogil:
        self.displace(p)
        single_waves_add(self.waves, <const Wave*>&self.wave_rows[0, 0], self.single, &self.phase_rows[0, 0],
                         self.reach, &self.places[3, 0], b)

"""Resolved micromirrors: a ring of mirror-polarised waves about a guide field."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field

from cython_kernels.field import Field as CompiledField
from cython_kernels.multirate import MultirateField
from cython_kernels.plane_waves import PlaneWaveField
from hpcmm.deck.units import Length, MagneticField
from hpcmm.fields import multirate
from hpcmm.fields.base import FieldSection, some_direction, three_numbers
from hpcmm.fields.waves import frame_about
from hpcmm.theory.mirror_modes import kappa_mirror_modes


class MirrorModes(FieldSection):
    r"""Sum of N static waves with wavevectors on a ring about the guide field.

    .. math::  B(r) = dB \sqrt{2/N} \sum_n \hat\xi_n \cos(k_n \cdot r + \phi_n), \quad
               k_n = (k_\parallel, k_\perp \cos\varphi_n, k_\perp \sin\varphi_n), \quad k_\perp = 2 / l_{mm}

    with k_par uniform up to k_par_over_k_perp times k_perp either way, and xi_n in the plane of k_n and the guide
    field: solenoidal, with a component along the guide field as mirror modes have. A stand-in for the micromirrors of a
    plasma simulation, in which gyration is resolved instead of replaced by kicks.

    Source: docs/physics.md 9; l_mm is defined so that nu(mu = 0) is the paper's eq 3.

    Attributes
    ----------
    dB : float
        Total rms [uG].
    l_mm : float
        Scale across the guide field [pc].
    k_par_over_k_perp : float
        Largest wavenumber along the guide field over that across it.
    modes : int
        Number of waves.
    direction : tuple of float
        Direction of the guide field, of any length but zero, in the lab frame.
    """

    model: Literal["mirror_modes"] = "mirror_modes"
    dB: MagneticField = Field(examples=['"1 uG"'])
    l_mm: Length = Field(examples=['"100 npc"'])
    k_par_over_k_perp: float = Field(default=0.6, gt=0.0, le=100.0)
    modes: int = Field(default=64, ge=2, le=1_000_000)
    direction: Annotated[tuple[float, float, float], BeforeValidator(three_numbers), AfterValidator(some_direction)] = (
        0.0,
        0.0,
        1.0,
    )

    @property
    def k_perp(self) -> float:
        """Wavenumber across the guide field [rad/pc]."""
        return 2.0 / self.l_mm

    def is_about(self, guide) -> bool:
        """True if the ring is about this vector, either way, to a part in 10^6."""
        cosine = np.dot(self.direction, guide) / max(math.hypot(*self.direction) * math.hypot(*guide), 1e-300)
        return bool(abs(cosine) > 1 - 1e-12)

    @property
    def _k_max(self) -> float:
        return self.k_perp * math.hypot(1.0, self.k_par_over_k_perp)

    def step_bound(self, medium, gyroradius: float) -> float:
        """Longest step that resolves the field: an eighth of the shortest wave [pc]."""
        return 2 * math.pi / self._k_max / 8

    def wave_count(self, medium, gyroradius: float) -> int:
        """Number of waves; every one is summed at every step."""
        return self.modes

    def seconds_per_step(self, medium, gyroradius: float, step: float) -> float:
        """Core time [s] of one evaluation at one particle, for planning."""
        return multirate.seconds(np.zeros(self.modes))

    def decay_rate(self, medium, gyroradius: float) -> float:
        """c^2/(3 kappa_par) of quasi-linear theory [1/pc]: far slower than nu, as small pitch angles turn last."""
        guide = math.sqrt(max(medium.B_rms**2 - self.dB**2, 0.0))
        if guide <= 0.0:
            return 0.0
        radius, b_squared = gyroradius * medium.B_rms / guide, (self.dB / guide) ** 2
        k_par_max = self.k_par_over_k_perp * self.k_perp
        return 1.0 / (3.0 * kappa_mirror_modes(radius, b_squared, self.k_perp, k_par_max)[0])

    def realize(self, medium, gyroradius: float, step: float, draw: np.random.Generator) -> CompiledField:
        """Draw the waves of one realization; compiled field in units of B_rms."""
        along, azimuth, phase = draw.random((3, self.modes))
        k_par = self.k_par_over_k_perp * self.k_perp * (2 * along - 1)
        ring = np.array([np.cos(2 * np.pi * azimuth), np.sin(2 * np.pi * azimuth)])
        k = np.vstack([self.k_perp * ring, k_par])
        vector = np.vstack([-k_par * ring, np.full(self.modes, self.k_perp)]) / np.linalg.norm(k, axis=0)
        vector *= self.dB / medium.B_rms * math.sqrt(2 / self.modes)
        frame = frame_about(self.direction)
        waves = ((frame @ k).T / (2 * np.pi), (frame @ vector).T, phase)
        if self._k_max * step >= math.pi:
            return PlaneWaveField(*waves)
        every_step = np.zeros(self.modes, dtype=np.int64)
        ahead, reach = multirate.AHEAD, multirate.REACH * gyroradius
        return MultirateField(*waves, every_step, step, ahead, reach)

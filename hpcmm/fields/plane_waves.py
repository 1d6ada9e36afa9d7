"""Synthetic turbulence as a sum of static plane waves: isotropic, or slab and two-dimensional about a guide field."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from cython_kernels.field import Field as CompiledField
from cython_kernels.multirate import MultirateField
from cython_kernels.plane_waves import PlaneWaveField, SinglePrecisionPlaneWaveField
from hpcmm.deck.section import SectionError
from hpcmm.deck.units import Length
from hpcmm.fields import multirate, turbulent
from hpcmm.fields.waves import draw_waves, draw_waves_about, periodic

PAPER_MODES_PER_DECADE = 85.0
"""Density of modes of the paper: 1024 over its 12 decades."""

RESONANT_MODES_PER_DECADE = 340.0
"""Density of those that scatter by gyroresonance at r_g/l_c < SPARSE_BELOW: 85 give .8, .75 and .65 to .3 of the
quasi-linear rate at r_g/l_c = 1e-7, 3.6e-8 and 3.6e-9, 340 give .94 to 1 (docs/physics.md 2.5)."""

RESONANT = (0.3, 20.0)
"""k r_g of waves that scatter; longer ones are magnetic mirrors, of which 30 to 340 a decade do the same to 6 %."""

SPARSE_BELOW = 1e-6
"""r_g/l_c below which resonances with 85 waves a decade do not overlap."""

DEFAULT_MODES = 1024

MOST_MODES = 1_000_000

FEWEST_MODES = 1024
"""Least number of waves of an automatic range where r_g > l_c/3, whatever their density."""

MODES_PER_L_C = 200
"""Waves of an automatic range at r_g >> l_c, per r_g/l_c."""

SINGLE_PRECISION_TOLERANCE = 5e-6
"""Tightest tolerance with phases carried along tracks in single precision, which err by 1e-6 of dB, rms; below it, or
with a step too long for them, phases are in double precision."""

SINGLE_COSINE_TOLERANCE = 1e-6
"""Tightest tolerance with phases in double, cosines and sums in single precision, which err by 2e-7 of dB, rms; below
it all is in double precision."""

SECONDS_PER_EXACT_WAVE = 5.5e-10
"""Core time [s] of one wave at one particle in double precision, for planning (`hpcmm bench`)."""

SECONDS_PER_SINGLE_WAVE = 2.8e-10
"""Core time [s] of one wave at one particle with the cosine and the sum in single precision, for planning."""


@dataclass(frozen=True)
class Piece:
    """A part of the range of wavelengths [pc] in which so many intervals between waves are geometric."""

    longest: float
    shortest: float
    intervals: int


class PlaneWaves(turbulent.TurbulentSection):
    r"""Sum of N static plane waves with a power-law spectrum, or one that bends over.

    .. math::  B(r) = \sqrt{2}\, dB \sum_{n=1}^{N} A_n \hat\xi_n \cos(k_n \cdot r + \phi_n),
               \quad A_n^2 \propto w_n k_n E(k_n), \quad \sum A_n^2 = 1

    with |k_n| geometric from 2 pi / l_max to 2 pi / l_min, directions of `geometry`, xi_n across k_n, random
    phases, and w_n = 1/2 at both ends, 1 between. Source: paper eq 12; docs/physics.md 2.1, 2.5 (modes left out),
    5.2 (l_min "auto"). Deviation from the paper: the trapezoid weights w_n.

    Strength, range of wavelengths and spectrum are keys of `hpcmm.fields.turbulent.TurbulentSection`.

    Attributes
    ----------
    modes : int or None
        Number of modes. Exactly one of `modes` and `modes_per_decade` is set.
    modes_per_decade : float, "auto" or None
        Modes per decade of wavelength; "auto": 85, and where r_g/l_c < 1e-6 340 of 0.3 < k r_g < 20.
    evaluation : str
        "brute_force": every wave at every step; "multirate": slow waves as local polynomials (docs/physics.md 2.6);
        "auto": the cheaper one.
    tolerance : float
        Allowed rms error of the field in units of dB.
    period : float or None
        Length after which the field repeats along x, y and z [pc]: each wavevector is moved to the nearest of that
        lattice. The field is then the same at every energy, and that of an effective medium with this box
        (docs/decisions/0014).
    geometry : str
        Directions of wavevectors: "isotropic"; about the deck's guide field "slab", along it, or "2d", across it, with
        no field along it. Two blocks make composite turbulence (docs/physics.md 2.7).
    """

    model: Literal["plane_waves"] = "plane_waves"
    modes: Annotated[int, Field(ge=2, le=MOST_MODES)] | None = None
    modes_per_decade: Annotated[float, Field(gt=0.0, le=100_000.0)] | Literal["auto"] | None = None
    evaluation: Literal["auto", "brute_force", "multirate"] = "auto"
    tolerance: float = Field(default=1e-4, gt=0.0, lt=1.0)
    period: Length | None = None
    geometry: turbulent.Geometry = "isotropic"

    @model_validator(mode="after")
    def _one_density(self):
        if self.modes is not None and self.modes_per_decade is not None:
            message = "modes and modes_per_decade exclude each other; keep one"
            raise SectionError(("modes_per_decade",), message)
        return self

    @model_validator(mode="after")
    def _repeats(self):
        if self.period is None:
            return self
        if self.geometry != "isotropic":
            message = f"a lattice would turn {self.geometry} waves away from the guide field: no period is expected"
            raise SectionError(("period",), message)
        if self.l_min == "auto":
            message = 'a field with a period is the same at every energy, not as "auto": a length is expected'
            raise SectionError(("l_min",), message)
        if self.l_max is not None and self.l_max > self.period * (1 + 1e-12):
            message = f"no wave longer than the period, {self.period:g} pc, can repeat with it"
            raise SectionError(("l_max",), message)
        return self

    @property
    def structure(self) -> float | None:
        """See the base class."""
        return self.period

    def energy_of_draw(self, energy: float) -> float:
        """See the base class; 0 where the field repeats, as its waves are the same at every energy."""
        return energy if self.period is None else 0.0

    def completed(self, dB: float, l_c: float) -> dict:
        """Plain data of this section, with every default filled in (see the base class)."""
        data = super().completed(dB, l_c)
        auto = self.l_min == "auto"
        if self.modes is None and self.modes_per_decade is None:
            data["modes"] = None if auto else DEFAULT_MODES
            data["modes_per_decade"] = "auto" if auto else None
        return data

    def wave_count(self, medium, gyroradius: float) -> int:
        """Number of waves between l_max and l_min.

        Where r_g > l_c/3 the automatic range is little more than a decade, and small deflections come only from the few
        waves nearly across the track: 104 waves give 60 % too large a kappa at r_g = 10 l_c, 1,024 waves 12 % at
        30 l_c, so that a density of waves alone will not do there, and their number grows with r_g.
        """
        return sum(piece.intervals for piece in self.pieces(medium, gyroradius)) + 1

    def pieces(self, medium, gyroradius: float) -> list[Piece]:
        """Pieces of the range of wavelengths, each geometric, from l_max down."""
        l_min = self.smallest_wavelength(medium, gyroradius)
        if self.modes is not None:
            return [Piece(self.l_max, l_min, self.modes - 1)]
        least = 1
        if self.l_min == "auto" and gyroradius > medium.l_c / 3:
            wanted = max(FEWEST_MODES, math.ceil(MODES_PER_L_C * gyroradius / medium.l_c))
            if self.spectrum == "bend_over":  # as dense where the power is, though longer waves are in the range too
                wanted = math.ceil(wanted * math.log(self.l_max / l_min) / math.log(5 * medium.l_c / l_min))
            least = min(wanted, MOST_MODES) - 1
        automatic, edges, scattering = self.modes_per_decade == "auto", [self.l_max, l_min], (0.0, 0.0)
        # the same at every energy where it repeats or belongs to a medium without particles
        if automatic and self.period is None and gyroradius is not None and gyroradius < SPARSE_BELOW * medium.l_c:
            scattering = [2 * math.pi * gyroradius / x for x in reversed(RESONANT)]
            edges[1:1] = [s for s in reversed(scattering) if l_min * (1 + 1e-9) < s < self.l_max]
        found = []
        for longest, shortest in itertools.pairwise(edges):
            density = PAPER_MODES_PER_DECADE if automatic else self.modes_per_decade
            if scattering[0] < math.sqrt(longest * shortest) < scattering[1]:
                density = RESONANT_MODES_PER_DECADE
            found.append(Piece(longest, shortest, max(math.ceil(density * math.log10(longest / shortest)), least)))
        return found

    def resonant_density(self, medium, gyroradius: float) -> float:
        """Least number of waves a decade among those that scatter by gyroresonance; inf where there are none."""
        short, long = (2 * math.pi * gyroradius / x for x in reversed(RESONANT))
        there = [
            piece.intervals / math.log10(piece.longest / piece.shortest)
            for piece in self.pieces(medium, gyroradius)
            if piece.longest > short * (1 + 1e-9) and piece.shortest < long * (1 - 1e-9)
        ]
        return min(there, default=math.inf)

    def step_bound(self, medium, gyroradius: float) -> float:
        """l_min / 2 pi: a longer step would alias the smallest wave into white noise (docs/physics.md 2.5)."""
        return self.smallest_wavelength(medium, gyroradius) / (2 * math.pi)

    def check(self, medium, gyroradius: float, step: float) -> None:
        """Refuse what would give wrong numbers at this gyroradius and step [pc].

        Raises
        ------
        SectionError
            If waves left out are not small against the gyroradius, or "multirate" is asked for and impossible.
        """
        super().check(medium, gyroradius, step)
        if self.wave_count(medium, gyroradius) > MOST_MODES:
            message = f"{self.wave_count(medium, gyroradius):,} waves; at most {MOST_MODES:,} are expected"
            raise SectionError(("modes_per_decade",), message)
        self.refresh_periods(medium, gyroradius, step)

    def wavenumbers(self, medium, gyroradius: float) -> tuple[np.ndarray, np.ndarray]:
        """|k| [rad/pc] of the waves, and their share of dB^2 (docs/physics.md 2.1); together they have all above
        l_min.
        """
        l_min, pieces = self.smallest_wavelength(medium, gyroradius), self.pieces(medium, gyroradius)
        parts = [np.geomspace(1 / p.longest, 1 / p.shortest, p.intervals + 1) for p in pieces]
        k = 2 * np.pi * np.concatenate([part[:-1] for part in parts[:-1]] + parts[-1:])
        power = self.energy.per_log(k)
        if len(pieces) == 1:
            power[[0, -1]] /= 2
        else:  # half the way to each neighbour
            log_k = np.log(k)
            power *= np.diff(log_k, append=log_k[-1]) + np.diff(log_k, prepend=log_k[0])
        share = self.energy.power_share(self.l_max, l_min, self.l_dissipation)
        return k, share * power / power.sum()

    def refresh_periods(self, medium, gyroradius: float, step: float) -> np.ndarray | None:
        """Refresh period of every wave [steps], 0 for every step; None where phases cannot be carried along tracks.

        Raises
        ------
        SectionError
            If "multirate" is asked for and impossible.
        """
        k, power = self.wavenumbers(medium, gyroradius)
        tracked = k[-1] * step < math.pi and self.tolerance >= SINGLE_PRECISION_TOLERANCE
        if not tracked:
            if self.evaluation == "multirate":
                message = (
                    f"multirate needs a tolerance of {SINGLE_PRECISION_TOLERANCE:g} or more and a step below half of "
                    f"the shortest wavelength; here {self.tolerance:g} and {step:g} pc of {2 * math.pi / k[-1]:g} pc"
                )
                raise SectionError(("evaluation",), message)
            return None
        if self.evaluation == "brute_force":
            return np.zeros(len(k), dtype=np.int64)
        return multirate.periods(k, power, step, gyroradius, self.tolerance)

    def seconds_per_step(self, medium, gyroradius: float, step: float) -> float:
        """Core time [s] of one evaluation at one particle, for planning."""
        periods = self.refresh_periods(medium, gyroradius, step)
        if periods is None:
            each = SECONDS_PER_SINGLE_WAVE if self.tolerance >= SINGLE_COSINE_TOLERANCE else SECONDS_PER_EXACT_WAVE
            return each * self.wave_count(medium, gyroradius)
        return multirate.seconds(periods)

    def waves(self, medium, gyroradius: float, draw: np.random.Generator):
        """Draw the waves of one realization: k / 2 pi [turns per pc], a [B_rms], phi / 2 pi."""
        k, power = self.wavenumbers(medium, gyroradius)
        amplitude = math.sqrt(2) * self.dB / medium.B_rms * np.sqrt(power)
        if self.geometry != "isotropic":
            return draw_waves_about(medium.guide, self.geometry, k, amplitude, draw)
        drawn = draw_waves(k, amplitude, draw)
        return drawn if self.period is None else periodic(*drawn, self.period)

    def realize(self, medium, gyroradius: float, step: float, draw: np.random.Generator) -> CompiledField:
        """Draw the waves of one realization; compiled field in units of B_rms."""
        waves = self.waves(medium, gyroradius, draw)
        periods = self.refresh_periods(medium, gyroradius, step)
        if periods is None:
            single = self.tolerance >= SINGLE_COSINE_TOLERANCE
            return SinglePrecisionPlaneWaveField(*waves) if single else PlaneWaveField(*waves)
        ahead, reach = multirate.AHEAD, multirate.REACH * gyroradius
        return MultirateField(*waves, periods, step, ahead, reach)

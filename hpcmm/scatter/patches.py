"""Small-angle scattering in patches of a given shape on a lattice, which stay or live and die."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, model_validator

from cython_kernels.patches import PatchScatterer
from hpcmm.deck.section import SectionError
from hpcmm.deck.units import Length, RateOrZero, Time
from hpcmm.scatter.base import STEPS_PER_FEATURE, ScatterSection
from hpcmm.theory import shapes
from hpcmm.theory.constants import PARSEC, C
from hpcmm.theory.scattering import decay_rate


class Patches(ScatterSection):
    r"""Isotropic small-angle kicks at one rate inside patches and another between them.

    .. math::  \nu(r) = \nu_{patch} \ \text{inside}, \ \nu_{background} \ \text{outside}, \quad
               \langle\nu\rangle = f \nu_{patch} + (1 - f) \nu_{background}

    Patches are layers of thickness f, cubes of edge f^(1/3) or spheres of radius (3f/4 pi)^(1/3), in periods, on the
    points of a cubic lattice; the rate is that of the place where a kick happens, amid a step. With a lifetime they
    fill their cells instead (layers and cubes all of them, spheres touch), and each cell has its patch with probability
    f (spheres: 6f/pi), drawn anew at intervals of the lifetime that begin at a time of the cell's own.

    Source: docs/physics.md 8.1, 8.3, 8.7; paper eqs 10, 11 (small patches), 13 (kick), 21 (residence 4V/S).

    Attributes
    ----------
    morphology : str
        "layers" (normal to x), "cubes" or "spheres".
    filling_fraction : float
        Share f of the volume in patches; at most pi/6 for spheres, which then touch.
    period : float
        Period of the lattice [pc].
    lifetime : float or None
        Interval at which each cell is drawn anew [s]; None: patches are always there, on all points.
    rate_patch, rate_background : float
        nu inside and outside [1/s].
    kick : str
        "paper", "transport" or "fork-constant".
    """

    model: Literal["patches"] = "patches"
    morphology: Literal["layers", "cubes", "spheres"] = Field(examples=['"cubes"'])
    filling_fraction: float = Field(ge=0.0, le=1.0, examples=["0.3"])
    period: Length = Field(examples=['"10 kpc"'])
    rate_patch: RateOrZero = Field(examples=['"1e-10 / s"'])
    rate_background: RateOrZero = Field(examples=['"1e-12 / s"'])
    kick: Literal["paper", "transport", "fork-constant"] = "transport"
    lifetime: Time | None = None

    @model_validator(mode="after")
    def _spheres_do_not_overlap(self):
        if self.morphology == "spheres" and self.filling_fraction > shapes.MOST_SPHERES:
            message = f"spheres touch at {shapes.MOST_SPHERES:.4f}; that at most is expected"
            raise SectionError(("filling_fraction",), message)
        return self

    @property
    def everywhere(self) -> bool:
        """No: its rate is another in patches than between them."""
        return False

    @property
    def counted(self) -> bool:
        """See the base class: always True."""
        return True

    @property
    def acts(self) -> bool:
        """See the base class."""
        return self.nu(1.0) > 0.0

    @property
    def lives(self) -> bool:
        """See the base class."""
        return self.lifetime is not None

    @property
    def cells(self) -> tuple[float, float]:
        """See the base class."""
        whole = shapes.MOST_SPHERES if self.morphology == "spheres" else 1.0
        return self.period, min(self.filling_fraction / whole, 1.0)

    def _phases(self):
        """(fraction, rate [1/pc], mean chord [pc]) of patches and background."""
        f = self.filling_fraction
        chords = (shapes.random_chords if self.lives else shapes.mean_chords)(self.morphology, f)
        rates = (rate * PARSEC / C for rate in (self.rate_patch, self.rate_background))
        return list(zip((f, 1.0 - f), rates, (chord * self.period for chord in chords), strict=True))

    def nu(self, gyroradius: float) -> float:
        """Mean rate over the volume [1/pc], the same at any gyroradius: paper eq 10."""
        return sum(fraction * rate for fraction, rate, _ in self._phases())

    def decay_rate(self, gyroradius: float) -> float:
        """Rate at which directions decorrelate [1/pc], for planning.

        It is that of the mean rate, unless the weaker phase is so wide that directions survive in it: then the inverse
        of the mean chord through it, or its own rate if larger; or that of its end, if it lives.
        """
        _, weak, chord = min(self._phases(), key=lambda phase: phase[1] if phase[0] > 0 else float("inf"))
        left = 1.0 / chord + (PARSEC / C / self.lifetime if self.lives else 0.0)
        return min(decay_rate(self.nu(gyroradius), self.kick), max(decay_rate(weak, self.kick), left))

    def step_bound(self, gyroradius: float) -> float:
        """Longest step [pc]: 0.02 c/nu of the stronger phase, a twentieth of the smallest feature."""
        strongest = max(rate for fraction, rate, _ in self._phases() if fraction > 0)
        feature = 1.0 if self.lives else shapes.smallest_feature(self.morphology, self.filling_fraction)
        kicks = 0.02 / strongest if strongest > 0 else float("inf")
        return min(kicks, feature * self.period / STEPS_PER_FEATURE)

    @property
    def structure(self) -> float | None:
        """See the base class: the period, where there are two phases."""
        return self.period if 0.0 < self.filling_fraction < 1.0 else None

    def realize(self, gyroradius: float, step: float, key: int, lives: tuple[int, int] | None = None) -> PatchScatterer:
        """Make the compiled scatterer; see the base class.

        Parameters
        ----------
        gyroradius, step, key
            See the base class.
        lives : (int, int), optional
            Keys of phases and draws; of patches with a lifetime.
        """
        (_, inside, _), (_, outside, _) = self._phases()
        size = shapes.half_size(self.morphology, self.filling_fraction)
        if self.lives:
            size = 0.5 if self.morphology == "spheres" else math.inf
        cells = self._living_cells(step, lives, self.morphology == "layers")
        rates = inside * step, outside * step
        return PatchScatterer(self.kick, *rates, key, self.morphology, size, self.period, cells)

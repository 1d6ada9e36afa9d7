"""Uniform guide field."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from cython_kernels.uniform import UniformField
from hpcmm.deck.units import MagneticField
from hpcmm.fields.base import FieldSection, some_direction, three_numbers


class Uniform(FieldSection):
    r"""Uniform field of strength B along a direction.

    .. math::  B(r) = B\, \hat d, \quad \hat d = d / |d|

    Source: the B0 of paper eq 12; docs/physics.md 2.1, 4.4.

    Attributes
    ----------
    B : float
        Strength [uG].
    direction : tuple of float
        Direction d, of any length but zero, in the lab frame.
    """

    model: Literal["uniform"] = "uniform"
    B: MagneticField = Field(examples=['"1 uG"'])
    direction: Annotated[tuple[float, float, float], BeforeValidator(three_numbers), AfterValidator(some_direction)] = (
        0.0,
        0.0,
        1.0,
    )

    @property
    def vector(self) -> tuple[float, float, float]:
        """The field [uG] as a vector."""
        length = math.hypot(*self.direction)
        x, y, z = (self.B * (component / length) for component in self.direction)
        return x, y, z

    def realize(self, medium, gyroradius: float, step: float, draw) -> UniformField:
        """Compiled field in units of B_rms; the same in every realization."""
        return UniformField(*(component / medium.B_rms for component in self.vector))

"""Small-angle scattering at a given rate."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hpcmm.deck.units import Rate
from hpcmm.scatter.base import ScatterSection
from hpcmm.theory.constants import PARSEC, C


class ConstantRate(ScatterSection):
    r"""Isotropic small-angle kicks at a rate that depends on neither place nor energy.

    .. math::  \langle\delta\theta^2\rangle = \nu\, dt \ \text{(paper)}, \quad
               \langle n(t) \cdot n(0) \rangle = e^{-\nu t} \ \text{(transport)}

    Source: paper eq 13; docs/physics.md 4.1 (readings of the kick).

    Attributes
    ----------
    rate : float
        nu [1/s].
    kick : str
        "paper", "transport" or "fork-constant".
    """

    model: Literal["constant_rate"] = "constant_rate"
    rate: Rate = Field(examples=['"1e-10 / s"'])
    kick: Literal["paper", "transport", "fork-constant"] = "transport"

    def nu(self, gyroradius: float) -> float:
        """Rate nu in code units [1/pc], c = 1, the same at any gyroradius."""
        return self.rate * PARSEC / C

"""Small-angle scattering at the rate that stands for resonant scattering in turbulence."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hpcmm.deck.units import Length
from hpcmm.scatter.base import ScatterSection


class Resonant(ScatterSection):
    r"""Kicks at the rate of resonant scattering, where gyration in a turbulent field cannot be afforded.

    .. math::  \nu_{res} = \frac{c^2}{\kappa_{res}}, \quad
               \kappa_{res} = a\, c\, l_c \left(\frac{r_g}{l_c}\right)^{\delta}

    Source: paper eq 7 and the definition of nu_res above eq 10; docs/physics.md 11.1, 11.5.
    As for micromirrors, nu = c^2/kappa is the paper's definition of a rate and its kick then gives 2/3 of that kappa
    along a line, kappa_iso = (2/3) c^2/nu. The rate adds to those of other blocks: with micromirrors everywhere it is
    f_mm nu_mm + nu_res, where eq 10 has (1 - f_mm) nu_res.

    Attributes
    ----------
    delta : float
        Exponent: 1/3 for Kolmogorov, 1/2 for Kraichnan turbulence, 1 for Bohm diffusion, 0 at constant kappa.
    coefficient : float
        a; 1 in the paper, while kappa_iso of isotropic synthetic turbulence has about a tenth.
    l_c : float
        Correlation length [pc]; that of the medium if left out.
    kick : str
        "paper", "transport" or "fork-constant".
    """

    model: Literal["resonant"] = "resonant"
    delta: float = Field(default=1.0 / 3.0, ge=0.0, le=2.0)
    coefficient: float = Field(default=1.0, ge=1e-6, le=1e6)
    l_c: Length | None = None
    kick: Literal["paper", "transport", "fork-constant"] = "paper"

    def completed(self, l_c: float) -> dict:
        """See the base class: the correlation length of the medium where the deck gives none."""
        return self.plain() | {"l_c": self.l_c or l_c}

    def nu(self, gyroradius: float) -> float:
        """nu_res [1/pc] at a gyroradius [pc], c = 1."""
        return 1.0 / (self.coefficient * self.l_c * (gyroradius / self.l_c) ** self.delta)

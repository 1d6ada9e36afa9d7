"""Small-angle scattering at micromirrors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hpcmm.section import NotYet, ScatterSection, unavailable
from hpcmm.units import Length


class Micromirrors(ScatterSection):
    r"""Kicks at the micromirror rate, everywhere with probability f_mm.

    .. math::  \nu = f_{mm} \nu_{mm}, \quad \nu_{mm} = \frac{c\, l_{mm}}{r_g^2} \left(\frac{dB}{B}\right)^2

    Source: paper eq 3 (rate), eq 10 (f_mm), eq 13 (kick); SPEC 2.3, 4, A3, A4 (readings of the kick).
    Deviation: `kick = "transport"` makes the direction's memory decay at nu, the paper's kick at nu / 2.

    Attributes
    ----------
    l_mm : float
        Scale of the micromirrors across the field [pc].
    dB_over_B : float
        Amplitude of the micromirrors in units of the field.
    filling_fraction : float
        f_mm, between 0 and 1.
    gate : str
        "none": scattering everywhere at f_mm nu_mm.
    B_star : None
        Field strength above which micromirrors exist; not available in this version.
    kick : str
        "paper", "transport" or "fork-constant".
    """

    model: Literal["micromirrors"] = "micromirrors"
    l_mm: Length = Field(examples=['"100 npc"'])
    dB_over_B: float = Field(default=1.0 / 3.0, gt=0.0, le=100.0)
    filling_fraction: float = Field(default=1.0, ge=0.0, le=1.0)
    gate: Annotated[Literal["none"], unavailable("gate", "field_strength")] = "none"
    B_star: NotYet = None
    kick: Literal["paper", "transport", "fork-constant"] = "paper"

    def nu(self, gyroradius: float) -> float:
        """f_mm nu_mm [1/pc] at a gyroradius [pc]: paper eqs 3 and 10, c = 1."""
        return self.filling_fraction * self.l_mm * (self.dB_over_B / gyroradius) ** 2

"""The [medium] table, for every kind of run with a magnetic field."""

from pydantic import Field

from hpcmm.deck.section import Section
from hpcmm.deck.units import Length, MagneticField


class Medium(Section):
    """Reference field B_rms [uG], guide field included; two-sided correlation length l_c [pc] (SPEC A5)."""

    B_rms: MagneticField = Field(examples=['"3 uG"'])
    l_c: Length = Field(examples=['"100 kpc"'])

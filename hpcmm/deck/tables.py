"""Energies of a deck: listed, or log-spaced between two."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from hpcmm.deck.section import Section, SectionError
from hpcmm.deck.units import Energy, canonical

MOST_ENERGIES = 10_000
LADDER_DIGITS = 12


class Ladder(Section):
    """Log-spaced energies between `min` and `max` [GeV], both included, `per_decade` or a little closer."""

    min: Energy = Field(examples=['"1 GeV"'])
    max: Energy = Field(examples=['"10 EeV"'])
    per_decade: float = Field(gt=0.0, le=1000.0, examples=["2"])

    @model_validator(mode="after")
    def _rising(self):
        if self.max <= self.min:
            raise SectionError(("max",), f"max = {self.max:g} GeV must exceed min = {self.min:g} GeV")
        return self

    def energies(self) -> tuple[float, ...]:
        """The rungs [GeV], inner ones rounded to 12 digits so that a listed energy gives the same float."""
        decades = math.log10(self.max) - math.log10(self.min)
        steps = max(1, math.ceil(decades * self.per_decade - 1e-9))
        inner = (self.min * 10.0 ** (decades * step / steps) for step in range(1, steps))
        return (self.min, *(canonical(energy, LADDER_DIGITS) for energy in inner), self.max)


def _expanded(value):
    if isinstance(value, dict):
        return tuple(f"{energy!r} GeV" for energy in Ladder.model_validate(value).energies())
    if not isinstance(value, (list, tuple)):
        table = '{ min = "1 GeV", max = "1 EeV", per_decade = 2 }'
        raise ValueError(f'a list is expected, e.g. ["1 GeV", "1 TeV"] or {table}')
    return tuple(value)


def _different(energies):
    first: dict[float, int] = {}
    for place, energy in enumerate(energies):
        if energy in first:
            message = f"{energy:g} GeV repeats energy[{first[energy]}]; every energy once is expected"
            raise SectionError((place,), message)
        first[energy] = place
    return energies


Energies = Annotated[
    tuple[Energy, ...],
    Field(min_length=1, max_length=MOST_ENERGIES),
    BeforeValidator(_expanded),
    AfterValidator(_different),
]
"""Different energies [GeV]: a list, or a `Ladder`."""

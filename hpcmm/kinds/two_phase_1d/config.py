"""Deck of kind = "two_phase_1d": a line of patches and gaps, in units of the period and of c."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from hpcmm.deck.section import Listed, Section, SectionError
from hpcmm.deck.units import Time

AUTO = "auto"


class Run(Section):
    """What is run and how much of it; every f_mm has so many particles."""

    kind: Literal["two_phase_1d"] = Field(examples=['"two_phase_1d"'])
    seed: int = Field(default=0, ge=0, lt=2**64)
    particles: int = Field(default=10_000, ge=2, le=1_000_000_000)


def _duration(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        if value != AUTO:
            raise ValueError(f'a number of periods / c or "{AUTO}" is expected, not {value!r:.60}')
        return value
    if not 1e-6 <= value <= 1e12:
        raise ValueError(f"a number from 1e-6 to 1e12 is expected, not {value!r:.60}")
    return float(value)


Rate = Annotated[float, Field(ge=1e-6, le=1e6)]
"""Of scattering [c per period]; beyond this range doubles would blur the place within a period."""


class TwoPhase(Section):
    r"""Patches that fill ``f_mm`` of every period scatter at ``nu_mm``, the gaps at ``nu_res`` [c per period].

    .. math:: \kappa = c^2 / [f_{mm} \nu_{mm} + (1 - f_{mm}) \nu_{res}]

    Scattering redraws the direction, so that a particle turns round at half these rates.

    Source: paper eq 10, 11 and Fig 5; SPEC 2.4 (i).
    """

    nu_mm: Rate = 100.0
    nu_res: Rate = 1.0
    f_mm: Annotated[
        tuple[Annotated[float, Field(ge=0.0, le=1.0)], ...], Field(min_length=1, max_length=10_000), Listed
    ] = (0.0, 0.01, 0.1, 0.5, 1.0)
    duration: Annotated[float | Literal["auto"], BeforeValidator(_duration)] = "auto"

    @model_validator(mode="after")
    def _different(self):
        first: dict[str, int] = {}
        for place, f_mm in enumerate(self.f_mm):
            name = f"{f_mm:.12e}"  # as the random streams tell them apart
            if name in first:
                message = f"{f_mm:g} repeats f_mm[{first[name]}]; every value once is expected"
                raise SectionError(("f_mm", place), message)
            first[name] = place
        return self


class Output(Section):
    """Where the run goes (None until the config is complete), how often it is saved and when it must stop [s].

    Tracks of the first `trajectories` particles of each f_mm are kept at `track_points` equal intervals.
    """

    directory: Annotated[str, Field(min_length=1)] | None = None
    checkpoint_interval: Time = 600.0
    wall_time: Time | None = None
    trajectories: int = Field(default=0, ge=0)
    track_points: int = Field(default=256, ge=1, le=1_000_000)


class TwoPhaseConfig(Section):
    """A whole deck of this kind."""

    title: str = ""
    run: Run
    two_phase: TwoPhase = TwoPhase()
    output: Output = Output()

    @property
    def times(self) -> int:
        """Samples that each block takes: T/3 and T."""
        return 2

    def _completed(self, stem: str) -> dict:
        """Plain data with every default filled in that depends on other keys."""
        data = self.plain()
        if self.output.directory is None:
            data["output"]["directory"] = f"runs/{stem}"
        return data

"""Deck of kind = "two_phase_1d": a line of patches and gaps, in units of the period and of c."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from hpcmm.deck import tables
from hpcmm.deck.messages import Layout
from hpcmm.deck.section import Listed, Section, SectionError
from hpcmm.deck.tables import DeckModel

AUTO = "auto"


class Run(tables.Run):
    """[run]: the kind, the seed, and the number of particles of each f_mm."""

    kind: Literal["two_phase_1d"] = Field(examples=['"two_phase_1d"'])
    particles: int = Field(default=10_000, ge=2, le=1_000_000_000)
    """Particles at each filling fraction."""


def _duration(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        if value != AUTO:
            raise ValueError(f'a number of periods / c or "{AUTO}" is expected, not {value!r:.60}')
        return value
    if not 1e-6 <= value <= 1e12:
        raise ValueError(f"a number from 1e-6 to 1e12 is expected, not {value!r:.60}")
    return float(value)


Rate = Annotated[float, Field(ge=1e-6, le=1e6)]
"""Scattering rate [c per period]; beyond this range doubles would blur the place within a period."""


class TwoPhase(Section):
    r"""Patches that fill ``f_mm`` of every period scatter at ``nu_mm``, the gaps at ``nu_res`` [c per period].

    .. math:: \kappa = c^2 / [f_{mm} \nu_{mm} + (1 - f_{mm}) \nu_{res}]

    Scattering redraws the direction, so that a particle turns round at half these rates.

    Source: paper eq 10, 11 and Fig 5; docs/physics.md 7.1.
    """

    nu_mm: Rate = 100.0
    """Scattering rate in patches [c per period]."""
    nu_res: Rate = 1.0
    """Scattering rate between them [c per period]."""
    f_mm: Annotated[
        tuple[Annotated[float, Field(ge=0.0, le=1.0)], ...], Field(min_length=1, max_length=10_000), Listed
    ] = (0.0, 0.01, 0.1, 0.5, 1.0)
    """Filling fractions of the patches, a row of the table each."""
    duration: Annotated[float | Literal["auto"], BeforeValidator(_duration)] = "auto"
    """Time that is followed [periods / c]; "auto": max(100/nu_eff, 3/kappa)."""

    @model_validator(mode="after")
    def _different(self):
        first: dict[str, int] = {}
        for place, f_mm in enumerate(self.f_mm):
            name = f"{f_mm:.12e}"  # the digits by which random streams differ
            if name in first:
                message = f"{f_mm:g} repeats f_mm[{first[name]}]; every value once is expected"
                raise SectionError(("f_mm", place), message)
            first[name] = place
        return self


class Output(tables.Output):
    """[output] of any run, and the tracks to keep.

    Tracks of the first `trajectories` particles of each f_mm are kept at `track_points` equal intervals.
    """

    trajectories: int = Field(default=0, ge=0)
    """Number of tracks that are kept at each filling fraction, in tracks.h5."""
    track_points: int = Field(default=256, ge=1, le=1_000_000)
    """Number of equal intervals of a track."""


class TwoPhaseConfig(DeckModel):
    """A whole deck of this kind."""

    run: Run
    two_phase: TwoPhase = TwoPhase()
    output: Output = Output()


LAYOUT = Layout(TwoPhaseConfig, {}, {})

"""Deck of kind = "hybrid_pic": plasma, box, contraction, markers, how it starts, steps, what is kept.

Lengths in r_gi0 (of T_par at the start), times in 1/Omega_i0, fields in B_0, which lies along x.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from hpcmm.deck import tables
from hpcmm.deck.messages import Layout
from hpcmm.deck.section import Listed, Section, SectionError
from hpcmm.deck.tables import DeckModel

MOST_ROWS = 2**20
"""Most rows of a history."""


class Run(tables.Run):
    """[run]: the kind, and the seed of markers and noise."""

    kind: Literal["hybrid_pic"] = Field(examples=['"hybrid_pic"'])


Cells = Annotated[tuple[Annotated[int, Field(ge=1, le=65536)], ...], Field(min_length=3, max_length=3), Listed]
Sides = Annotated[tuple[Annotated[float, Field(gt=0.0, le=1e6)], ...], Field(min_length=3, max_length=3), Listed]
Waves = Annotated[tuple[Annotated[int, Field(ge=0, le=4096)], ...], Field(min_length=3, max_length=3), Listed]
Times = Annotated[tuple[Annotated[float, Field(ge=0.0)], ...], Listed, Field(max_length=9999)]


class Ions(Section):
    """[plasma]: beta of T_par, temperatures at the start.

    Attributes
    ----------
    beta : float
        8 pi n T_par/B_0^2 of the ions at the start.
    T_e_over_T_i : float
        Temperature of the isothermal electrons over T_par of the ions.
    anisotropy : float
        T_perp/T_par - 1 of the ions at the start.
    """

    beta: float = Field(gt=0.0, le=1e4, examples=["50.0"])
    T_e_over_T_i: float = Field(default=1.0, ge=0.0, le=100.0)
    anisotropy: float = Field(default=0.0, gt=-1.0, le=10.0)


class BoxSection(Section):
    """[box]: cells along x, y, z (1: nothing varies there), sides [r_gi0].

    Attributes
    ----------
    cells : tuple of 3 int
        Cells along x, y, z; 1: nothing varies along that axis.
    size : tuple of 3 float
        Sides at the start, in r_gi0.
    """

    cells: Cells = Field(examples=["[64, 48, 48]"])
    size: Sides = Field(examples=["[48.0, 24.0, 24.0]"])


def _endless(value):
    return "inf" if isinstance(value, float) and value == math.inf else value


class Contraction(Section):
    """[contraction]: the time tau of L = 1/(1 + t/tau), below 0 an expansion; the axes.

    Attributes
    ----------
    time : float or inf
        tau of L = 1/(1 + t/tau), in 1/Omega_i0; below 0: an expansion; inf: a fixed box.
    axes : str
        Sides that contract, across B_0.
    """

    time: Annotated[float | Literal["inf"], BeforeValidator(_endless)] = "inf"
    axes: Literal["yz", "y", "z"] = "yz"

    @property
    def tau(self) -> float:
        """tau as a number."""
        return float(self.time)

    @model_validator(mode="after")
    def _not_zero(self):
        if self.time == 0:
            raise SectionError(("time",), "a time other than 0 is expected; inf: no contraction")
        return self


class MarkersSection(Section):
    """[markers]: markers of a cell, and whether they carry the difference from f_0 or all of f.

    Attributes
    ----------
    per_cell : int
        Markers of a cell at the start.
    weights : str
        What markers carry: the difference from f_0, or all of f.
    """

    per_cell: int = Field(default=64, ge=1, le=1_000_000)
    weights: Literal["delta_f", "full_f"] = "delta_f"


class Mode(Section):
    """A wave at the start: wavelengths in the box, rms of B in B_0 or of n in n_0, polarization.

    Attributes
    ----------
    m : tuple of 3 int
        Wavelengths in the box along x, y, z.
    amplitude : float
        rms of B in B_0; of n in n_0 for an acoustic wave.
    polarization : str
        Of B; or a wave of density along B_0.
    """

    m: Waves = Field(examples=["[1, 2, 0]"])
    amplitude: float = Field(gt=0.0, le=0.1, examples=["1e-3"])
    polarization: Literal["mirror", "left", "right", "acoustic"] = "mirror"


class Initial(Section):
    """[initial]: solenoidal noise of B, its rms [B_0] and largest k [1/r_gi0]; a wave.

    Attributes
    ----------
    seed_field : float
        rms of solenoidal noise of B, in B_0; 0: none.
    seed_wavenumber : float
        Largest k of that noise, in 1/r_gi0.
    mode : table
        One wave, beside the noise.
    """

    seed_field: float = Field(default=0.0, ge=0.0, le=0.1)
    seed_wavenumber: float = Field(default=1.5, gt=0.0, le=1e3)
    mode: Mode | None = None


class Stepping(Section):
    """[stepping]: step and duration, sub-steps of the induction equation, passes of the filter.

    Attributes
    ----------
    step : float
        Time step, in 1/Omega_i0.
    duration : float
        Time to follow, in 1/Omega_i0.
    substeps : int or auto
        Steps of the induction equation in one of the markers; auto: as whistlers need.
    filter_passes : int
        Passes of the binomial filter over moments.
    """

    step: float = Field(default=0.1, gt=0.0, le=10.0)
    duration: float = Field(gt=0.0, le=1e7, examples=["1250.0"])
    substeps: Literal["auto"] | Annotated[int, Field(ge=1, le=1000)] = "auto"
    filter_passes: int = Field(default=1, ge=0, le=8)


class Output(tables.Output):
    """[output]: also times of snapshots, and between rows of the history.

    Attributes
    ----------
    snapshots : tuple of float
        Times of snapshots, rising, in 1/Omega_i0.
    history_interval : float
        Time between two rows of the history, in 1/Omega_i0.
    """

    in_checkpoint: ClassVar[tuple[str, ...]] = ("snapshots", "history_interval")

    snapshots: Times = ()
    history_interval: float = Field(default=10.0, gt=0.0, le=1e6)

    @model_validator(mode="after")
    def _rising(self):
        for i, (one, other) in enumerate(zip(self.snapshots, self.snapshots[1:], strict=False)):
            if other <= one:
                raise SectionError(("snapshots", i + 1), f"a later time than {one:g} is expected, not {other:g}")
        return self


class HybridConfig(DeckModel):
    """A whole deck of this kind."""

    run: Run
    plasma: Ions
    box: BoxSection
    contraction: Contraction = Contraction()
    markers: MarkersSection = MarkersSection()
    initial: Initial = Initial()
    stepping: Stepping
    output: Output = Output()

    @property
    def delta_f(self) -> bool:
        """True where markers carry the difference from f_0."""
        return self.markers.weights == "delta_f"

    @model_validator(mode="after")
    def _times_fit(self):
        end = self.stepping.duration
        for i, time in enumerate(self.output.snapshots):
            if time > end:
                message = f"a time within the duration of {end:g} is expected, not {time:g}"
                raise SectionError(("output", "snapshots", i), message)
        return self

    @model_validator(mode="after")
    def _weights_fit(self):
        if self.delta_f and self.contraction.axes != "yz" and self.contraction.time != "inf":
            message = "'yz' is expected with delta_f, which is exact there alone; or weights = \"full_f\""
            raise SectionError(("contraction", "axes"), message)
        if self.delta_f and self.markers.per_cell < 8:
            raise SectionError(("markers", "per_cell"), "8 or more are expected with delta_f")
        if self.initial.mode and self.initial.mode.polarization != "mirror" and not self.delta_f:
            raise SectionError(("initial", "mode", "polarization"), "'mirror' is expected with full_f, or delta_f")
        return self


LAYOUT = Layout(HybridConfig, {}, {})

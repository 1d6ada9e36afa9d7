"""Deck of kind = "faraday" as typed, frozen models; values in pc, uG, 1/cm3, 1/s (frequencies), degrees."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from hpcmm.deck import tables
from hpcmm.deck.messages import Layout
from hpcmm.deck.section import Listed, Section, SectionError
from hpcmm.deck.tables import DeckModel, Medium, guide_field
from hpcmm.deck.units import Density, Length, LengthOrAuto, Rate
from hpcmm.fields import strengths
from hpcmm.fields.field_file import FieldFile
from hpcmm.fields.mirror_modes import MirrorModes
from hpcmm.fields.plane_waves import PlaneWaves
from hpcmm.fields.turbulent import TurbulentSection, check_isotropic
from hpcmm.fields.uniform import Uniform

MODELS = {
    "field": {
        "field_file": FieldFile,
        "mirror_modes": MirrorModes,
        "plane_waves": PlaneWaves,
        "uniform": Uniform,
    }
}
"""List of blocks -> name of a model -> its section."""


class Run(tables.Run):
    """[run]: the kind and the seed."""

    kind: Literal["faraday"] = Field(examples=['"faraday"'])


def _angle(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        if value != "random":
            raise ValueError(f'degrees from 0 to 180, or "random", are expected, not {value!r:.60}')
        return value
    if not 0 <= value <= 180:
        raise ValueError(f"degrees from 0 to 180 are expected, not {value!r:.60}")
    return float(value)


class Faraday(Section):
    r"""Rays through patches of a field, each of many segments that are placed and turned at random.

    .. math::  RM = K \int n_e B_{los} dl, \quad \chi = \lambda^2 RM, \quad p = |\langle e^{2 i \chi} \rangle|

    Source: the paper's outlook on Faraday rotation; docs/physics.md 18.

    Attributes
    ----------
    frequencies : tuple of float
        Of the radiation [1/s].
    n_e : float
        Density of electrons [1/cm3]; the mean one with density = "file".
    density : str
        "constant"; "file": as it varies in the field_file.
    path : float
        Length of each ray [pc].
    filling_fraction : float
        f_mm, share of the segments of a ray that have the fluctuations; the uniform field is everywhere.
    angle : float or "random"
        Between ray and mean field [degrees]; "random": one a ray, of a direction uniform on the sphere.
    rays : int
        Rays, each a line of sight of its own.
    segment : float or "auto"
        Mean length of a segment [pc]: of a patch. "auto": four boxes of a file, 32 of the longest waves, at most the
        path.
    segments : int
        Most segments that are flown on a ray; of a ray of more the sum of those is scaled as that of independent ones.
    sensitivity : float
        Least depolarization 1 - p that is seen, for the limit on f_mm.
    """

    frequencies: Annotated[
        tuple[Rate, ...], Field(min_length=1, max_length=1000, examples=['["150 MHz", "1.4 GHz"]']), Listed
    ] = (5.4e7, 1.5e8, 1.4e9, 5e9, 8.4e9)
    n_e: Density = 1e-3
    density: Literal["constant", "file"] = "constant"
    path: Length = 1e6
    filling_fraction: float = Field(default=1.0, gt=0.0, le=1.0)
    angle: Annotated[Any, BeforeValidator(_angle)] = "random"
    rays: int = Field(default=4096, ge=128, le=100_000_000)
    segment: LengthOrAuto = "auto"
    segments: int = Field(default=16, ge=1, le=100_000)
    sensitivity: float = Field(default=0.01, gt=0.0, lt=1.0)

    @model_validator(mode="after")
    def _segment_fits(self):
        if self.segment != "auto" and self.segment > self.path * (1 + 1e-12):
            message = f"{self.segment:g} pc is longer than the path of {self.path:g} pc"
            raise SectionError(("segment",), message)
        return self


AnyField = Annotated[PlaneWaves | Uniform | MirrorModes | FieldFile, Field(discriminator="model")]


class Config(DeckModel):
    """A whole deck."""

    run: Run
    faraday: Faraday = Faraday()
    medium: Medium
    field: Annotated[tuple[AnyField, ...], Field(min_length=1), Listed]
    output: tables.Output = tables.Output()

    @property
    def guide(self) -> tuple[float, float, float]:
        """Sum of the uniform components [uG]; the mean of a file, which is where its rays are, is not among them."""
        return guide_field(section.vector for section in self.field if isinstance(section, Uniform))

    @property
    def from_file(self) -> FieldFile | None:
        """The field that is read from a file; None where there is none."""
        return next((section for section in self.field if isinstance(section, FieldFile)), None)

    def square_left(self) -> float:
        """What is left of B_rms^2 by the components whose strength is known [uG^2]."""
        vectors = (section.vector for section in self.field if isinstance(section, (Uniform, FieldFile)))
        return strengths.square_left(self.medium.B_rms, guide_field(vectors), self.field)

    @model_validator(mode="after")
    def _components_fit(self):
        strengths.check(self.medium.B_rms, self.field, self.square_left())
        return self

    @model_validator(mode="after")
    def _fields_fit(self):
        """Refuse waves whose end follows a gyroradius, two files, and files that have no periods."""
        check_isotropic(self.field)
        files = [place for place, section in enumerate(self.field) if isinstance(section, FieldFile)]
        if len(files) > 1:
            raise SectionError(("field", files[1], "model"), "one field_file at most is expected")
        for place, section in enumerate(self.field):
            if isinstance(section, TurbulentSection) and section.l_min == "auto":
                message = 'no particle sets "auto" here: a length is expected'
                raise SectionError(("field", place, "l_min"), message)
            if isinstance(section, FieldFile) and section.boundary in ("mirror", "stop"):
                message = f'rays go on beyond the box: a periodic field is expected, not "{section.boundary}"'
                raise SectionError(("field", place, "boundary"), message)
            turns = isinstance(section, FieldFile) and section.is_guided and section.orientation == "random"
            if turns and math.hypot(*self.guide) > 0:
                message = 'beside a uniform field mean = "remove", or orientation = "as_given", is expected'
                raise SectionError(("field", place, "mean"), message)
        return self

    @model_validator(mode="after")
    def _density_is_there(self):
        if self.faraday.density == "file":
            others = [s for s in self.field if not isinstance(s, (FieldFile, Uniform))]
            if self.from_file is None or others:
                message = '"file" is of one field_file, beside it uniform fields alone; "constant" is expected'
                raise SectionError(("faraday", "density"), message)
        return self

    def completed(self, stem: str) -> dict:
        """Fill in the defaults that depend on other keys; returns plain data."""
        data = super().completed(stem)
        for place, section in enumerate(self.field):
            if isinstance(section, TurbulentSection):
                left = math.sqrt(self.square_left()) if section.dB is None else section.dB
                data["field"][place] = section.completed(left, self.medium.l_c)
        return data


LAYOUT = Layout(Config, MODELS, {})

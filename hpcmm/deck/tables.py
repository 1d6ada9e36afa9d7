"""Tables that decks of several kinds share: the whole deck, [run], [output], [medium], energies, the guide field."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from hpcmm.deck.section import Place, Section, SectionError
from hpcmm.deck.units import (
    LENGTH,
    MAGNETIC_FIELD,
    RIGIDITY,
    Energy,
    Length,
    MagneticField,
    Rigidity,
    Time,
    canonical,
    parse,
)
from hpcmm.theory.constants import EV, GAUSS_MICRO, PARSEC
from hpcmm.theory.gyration import energy_of_gyroradius

_GEV_PER_FIELD_AND_LENGTH = energy_of_gyroradius(PARSEC, GAUSS_MICRO) / (1e9 * EV)
"""Energy [GeV] of a proton that gyrates with 1 pc in 1 uG."""


class Run(Section):
    """[run]: the kind of run, and the seed of all that is drawn at random."""

    kind: str
    """Kind of run."""
    seed: int = Field(default=0, ge=0, lt=2**64)
    """Number from which all that is random follows: the same seed gives the same bits."""


class Directory(Section):
    """[output] of a kind without checkpoints: where products go; None until the config is complete.

    Attributes
    ----------
    in_checkpoint : tuple of str
        Keys of [output] that the content of a checkpoint depends on: those of the run and the checkpoint must agree.
    """

    in_checkpoint: ClassVar[tuple[str, ...]] = ()

    directory: Place | None = None
    """Where products go; runs/NAME unless given, of the deck NAME.toml. ~ and $NAME as in a shell."""


LEAST_WALL_TIME = 10.0
"""Seconds: a start, a round and two saves fit in it, so that a run that is stopped by it always has advanced."""


def _long_enough(seconds):
    if seconds is not None and seconds < LEAST_WALL_TIME:
        raise ValueError(
            f"a run of {seconds:g} s would save itself and do nothing else; {LEAST_WALL_TIME:g} s or more is expected"
        )
    return seconds


class Output(Directory):
    """[output] of a run: its directory, time between checkpoints [s], and the time after which it must stop [s]."""

    checkpoint_interval: Time = 600.0
    """Time between two checkpoints."""
    wall_time: Annotated[Time | None, AfterValidator(_long_enough)] = None
    """Time after which the run stops with a checkpoint and status 75; none unless given."""


class DeckModel(Section):
    """A whole deck; a kind adds its tables, ``run`` and ``output`` among them.

    Attributes
    ----------
    reference_field : tuple of str
        Table and key of the field in which [particle] gyroradius is meant.
    """

    reference_field: ClassVar[tuple[str, str]] = ("medium", "B_rms")

    title: str = ""
    """Free text, shown in tables and legends."""

    @model_validator(mode="before")
    @classmethod
    def _energies_of_gyroradii(cls, data):
        """[particle] gyroradius to energies Z e B r_g, as the particle's own table does not know B."""
        particle = data.get("particle") if isinstance(data, dict) else None
        if "particle" not in cls.model_fields or not isinstance(particle, dict) or particle.get("gyroradius") is None:
            return data
        try:
            unit = _GEV_PER_FIELD_AND_LENGTH * cls._reference_field_of(data)
            particle = _in_place_of_energies(particle, "gyroradius", LENGTH, unit)
        except SectionError as error:
            raise SectionError(("particle", *error.key), str(error)) from None
        return data | {"particle": particle}

    @classmethod
    def _reference_field_of(cls, data):
        """B [uG] of a deck's data; 1 where its own table refuses it."""
        table, key = cls.reference_field
        section = data.get(table, {})
        default = cls.model_fields[table].annotation.model_fields[key].get_default()
        value = section.get(key, default) if isinstance(section, dict) else None
        if isinstance(value, float) and key not in section:
            return value
        try:
            B = parse(value, MAGNETIC_FIELD)
        except ValueError:
            return 1.0
        return B if B > 0 else 1.0

    def completed(self, stem: str) -> dict[str, Any]:
        """Fill in the defaults that depend on other keys; returns plain data.

        Parameters
        ----------
        stem : str
            Name of the deck's file without its ending.
        """
        data = self.plain()
        if self.output.directory is None:
            data["output"]["directory"] = f"runs/{stem}".replace("$", "_")  # else a variable, when it is read again
        return data

    def shorter(self, run: Any) -> DeckModel | None:
        """Config of the run whose checkpoints this run can go on from, if the plain data ``run`` may be of one.

        By default its own alone. A kind that can be extended cuts itself down to what ``run`` asks for; None where that
        is not less. KeyError, TypeError or ValueError where ``run`` is no such data.
        """
        return self


@dataclass(frozen=True)
class Surroundings:
    """What field models are told of a run: B_rms [uG], l_c [pc], resolution of the gyration, guide field [uG]."""

    B_rms: float
    l_c: float
    resolution: float
    guide: tuple[float, float, float] = (0.0, 0.0, 0.0)


def guide_field(vectors: Iterable[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Sum of uniform components [uG]; zero where there is none."""
    x, y, z = (math.fsum(components) for components in zip((0.0, 0.0, 0.0), *vectors))
    return x, y, z


class Medium(Section):
    """Reference field B_rms [uG], guide field included; two-sided correlation length l_c [pc] (docs/physics.md 2.3)."""

    resolution: ClassVar[float] = 20.0
    """r_g over the step and over the shortest wave's 1/k, where these are automatic; a deck's own: `Surroundings`."""
    guide: ClassVar[tuple[float, float, float]] = (0.0, 0.0, 0.0)
    """Guide field; a deck's own: `Surroundings`."""

    B_rms: MagneticField = Field(examples=['"3 uG"'])
    """Reference field of r_g: sqrt(<|B|^2>), guide field included."""
    l_c: Length = Field(examples=['"100 kpc"'])
    """Two-sided correlation length (docs/physics.md 2.3)."""


MOST_ENERGIES = 10_000
LADDER_DIGITS = 12
MOST_Z = 118


class Ladder(Section):
    """Log-spaced energies between `min` and `max` [GeV], both included, `per_decade` or a little closer."""

    min: Energy = Field(examples=['"1 GeV"'])
    """Lowest energy."""
    max: Energy = Field(examples=['"10 EeV"'])
    """Highest energy, included."""
    per_decade: float = Field(gt=0.0, le=1000.0, examples=["2"])
    """Energies a decade, or a little closer."""

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


class Particle(Section):
    """Charge number Z and energies [GeV] of the cosmic rays."""

    Z: int = Field(default=1, ge=-MOST_Z, le=MOST_Z)
    """Charge number, other than 0; negative charges, as antiprotons and electrons, gyrate the other way."""
    energy: Energies = Field(examples=['["1 GeV", "1 TeV"]'])
    """Energies: a list, or { min, max, per_decade }. E is p c, and particles fly at c."""
    rigidity: tuple[Rigidity, ...] | None = Field(default=None, exclude=True, examples=['["10 TV"]'])
    """Rigidities R = p c/(Z e), in the place of energies and as these: resolved.toml has the energies Z e R."""

    gyroradius: tuple[Length, ...] | None = Field(default=None, exclude=True, examples=['["1 npc"]'])
    """Gyroradii r_g in B_rms (kind cluster: in B_0), in the place of energies: resolved.toml has Z e B_rms r_g."""

    @field_validator("Z")
    @classmethod
    def _charged(cls, value):
        if value == 0:
            raise ValueError("a charge number other than 0 is expected: neutral particles do not diffuse")
        return value

    @model_validator(mode="before")
    @classmethod
    def _energies_of_rigidities(cls, data):
        if not isinstance(data, dict) or data.get("rigidity") is None:
            return data
        return _in_place_of_energies(data, "rigidity", RIGIDITY, 1.0)


def _in_place_of_energies(particle, key, kind, unit):
    """The table of a deck with its energies, Z times ``unit`` [GeV] times the values of ``key``, in place of those."""
    rest = {name: value for name, value in particle.items() if name != key}
    asked, Z = particle[key], rest.get("Z", 1)
    for other in ("energy", "rigidity"):
        if other in rest:
            raise SectionError((key,), f"{other} is given too; one of the two is expected")
    if not (isinstance(Z, int) and 1 <= abs(Z) <= MOST_Z):
        return rest | {"energy": ("1 GeV",)}  # Z is refused, as it is no charge number

    def energy(text, place):
        try:
            return f"{canonical(abs(Z) * (unit * parse(text, kind)))!r} GeV"
        except ValueError as error:
            raise SectionError((key, place), str(error)) from None

    if isinstance(asked, dict):
        ends = {end: energy(asked[end], end) for end in ("min", "max") if end in asked}
        return rest | {"energy": {**asked, **ends}}
    if not isinstance(asked, (list, tuple)):
        one, other = (f"{number} {kind.example.split()[1]}" for number in (1, 100))
        table = f'{{ min = "{one}", max = "{other}", per_decade = 2 }}'
        raise SectionError((key,), f'a list is expected, e.g. ["{one}", "{other}"] or {table}')
    return rest | {"energy": tuple(energy(text, place) for place, text in enumerate(asked))}

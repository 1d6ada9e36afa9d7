"""Deck of kind = "transport" as typed, frozen models.

Dimensional values are floats in the base units of `hpcmm.deck.units`: pc, uG, GeV, 1/s, s.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from hpcmm.deck import tables
from hpcmm.deck.messages import Layout
from hpcmm.deck.section import Listed, Section, SectionError
from hpcmm.deck.tables import DeckModel, Ladder, Medium, Surroundings, guide_field
from hpcmm.deck.units import LengthOrAuto
from hpcmm.fields import strengths
from hpcmm.fields.field_file import FieldFile
from hpcmm.fields.mirror_modes import MirrorModes
from hpcmm.fields.nested_grids import NestedGrids
from hpcmm.fields.plane_waves import PlaneWaves
from hpcmm.fields.turbulent import TurbulentSection
from hpcmm.fields.uniform import Uniform
from hpcmm.kinds.transport import track_plan
from hpcmm.scatter.constant_rate import ConstantRate
from hpcmm.scatter.micromirrors import Micromirrors
from hpcmm.scatter.patches import Patches
from hpcmm.scatter.resonant import Resonant

MODELS = {
    "field": {
        "plane_waves": PlaneWaves,
        "uniform": Uniform,
        "nested_grids": NestedGrids,
        "mirror_modes": MirrorModes,
        "field_file": FieldFile,
    },
    "scatter": {
        "micromirrors": Micromirrors,
        "constant_rate": ConstantRate,
        "resonant": Resonant,
        "patches": Patches,
    },
}
"""List of blocks -> name of a model -> its section."""

LEAST_PERIOD = 1e-9
"""Least period of patches on a lattice, in units of l_c: origins up to 50 l_c have digits down to 1e-5 of it."""


class Run(tables.Run):
    """[run]: the kind, the seed, and the numbers of field realizations and of particles in each."""

    kind: Literal["transport"] = Field(examples=['"transport"'])
    realizations: int = Field(default=10, ge=1, le=1_000_000)
    """Independent realizations of the field at each energy."""
    particles: int = Field(default=1000, ge=1, le=1_000_000_000)
    """Cosmic rays in each realization."""


class Particle(tables.Particle):
    """Charge number Z, energies [GeV] and starts of the cosmic rays.

    E is p c, so that r_g = E/(Z e B) is exact, and particles fly at c: kappa of protons is 37 % too high at 1 GeV,
    within 5 % from 2.9 GeV on.

    Attributes
    ----------
    starts : str
        "independent", or "antithetic": particles 2i and 2i + 1 of a realization share their origin and start in
        opposite directions. No gain: the error of kappa is the same (docs/decisions/0011).
    common_origin : bool
        All particles of a realization start at one place: for pictures. kappa is then that of as many places as there
        are realizations, and of the patches around them.
    """

    starts: Literal["independent", "antithetic"] = "independent"
    common_origin: bool = False


class Stepping(Section):
    """Step and path length [pc], or "auto" (docs/physics.md 5.2, 5.3), and the number of times at which moments are
    sampled.

    `resolution` is r_g over an automatic step, and k r_g of the automatic shortest wave: 10 costs half of 20.

    `path_factors` prolong the path one after the other, each with samples of its own, so that what was sampled before
    stays; `hpcmm extend` adds to them.
    """

    step: LengthOrAuto = "auto"
    """Length of a step; "auto": r_g/resolution, or what kicks and patches need."""
    resolution: float = Field(default=20.0, ge=10.0, le=1000.0)
    """r_g over an automatic step, and k r_g of the automatic shortest wave; 10 costs half of 20."""
    path_length: LengthOrAuto = "auto"
    """Length of each track; "auto": 50 planned mean free paths or more (docs/physics.md 5.3)."""
    samples: int = Field(default=64, ge=4, le=100_000)
    """Number of log-spaced times at which moments are taken."""
    path_factors: Annotated[tuple[Annotated[float, Field(ge=2.0, le=1e6)], ...], Field(max_length=30), Listed] = ()
    """Prolongations of the path, one after the other; `hpcmm extend --path-factor` adds to them."""

    @property
    def times(self) -> int:
        """Total number of samples."""
        return self.samples + sum(self.samples_of(factor) for factor in self.path_factors)

    def samples_of(self, factor: float) -> int:
        """Number of samples of a prolongation: as dense as `samples` over 16 octaves."""
        return max(2, math.ceil(self.samples / 16 * math.log2(factor)))


class Output(tables.Output):
    """[output] of any run, and the tracks to keep.

    `trajectories` tracks are kept at each energy, at `track_points` equal intervals of their path
    (`hpcmm.kinds.transport.track_plan`).
    """

    in_checkpoint: ClassVar[tuple[str, ...]] = ("trajectories", "track_points")

    trajectories: int = Field(default=0, ge=0)
    """Number of tracks that are kept at each energy, in tracks.h5."""
    track_points: int = Field(default=256, ge=2, le=1_000_000)
    """Number of equal intervals of a track, over the whole path."""


AnyField = Annotated[PlaneWaves | Uniform | NestedGrids | MirrorModes | FieldFile, Field(discriminator="model")]
AnyScatter = Annotated[Micromirrors | ConstantRate | Resonant | Patches, Field(discriminator="model")]


class Config(DeckModel):
    """A whole deck; fields and scatterers stand in the order of the deck."""

    run: Run
    medium: Medium
    particle: Particle
    field: Annotated[tuple[AnyField, ...], Listed] = ()
    scatter: Annotated[tuple[AnyScatter, ...], Listed] = ()
    stepping: Stepping = Stepping()
    output: Output = Output()

    @property
    def surroundings(self) -> Surroundings:
        """What field models are told."""
        return Surroundings(self.medium.B_rms, self.medium.l_c, self.stepping.resolution, self.guide)

    @property
    def times(self) -> int:
        """Number of samples that each block takes."""
        return self.stepping.times

    @property
    def guide(self) -> tuple[float, float, float]:
        """Sum of the uniform components [uG]; those that turn with each realization are not among them."""
        return guide_field(section.vector for section in self.field if isinstance(section, (Uniform, FieldFile)))

    @model_validator(mode="after")
    def _components_fit(self):
        """Refuse components whose squares do not sum to B_rms^2; at most one takes what the others leave."""
        strengths.check(self.medium.B_rms, self.field, self.square_left())
        return self

    @model_validator(mode="after")
    def _path_is_known(self):
        """Refuse path_length "auto" without turbulence or kicks, as there is no mean free path to set it by."""
        turbulent = any(isinstance(section, (TurbulentSection, MirrorModes, FieldFile)) for section in self.field)
        kicked = any(section.acts for section in self.scatter)
        if self.stepping.path_length == "auto" and not turbulent and not kicked:
            message = 'nothing scatters the particles: for "auto" a length is expected, e.g. "10 kpc"'
            raise SectionError(("stepping", "path_length"), message)
        return self

    @model_validator(mode="after")
    def _tracks_are_there(self):
        """Refuse more tracks than particles, or more than root can gather."""
        asked, there = self.output.trajectories, self.run.realizations * self.run.particles
        if asked > there:
            message = (
                f"{asked} tracks an energy of {self.run.realizations} realizations x {self.run.particles} particles; "
                f"at most {there} are expected"
            )
            raise SectionError(("output", "trajectories"), message)
        size = track_plan.size(self)
        if size > track_plan.LARGEST:
            message = (
                f"{len(self.particle.energy)} energies x {asked} tracks of {self.output.track_points} intervals are "
                f"{size / 1e9:.3g} GB; at most {track_plan.LARGEST / 1e9:.3g} GB are expected"
            )
            raise SectionError(("output", "trajectories"), message)
        return self

    @model_validator(mode="after")
    def _patches_are_possible(self):
        """Refuse a gate without a field whose strength varies as its filling fraction needs, and a lattice whose period
        the digits of a place do not resolve.
        """
        counted = [place for place, section in enumerate(self.scatter) if section.counted]
        if len(counted) > 1:
            message = "two operators with patches; one at most is expected, since its patches are what is counted"
            key = "model" if self.scatter[counted[1]].model == "patches" else "gate"
            raise SectionError(("scatter", counted[1], key), message)
        for place, section in enumerate(self.scatter):
            key, size = ("cell", section.cell) if section.model == "micromirrors" else ("period", section.structure)
            if size is not None and size < LEAST_PERIOD * self.medium.l_c:
                message = f"{LEAST_PERIOD:g} l_c or more is expected, else places have too few digits in a {key}"
                raise SectionError(("scatter", place, key), message)
        for place, section in enumerate(self.scatter):
            if section.masked and self.from_file is None:
                message = "patches of a file lie in the box of a field_file; a [[field]] of that model is expected"
                raise SectionError(("scatter", place, "gate"), message)
            if section.masked and len(section.mask) != len(self.from_file.file):
                message = f"{len(section.mask)} masks of {len(self.from_file.file)} files; one each is expected"
                raise SectionError(("scatter", place, "mask"), message)
        varies = any(not isinstance(section, Uniform) for section in self.field)
        for place in (place for place, section in enumerate(self.scatter) if section.gated):
            if not self.field:
                message = "the gate opens where the field is strong: a [[field]] is expected"
                raise SectionError(("scatter", place, "gate"), message)
            if not varies and self.scatter[place].strong not in (None, 0.0, 1.0):
                key, wanted = "filling_fraction", "0, 1, or B_star instead,"
                if self.scatter[place].lives:
                    key, wanted = "occupancy", "filling_fraction itself, or B_star in its place,"
                message = f"a uniform field has the same strength everywhere: {wanted} is expected"
                raise SectionError(("scatter", place, key), message)
        return self

    @model_validator(mode="after")
    def _files_fit(self):
        """Refuse tracks through a field that ends, and two directions of a mean field of which one turns."""
        for place, section in enumerate(self.field):
            if not isinstance(section, FieldFile):
                continue
            if section.boundary == "stop" and self.output.trajectories:
                message = 'none are kept in a field with boundary = "stop", where they end'
                raise SectionError(("output", "trajectories"), message)
            if section.is_guided and section.orientation == "random" and math.hypot(*self.guide) > 0:
                message = 'beside a uniform field mean = "remove", or orientation = "as_given", is expected'
                raise SectionError(("field", place, "mean"), message)
        files = [place for place, section in enumerate(self.field) if isinstance(section, FieldFile)]
        if len(files) > 1:
            raise SectionError(("field", files[1], "model"), "one field_file at most is expected")
        return self

    @model_validator(mode="after")
    def _waves_have_a_guide(self):
        """Refuse slab and 2-D waves where no guide field says along and across what."""
        uniform = guide_field(section.vector for section in self.field if isinstance(section, Uniform))
        for place, section in enumerate(self.field):
            if isinstance(section, TurbulentSection) and section.geometry != "isotropic" and not any(uniform):
                message = (
                    f'{section.geometry} waves lie about a guide field: a [[field]] of model "uniform" is expected'
                )
                raise SectionError(("field", place, "geometry"), message)
        return self

    @property
    def from_file(self) -> FieldFile | None:
        """The field that is read from a file; None where there is none."""
        return next((section for section in self.field if isinstance(section, FieldFile)), None)

    @property
    def guide_strength(self) -> float:
        """Strength of the uniform field [uG], whichever way it turns."""
        return math.hypot(*self.guide, *(section.turning_mean for section in self.field))

    @property
    def ends(self) -> bool:
        """True if there is a field that ends somewhere, and the tracks there with it."""
        return self.from_file is not None and self.from_file.boundary == "stop"

    def square_left(self) -> float:
        """What is left of B_rms^2 by the components whose strength is known [uG^2]."""
        return strengths.square_left(self.medium.B_rms, self.guide, self.field)

    def shorter(self, run: dict) -> Config | None:
        """Config with fewer realizations or the first of the path factors, as ``run`` has them; None if it has more."""
        realizations, factors = run["run"]["realizations"], run["stepping"]["path_factors"]
        mine = list(self.stepping.path_factors)
        if factors == mine and realizations == self.run.realizations:
            return self
        tracks_differ = self.output.trajectories and factors != mine  # they are kept at intervals of the whole path
        if realizations > self.run.realizations or factors != mine[: len(factors)] or tracks_differ:
            return None
        plain = self.plain()
        plain["run"]["realizations"], plain["stepping"]["path_factors"] = realizations, factors
        return Config.from_plain(plain)

    def completed(self, stem: str) -> dict:
        """Fill in the defaults that depend on other keys; returns plain data."""
        data = super().completed(stem)
        for place, section in enumerate(self.field):
            if isinstance(section, TurbulentSection):
                left = math.sqrt(self.square_left()) if section.dB is None else section.dB
                data["field"][place] = section.completed(left, self.medium.l_c)
        for place, section in enumerate(self.scatter):
            data["scatter"][place] = section.completed(self.medium.l_c)
        return data


LAYOUT = Layout(Config, MODELS, {("particle", "energy"): Ladder})

"""Deck of kind = "effective_medium": patches in a background, both diffusing, in a periodic box."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from hpcmm.deck import tables
from hpcmm.deck.messages import Layout
from hpcmm.deck.section import Listed, Place, Section, SectionError
from hpcmm.deck.tables import DeckModel, Medium, Output, guide_field
from hpcmm.deck.units import Diffusion, Length
from hpcmm.fields.plane_waves import PlaneWaves
from hpcmm.fields.turbulent import check_isotropic
from hpcmm.fields.uniform import Uniform
from hpcmm.theory.shapes import MOST_SPHERES

RANDOM = "field_threshold"
"""The morphology that is drawn at random, from the seed."""

CURVED = ("spheres", "field_threshold")
"""Morphologies whose surfaces cut cells: built of whole cells, kappa would be off by more than the bounds say."""

MOST_ANISOTROPIC = 1e8
"""Largest kappa_par / kappa_perp: rounding takes the rest of the digits."""

SUM_TOLERANCE = 0.01
"""How closely the squares of the field components must sum to B_rms^2, relative."""

DEFAULT_FIELD = {"model": "plane_waves", "modes": 512, "l_max": 0.5, "l_min": 0.125}
"""Field of a deck that gives none: waves of 1/2 to 1/8 of a box of side 1, as kappa does not depend on its size."""


class Run(tables.Run):
    """[run]: the kind, and the seed of the fields that set "field_threshold" patches and directions."""

    kind: Literal["effective_medium"] = Field(examples=['"effective_medium"'])


Cells = Annotated[int, Field(ge=1, le=65_536)]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]


class EffectiveMedium(Section):
    r"""Diffusion coefficients of the two media, the shape of the patches, the cells of the periodic box.

    .. math:: K = \kappa_\perp 1 + (\kappa - \kappa_\perp) \, b b, \quad \nabla \cdot K (\nabla \chi_j + e_j) = 0, \quad
              \bar\kappa_{jk} = \langle (\nabla \chi_j + e_j) \cdot K (\nabla \chi_k + e_k) \rangle

    Without kappa_perp, K is kappa. Source: docs/physics.md 8.2.

    Attributes
    ----------
    grid : (int, int, int)
        Cells along x, y, z; 1 where nothing varies. The box is a cube; with morphology "file" the cells are cubes.
    kappa_patch, kappa_background : float
        Diffusion coefficients [cm2/s]; along the field, where there is a kappa_perp.
    kappa_perp_patch, kappa_perp_background : float or None
        Diffusion coefficients across the field [cm2/s]; None: the same in all directions.
    morphology : str
        One patch in the box for layers (normal to x), cubes and spheres; 2 x 2 squares in x and y for checkerboard;
        |B| >= B* for field_threshold; a dataset for file.
    filling_fraction : tuple of float
        Shares of the volume in patches; each is a row of the table.
    file : str or None
        HDF5 file with a dataset "patch", 0 or 1, or "kappa" [cm2/s], of shape [x, y, z].
    samples : int or None
        Parts of a cell along each axis at which the shape is sampled; no more unknowns. None (until the config is
        complete): 2 for CURVED morphologies, else 1; with kappa_perp always 1.
    realizations : int
        Number of realizations of a random morphology, or of random directions.
    tolerance : float
        Residual of the solver over its right-hand side; kappa errs by its square, with kappa_perp by less than it.
    box : float or None
        Side of the box [pc], where there is a field.
    """

    grid: Annotated[tuple[Cells, ...], Field(min_length=3, max_length=3), Listed] = (64, 64, 64)
    kappa_patch: Diffusion | None = None
    kappa_background: Diffusion | None = None
    kappa_perp_patch: Diffusion | None = None
    kappa_perp_background: Diffusion | None = None
    morphology: Literal["field_threshold", "layers", "cubes", "spheres", "checkerboard", "file"] = Field(
        examples=['"spheres"']
    )
    filling_fraction: Annotated[tuple[Fraction, ...], Field(min_length=1, max_length=10_000), Listed] | None = None
    file: Place | None = None
    samples: Annotated[int, Field(ge=1, le=16)] | None = None
    realizations: int = Field(default=1, ge=1, le=1_000_000)
    tolerance: float = Field(default=1e-8, ge=1e-12, le=1e-3)
    box: Length | None = None

    @property
    def fractions(self):
        """Filling fractions, one a row of the table; (nan,) for a file, whose own is unknown until it is read."""
        return (math.nan,) if self.morphology == "file" else self.filling_fraction

    @property
    def anisotropic(self):
        """True if kappa across the field differs from that along it."""
        return self.kappa_perp_patch is not None

    @model_validator(mode="after")
    def _whole(self):
        for place, cells in enumerate(self.grid):
            if 1 < cells < 4:
                raise SectionError(("grid", place), f"1, where nothing varies, or 4 and more is expected, not {cells}")
        self._across_fits()
        if self.morphology == "file":
            if self.file is None:
                raise SectionError(("morphology",), 'the key file is expected too, e.g. file = "patches.h5"')
            if self.samples not in (None, 1):
                raise SectionError(("samples",), f"a file has one number a cell: 1 is expected, not {self.samples}")
            return self
        for name in ("kappa_patch", "kappa_background", "filling_fraction"):
            if getattr(self, name) is None:
                raise SectionError(("morphology",), f"'{self.morphology}' needs the key {name}, which is missing")
        self._varies()
        for place, f in enumerate(self.filling_fraction):
            key = ("filling_fraction", place)
            if f in self.filling_fraction[:place]:
                raise SectionError(key, f"{f:g} is there twice; every value once is expected")
            if self.morphology == "spheres" and f > MOST_SPHERES:
                message = f"{MOST_SPHERES:.5f} = pi/6 or less is expected, where spheres touch, not {f:g}"
                raise SectionError(key, message)
            if self.morphology == "checkerboard" and f != 0.5:
                raise SectionError(key, f"squares of a checkerboard fill one half: 0.5 is expected, not {f:g}")
        return self

    def _across_fits(self):
        """Refuse a kappa_perp that does not fit the other keys."""
        pairs = [(f"kappa_{p}", f"kappa_perp_{p}", getattr(self, f"kappa_perp_{p}")) for p in ("patch", "background")]
        if all(across is None for _, _, across in pairs):
            return
        for along, name, across in pairs:
            if across is None:
                raise SectionError((name,), "it is missing: kappa_perp is expected of both media, or of none")
            ratio = 1.0 if getattr(self, along) is None else getattr(self, along) / across
            if not 1.0 <= ratio <= MOST_ANISOTROPIC:
                message = f"{along} = 1 to {MOST_ANISOTROPIC:g} times as much is expected, not {ratio:.3g}"
                raise SectionError((name,), message)
        if self.morphology == "file":
            raise SectionError(("morphology",), "a file has no field: no kappa_perp is expected, or another morphology")
        if self.samples not in (None, 1):
            raise SectionError(("samples",), f"kappa_perp goes with one direction a cell: 1, not {self.samples}")
        for place, cells in enumerate(self.grid):
            if cells > 1 and (cells % 2 or cells < 8):
                message = f"kappa_perp is solved on half the cells too: 1, or 8 and more, even, not {cells}"
                raise SectionError(("grid", place), message)

    def _varies(self):
        """Refuse a grid that cannot show the shape."""
        axes = {"layers": 1, "checkerboard": 2}.get(self.morphology, 3)
        for place in range(axes):
            if self.grid[place] == 1:
                raise SectionError(("grid", place), f"'{self.morphology}' varies along {'xyz'[place]}: 4 or more")
            if self.morphology == "checkerboard" and self.grid[place] % 2:
                raise SectionError(("grid", place), f"an even number is expected for squares, not {self.grid[place]}")


AnyField = Annotated[PlaneWaves | Uniform, Field(discriminator="model")]


class EffectiveMediumConfig(DeckModel):
    """A whole deck of this kind; [medium] and [[field]] are those of a transport deck."""

    run: Run
    effective_medium: EffectiveMedium
    medium: Medium | None = None
    field: Annotated[tuple[AnyField, ...], Listed] = ()
    output: Output = Output()

    @property
    def waves(self) -> tuple[int, PlaneWaves] | None:
        """(place in the list, section) of the turbulent component; None if there is none yet."""
        return next(((i, section) for i, section in enumerate(self.field) if isinstance(section, PlaneWaves)), None)

    @property
    def draws(self) -> int:
        """Number of realizations to be solved: 1 where nothing is random."""
        return self.effective_medium.realizations if self.random else 1

    @property
    def random(self) -> bool:
        """True if patches or directions are drawn at random."""
        section = self.effective_medium
        return section.morphology == RANDOM or (section.anisotropic and self.waves is not None)

    @property
    def guide(self) -> tuple[float, float, float]:
        """Sum of the uniform components [uG]."""
        return guide_field(section.vector for section in self.field if isinstance(section, Uniform))

    @model_validator(mode="after")
    def _field_fits(self):
        section = self.effective_medium
        check_isotropic(self.field)
        if not self.field:
            if section.anisotropic:
                message = "along and across what? a [[field]] is expected, of plane_waves, uniform, or both"
                raise SectionError(("effective_medium", "kappa_perp_patch"), message)
            return self
        if section.morphology != RANDOM and not section.anisotropic:
            raise SectionError(("field",), f"'{section.morphology}' has no field: no [[field]] is expected")
        for name, value, home in (("medium", self.medium, ""), ("box", section.box, " in [effective_medium]")):
            if value is None:
                raise SectionError(("field",), f"a [[field]] needs '{name}'{home} too, which is missing")
        turbulent = [i for i, block in enumerate(self.field) if isinstance(block, PlaneWaves)]
        if not turbulent and section.anisotropic and section.morphology != RANDOM:
            if not any(self.guide):
                raise SectionError(("field",), "uniform fields that sum to 0 have no direction: another is expected")
            return self
        if len(turbulent) != 1:
            raise SectionError(("field",), f"one [[field]] of plane_waves is expected, not {len(turbulent)}")
        self._strength_fits(turbulent[0])
        self._waves_fit(turbulent[0])
        return self

    def _strength_fits(self, place):
        left, whole, dB = self._square_left, self.medium.B_rms**2, self.field[place].dB
        if left <= 0.0:
            raise SectionError(("medium", "B_rms"), "nothing is left of it for waves: more than the guide is expected")
        if dB is not None and abs(left - dB**2) > SUM_TOLERANCE * whole:
            message = "the squares of dB and B must sum to it within 1 %: correct one, or leave dB out"
            raise SectionError(("medium", "B_rms"), message)

    def _waves_fit(self, place):
        waves, box = self.field[place], self.effective_medium.box
        if waves.l_min == "auto":
            raise SectionError(("field", place, "l_min"), 'there is no energy to set "auto" by: a length is expected')
        l_max = waves.completed(1.0, self.medium.l_c)["l_max"]
        if l_max > box * (1 + 1e-12):
            raise SectionError(("field", place, "l_max"), f"no wave longer than the box, {box:g} pc, can be periodic")
        if waves.period not in (None, box):
            raise SectionError(("field", place, "period"), f"the box, {box:g} pc, or no period is expected")
        cell = box / min(self.effective_medium.grid)
        least = 4 if self.effective_medium.anisotropic else 2  # two of the coarser grid's
        if waves.l_min < least * cell:
            cells = {2: "two", 4: "four"}[least]
            message = (
                f"waves of {cells} cells, {least * cell:g} pc, and longer are expected: a finer grid, or a larger l_min"
            )
            raise SectionError(("field", place, "l_min"), message)

    @property
    def _square_left(self):
        """Part of B_rms^2 that is left for waves [uG2]."""
        return self.medium.B_rms**2 - math.fsum(b**2 for b in self.guide)

    def completed(self, stem: str) -> dict:
        """Fill in the defaults that depend on other keys; returns plain data."""
        data = super().completed(stem)
        section = self.effective_medium
        if section.samples is None:
            curved = section.morphology in CURVED and not section.anisotropic
            data["effective_medium"]["samples"] = 2 if curved else 1
        if self.effective_medium.morphology == RANDOM and not self.field:
            data["medium"] = {"B_rms": 1.0, "l_c": 0.1}
            data["effective_medium"]["box"] = 1.0
            shortest = max(DEFAULT_FIELD["l_min"], 2 / min(self.effective_medium.grid))
            waves = PlaneWaves.from_plain(DEFAULT_FIELD | {"l_min": shortest, "period": 1.0})
            data["field"] = [waves.completed(1.0, 0.1)]
        for place, section in enumerate(self.field):
            if isinstance(section, PlaneWaves):
                dB = math.sqrt(self._square_left) if section.dB is None else section.dB
                data["field"][place] = section.completed(dB, self.medium.l_c) | {"period": self.effective_medium.box}
        return data


LAYOUT = Layout(EffectiveMediumConfig, {"field": {"plane_waves": PlaneWaves, "uniform": Uniform}}, {})

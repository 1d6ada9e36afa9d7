"""Deck of kind = "field_lines" as typed, frozen models; values in pc, uG, GeV, 1/s, s."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from hpcmm.deck import tables
from hpcmm.deck.messages import Layout
from hpcmm.deck.section import Listed, Section, SectionError
from hpcmm.deck.tables import DeckModel, Ladder, Medium
from hpcmm.deck.units import LengthOrAuto
from hpcmm.fields.plane_waves import PAPER_MODES_PER_DECADE, PlaneWaves
from hpcmm.fields.turbulent import check_isotropic
from hpcmm.scatter.micromirrors import Micromirrors

KOLMOGOROV = 5 / 3
"""Index of the spectrum for which kappa - kappa_inf ~ k^(-1/3) of the cut, and for which mean free paths are known."""


class Run(tables.Run):
    """[run]: the kind, the seed, and the numbers of field realizations and of particles in each."""

    kind: Literal["field_lines"] = Field(examples=['"field_lines"'])
    realizations: int = Field(default=10, ge=1, le=1_000_000)
    """Independent realizations of the field at each energy."""
    particles: int = Field(default=64, ge=1, le=1_000_000)
    """Cosmic rays in each realization, spread over its lines."""


class Lines(Section):
    """Field lines of each realization, on which particles of all energies fly.

    Attributes
    ----------
    cut : float or "auto"
        Shortest wavelength of the waves that make the lines [pc]: shorter ones scatter by gyroresonance alone. "auto":
        2 pi r_g/0.3, at least 2 pi 1e-6 l_c (docs/physics.md 17.2).
    length : float or "auto"
        Length of each line [pc]; "auto": 48 mean free paths, 8 times the root mean square distance on a path.
    lines : int
        Lines of each realization; particles are spread over them.
    """

    cut: LengthOrAuto = "auto"
    length: LengthOrAuto = "auto"
    lines: int = Field(default=16, ge=1, le=10_000)


class Config(DeckModel):
    """A whole deck."""

    run: Run
    medium: Medium
    particle: tables.Particle
    field: Annotated[tuple[PlaneWaves, ...], Listed] = ()
    scatter: Annotated[tuple[Micromirrors, ...], Listed] = ()
    lines: Lines = Lines()
    output: tables.Output = tables.Output()

    @model_validator(mode="after")
    def _one_of_each(self):
        if len(self.field) != 1:
            raise SectionError(("field",), f"one [[field]] of plane waves is expected, not {len(self.field)}")
        if len(self.scatter) > 1:
            raise SectionError(("scatter",), f"one [[scatter]] at most is expected, not {len(self.scatter)}")
        if any(section.masked for section in self.scatter):
            message = 'patches of a file lie in that of kind transport: "none" or "field_strength" is expected'
            raise SectionError(("scatter", 0, "gate"), message)
        if any(section.lives for section in self.scatter):
            message = 'patches stay on lines: none is expected here (kind = "transport" has those that live and die)'
            raise SectionError(("scatter", 0, "lifetime"), message)
        return self

    @model_validator(mode="after")
    def _the_whole_spectrum(self):
        """Refuse what the quasi-linear rate does not know: a spectrum that ends, waves that repeat."""
        waves = self.field[0]
        check_isotropic(self.field)
        if waves.l_min != "auto" or waves.l_dissipation:
            key = "l_min" if waves.l_min != "auto" else "l_dissipation"
            message = f"resonance takes the spectrum without an end: no {key} is expected ([lines] cut is not its end)"
            raise SectionError(("field", 0, key), message)
        for key in ("modes", "period"):
            if getattr(waves, key) is not None:
                message = "lines of several cuts share their waves: modes_per_decade alone is expected"
                raise SectionError(("field", 0, key), message)
        if waves.spectrum != "power_law":
            message = 'paths are planned for a power law: leave it out, or fly others with kind = "transport"'
            raise SectionError(("field", 0, "spectrum"), message)
        if not math.isclose(waves.spectral_index, KOLMOGOROV, rel_tol=1e-3):
            message = (
                f"5/3 is expected, not {waves.spectral_index:g}: paths and what lies beyond the cut are planned by "
                'Kolmogorov\'s spectrum; leave it out, or fly others with kind = "transport"'
            )
            raise SectionError(("field", 0, "spectral_index"), message)
        return self

    @model_validator(mode="after")
    def _turbulence_is_all(self):
        dB, whole = self.field[0].dB, self.medium.B_rms
        if dB is not None and not math.isclose(dB, whole, rel_tol=0.01):
            message = f"{dB:g} uG is not B_rms = {whole:g} uG: without a guide field they are the same; leave dB out"
            raise SectionError(("field", 0, "dB"), message)
        return self

    @model_validator(mode="after")
    def _each_line_is_used(self):
        if self.run.particles < self.lines.lines:
            message = f"{self.run.particles} particles on {self.lines.lines} lines; at least one on each is expected"
            raise SectionError(("run", "particles"), message)
        return self

    def completed(self, stem: str) -> dict:
        """Fill in the defaults that depend on other keys; returns plain data."""
        data = super().completed(stem)
        data["field"][0] = self.field[0].completed(self.medium.B_rms, self.medium.l_c)
        if data["field"][0]["modes_per_decade"] == "auto":  # waves of lines are mirrors alone
            data["field"][0]["modes_per_decade"] = PAPER_MODES_PER_DECADE
        return data


LAYOUT = Layout(Config, {}, {("particle", "energy"): Ladder})

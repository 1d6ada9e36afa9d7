"""Base class of the models of turbulence: strength, range of wavelengths, spectral index, and their defaults."""

from __future__ import annotations

import math
from functools import partial
from typing import Annotated, Literal

from pydantic import Field, model_validator

from hpcmm.deck.section import SectionError
from hpcmm.deck.units import Length, LengthOrAuto, LengthOrZero, MagneticField
from hpcmm.fields.base import FieldSection
from hpcmm.theory import turbulence
from hpcmm.theory.slab import kappa_par_slab
from hpcmm.theory.spectra import BendOver, PowerLaw, Spectrum

Geometry = Literal["isotropic", "slab", "2d"]

ENERGY_RANGE_INDEX = {"isotropic": 4.0, "slab": 0.0, "2d": 3.0}
"""q where the deck gives none: that of a potential without long correlations; of slab waves that of such a field."""

WAVELENGTHS_OF_BEND = {"isotropic": 10.0, "slab": 1000.0, "2d": 10.0}
"""Longest wavelength over 2 pi l_bend where the deck gives none: with those q 2e-6, 5e-4 and 2e-5 of the power are in
longer ones. Slab waves are long, since field lines wander by diffusion over lengths that they hold, no longer ones."""

WAVELENGTHS_OF_L_C = {"isotropic": 5.0, "slab": 5.0, "2d": 2.5 * math.pi}
"""Longest wavelength of a power law over l_c where the deck gives none, after Kolmogorov's; slab waves have no l_c."""

LEFT_OUT = {
    "slab": "which scatter only near 90 degrees of pitch angle",
    "2d": "which turn gyrophases but not pitch angles",
}
"""What waves shorter than the gyroradius would do that no kick stands for (docs/physics.md 2.7)."""


def check_isotropic(sections) -> None:
    """Refuse waves about a guide field, for kinds whose formulas are those of isotropic turbulence.

    Raises
    ------
    SectionError
    """
    for place, section in enumerate(sections):
        if isinstance(section, TurbulentSection) and section.geometry != "isotropic":
            message = f'"isotropic" is expected: kind = "transport" alone has {section.geometry} waves'
            raise SectionError(("field", place, "geometry"), message)


class TurbulentSection(FieldSection):
    """Turbulence with E(k) ~ k^-xi between l_max and l_dissipation, resolved down to l_min.

    With a bend-over E(k) ~ (k l_bend)^q (1 + (k l_bend)^2)^(-(xi + q)/2) in that range (docs/physics.md 2.3).

    Attributes
    ----------
    dB : float
        Total rms of the component [uG]; None (until the config is complete): what is left of B_rms.
    l_max : float
        Longest wavelength [pc]; None (until the config is complete): 5 l_c, of 2-D waves 5 pi/2 l_c; with a bend-over
        20 pi l_bend, of slab waves 2000 pi l_bend.
    l_min : float or "auto"
        Shortest wavelength that the field holds [pc]; "auto": set at each energy.
    l_dissipation : float
        End of the spectrum [pc], 0 for none; None (until the config is complete): 0 with l_min "auto", else
        l_min. What lies between it and l_min acts as small-angle scattering; of slab and 2-D waves it is left out.
    spectral_index : float
        xi of the one-dimensional energy spectrum.
    spectrum : str
        "power_law", or "bend_over": it rises as k^q up to 1/l_bend.
    l_bend : float
        Length of the bend-over [pc]; None (until the config is complete): that of correlation length l_c, which is
        1.004 l_c for the default indices, .669 l_c of slab and 1.339 l_c of 2-D waves.
    q : float
        Index of the spectrum below 1/l_bend, 4 where it is not given, of slab waves 0, of 2-D waves 3.
    geometry : str
        Directions of wavevectors: "isotropic".
    """

    model: str = ""
    dB: MagneticField | None = None
    l_max: Length | None = None
    l_min: LengthOrAuto = "auto"
    l_dissipation: LengthOrZero | None = None
    spectral_index: float = Field(default=5.0 / 3.0, gt=0.0, le=5.0)
    spectrum: Literal["power_law", "bend_over"] = "power_law"
    l_bend: Length | None = None
    q: Annotated[float, Field(ge=0.0, le=10.0)] | None = None
    geometry: Literal["isotropic"] = "isotropic"

    @model_validator(mode="after")
    def _range_fits(self):
        if self.l_max is not None:
            for key in ("l_min", "l_dissipation"):
                value = getattr(self, key)
                if isinstance(value, float) and value >= self.l_max:
                    message = f"{key} = {value:g} pc must be shorter than l_max = {self.l_max:g} pc"
                    raise SectionError((key,), message)
        if self.l_dissipation is not None and self.l_min != "auto" and self.l_dissipation > self.l_min:
            message = f"l_dissipation = {self.l_dissipation:g} pc must not exceed l_min = {self.l_min:g} pc"
            raise SectionError(("l_dissipation",), message)
        if (self.l_dissipation == 0.0 or self.spectrum == "bend_over") and self.spectral_index <= 1.0:
            where = "where l_dissipation is 0" if self.spectrum == "power_law" else "with a bend-over"
            raise SectionError(("spectral_index",), f"more than 1 is expected {where}, not {self.spectral_index:g}")
        return self

    @model_validator(mode="after")
    def _bend_is_asked_for(self):
        for key in ("l_bend", "q"):
            if self.spectrum == "power_law" and getattr(self, key) is not None:
                raise SectionError((key,), 'a power law has none: spectrum = "bend_over" is expected, or no such key')
        if self.geometry == "slab" and self.q and self.l_bend is None:
            message = f"slab waves of q = {self.q:g} have no l_c to set it by: a length is expected, or q = 0"
            raise SectionError(("l_bend",), message)
        if self.q == 0 and self.geometry != "slab":
            raise SectionError(("q",), f"more than 0 is expected of {self.geometry} waves: else l_c grows with l_max")
        return self

    def completed(self, dB: float, l_c: float) -> dict:
        """Plain data of this section, with every default filled in.

        Parameters
        ----------
        dB : float
            rms [uG] where the deck gives none.
        l_c : float
            Correlation length of the medium [pc].
        """
        data = self.plain()
        if self.dB is None:
            data["dB"] = dB
        if self.spectrum == "bend_over":
            data["q"] = ENERGY_RANGE_INDEX[self.geometry] if self.q is None else self.q
            if self.l_bend is None:
                found = BendOver.of_correlation_length(self.spectral_index, data["q"], l_c, self.geometry)
                data["l_bend"] = found.l_bend
        if self.l_max is None:
            bends = self.spectrum == "bend_over"
            over = WAVELENGTHS_OF_BEND if bends else WAVELENGTHS_OF_L_C
            data["l_max"] = over[self.geometry] * (2 * math.pi * data["l_bend"] if bends else l_c)
        if self.l_dissipation is None:
            data["l_dissipation"] = 0.0 if self.l_min == "auto" else self.l_min
        return data

    @property
    def energy(self) -> Spectrum:
        """E(k); of a complete config."""
        if self.spectrum == "bend_over":
            return BendOver(self.spectral_index, self.q, self.l_bend)
        return PowerLaw(self.spectral_index)

    @property
    def outer_scale(self) -> float:
        """See the base class: l_max [pc]."""
        return self.l_max

    def smallest_wavelength(self, medium, gyroradius: float) -> float:
        """l_min [pc] at this gyroradius; where "auto", 2 pi min(r_g, l_c)/resolution, or the end of the spectrum if
        that is longer (docs/physics.md 5.2).

        Raises
        ------
        SectionError
            If that is no shorter than l_max.
        """
        if self.l_min != "auto":
            return self.l_min
        l_min = max(2 * math.pi * min(gyroradius, medium.l_c) / medium.resolution, self.l_dissipation)
        if l_min >= self.l_max:
            message = f"{self.l_max:g} pc leaves no room for waves: automatic l_min is {l_min:g} pc here"
            raise SectionError(("l_max",), message)
        return l_min

    def check(self, medium, gyroradius: float, step: float) -> None:
        """Refuse what would give wrong numbers at this gyroradius and step [pc].

        Raises
        ------
        SectionError
            If waves left out are not small against the gyroradius.
        """
        l_min = self.smallest_wavelength(medium, gyroradius)
        least = min(15.0, medium.resolution)  # docs/physics.md 2.5: k r_g of 15 to 20
        longest = 2 * math.pi * gyroradius / least
        if self.l_dissipation < l_min and l_min > longest * (1 + 1e-9):
            act = "act as small-angle scattering" if self.geometry == "isotropic" else "be left out"
            message = (
                f"waves from l_min = {l_min:g} pc down to {self.l_dissipation:g} pc can {act} "
                f"only where they are shorter than {longest:g} pc = 2 pi r_g/{least:g}; a smaller l_min is expected, "
                "or no l_dissipation"
            )
            raise SectionError(("l_dissipation",), message)

    def correlation_length(self) -> float | None:
        """Two-sided correlation length of the whole spectrum [pc], along or across a guide field (docs/physics.md 2.3,
        2.7).
        """
        end = self.l_dissipation if self.l_dissipation > 0 or self.spectral_index > 1 else self.l_min
        return self.energy.correlation_length(self.l_max, end, self.geometry)

    def about_spectrum(self, place: int) -> str:
        """One line of the plan on field[place]."""
        law = f"E(k) ~ k^-{self.spectral_index:.4g}"
        if self.spectrum == "bend_over":
            law += f", k^{self.q:.4g} below 1/k = {self.l_bend:.4g} pc"
        where = {"isotropic": "", "slab": " along the guide field", "2d": " across the guide field"}[self.geometry]
        line = (
            f"field[{place}]: correlation length {self.correlation_length():.4g} pc{where}; "
            f"wavelengths up to {self.l_max:.4g} pc, {law}"
        )
        cut = self.l_min == "auto" or self.l_dissipation < self.l_min
        return (
            line
            if self.geometry == "isotropic" or not cut
            else f"{line}; without waves below l_min, {LEFT_OUT[self.geometry]}"
        )

    def decay_rate(self, medium, gyroradius: float) -> float:
        """c over a rough mean free path [1/pc], for planning only (docs/physics.md 5.3): in isotropic turbulence a
        formula, in slab waves that of quasi-linear theory; 2-D waves alone leave the pitch angle as it is.
        """
        if self.geometry == "2d":
            return 0.0
        if self.geometry == "slab":
            guide = math.hypot(*medium.guide)
            l_min = self.smallest_wavelength(medium, gyroradius)
            e = partial(self.energy.density, l_max=self.l_max, l_min=min(l_min, self.l_dissipation))
            kappa = kappa_par_slab(gyroradius * medium.B_rms / guide, (self.dB / guide) ** 2, e)
            return 1 / (3 * kappa)
        return turbulence.planned_decay_rate(gyroradius, medium.l_c, self.spectral_index)

    def nu_unresolved(self, medium, gyroradius: float) -> float:
        """Scattering rate [1/pc] of the turbulence between l_min and l_dissipation (docs/physics.md 2.5); 0 of slab and
        2-D waves, which no isotropic kick stands for (2.7 there).
        """
        if self.geometry != "isotropic":
            return 0.0
        l_min = self.smallest_wavelength(medium, gyroradius)
        return self.energy.nu_unresolved(gyroradius, self.dB / medium.B_rms, self.l_max, l_min, self.l_dissipation)

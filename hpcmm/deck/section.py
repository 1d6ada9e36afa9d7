"""What every section of a deck shares: a frozen, strict model, and the words for what is refused.

Strict: a whole number is not written ``1.0`` or ``"1"``, and true is no number. Keys that are unknown,
and numbers that are not finite, are refused.
"""

from __future__ import annotations

import math
from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from cython_kernels.scatter import SmallAngleScatterer
from hpcmm.theory.scattering import decay_rate


class SectionError(ValueError):
    """A rule between keys is broken; ``key`` is the way from the section to the key at fault."""

    def __init__(self, key: tuple[str | int, ...], message: str):
        super().__init__(message)
        self.key = key


class Section(BaseModel):
    """A table of the deck as a frozen model; dimensional values are floats in fixed units."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def plain(self) -> dict[str, Any]:
        """Dict of plain data that JSON can carry, dimensional values as floats."""
        return self.model_dump(mode="json")

    @classmethod
    def from_plain(cls, data: dict[str, Any]):
        """Rebuild from `plain`, without astropy.

        Raises
        ------
        pydantic.ValidationError
            If the data break a rule of the section.
        """
        return cls.model_validate(data, context={"plain": True})


class FieldSection(Section):
    """A [[field]] block: what stepping and tasks ask of any model; these answers are those of a smooth field.

    Besides these, a model has ``realize(medium, gyroradius, step, draw) -> compiled Field`` in units of B_rms.
    """

    @property
    def outer_scale(self) -> float | None:
        """Longest wavelength of a turbulent component [pc]; None for a field without structure."""
        return None

    @property
    def structure(self) -> float | None:
        """Period [pc] along x, y and z; None where it does not repeat."""
        return None

    def energy_of_draw(self, energy: float) -> float:
        """What names its random stream in the place of the energy [GeV]: the energy itself, whose waves are its own."""
        return energy

    def step_bound(self, medium, gyroradius: float) -> float:
        """Longest step that resolves the field's structure [pc]."""
        return float("inf")

    def check(self, medium, gyroradius: float, step: float) -> None:
        """Raise SectionError where the model cannot be right at this gyroradius and step [pc]."""

    def correlation_length(self) -> float | None:
        """Two-sided correlation length [pc]; None for a field without structure."""
        return None

    def wave_count(self, medium, gyroradius: float) -> int:
        """Plane waves summed at every step, for the plan."""
        return 0

    def grid_bytes(self, medium, gyroradius: float) -> int:
        """Memory of the grids of one realization, held once per node; if not 0, ``realize`` also takes ``allocate``
        and ``share`` (see `hpcmm.parallel.node`).
        """
        return 0

    def seconds_per_step(self, medium, gyroradius: float, step: float) -> float:
        """Core time [s] of one evaluation at one particle, for planning."""
        return 0.0

    def decay_rate(self, medium, gyroradius: float) -> float:
        """Rough rate at which it makes directions forgotten [1/pc], for planning only; 0 for a smooth field."""
        return 0.0

    def nu_unresolved(self, medium, gyroradius: float) -> float:
        """Scattering rate [1/pc] of what lies below the field's smallest scale."""
        return 0.0


class ScatterSection(Section):
    """A [[scatter]] block. A model gives ``nu(gyroradius)``, its rate where it acts [1/pc], and has a ``kick``."""

    @property
    def gated(self) -> bool:
        """Does it act in patches |B| >= B_star alone? ``realize`` then also takes ``B_star``, in units of B_rms."""
        return False

    @property
    def counted(self) -> bool:
        """Has it patches, the steps inside which are counted as the moment ``in_patch``?"""
        return self.gated

    @property
    def acts(self) -> bool:
        """Does it scatter anywhere?"""
        return True

    @property
    def structure(self) -> float | None:
        """Period [pc] of its places; None where it has none of its own."""
        return None

    def decay_rate(self, gyroradius: float) -> float:
        """Rate at which directions are forgotten where it acts [1/pc] (SPEC A3)."""
        return decay_rate(self.nu(gyroradius), self.kick)

    def step_bound(self, gyroradius: float) -> float:
        """Longest step [pc]: 0.02 c/nu (SPEC 2.5)."""
        nu = self.nu(gyroradius)
        return 0.02 / nu if nu > 0 else float("inf")

    def realize(self, gyroradius: float, step: float, key: int) -> SmallAngleScatterer:
        """Compiled scatterer for steps of this length [pc]; ``key`` names its random stream."""
        return SmallAngleScatterer(self.kick, self.nu(gyroradius) * step, key)


def three_numbers(value):
    """Validator of a vector: a list of three."""
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        raise ValueError("a list of three numbers is expected, e.g. [0, 0, 1]")
    return tuple(value)


def some_direction(value):
    """Validator of a direction: finite, and not zero."""
    if not math.isfinite(math.hypot(*value)) or math.hypot(*value) < 1e-100:
        raise ValueError("a direction of finite, non-zero length is expected, e.g. [0, 0, 1]")
    return value


def _listed(value):
    # Strict mode takes tuples alone, but TOML and JSON bring lists.
    return tuple(value) if isinstance(value, list) else value


Listed = BeforeValidator(_listed)
"""Lets a tuple be written as a list."""

"""Base class of field models, with the questions that every model answers, and validators of vectors in a deck."""

from __future__ import annotations

import math

from hpcmm.deck.section import Section


class FieldSection(Section):
    """A [[field]] block: the questions that planning and tasks ask of any model, answered for a smooth field.

    Besides these, a model has ``realize(medium, gyroradius, step, draw) -> compiled Field`` in units of B_rms.
    """

    @property
    def outer_scale(self) -> float | None:
        """Longest wavelength of a turbulent component [pc]; None for a field without structure."""
        return None

    @property
    def fluctuation(self) -> float | None:
        """rms of a component with structure [uG]; None where there is none, or it is not known yet."""
        return getattr(self, "dB", None)

    @property
    def turning_mean(self) -> float:
        """Strength of a uniform part [uG] whose direction is another in each realization."""
        return 0.0

    @property
    def structure(self) -> float | None:
        """Period [pc] along x, y and z; None where it does not repeat."""
        return None

    def energy_of_draw(self, energy: float) -> float:
        """Energy that keys the random stream [GeV]. Models whose waves do not depend on energy return 0."""
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
        """Number of plane waves in the sum, for the plan."""
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
        """Rough rate at which directions decorrelate in this field [1/pc], for planning only; 0 for a smooth field."""
        return 0.0

    def nu_unresolved(self, medium, gyroradius: float) -> float:
        """Scattering rate [1/pc] of what lies below the field's smallest scale."""
        return 0.0


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

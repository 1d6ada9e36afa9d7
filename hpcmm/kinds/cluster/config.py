"""Deck of kind = "cluster": a cluster's plasma, where cosmic rays are set free, and how long they are followed."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from hpcmm.deck import tables
from hpcmm.deck.messages import Layout
from hpcmm.deck.section import Listed, Section, SectionError
from hpcmm.deck.tables import DeckModel, Ladder, Output
from hpcmm.deck.units import (
    Density,
    Diffusion,
    Energy,
    Length,
    LengthOrAuto,
    MagneticField,
    RateOrZero,
    Time,
    TimeOrAuto,
)

ONE_THIRD = 1.0 / 3.0

MEASURED_DELTAS = (1.0 / 3.0, 1.0 / 2.0)
"""Values of delta of Kolmogorov's and Kraichnan's spectra, for which coefficients of kappa_res were measured
(docs/physics.md 10.2).
"""


class Run(tables.Run):
    """[run]: the kind; nothing in a run of this kind is drawn at random."""

    kind: Literal["cluster"] = Field(examples=['"cluster"'])


class Plasma(Section):
    r"""Profiles of the cluster, and how kappa follows from them.

    .. math:: n_e = n_0 [1 + (r/r_c)^2]^{-3\beta/2}, \quad B = B_0 (n_e/n_0)^{\eta_B}, \quad T = T_0 (n_e/n_0)^{\eta_T}

    Source: Cavaliere & Fusco-Femiano 1976, A&A 49, 137 (density); Bonafede et al. 2010, A&A 513, A30 (field). kappa:
    `hpcmm.kinds.cluster.kappa`.

    Attributes
    ----------
    n_0 : float
        Electron density in the centre [1/cm3].
    r_core : float
        Core radius r_c [pc].
    beta : float
        Exponent beta of the density.
    B_0, B_index : float
        Field in the centre [uG], exponent eta_B.
    T_0, T_index : float
        Ions' temperature in the centre [GeV], exponent eta_T; used where l_mm is "auto".
    l_c : float
        Two-sided correlation length of the field [pc].
    l_mm : float or "auto"
        Micromirror scale [pc]; "auto": (tau Omega_i)^(1/8) r_g,i of the plasma there, with tau below
        (docs/physics.md 12).
    tau : float
        Time over which the plasma evolves [s].
    dB_over_B : float
        Amplitude of micromirrors.
    f_mm : float
        Filling fraction of micromirrors in the centre.
    f_mm_radius : float or None
        Beyond it [pc] the fraction is f_mm_outside; None: f_mm everywhere.
    f_mm_outside : float
        Filling fraction beyond f_mm_radius.
    delta : float
        Energy exponent of kappa_res, equation (7); above r_g = l_c it is 2.
    coefficients : str
        "paper": kappa of equations (4) and (7) taken as the isotropic one. "measured": kappa_iso of particles tied to
        tangled field lines, (2/9) c^2/nu_mm and a third of kappa along lines of turbulence (docs/physics.md 1.3, 17.8),
        of isotropic turbulence from r_g/l_c = 1e-2 on (10.2 there), for Kraichnan's spectrum everywhere.
    kappa_mm_over_eq_4 : float or None
        kappa along the field in micromirrors over equation (4), as a plasma has it: 2.1 to 2.5 for those of
        `fig2_plasma.toml` (docs/physics.md 9.4). None: 1 with coefficients "paper", 2/3 along lines with "measured".
    mixing : str
        kappa of the two: "harmonic" (equation (11)), "maxwell_garnett" (isolated spheres of micromirrors) or
        "arithmetic" (layers along the gradient); see `kind = "effective_medium"` for what shapes give.
    kappa : float or None
        One kappa everywhere and at all energies [cm2/s] instead of all that.
    """

    n_0: Density = Field(default=3e-3, examples=['"3e-3 / cm3"'])
    r_core: Length = 200_000.0
    beta: float = Field(default=0.75, gt=0.0, le=3.0)
    B_0: MagneticField = 3.0
    B_index: float = Field(default=0.5, ge=0.0, le=2.0)
    T_0: Energy = 5e-6
    T_index: float = Field(default=0.0, ge=-2.0, le=2.0)
    l_c: Length = 100_000.0
    l_mm: LengthOrAuto = 1e-7
    tau: Time = 1e12
    dB_over_B: float = Field(default=ONE_THIRD, gt=0.0, le=1.0)
    f_mm: float = Field(default=1.0, ge=0.0, le=1.0)
    f_mm_radius: Length | None = None
    f_mm_outside: float = Field(default=0.0, ge=0.0, le=1.0)
    delta: float = Field(default=ONE_THIRD, ge=0.0, lt=2.0)
    coefficients: Literal["paper", "measured"] = "paper"
    kappa_mm_over_eq_4: Annotated[float, Field(gt=0.0, le=100.0)] | None = None
    mixing: Literal["harmonic", "maxwell_garnett", "arithmetic"] = "harmonic"
    kappa: Diffusion | None = None

    @model_validator(mode="after")
    def _known(self):
        if self.coefficients == "measured" and not any(math.isclose(self.delta, d) for d in MEASURED_DELTAS):
            raise SectionError(("delta",), f"1/3 or 1/2 is expected with coefficients of that kind, not {self.delta:g}")
        return self


class Source(Section):
    """Where cosmic rays are set free, and when.

    Attributes
    ----------
    model : str
        "point"; "bubble": a ball; "shell": between radius - thickness/2 and radius + thickness/2 (an accretion shock).
    injection : str
        "burst": all at once, at the start; "continuous": at a constant rate for the whole duration.
    position : (float, float, float)
        Middle of the source, in units of the cluster's radius; the centre where the geometry is spherical.
    radius, thickness : float or None
        Size of the source [pc], where the model has them.
    """

    model: Literal["point", "bubble", "shell"] = "point"
    injection: Literal["burst", "continuous"] = "burst"
    position: Annotated[tuple[float, ...], Field(min_length=3, max_length=3), Listed] = (0.0, 0.0, 0.0)
    radius: Length | None = None
    thickness: Length | None = None

    @model_validator(mode="after")
    def _whole(self):
        wanted = {"point": (), "bubble": ("radius",), "shell": ("radius", "thickness")}[self.model]
        for name in ("radius", "thickness"):
            if (getattr(self, name) is None) == (name in wanted):
                what = "needs the key" if name in wanted else "has no key"
                raise SectionError(("model",), f"'{self.model}' {what} {name}")
        if self.model == "shell" and self.thickness > 2 * self.radius:
            raise SectionError(("thickness",), f"twice the radius, {2 * self.radius:g} pc, or less is expected")
        return self


class Losses(Section):
    """Losses inside the cluster: each takes the particle out of its energy for good.

    Attributes
    ----------
    hadronic : bool
        Inelastic collisions of protons with the gas (`hpcmm.kinds.cluster.kappa.hadronic_rate`).
    rate : float
        Further loss rate, the same everywhere [1/s].
    """

    hadronic: bool = False
    rate: RateOrZero = 0.0


class Cluster(Section):
    r"""The diffusion problem: its domain, mesh, times.

    .. math:: \partial n / \partial t = \nabla \cdot (\kappa(E, r) \nabla n) + Q - n/\tau_{loss}

    Source: paper, Discussion; docs/physics.md 12.

    Attributes
    ----------
    geometry : str
        "spherical": n(r), or "cartesian": n(x, y, z) in a cube.
    radius : float
        Radius of the sphere, half the side of the cube [pc].
    cells : int
        Number of cells along the radius, or along a side.
    boundary : str
        "escape": n = 0 there; "reflecting": no particle gets out.
    duration : float or "auto"
        How long particles are followed [s]; "auto", at each energy: AUTO_DURATIONS times the mean time in which those
        of the centre would get out of the sphere without losses.
    samples : int
        Times at which profiles are kept, log-spaced over FIRST_SAMPLE to 1 of the duration.
    tolerance : float
        Allowed error of a time step, relative and in units of the mean density.
    time_step : float or "auto"
        Length of a time step [s]; "auto": as long as the tolerance allows. Every sample ends a step, and cuts it short.
    """

    geometry: Literal["spherical", "cartesian"] = "spherical"
    radius: Length = 1e6
    cells: int = Field(default=256, ge=4, le=100_000)
    boundary: Literal["escape", "reflecting"] = "escape"
    duration: TimeOrAuto = "auto"
    samples: int = Field(default=32, ge=2, le=10_000)
    tolerance: float = Field(default=1e-5, ge=1e-12, le=1e-2)
    time_step: TimeOrAuto = "auto"

    @model_validator(mode="after")
    def _fits(self):
        if self.geometry == "cartesian" and self.cells > 2048:
            raise SectionError(("cells",), f"2048 or fewer along a side are expected, not {self.cells}")
        return self


class ClusterConfig(DeckModel):
    """A whole deck of this kind."""

    reference_field: ClassVar[tuple[str, str]] = ("plasma", "B_0")

    run: Run
    particle: tables.Particle
    cluster: Cluster = Cluster()
    plasma: Plasma = Plasma()
    source: Source = Source()
    losses: Losses = Losses()
    output: Output = Output()

    @model_validator(mode="after")
    def _source_is_inside(self):
        source, reach = self.source, self.cluster.radius
        if self.cluster.geometry == "spherical" and any(self.source.position):
            raise SectionError(("source", "position"), '[0, 0, 0] is expected, or geometry = "cartesian"')
        edge = max(abs(x) for x in source.position)
        if edge >= 1.0:
            raise SectionError(("source", "position"), f"less than 1 (the cluster's radius) is expected, not {edge:g}")
        size = (source.radius or 0.0) + (source.thickness or 0.0) / 2
        if edge * reach + size > reach * (1 + 1e-12):
            message = f"it reaches out of the cluster, whose radius is {reach:g} pc: a smaller source is expected"
            raise SectionError(("source", "radius"), message)
        if self.losses.hadronic and self.particle.Z != 1:
            raise SectionError(("losses", "hadronic"), f"known for protons, Z = 1, not {self.particle.Z}")
        return self

    @model_validator(mode="after")
    def _steps_fit(self):
        step, whole = self.cluster.time_step, self.cluster.duration
        if step != "auto" and whole == "auto":
            raise SectionError(("cluster", "time_step"), 'with a duration of "auto" only "auto" is expected')
        if step != "auto" and not whole / 1e6 <= step <= whole:
            raise SectionError(("cluster", "time_step"), f"{whole / 1e6:g} s to {whole:g} s, the duration, is expected")
        return self


LAYOUT = Layout(ClusterConfig, {}, {("particle", "energy"): Ladder})

"""Deck of kind = "mhd": numbers of the solver, how the flow starts, what drives it, what is kept."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from hpcmm.deck import tables
from hpcmm.deck.messages import Layout
from hpcmm.deck.section import Listed, Place, Section, SectionError
from hpcmm.deck.tables import DeckModel
from hpcmm.kinds.mhd.diagnostics import MOST_ROWS

DRIVEN = {"amplitude": 0.4, "wavenumber": 2, "seed_field": 0.3}
"""Defaults of the start "taylor_green", that of turbulence; others have size and wavenumber 1 and no seed."""


class Run(tables.Run):
    """[run]: the kind, and the seed of the first magnetic field and of a random force."""

    kind: Literal["mhd"] = Field(examples=['"mhd"'])


Vector = Annotated[tuple[float, float, float], Listed]
Times = Annotated[tuple[Annotated[float, Field(ge=0.0)], ...], Listed, Field(max_length=9999)]


class Mhd(Section):
    """The cube of side 2 pi, b in Alfven velocities, and how it is advanced.

    Attributes
    ----------
    points : int
        Points a side; even.
    viscosity, resistivity : float
        nu, eta; 0: none.
    mean_field : tuple of 3 float
        Uniform part of b, an invariant.
    scheme : str
        Runge-Kutta scheme of third or fourth order.
    courant : float
        dt max(|u| + |b|) over the distance of points.
    duration : float
        Time to follow, in 1/(u_A k_1).
    precision : str
        Of all arrays.
    decomposition : str
        How ranks share the cube; "auto": slabs as long as they have two planes of modes, then pencils.
    """

    points: int = Field(ge=8, le=16384, examples=["64"])
    viscosity: float = Field(ge=0.0, le=1e3, examples=["8e-3"])
    resistivity: float = Field(ge=0.0, le=1e3, examples=["8e-3"])
    mean_field: Vector = (0.0, 0.0, 0.0)
    scheme: Literal["rk3", "rk4"] = "rk3"
    courant: float = Field(default=0.5, gt=0.0, le=2.0)
    duration: float = Field(gt=0.0, le=1e6, examples=["40.0"])
    precision: Literal["double", "single"] = "double"
    decomposition: Literal["auto", "slabs", "pencils"] = "auto"

    @model_validator(mode="after")
    def _even(self):
        if self.points % 2:
            raise SectionError(("points",), f"an even number is expected, not {self.points}")
        return self


class Initial(Section):
    """How the flow starts.

    Attributes
    ----------
    flow : str
        Named flow (docs/physics.md 15), or "file": u and b of a snapshot.
    amplitude, wavenumber : float, int
        Size and wavenumber of a named flow and of its magnetic field.
    file : str or None
        Snapshot of hpcmm, of any number of points.
    file_points : int or None
        Its points a side; filled in by the run, which needs the file no more once it has a checkpoint.
    seed_field : float
        rms of random modes that are added to b.
    seed_wavenumbers : tuple of 2 float
        Their least and largest |k|.
    seed_helicity : float
        Relative magnetic helicity of each, -1 to 1.
    """

    flow: Literal[
        "taylor_green", "tg_insulating", "tg_alternative", "tg_conducting", "orszag_tang_3d", "abc", "rest", "file"
    ] = "taylor_green"
    amplitude: float = Field(default=1.0, ge=0.0, le=1e6)
    wavenumber: int = Field(default=1, ge=1, le=4096)
    file: Place | None = None
    file_points: int | None = None
    seed_field: float = Field(default=0.0, ge=0.0, le=1e6)
    seed_wavenumbers: Annotated[tuple[float, float], Listed] = (1.0, 4.0)
    seed_helicity: float = Field(default=0.0, ge=-1.0, le=1.0)

    @model_validator(mode="before")
    @classmethod
    def _of_flow(cls, data):
        if isinstance(data, dict) and data.get("flow", "taylor_green") == "taylor_green":
            return DRIVEN | data
        return data

    @model_validator(mode="after")
    def _fits(self):
        least, most = self.seed_wavenumbers
        if not 1.0 <= least <= most <= 64.0:
            message = f"least and largest |k|, 1 to 64, are expected, not {[least, most]}"
            raise SectionError(("seed_wavenumbers",), message)
        if (self.flow == "file") != (self.file is not None):
            wanted = 'the name of a snapshot, e.g. "snapshots/0040.h5"' if self.flow == "file" else 'flow = "file"'
            raise SectionError(("file",), f"{wanted}, is expected with it")
        return self


class Forcing(Section):
    """What drives the flow: a constant force of a form and amplitude, or random kicks of a mean power."""

    model: Literal["none", "taylor_green", "abc", "random"] = "none"
    """Force on the flow."""
    amplitude: float = Field(default=0.25, ge=0.0, le=1e6)
    """Strength of a constant force."""
    wavenumber: int = Field(default=2, ge=1, le=4096)
    """Its wavenumber."""
    power: float = Field(default=0.03, ge=0.0, le=1e6)
    """Mean power of a random force."""


class Microphysics(Section):
    """The plasma of the flow: mean beta = 2 p / b_rms^2, and its collision rate in b_rms k_1 of each snapshot."""

    beta: float = Field(gt=0.0, le=1e6, examples=["50.0"])
    """Mean beta = 2 p/b_rms^2 of the plasma."""
    collision_rate: float = Field(gt=0.0, le=1e9, examples=["30.0"])
    """Collision rate in b_rms k_1 of each snapshot."""


class Output(tables.Output):
    """[output]: also times of snapshots, and times between rows of the history and between spectra."""

    in_checkpoint: ClassVar[tuple[str, ...]] = ("snapshots", "history_interval", "spectra_interval")

    snapshots: Times = ()
    """Times of snapshots."""
    history_interval: float = Field(default=0.5, gt=0.0, le=1e6)
    """Time between two rows of history.ecsv."""
    spectra_interval: float = Field(default=5.0, gt=0.0, le=1e6)
    """Time between two spectra."""

    @model_validator(mode="after")
    def _rising(self):
        for i, (one, other) in enumerate(zip(self.snapshots, self.snapshots[1:], strict=False)):
            if other <= one:
                raise SectionError(("snapshots", i + 1), f"a later time than {one:g} is expected, not {other:g}")
        return self


class MhdConfig(DeckModel):
    """A whole deck of this kind."""

    run: Run
    mhd: Mhd
    initial: Initial = Initial()
    forcing: Forcing = Forcing()
    microphysics: Microphysics | None = None
    output: Output = Output()

    @model_validator(mode="after")
    def _times_fit(self):
        end, output = self.mhd.duration, self.output
        for i, time in enumerate(output.snapshots):
            if time > end:
                message = f"a time within the duration of {end:g} is expected, not {time:g}"
                raise SectionError(("output", "snapshots", i), message)
        for key in ("history_interval", "spectra_interval"):
            if end / getattr(output, key) > MOST_ROWS:
                message = f"{end / MOST_ROWS:g} or more is expected: at most {MOST_ROWS} rows"
                raise SectionError(("output", key), message)
        return self


LAYOUT = Layout(MhdConfig, {}, {})

"""A magnetic field on a uniform grid that another code, hpcmm itself, or a user has written to a file."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, ValidationInfo, model_validator

from cython_kernels.cube import MOST_VALUES, CubeField
from hpcmm.deck.section import Listed, Place, Section, SectionError
from hpcmm.deck.units import LENGTH, MAGNETIC_FIELD, Length, MagneticField, Measure, check_size, parse, to_text
from hpcmm.fields.base import FieldSection
from hpcmm.fields.grid_synthesis import random_rotation
from hpcmm.theory.turbulence import planned_decay_rate

SECONDS = {"trilinear": 3.5e-8, "solenoidal": 5e-8}
"""Core time [s] of one evaluation at one particle, its cell mostly new; for planning."""

LARGEST_MEAN = 0.05
"""|<B>|/B_rms above which kappa is given along and across <B>."""


def _or_word(kind, count: int):
    """Annotated type of a quantity, or ``count`` of them, or the word "file", or None."""

    def one(value, info):
        if not (info.context or {}).get("plain"):
            value = parse(value, kind)
        elif isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"{kind.noun} in {kind.unit} is expected, not {value!r}")
        if value <= 0.0:
            raise ValueError(f"{kind.noun} of more than zero is expected, not {value:g}")
        check_size(value, kind)
        return float(value)

    def validate(value: Any, info: ValidationInfo):
        if value is None or value == "file":
            return value
        if count == 1:
            return one(value, info)
        if not isinstance(value, (list, tuple)) or len(value) != count:
            text = ", ".join([f'"{kind.example}"'] * count)
            raise ValueError(f'a list of {count} lengths is expected, [{text}], or "file"')
        return tuple(one(v, info) for v in value)

    def serialize(value: Any, info):
        if info.mode != "deck" or value is None or isinstance(value, str):
            return value
        return to_text(value, kind) if count == 1 else [to_text(v, kind) for v in value]

    return Annotated[Any, PlainValidator(validate), PlainSerializer(serialize), Measure(kind)]


Box = _or_word(LENGTH, 3)
"""Three sides [pc], "file", or None."""
Strength = _or_word(MAGNETIC_FIELD, 1)
"""Field strength [uG], "file", or None."""

Three = Annotated[tuple[float, float, float], Listed]
Range = Annotated[tuple[Annotated[float, Field(ge=0.0)], Annotated[float, Field(ge=0.0)]], Listed]


class Filter(Section):
    """Waves to keep by their wavenumbers across and along the mean field [rad per unit of length of the file]."""

    k_perp: Range
    k_par: Range
    keep: Literal["inside", "outside"] = "outside"


class Measured(Section):
    """What a run has measured of a file, in pc and uG, as the field is flown through.

    Attributes
    ----------
    points : tuple of int
        Values along x, y, z.
    box, first : tuple of float
        Sides and place of the first value [pc].
    unit, less : float, tuple of float
        What is flown is (value - less) unit [uG].
    mean : tuple of float
        Uniform part [uG].
    dB, weakest, strongest, mean_strength : float
        rms of the rest; range and mean of |B| [uG].
    l_c, k_90 : float
        Two-sided correlation length [pc]; wavenumber below which 90 % of the energy is [1/pc].
    divergence, seam : float
        See `hpcmm.io.field_files.measures`.
    carriers : float or None
        Number of waves that carry the power, see there; None in decks resolved by an earlier version.
    left : (float, float, float) or None
        What the filter leaves of the power within its ranges, of that beyond them, and of all.
    layout : str
    bytes, checksum : int
        By which the file is known again.
    """

    points: Annotated[tuple[int, int, int], Listed]
    box: Three
    first: Three
    unit: float
    less: Three
    mean: Three
    dB: float
    weakest: float
    strongest: float
    mean_strength: float
    l_c: float
    k_90: float
    divergence: float
    seam: float
    layout: str
    bytes: int
    checksum: int
    carriers: float | None = None
    left: Annotated[tuple[float, float, float] | None, Listed] = None

    @property
    def rms(self) -> float:
        """B_rms of the cube [uG], its mean included."""
        return math.hypot(self.dB, *self.mean)

    @property
    def mean_share(self) -> float:
        """|<B>|/B_rms."""
        return math.hypot(*self.mean) / self.rms


class FieldFile(FieldSection):
    r"""A cube of values, interpolated, periodic or not, turned and shifted at random or as it is given.

    .. math::  B(r) = R^T f(R r + o), \quad f = s\,(f_{file} - \langle f_{file}\rangle)

    with f between the values trilinear, or solenoidal by splines; R and o one a realization; the mean of the file is
    taken away where the deck says so. Source: docs/physics.md 3.2, 3.3; the field that the paper takes from MHD
    turbulence (its Fig 3, open crosses).

    Attributes
    ----------
    file : tuple of str
        One file, or one a realization, in turn.
    layout, dataset, axes, components, values_at, points
        What the files are, where they do not say themselves.
    box : tuple of float, "file" or None
        Sides [pc]; "file": as the file says; None: such that l_c of the file is that of the medium.
    dB : float, "file" or None
        rms of the fluctuations [uG]; "file": as the file says; None: one factor for mean and fluctuations, such that
        both make up what is left of B_rms.
    mean : str
        "keep" or "remove" the uniform part.
    boundary : str or None
        "periodic" unless said: "mirror" (as an axial vector); "stop": tracks that leave end there.
    interpolation : str
        "trilinear"; or "solenoidal": div B = 0 to rounding, of periodic fields.
    orientation : str
        "random": a rotation and a shift a realization; "as_given".
    r_gi, B_0 : float or None
        Units of files that have none, such as snapshots of kind hybrid_pic [pc], [uG].
    allow_seams, allow_divergence, compensate : bool
        Take what would be refused; make up for the loss of interpolation.
    filter : Filter or None
        Waves to keep: { k_perp, k_par, keep }, in rad per unit of length of the file.
    measured : tuple of Measured
        One a file; filled in by the run.
    """

    model: Literal["field_file"] = "field_file"
    file: Annotated[
        tuple[Place, ...],
        Field(min_length=1, examples=['"snap.h5"']),
        BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
        Listed,
    ]
    layout: Literal[
        "auto", "numpy", "openpmd", "jhtdb", "athena", "yt", "crpropa_raw", "crpropa_text", "flash", "pluto", "ramses"
    ] = "auto"
    dataset: Annotated[str, Field(min_length=1)] | None = None
    axes: Literal["xyz", "xzy", "yxz", "yzx", "zxy", "zyx"] | None = None
    components: Literal["last", "first"] | None = None
    values_at: Literal["nodes", "centres"] | None = None
    points: Annotated[tuple[int, int, int], Listed] | None = None
    box: Box = None
    dB: Strength = None
    mean: Literal["keep", "remove"] = "keep"
    boundary: Literal["periodic", "mirror", "stop"] | None = None
    interpolation: Literal["trilinear", "solenoidal"] = "trilinear"
    orientation: Literal["random", "as_given"] = "random"
    r_gi: Length | None = None
    B_0: MagneticField | None = None
    allow_seams: bool = False
    allow_divergence: bool = False
    compensate: bool = False
    filter: Filter | None = None
    measured: Annotated[tuple[Measured, ...], Listed] = ()

    @model_validator(mode="after")
    def _keys_fit(self):
        if self.boundary in ("mirror", "stop"):
            for key, asked in (("interpolation", self.interpolation == "solenoidal"), ("compensate", self.compensate)):
                if asked:
                    raise SectionError((key,), f'a periodic field is expected, not boundary = "{self.boundary}"')
            if self.filter is not None:
                raise SectionError(("filter",), f'a periodic field is expected, not boundary = "{self.boundary}"')
        if self.points is not None and min(self.points) < 4:
            raise SectionError(("points",), f"4 or more along each axis are expected, not {list(self.points)}")
        return self

    def number_of(self, realization: int) -> int:
        """Number of the file of a realization."""
        return realization % len(self.file)

    @property
    def _longest(self) -> float:
        return max((side for m in self.measured for side in m.box), default=1.0)

    @property
    def outer_scale(self) -> float:
        """See the base class: the longest side of a box [pc]."""
        return self._longest

    @property
    def structure(self) -> float | None:
        """Period of a cube as it is given [pc]; None of others, which repeat along no axis of the lab, or several."""
        if self.orientation != "as_given" or self.boundary != "periodic" or len(self.file) > 1 or not self.measured:
            return None
        x, y, z = self.measured[0].box
        return x if x == y == z else None

    @property
    def fluctuation(self) -> float | None:
        """See the base class; of several files the rms."""
        return math.sqrt(math.fsum(m.dB**2 for m in self.measured) / len(self.measured)) if self.measured else None

    @property
    def turning_mean(self) -> float:
        """|<B>| [uG] of a mean that turns with each realization, rms over files; 0 of one that is as given."""
        if self.orientation == "as_given":
            return 0.0
        return math.sqrt(math.fsum(math.hypot(*m.mean) ** 2 for m in self.measured) / max(1, len(self.measured)))

    @property
    def vector(self) -> tuple[float, float, float]:
        """Uniform part in the lab [uG], mean over files; 0 where it turns."""
        if self.orientation != "as_given" or not self.measured:
            return 0.0, 0.0, 0.0
        x, y, z = (math.fsum(m.mean[i] for m in self.measured) / len(self.measured) for i in range(3))
        return x, y, z

    @property
    def is_guided(self) -> bool:
        """True if the uniform part is strong enough for kappa along and across it."""
        return any(m.mean_share > LARGEST_MEAN for m in self.measured)

    def energy_of_draw(self, energy: float) -> float:
        """Rotation and shift are the same at all energies."""
        return 0.0

    def step_bound(self, medium, gyroradius: float) -> float:
        """0.3 cells [pc]."""
        cells = [side / n for m in self.measured for side, n in zip(m.box, m.points, strict=True)]
        return 0.3 * min(cells, default=float("inf"))

    def correlation_length(self) -> float | None:
        """That of the files' own spectra, mean over files [pc]."""
        return math.fsum(m.l_c for m in self.measured) / len(self.measured) if self.measured else None

    def shape(self, number: int) -> tuple[int, int, int, int]:
        """Shape of the array of a file's values: (nz, ny, nx + 2, 3)."""
        nx, ny, nz = self.measured[number].points
        return nz, ny, nx + 2, 3

    def check(self, medium, gyroradius: float, step: float) -> None:
        """Refuse cubes that the kernel cannot index."""
        for number, m in enumerate(self.measured):
            if math.prod(self.shape(number)) >= MOST_VALUES:
                message = f"{self.file[number]}: {m.points} values; fewer than {MOST_VALUES // 3:.3g} are expected"
                raise SectionError(("file",), message)

    def grid_bytes(self, medium, gyroradius: float) -> int:
        """Memory of the largest file's values [bytes], held once a node for all energies."""
        return 4 * max((math.prod(self.shape(i)) for i in range(len(self.measured))), default=0)

    def seconds_per_step(self, medium, gyroradius: float, step: float) -> float:
        """Core time [s] of one evaluation at one particle, for planning (`hpcmm bench`)."""
        return SECONDS[self.interpolation]

    def decay_rate(self, medium, gyroradius: float) -> float:
        """Rough rate at which directions decorrelate [1/pc], for planning only: as in turbulence of this l_c.

        Above l_c small deflections add up, so that beside a mean field the rate falls by (dB/B_rms)^2 (docs/physics.md
        5.3).
        """
        l_c = self.correlation_length() or medium.l_c
        rate = planned_decay_rate(gyroradius, l_c)
        if gyroradius < l_c or not self.measured:
            return rate
        return rate * math.fsum(1 - m.mean_share**2 for m in self.measured) / len(self.measured)

    def placement(self, number: int, draw: np.random.Generator):
        """Rotation R, and place of the lab's origin in boxes from the first value, of one realization."""
        m = self.measured[number]
        points = np.array(m.points)
        if self.orientation == "as_given":
            return np.eye(3), 0.0 - np.array(m.first) / np.array(m.box)
        rotation, shift = random_rotation(draw), draw.random(3)
        if self.boundary == "stop":
            return rotation, (points - 1) / (2 * points)
        return rotation, shift * (2 if self.boundary == "mirror" else 1)

    def realize(self, medium, gyroradius: float, step: float, draw, values=None, number: int = 0) -> CubeField:
        """Turn and shift a cube of values, as `hpcmm.run.cubes` reads it; in units of B_rms."""
        where = self.placement(number, draw)
        return CubeField(values, self.measured[number].box, *where, self.boundary, self.interpolation)

    def origins(self, number: int, draw: np.random.Generator, where: np.ndarray) -> np.ndarray:
        """Origins [pc] within the outer values, from places ``where`` (3, n) in [0, 1)."""
        m = self.measured[number]
        rotation, offset = self.placement(number, draw)
        points = np.array(m.points)
        inside = where * (1 - 1 / points)[:, None] - offset[:, None]
        return rotation.T @ (inside * np.array(m.box)[:, None])

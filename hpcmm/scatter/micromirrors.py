"""Small-angle scattering at micromirrors."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from cython_kernels.mask import MaskScatterer
from cython_kernels.scatter import GatedScatterer, Scatterer
from hpcmm.deck.section import Listed, Place, Section, SectionError
from hpcmm.deck.units import Length, MagneticField, Time
from hpcmm.scatter.base import STEPS_PER_FEATURE, ScatterSection

LEAST_FRACTION = 1e-4
"""Least fraction of the volume in patches, apart from 0: the places at which |B| is sampled do not resolve less."""


Files = Annotated[
    tuple[Place, ...],
    Field(min_length=1),
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    Listed,
]
"""A file, or a list of them."""


class MeasuredMask(Section):
    """What a run has measured of a file of patches.

    Attributes
    ----------
    points : tuple of int
        Values along x, y, z.
    filling_fraction : float
        Share of them that is 1.
    checksum : int
        By which the file is known again.
    """

    points: Annotated[tuple[int, int, int], Listed]
    filling_fraction: float
    checksum: int


class Micromirrors(ScatterSection):
    r"""Kicks at the micromirror rate: everywhere, thinned by f_mm, or at full rate in patches of a field or a file.

    .. math::  \nu = f_{mm} \nu_{mm} \ \text{(gate "none")}, \quad
               \nu = \nu_{mm} \Theta(|B| - B_\star) \ \text{("field\_strength")}, \quad
               \nu = \nu_{mm} M(r) \ \text{("file")}, \quad
               \nu_{mm} = \frac{c\, l_{mm}}{r_g^2} \left(\frac{dB}{B}\right)^2

    With a lifetime patches of strong field live and die: the rate is nu_mm where |B| >= B_star and the cell of a cubic
    lattice is occupied, which it is with probability `occupancy`, drawn anew at intervals of the lifetime that begin
    at a time of the cell's own. Patches then fill the product of both shares.

    Source: paper eq 3 (rate), eq 10 (f_mm), eq 13 (kick); docs/physics.md 4.1 (readings of the kick), 8, 8.8, 11.1.
    Deviation: `kick = "transport"` makes directions decorrelate at nu, the paper's kick at nu / 2. In patches
    r_g is that of B_rms, as everywhere.

    Attributes
    ----------
    l_mm : float
        Scale of the micromirrors across the field [pc].
    dB_over_B : float
        Amplitude of the micromirrors in units of the field.
    filling_fraction : float or None
        f_mm, between 0 and 1; 1 where the deck gives none and there is no gate. With a gate, the fraction of the volume
        of every realized field that lies in patches, None where `B_star` or `mask` is given; with a lifetime its mean
        over time, `occupancy` times the share of |B| >= B_star.
    gate : str
        "none": scattering everywhere at f_mm nu_mm; "field_strength": at nu_mm where |B| >= B_star, the field of the
        step's middle, all components added; "file": at nu_mm where `mask` is 1 at the place of the step's middle.
    B_star : float or None
        Field strength [uG] above which micromirrors exist; None: set by `filling_fraction`.
    mask : tuple of str or None
        Files with a dataset "patch" of 0 and 1 as [x, y, z], one a file of the field_file of the deck, whose box,
        shift, rotation and boundary they share: M is the value nearest to a place.
    kick : str
        "paper", "transport" or "fork-constant".
    lifetime : float or None
        Interval at which each cell is drawn anew [s]; None: patches of strong field are always there.
    occupancy : float or None
        Probability that a cell is occupied in an interval, filling_fraction at least: equal to it, patches live and die
        wherever the field; 1, they stay where it is strong. None: the root of filling_fraction, as strong field then
        fills as much; with B_star it must be given.
    cell : float or None
        Edge of the cubic cells that live and die [pc]; None: l_c of the medium.
    measured : tuple of MeasuredMask or None
        One a mask; filled in by the run.
    """

    model: Literal["micromirrors"] = "micromirrors"
    l_mm: Length = Field(examples=['"100 npc"'])
    dB_over_B: float = Field(default=1.0 / 3.0, gt=0.0, le=100.0)
    filling_fraction: Annotated[float, Field(ge=0.0, le=1.0)] | None = None
    gate: Literal["none", "field_strength", "file"] = "none"
    B_star: MagneticField | None = None
    mask: Files | None = None
    kick: Literal["paper", "transport", "fork-constant"] = "paper"
    lifetime: Time | None = None
    occupancy: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    cell: Length | None = None
    measured: Annotated[tuple[MeasuredMask, ...], Listed] | None = None

    @model_validator(mode="before")
    @classmethod
    def _everywhere_by_default(cls, data):
        if isinstance(data, dict) and data.get("gate", "none") == "none":
            return {"filling_fraction": 1.0} | data
        return data

    @model_validator(mode="after")
    def _gate_fits(self):
        self._mask_fits()
        self._lives_fit()
        if self.masked:
            return self
        if not self.gated:
            if self.B_star is not None:
                raise SectionError(("B_star",), 'bounds patches: gate = "field_strength" is expected with it')
        elif self.B_star is not None and self.filling_fraction is not None:
            raise SectionError(("B_star",), "B_star and filling_fraction exclude each other; keep one")
        elif self.B_star is None and self.filling_fraction is None:
            message = 'what bounds the patches? filling_fraction = 0.5 or B_star = "3 uG" is expected beside it'
            raise SectionError(("gate",), message)
        elif self.filling_fraction is not None and 0.0 < self.filling_fraction < LEAST_FRACTION:
            message = f"0, or {LEAST_FRACTION:g} or more, or B_star instead, is expected, not {self.filling_fraction:g}"
            raise SectionError(("filling_fraction",), message)
        return self

    def _lives_fit(self):
        if self.lifetime is None:
            for key in ("occupancy", "cell"):
                if getattr(self, key) is not None:
                    raise SectionError(
                        (key,), 'is of patches that live and die: lifetime = "1 Myr" is expected with it'
                    )
        elif not self.gated:
            message = 'patches of strong field live and die: gate = "field_strength" is expected with it'
            raise SectionError(("lifetime",), message)
        elif self.occupancy is None and self.B_star is not None:
            message = "how many cells are occupied? occupancy = 0.5 is expected with lifetime and B_star"
            raise SectionError(("lifetime",), message)
        elif self.occupancy is not None and self.occupancy < (self.filling_fraction or 0.0):
            message = f"patches fill less than it: filling_fraction = {self.filling_fraction:g} or more is expected"
            raise SectionError(("occupancy",), message)

    def _mask_fits(self):
        if self.masked and self.mask is None:
            message = 'where are the patches? mask = "microphysics/0040.h5" is expected beside it'
            raise SectionError(("gate",), message)
        if self.mask is not None and not self.masked:
            raise SectionError(("mask",), 'says where patches are: gate = "file" is expected with it')
        for key in ("filling_fraction", "B_star"):
            if self.masked and getattr(self, key) is not None:
                raise SectionError((key,), 'the patches are those of mask: no such key is expected with gate = "file"')

    @property
    def gated(self) -> bool:
        """See the base class: patches of strong field."""
        return self.gate == "field_strength"

    @property
    def masked(self) -> bool:
        """See the base class: patches of a file."""
        return self.gate == "file"

    @property
    def lives(self) -> bool:
        """See the base class."""
        return self.lifetime is not None

    @property
    def occupied(self) -> float:
        """Probability that the cell of a place is occupied; 1 without a lifetime."""
        if not self.lives:
            return 1.0
        return self.occupancy or math.sqrt(self.filling_fraction) or 1.0

    @property
    def cells(self) -> tuple[float, float]:
        """See the base class."""
        return self.cell, self.occupied

    @property
    def strong(self) -> float | None:
        """Share of the volume where |B| >= B_star; None where `B_star` is given."""
        return None if self.filling_fraction is None else min(self.filling_fraction / self.occupied, 1.0)

    def completed(self, l_c: float) -> dict:
        """See the base class: cells and their probability, where patches live."""
        data = self.plain()
        return data | {"occupancy": self.occupied, "cell": self.cell or l_c} if self.lives else data

    @property
    def share(self) -> float | None:
        """Share of the volume in patches as far as it is known; the mean over files of masks."""
        if self.masked and self.measured:
            return math.fsum(m.filling_fraction for m in self.measured) / len(self.measured)
        return self.filling_fraction

    @property
    def acts(self) -> bool:
        """See the base class."""
        return self.share != 0.0

    def nu(self, gyroradius: float) -> float:
        """Rate where it acts [1/pc] at a gyroradius [pc]: paper eqs 3 and 10, c = 1."""
        share = self.filling_fraction
        if not self.everywhere:
            share = 1.0 if self.acts else 0.0
        return share * self.l_mm * (self.dB_over_B / gyroradius) ** 2

    def step_bound(self, gyroradius: float) -> float:
        """See the base class; of cells that live a twentieth."""
        bound = super().step_bound(gyroradius)
        return min(bound, self.cell / STEPS_PER_FEATURE) if self.lives and self.acts else bound

    def realize(
        self, gyroradius: float, step: float, key: int, B_star: float | None = None, mask=None, lives=None
    ) -> Scatterer:
        """Make the compiled scatterer; see the base class.

        Parameters
        ----------
        gyroradius, step, key
            See the base class.
        B_star : float, optional
            Bound of the patches in units of B_rms; for patches of strong field.
        mask : tuple, optional
            Values [x, y, z], box, rotation, offset, boundary, as of `cython_kernels.mask.MaskScatterer`; for those of
            a file.
        lives : (int, int), optional
            Keys of phases and draws; of patches with a lifetime.
        """
        if self.masked:
            return MaskScatterer(self.kick, self.nu(gyroradius) * step, key, *mask)
        if not self.gated:
            return super().realize(gyroradius, step, key)
        return GatedScatterer(self.kick, self.nu(gyroradius) * step, key, B_star, self._living_cells(step, lives))

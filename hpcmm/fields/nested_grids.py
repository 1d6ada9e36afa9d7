"""Synthetic isotropic turbulence precomputed on a ladder of periodic grids."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from cython_kernels.grids import NestedGridField
from hpcmm.deck.section import SectionError
from hpcmm.fields import grid_synthesis, turbulent

CELLS_PER_WAVE = 4
"""Cells of a grid per shortest wavelength it holds."""

SECONDS = {"trilinear": (2e-9, 3.0e-8), "solenoidal": (3e-9, 4.5e-8)}
"""Core time [s] a particle step of each grid, whose cell is mostly kept, and of the finest two together, added to
that, as their cells change; for planning."""


@dataclass(frozen=True)
class Rung:
    """One grid of the ladder: longest and shortest wavelength, period [pc]; rms in units of B_rms."""

    l_max: float
    l_min: float
    box: float
    dB: float


class NestedGrids(turbulent.TurbulentSection):
    r"""Sum of periodic grids, each with the waves of one range of wavelengths, turned and shifted at random.

    .. math::  B(r) = \sum_i R_i^T f_i(R_i r + o_i), \quad
               dB_i^2 = dB^2 \int_{2\pi/l_{max,i}}^{2\pi/l_{min,i}} E\, dk \Big/ \int E\, dk,
               \quad l_{max,i+1} = l_{min,i}

    with f_i interpolated between the values of a Fourier synthesis with amplitudes sqrt(E)/k, the mean loss of
    interpolation made up for. Source: paper, Methods, the alternative to eq 12; docs/physics.md 3.1, 3.2, 5.2 (l_min
    "auto"). Deviation from the paper, which does not say: rotations, offsets and the correction of the loss.

    Strength, range of wavelengths and spectrum are keys of `hpcmm.fields.turbulent.TurbulentSection`.

    Attributes
    ----------
    points : int
        Cells per side of each grid, a power of two. A cell is a quarter of the grid's shortest wavelength.
    scale_ratio : float
        Longest over shortest wavelength of a grid, at most; shrunk so that the grids fill the range exactly.
    interpolation : str
        "trilinear"; or "solenoidal": div B = 0 to rounding, at 1.4 times the cost.
    """

    model: Literal["nested_grids"] = "nested_grids"
    points: int = Field(default=128, ge=8, le=1024)
    scale_ratio: float = Field(default=8.0, gt=1.0, le=256.0)
    interpolation: Literal["trilinear", "solenoidal"] = "trilinear"

    @model_validator(mode="after")
    def _grids_fit(self):
        if self.points & (self.points - 1):
            message = f"a power of two from 8 to 1024 is expected, not {self.points}"
            raise SectionError(("points",), message)
        if self.l_max is not None and self.l_min != "auto":
            self._edges(self.l_min)
        return self

    def _edges(self, l_min: float) -> np.ndarray:
        """Wavelengths between which the grids lie [pc], falling."""
        decades = math.log(self.l_max / l_min)
        count = max(1, math.ceil(decades / math.log(self.scale_ratio) - 1e-9))
        ratio = math.exp(decades / count)
        # points cells of l_min,i / 4 make the box, which must hold two of the longest waves
        if self.points < 2 * CELLS_PER_WAVE * ratio * (1 - 1e-9):
            need = 2 ** math.ceil(math.log2(2 * CELLS_PER_WAVE * ratio) - 1e-9)
            message = (
                f"{self.points} cells hold less than two of the longest waves at a scale ratio of {ratio:.4g}; "
                f"at least {need} points or scale_ratio = {self.points / (2 * CELLS_PER_WAVE):g} is expected"
            )
            raise SectionError(("points",), message)
        return np.geomspace(self.l_max, l_min, count + 1)

    def ladder(self, medium, gyroradius: float) -> tuple[Rung, ...]:
        """The grids, from the coarsest to the finest.

        Raises
        ------
        SectionError
            If a box would be smaller than two of its longest waves.
        """
        edges = self._edges(self.smallest_wavelength(medium, gyroradius))
        power = np.array([self.energy.power_share(self.l_max, edge, self.l_dissipation) for edge in edges])
        dB = self.dB / medium.B_rms * np.sqrt(np.diff(power))
        box = edges[1:] * self.points / CELLS_PER_WAVE
        return tuple(Rung(*map(float, row)) for row in zip(edges[:-1], edges[1:], box, dB, strict=True))

    def step_bound(self, medium, gyroradius: float) -> float:
        """0.3 cells of the finest grid [pc] (docs/physics.md 5.2), less than l_min / 2 pi, where waves would alias (2.5
        there).
        """
        rungs = self.ladder(medium, gyroradius)
        return min(0.3 * rungs[-1].l_min / CELLS_PER_WAVE, rungs[-1].l_min / (2 * math.pi))

    def seconds_per_step(self, medium, gyroradius: float, step: float) -> float:
        """Core time [s] of one evaluation at one particle, for planning (`hpcmm bench`)."""
        per_grid, finest = SECONDS[self.interpolation]
        return finest + per_grid * len(self.ladder(medium, gyroradius))

    def grid_bytes(self, medium, gyroradius: float) -> int:
        """Memory of all grids of one realization [bytes], to be held once a node."""
        return 4 * math.prod(self._shape(len(self.ladder(medium, gyroradius))))

    def _shape(self, count: int) -> tuple[int, ...]:
        return count, self.points, self.points, self.points + 2, 3

    def realize(
        self, medium, gyroradius: float, step: float, draw: np.random.Generator, allocate=np.empty, share=None
    ) -> NestedGridField:
        """Make the grids of one realization; compiled field in units of B_rms.

        Parameters
        ----------
        medium, gyroradius, step
            See the other models.
        draw : numpy.random.Generator
            Generator in the same state in every process that takes part.
        allocate : callable
            ``allocate(shape, dtype)`` gives the array of all grids, which may be one that processes share.
        share : callable, optional
            ``share(fill, count)`` calls ``fill(i)`` for the grids assigned to this process and returns when all are
            full. Every grid has a random stream of its own: who fills it changes no bit. Default: all.

        Returns
        -------
        cython_kernels.grids.NestedGridField
        """
        rungs = self.ladder(medium, gyroradius)
        streams = [_stream(key) for key in draw.integers(2**64, size=(len(rungs), 2), dtype=np.uint64)]
        rotation = np.array([grid_synthesis.random_rotation(stream) for stream in streams])
        offset = np.array([stream.random(3) for stream in streams])
        values = allocate(self._shape(len(rungs)), np.float32)

        def fill(i):
            rung = rungs[i]
            ratio = rung.l_max / rung.l_min
            shape = partial(self.energy.mode_amplitude, unit=2 * np.pi / rung.box)
            waves = grid_synthesis.spectrum(self.points, ratio, rung.dB, shape, streams[i])
            grid_synthesis.grid_values(waves, self.points, self.interpolation, values[i])

        if share is None:
            for i in range(len(rungs)):
                fill(i)
        else:
            share(fill, len(rungs))
        box = np.array([rung.box for rung in rungs])
        return NestedGridField(values, box, rotation, offset, self.interpolation)


def _stream(key):
    return np.random.Generator(np.random.Philox(key=key))

"""Changes a periodic field wave by wave, in place: places of components, losses of interpolation, filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_IN_DOUBLE = 2**24
"""Most values of a component that are transformed in double precision."""


@dataclass(frozen=True)
class Filter:
    """Waves to keep, by their wavenumbers across and along a direction.

    Attributes
    ----------
    k_perp, k_par : (float, float)
        Ranges [rad per unit of the box].
    outside : bool
        Keep the waves outside these ranges, instead of inside.
    along : tuple of 3 floats
        The direction: the mean field.
    """

    k_perp: tuple
    k_par: tuple
    outside: bool
    along: tuple

    def within(self, m, box):
        """Whether the waves of numbers ``m`` along x, y, z of a box with these sides lie in both ranges."""
        k = [2 * np.pi / side * part for side, part in zip(box, m, strict=True)]
        along = np.asarray(self.along) / np.linalg.norm(self.along)
        par = np.abs(sum(a * part for a, part in zip(along, k, strict=True)))
        perp = np.sqrt(np.maximum(sum(part**2 for part in k) - par**2, 0.0))
        inside = (perp >= self.k_perp[0]) & (perp <= self.k_perp[1])
        return inside & (par >= self.k_par[0]) & (par <= self.k_par[1])

    def keeps(self, m, box):
        """Whether they are kept, the mean always."""
        uniform = sum(np.abs(part) for part in m) == 0
        return (self.within(m, box) != self.outside) | uniform


@dataclass(frozen=True)
class Changes:
    """What is done to each wave.

    Attributes
    ----------
    stagger : tuple or None
        Place of each component in the file [cells], as in `hpcmm.io.field_files.cube.Cube`.
    solenoidal : bool
        Put component c half a cell up axis c, so that the differences of the values of a cell sum to zero.
    compensate : bool
        Make up for the loss of interpolation of waves longer than three cells.
    filter : Filter or None
    """

    stagger: tuple | None = None
    solenoidal: bool = False
    compensate: bool = False
    filter: Filter | None = None

    @property
    def none(self) -> bool:
        """True if nothing is to be done."""
        return self.stagger is None and not (self.solenoidal or self.compensate) and self.filter is None

    def apply(self, values: np.ndarray, box, component: int) -> None:
        """Change a component of values [z, y, x, component] of a periodic box with these sides, in place."""
        nz, ny, nx = values.shape[:3]
        precise = nx * ny * nz <= MOST_IN_DOUBLE
        waves = amplitudes(values[..., component], precise)
        numbers = (np.arange(nx // 2 + 1), np.fft.fftfreq(ny, 1 / ny), np.fft.fftfreq(nz, 1 / nz))
        for z in range(nz):
            m = (numbers[0], numbers[1][:, None], numbers[2][z])
            waves[z] = (waves[z] * self._gain(component, m, (nx, ny, nz), box)).astype(waves.dtype)
        for y in range(ny):
            waves[:, y] = np.fft.ifft(waves[:, y], axis=0, norm="forward")
        for z in range(nz):
            values[z, ..., component] = np.fft.irfft2(waves[z], (ny, nx), norm="forward")

    def _gain(self, component, m, points, box):
        """Factor of the waves of numbers ``m`` along x, y, z."""
        gain = np.ones(np.broadcast_shapes(*(np.shape(part) for part in m)), complex)
        stagger = self.stagger[component] if self.stagger else (0.0, 0.0, 0.0)
        for axis in range(3):
            own = self.solenoidal and axis == component
            shift = (0.5 if own else 0.0) - stagger[axis]
            turns = m[axis] / points[axis]
            if shift:
                phase = np.exp(2j * np.pi * turns * shift)
                if shift % 1:  # half a cell away the shortest wave has no phase
                    phase = np.where(np.abs(np.abs(turns) - 0.5) < 1e-9, 0.0, phase)
                gain = gain * phase
            if own and not stagger[axis]:
                gain = gain / np.sinc(turns)
        if self.compensate:
            turns = [part / n for part, n in zip(m, points, strict=True)]
            loss = np.sinc(turns[0]) ** 2 * np.sinc(turns[1]) ** 2 * np.sinc(turns[2]) ** 2
            long = (np.abs(turns[0]) < 1 / 3) & (np.abs(turns[1]) < 1 / 3) & (np.abs(turns[2]) < 1 / 3)
            gain = gain / np.where(long, loss, 1.0)
        if self.filter is not None:
            gain = gain * self.filter.keeps(m, box)
        return gain


def power_within(values: np.ndarray, box, filter: Filter) -> tuple[float, float]:
    """Power of the waves of values [z, y, x, component] of a periodic box within a filter's ranges, and beyond them."""
    nz, ny, nx = values.shape[:3]
    numbers = (np.arange(nx // 2 + 1), np.fft.fftfreq(ny, 1 / ny), np.fft.fftfreq(nz, 1 / nz))
    weight = np.where((numbers[0] == 0) | (2 * numbers[0] == nx), 1.0, 2.0)
    within = beyond = 0.0
    for component in range(3):
        mean = float(values[..., component].mean(dtype=np.float64))
        waves = amplitudes(values[..., component], nx * ny * nz <= MOST_IN_DOUBLE, mean)
        waves[0, 0, 0] = 0.0
        for z in range(nz):
            inside = filter.within((numbers[0], numbers[1][:, None], numbers[2][z]), box)
            power = weight * (np.abs(waves[z].astype(np.complex128)) ** 2)
            within += float(power[inside].sum())
            beyond += float(power[~inside].sum())
    return within, beyond


def amplitudes(component: np.ndarray, precise: bool, mean: float = 0.0) -> np.ndarray:
    """Fourier amplitudes [z, y, x >= 0] of a component [z, y, x] less ``mean``, by planes, without a second cube."""
    nz, ny, nx = component.shape
    real, kind = (np.float64, np.complex128) if precise else (np.float32, np.complex64)
    out = np.empty((nz, ny, nx // 2 + 1), kind)
    for z in range(nz):
        out[z] = np.fft.rfft2(component[z].astype(real) - real(mean), norm="forward")
    for y in range(ny):
        out[:, y] = np.fft.fft(out[:, y], axis=0, norm="forward")
    return out

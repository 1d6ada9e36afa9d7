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
            gain = gain * self._kept(m, box)
        return gain

    def _kept(self, m, box):
        k = [2 * np.pi / side * part for side, part in zip(box, m, strict=True)]
        along = np.asarray(self.filter.along) / np.linalg.norm(self.filter.along)
        par = np.abs(sum(a * part for a, part in zip(along, k, strict=True)))
        square = sum(part**2 for part in k)
        perp = np.sqrt(np.maximum(square - par**2, 0.0))
        inside = (perp >= self.filter.k_perp[0]) & (perp <= self.filter.k_perp[1])
        inside = inside & (par >= self.filter.k_par[0]) & (par <= self.filter.k_par[1])
        return (inside != self.filter.outside) | (square == 0)


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

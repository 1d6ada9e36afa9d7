"""One periodic grid of isotropic turbulence by Fourier synthesis, ready for the interpolation of the kernels.

Wavevectors are k = 2 pi m / L with whole numbers m, L the period of the grid; a wave of m_max = points/4 has four
cells. Source: docs/physics.md 3.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def random_rotation(draw: np.random.Generator) -> np.ndarray:
    """Rotation matrix uniform on SO(3), from a unit quaternion uniform on the sphere (Shoemake 1992)."""
    q = draw.normal(size=4)
    w, x, y, z = q / np.linalg.norm(q)
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip


def mode_numbers(points: int) -> np.ndarray:
    """(m_x, m_y, m_z) of the stored waves, shape (3, z, y, x); a half space: x from 0, y and z from -points/4."""
    most = points // 4
    both, half = np.arange(-most, most + 1), np.arange(most + 1)
    return np.array(np.broadcast_arrays(half[None, None], both[None, :, None], both[:, None, None]))


def spectrum(points: int, ratio: float, dB: float, shape: Callable, draw: np.random.Generator) -> np.ndarray:
    r"""Random amplitudes of the waves of one shell, complex, shape (component, z, y, x) over `mode_numbers`.

    .. math::  B_m \propto (1 - \hat k \hat k) \cdot g_m\, E(k)^{1/2}/k,
               \quad \tfrac14 points / ratio \le |m| \le \tfrac14 points, \quad \sum_m |B_m|^2 = dB^2

    with g_m complex normal vectors and B_-m the conjugate of B_m (docs/physics.md 3.1).

    Parameters
    ----------
    points : int
        Cells per side.
    ratio : float
        l_max / l_min of the grid.
    dB : float
        Total rms, in any unit.
    shape : callable
        Of the array m^2: proportional to sqrt(E(k))/k; `hpcmm.theory.spectra.Spectrum.mode_amplitude`.
    draw : numpy.random.Generator
    """
    m = mode_numbers(points)
    square = (m**2).sum(axis=0)
    shortest, longest = (points / 4) ** 2, (points / 4 / ratio) ** 2
    inside = (square >= longest * (1 - 1e-9)) & (square <= shortest)
    g = draw.standard_normal((3, *square.shape, 2)).view(np.complex128)[..., 0]
    # the plane x = 0 holds both m and -m; one half of it is the conjugate of the other
    plane = g[:, :, :, 0]
    first = (m[2, :, :, 0] > 0) | ((m[2, :, :, 0] == 0) & (m[1, :, :, 0] > 0))
    g[:, :, :, 0] = np.where(first, plane, plane[:, ::-1, ::-1].conj())
    safe = np.where(inside, square, 1)
    g -= m * ((m * g).sum(axis=0) / safe)
    g *= np.where(inside, shape(safe), 0.0)
    return g * (dB / np.sqrt(power(g)))


def power(waves: np.ndarray) -> float:
    """Volume average of the square of the field with these waves: all but x = 0 stand for their conjugates too."""
    square = waves.real**2 + waves.imag**2
    return 2 * square.sum() - square[..., 0].sum()


def transfer(points: int, interpolation: str) -> np.ndarray:
    r"""Factor by which interpolation changes the amplitude of a wave, mean over positions; shape of `spectrum`.

    A spline of degree p multiplies by sinc^(p+1)(k_i D/2) along axis i: p = 1 along all axes for "trilinear"; for
    "solenoidal" 2 along the axis of the component and 1 across, so that dividing by it leaves a field whose
    differences over cells, 2 sin(k_i D/2) B_i / transfer_i ~ k_i B_i, sum to zero (docs/physics.md 3.2).
    """
    s = np.sinc(mode_numbers(points) / points)
    linear = (s**2).prod(axis=0)
    return np.broadcast_to(linear, s.shape) if interpolation == "trilinear" else linear * s


def grid_values(waves: np.ndarray, points: int, interpolation: str, out: np.ndarray) -> None:
    """Fill ``out`` with the stored values of the grid that, interpolated, has the amplitudes ``waves``.

    Parameters
    ----------
    waves : complex array (3, z, y, x)
        See `spectrum`.
    points : int
    interpolation : {"trilinear", "solenoidal"}
        See `cython_kernels.grids`; "solenoidal" puts component c half a cell up axis c.
    out : (points, points, points + 2, 3) array
        The grid; its first and last x plane repeat those a period away.
    """
    most = points // 4
    places = np.arange(-most, most + 1)  # negative: counted from the end
    factor = 1 / transfer(points, interpolation)
    for c in range(3):
        held = waves[c] * factor[c]
        if interpolation == "solenoidal":
            held *= np.exp(1j * np.pi / points * mode_numbers(points)[c])
        # axis by axis, so that lines without waves are never transformed
        along_z = np.zeros((points, 2 * most + 1, most + 1), complex)
        along_z[places] = held
        along_z = np.fft.ifft(along_z, axis=0, norm="forward")
        along_y = np.zeros((points, points, most + 1), complex)
        along_y[:, places] = along_z
        along_y = np.fft.ifft(along_y, axis=1, norm="forward")
        out[:, :, 1:-1, c] = np.fft.irfft(along_y, points, axis=2, norm="forward")
    out[:, :, 0], out[:, :, -1] = out[:, :, -2], out[:, :, 1]

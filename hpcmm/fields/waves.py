"""Directions, polarizations and phases of plane waves: isotropic (docs/physics.md 2.1), about a guide field (2.7), and
repeating with a box.
"""

import numpy as np


def draw_waves(wavenumber, amplitude, draw):
    """Draw waves a cos(k.r + phi) with isotropic k and polarizations uniform across it.

    Parameters
    ----------
    wavenumber : (n,) array
        |k| [rad/pc].
    amplitude : (n,) array
        |a|, in the unit wanted.
    draw : numpy.random.Generator

    Returns
    -------
    wavevector : (n, 3) array
        k / 2 pi [turns per pc].
    vector : (n, 3) array
        a, perpendicular to k to rounding.
    phase : (n,) array
        phi / 2 pi [turns].

    Notes
    -----
    cos(theta) ~ U(-1, 1), varphi ~ U(0, 2 pi); a along cos(alpha) e1 + sin(alpha) e2 with alpha ~ U(0, 2 pi),
    e1 = (cos theta cos varphi, cos theta sin varphi, -sin theta), e2 = (sin varphi, -cos varphi, 0).
    """
    return waves_of(wavenumber, amplitude, draw.random((4, len(wavenumber))))


def waves_of(wavenumber, amplitude, uniform):
    """Make waves from uniform numbers between 0 and 1, (4, n): cos(theta), varphi, alpha, phi; see `draw_waves`."""
    cos_theta, varphi, alpha, phase = uniform
    cos_theta, varphi, alpha = 2 * cos_theta - 1, 2 * np.pi * varphi, 2 * np.pi * alpha
    sin_theta = np.sqrt(1 - cos_theta**2)
    direction = np.array([sin_theta * np.cos(varphi), sin_theta * np.sin(varphi), cos_theta])
    e1 = np.array([cos_theta * np.cos(varphi), cos_theta * np.sin(varphi), -sin_theta])
    e2 = np.array([np.sin(varphi), -np.cos(varphi), np.zeros_like(varphi)])
    polarization = np.cos(alpha) * e1 + np.sin(alpha) * e2
    return (wavenumber / (2 * np.pi) * direction).T, (amplitude * polarization).T, phase


def draw_waves_about(direction, geometry, wavenumber, amplitude, draw):
    r"""Draw waves a cos(k.r + phi) about a guide field, with no field along it.

    Slab: k along it, a uniform on the circle across it. 2-D: k uniform on that circle, a across both; so that B = curl
    of a potential along the guide field that is constant along it.

    Parameters
    ----------
    direction : (3,) array
        Of the guide field, of any length but zero.
    geometry : str
        "slab" or "2d".
    wavenumber, amplitude, draw
        See `draw_waves`.

    Returns
    -------
    wavevector, vector, phase
        See `draw_waves`.
    """
    azimuth, phase = draw.random((2, len(wavenumber)))
    aside, across, along = frame_about(direction).T[:, :, None]
    cosine, sine = np.cos(2 * np.pi * azimuth), np.sin(2 * np.pi * azimuth)
    vector = cosine * aside + sine * across
    k = along if geometry == "slab" else sine * aside - cosine * across
    return (wavenumber / (2 * np.pi) * k).T, (amplitude * vector).T, phase


def frame_about(direction):
    """Rotation matrix that takes z into ``direction``: two unit vectors across it, then it, as columns."""
    z = np.asarray(direction, float) / np.linalg.norm(direction)
    aside = np.eye(3)[np.argmin(np.abs(z))]
    x = np.cross(aside, z)
    x /= np.linalg.norm(x)
    return np.column_stack([x, np.cross(z, x), z])


def periodic(wavevector, vector, phase, box):
    r"""Make waves repeat with a box: move wavevectors to the nearest of its lattice, turn amplitudes across them.

    .. math:: k \to \frac{2\pi}{L} \mathrm{rint}(k L / 2\pi), \quad a \to |a| \, (a - (a \cdot \hat k) \hat k) / |...|

    Wavelengths of L/2, L/4, L/8 move by 15, 7, 4 %, rms; strengths stay, and div B = 0. Where all three would be
    rounded to 0 the largest is kept.

    Parameters
    ----------
    wavevector, vector, phase
        From `draw_waves`; k in turns per pc.
    box : float
        Side L [pc].
    """
    turns = np.rint(wavevector * box)
    for i in np.flatnonzero((turns == 0).all(axis=1)):
        largest = np.argmax(np.abs(wavevector[i]))
        turns[i, largest] = np.sign(wavevector[i, largest])
    direction = turns / np.linalg.norm(turns, axis=1, keepdims=True)
    across = vector - (vector * direction).sum(axis=1, keepdims=True) * direction
    strength = np.linalg.norm(vector, axis=1, keepdims=True)
    return turns / box, strength * across / np.linalg.norm(across, axis=1, keepdims=True), phase

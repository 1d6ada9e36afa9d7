"""Directions, polarizations and phases of isotropic plane waves (SPEC 1.1)."""

import numpy as np


def draw_waves(wavenumber, amplitude, draw):
    """Waves a cos(k.r + phi) with isotropic k and polarizations uniform across it.

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
    cos_theta, varphi, alpha, phase = draw.random((4, len(wavenumber)))
    cos_theta, varphi, alpha = 2 * cos_theta - 1, 2 * np.pi * varphi, 2 * np.pi * alpha
    sin_theta = np.sqrt(1 - cos_theta**2)
    direction = np.array([sin_theta * np.cos(varphi), sin_theta * np.sin(varphi), cos_theta])
    e1 = np.array([cos_theta * np.cos(varphi), cos_theta * np.sin(varphi), -sin_theta])
    e2 = np.array([np.sin(varphi), -np.cos(varphi), np.zeros_like(varphi)])
    polarization = np.cos(alpha) * e1 + np.sin(alpha) * e2
    return (wavenumber / (2 * np.pi) * direction).T, (amplitude * polarization).T, phase

"""Effective transport in a medium of micromirror patches and gaps: equations (10), (11), (21), (22).

Equation (11) is the harmonic mean. It is exact in one dimension, and in three where the patches are small
beside the mean free path; large compact patches are bounded by Hashin & Shtrikman instead (docs/physics.md 8).
The volume functions take kappa of any one convention and return the same.
"""

import math

import numpy as np

from .constants import C

MAXWELLIAN_FIELD_RATIO = 8.0 / (3.0 * math.pi)
"""<|B|>^2 / <B^2> where the components of B are Gaussian and independent (docs/physics.md 2.4)."""


def nu_eff(nu_mm, nu_res, f_mm=1.0):
    """Effective scattering rate, f_mm nu_mm + (1 - f_mm) nu_res.

    Source: equation (10).

    Parameters
    ----------
    nu_mm, nu_res : float or array
        Rates inside and outside the patches [1/s].
    f_mm : float or array
        Effective micromirror fraction, 0 to 1.

    Returns
    -------
    float or array
        Rate [1/s].
    """
    return f_mm * nu_mm + (1.0 - f_mm) * nu_res


def kappa_eff(kappa_mm, kappa_res, f_mm=1.0):
    """Effective diffusion coefficient, kappa_mm / [f_mm + (1 - f_mm) kappa_mm / kappa_res].

    Source: equation (11); written here as 1 / [f_mm/kappa_mm + (1-f_mm)/kappa_res], which also holds where a
    phase does not scatter at all (kappa = inf).

    Parameters
    ----------
    kappa_mm, kappa_res : float or array
        Diffusion coefficients inside and outside the patches [cm2/s].
    f_mm : float or array
        Effective micromirror fraction, 0 to 1.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return 1.0 / (f_mm / kappa_mm + (1.0 - f_mm) / kappa_res)


def kappa_harmonic(kappa_mm, kappa_res, f_mm=1.0):
    """Harmonic mean, the same as equation (11): diffusion across layers.

    It is the lowest value of all morphologies. Source: docs/physics.md 7.1, 8.2.

    Parameters
    ----------
    kappa_mm, kappa_res, f_mm
        As in `kappa_eff`, with f_mm the volume fraction.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return kappa_eff(kappa_mm, kappa_res, f_mm)


def kappa_arithmetic(kappa_mm, kappa_res, f_mm=1.0):
    """Arithmetic mean, f_mm kappa_mm + (1 - f_mm) kappa_res: diffusion along layers.

    It is the highest value of all morphologies. Source: docs/physics.md 8.2.

    Parameters
    ----------
    kappa_mm, kappa_res, f_mm
        As in `kappa_eff`, with f_mm the volume fraction.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return f_mm * kappa_mm + (1.0 - f_mm) * kappa_res


def kappa_maxwell_garnett(kappa_inside, kappa_outside, f_inside):
    """Isolated spheres in a matrix, kappa_o [k_i + 2 k_o + 2 f (k_i - k_o)] / [k_i + 2 k_o - f (k_i - k_o)].

    Source: docs/physics.md 8.2, kappa_r [1 + 3f / ((kappa_m + 2 kappa_r)/(kappa_m - kappa_r) - f)], brought to a
    form without the pole at equal phases.

    Parameters
    ----------
    kappa_inside, kappa_outside : float or array
        Diffusion coefficients of the spheres and of the matrix [cm2/s].
    f_inside : float or array
        Volume fraction of the spheres.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    total = kappa_inside + 2.0 * kappa_outside
    contrast = f_inside * (kappa_inside - kappa_outside)
    return kappa_outside * (total + 2.0 * contrast) / (total - contrast)


def hashin_shtrikman_bounds(kappa_mm, kappa_res, f_mm=1.0):
    """Bounds on kappa of any isotropic three-dimensional composite of two phases.

    Each is a Maxwell-Garnett value: the upper bound with the better diffusing phase as matrix, the lower
    bound with the worse. They hold for Fickian transport, patches much larger than the mean free path.

    Source: docs/physics.md 8.2.

    Parameters
    ----------
    kappa_mm, kappa_res, f_mm
        As in `kappa_eff`, with f_mm the volume fraction.

    Returns
    -------
    tuple of float or array
        Lower and upper bound [cm2/s].
    """
    mm_as_matrix = kappa_maxwell_garnett(kappa_res, kappa_mm, 1.0 - f_mm)
    res_as_matrix = kappa_maxwell_garnett(kappa_mm, kappa_res, f_mm)
    return np.minimum(mm_as_matrix, res_as_matrix), np.maximum(mm_as_matrix, res_as_matrix)


def kappa_field_line(kappa_mm, kappa_res, energy_fraction, field_ratio=MAXWELLIAN_FIELD_RATIO):
    """Effective diffusion of cosmic rays tied to field lines, with micromirrors where |B| >= B*.

    1 / kappa_eff = <B^2 / kappa> / <B>^2, averages over volume: flux tubes widen as 1/B, so each phase counts
    by its share of the magnetic energy, and a uniform kappa is lowered by <B>^2 / <B^2> (mirroring).

    Source: docs/physics.md 8.4.

    Parameters
    ----------
    kappa_mm, kappa_res : float or array
        Diffusion coefficients along the field inside and outside the patches [cm2/s].
    energy_fraction : float or array
        Share of <B^2> inside the patches, for instance from `field_strength_fractions`.
    field_ratio : float
        <|B|>^2 / <B^2>.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return field_ratio * kappa_eff(kappa_mm, kappa_res, energy_fraction)


def residence_time(volume, surface, speed=C):
    """Mean time a visit to a patch lasts, 4 V / (S v), whatever the scattering rate inside.

    Source: docs/physics.md 8.3, which makes equation (21), l_p / c, exact with l_p = 4 V / S.

    Parameters
    ----------
    volume, surface : float or array
        Volume [cm3] and surface [cm2] of the patch.
    speed : float
        Speed of the particles [cm/s].

    Returns
    -------
    float or array
        Time [s].
    """
    return 4.0 * volume / (surface * speed)


def diffusive_residence_time(l_p, lambda_mm, speed=C):
    """Diffusive part of the residence time in a patch, p_1 dt_1 + p_2 dt_2 = (l_p - lambda_mm) / c.

    Source: equation (22). With the ballistic part lambda_mm / c it adds up to equation (21), l_p / c.

    Parameters
    ----------
    l_p, lambda_mm : float or array
        Size of the patch [cm]; mean free path inside [cm], at most l_p.
    speed : float
        Speed of the particles [cm/s].

    Returns
    -------
    float or array
        Time [s].
    """
    return (l_p - lambda_mm) / speed

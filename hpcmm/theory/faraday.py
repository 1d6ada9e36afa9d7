r"""Faraday rotation by a random field: dispersion of rotation measures, and what it takes of the polarization.

.. math::
   RM = K \int n_e B_{los} dl, \quad K = \frac{e^3}{2 \pi m_e^2 c^4}, \quad \chi = \lambda^2 RM

Source: docs/physics.md 18; Burn (1966), Sokoloff et al. (1998).
"""

import numpy as np

from .constants import E_CHARGE, M_ELECTRON, C

ROTATION = E_CHARGE**3 / (2 * np.pi * M_ELECTRON**2 * C**4)
"""K [rad / (G cm^-3 cm) / cm2]: 0.8119 rad m^-2 for 1 cm^-3, 1 uG and 1 pc."""


def rotation_measure_dispersion(n_e, dB_los, path, l_los, filling_fraction=1.0):
    r"""Dispersion of RM through patches of a field of zero mean, on paths of many correlation lengths.

    .. math::  \sigma_{RM} = K n_e \delta B_{los} \sqrt{f_{mm} L l_{los}}

    Parameters
    ----------
    n_e : float or array
        Density of electrons [1/cm3].
    dB_los : float or array
        rms of the component along the ray within patches [G].
    path : float or array
        L [cm].
    l_los : float or array
        Its two-sided correlation length along the ray [cm].
    filling_fraction : float or array
        f_mm, share of the path in patches.

    Returns
    -------
    float or array
        [rad/cm2]
    """
    return ROTATION * n_e * dB_los * np.sqrt(filling_fraction * path * l_los)


def isotropic_length_along_rays(l_c):
    r"""Two-sided correlation length of B_los along rays of all directions, of any solenoidal field.

    .. math::  l_{los} = \frac{3}{2} l_c, \quad \langle B_{los}^2 \rangle = dB^2/3

    as the mean over directions keeps of each wave the half of |b|^2 that is along rays across k: the power
    :math:`\pi |b_k|^2/2k` a length of path.

    Parameters
    ----------
    l_c : float or array
        Two-sided correlation length of the whole vector, pi sum(E/k)/sum(E).
    """
    return 1.5 * l_c


def external_dispersion(sigma_rm, wavelength):
    r"""Degree of polarization left of a source behind many columns, p = exp(-2 sigma_RM^2 lambda^4).

    Parameters
    ----------
    sigma_rm : float or array
        [rad/cm2]
    wavelength : float or array
        [cm]
    """
    return np.exp(-lost_behind(sigma_rm, wavelength))


def lost_behind(sigma_rm, wavelength):
    """2 sigma_RM^2 lambda^4 = -ln p of `external_dispersion`, to all digits where p is nearly 1."""
    return 2 * np.square(sigma_rm) * np.power(wavelength, 4.0)


def internal_dispersion(rm, sigma_rm, wavelength):
    r"""Degree of polarization of a source that fills the path evenly, uniform field and fluctuations alike.

    .. math::  p = |(1 - e^{-S})/S|, \quad S = 2 \sigma_{RM}^2 \lambda^4 - 2 i \lambda^2 RM

    Without fluctuations Burn's slab, |sin phi / phi| with phi = lambda^2 RM.

    Parameters
    ----------
    rm : float or array
        RM of the uniform field through the whole path [rad/cm2].
    sigma_rm : float or array
        [rad/cm2]
    wavelength : float or array
        [cm]
    """
    S = np.asarray(lost_behind(sigma_rm, wavelength) - 2j * np.square(wavelength) * rm)
    small = np.abs(S) < 1e-8
    whole = np.where(small, 1.0, S)
    return np.abs(np.where(small, 1.0 - S / 2, -np.expm1(-whole) / whole))


def filling_fraction_seen(sigma_rm, wavelength, least):
    r"""Filling fraction of patches whose depolarization is just seen; above 1 none is.

    .. math::  f_{mm} = - \ln(1 - \epsilon) / 2 \sigma_{RM}^2 \lambda^4

    Parameters
    ----------
    sigma_rm : float or array
        Dispersion at a filling fraction of 1 [rad/cm2].
    wavelength : float or array
        [cm]
    least : float
        Least 1 - p that is seen.
    """
    with np.errstate(divide="ignore"):
        return -np.log1p(-least) / lost_behind(sigma_rm, wavelength)

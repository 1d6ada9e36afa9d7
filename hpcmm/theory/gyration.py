"""Gyration of relativistic cosmic rays and of thermal ions in a field of strength B.

Gaussian cgs units throughout. For cosmic rays v = c and E = gamma m c^2 (docs/physics.md 1.1); B is the total rms
field, sqrt(B0^2 + dB^2) when there is a guide field.
"""

import numpy as np

from .constants import E_CHARGE, M_PROTON, C
from .fiducial import B_ICM, T_ICM


def gyroradius(energy, B=B_ICM, Z=1):
    """Gyroradius of a relativistic particle, r_g = E/(Z e B), of a charge of either sign.

    Source: text above equation (2) of the paper; docs/physics.md 1.1.

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B : float or array
        Field strength [G].
    Z : int
        Charge number.

    Returns
    -------
    float or array
        Gyroradius [cm], in the broadcast shape of the arguments.
    """
    return energy / (abs(Z) * E_CHARGE * B)


def energy_of_gyroradius(r_g, B=B_ICM, Z=1):
    """Energy at which the gyroradius is `r_g`, E = Z e B r_g; the inverse of `gyroradius`.

    Source: docs/physics.md 1.1.

    Parameters
    ----------
    r_g : float or array
        Gyroradius [cm].
    B, Z
        Field strength [G]; charge number.

    Returns
    -------
    float or array
        Energy [erg].
    """
    return abs(Z) * E_CHARGE * B * r_g


def gyrofrequency(energy, B=B_ICM, Z=1):
    """Gyrofrequency of a relativistic cosmic ray, Omega = c / r_g.

    Source: docs/physics.md 1.1, 4.4.

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B, Z
        Field strength [G]; charge number.

    Returns
    -------
    float or array
        Angular frequency [rad/s].
    """
    return C / gyroradius(energy, B, Z)


def ion_gyrofrequency(B=B_ICM, Z=1, mass=M_PROTON):
    """Gyrofrequency of a non-relativistic ion, Omega_i = Z e B / (m c).

    Source: text below equation (1) of the paper, which rounds 0.0287/s at 3 uG to 0.01/s; docs/physics.md 1.2.

    Parameters
    ----------
    B : float or array
        Field strength [G].
    Z, mass
        Charge number and mass [g] of the ion.

    Returns
    -------
    float or array
        Angular frequency [rad/s].
    """
    return Z * E_CHARGE * B / (mass * C)


def thermal_ion_speed(T=T_ICM, mass=M_PROTON):
    """Thermal speed of ions, v_th = sqrt(2 T / m).

    Source: text above equation (5) of the paper; docs/physics.md 11.2.

    Parameters
    ----------
    T : float or array
        Temperature in energy units [erg].
    mass : float
        Ion mass [g].

    Returns
    -------
    float or array
        Speed [cm/s].
    """
    return np.sqrt(2.0 * T / mass)


def thermal_ion_gyroradius(B=B_ICM, T=T_ICM, Z=1, mass=M_PROTON):
    """Gyroradius of thermal ions, r_g,i = v_th / Omega_i.

    Source: text above equation (5) of the paper; docs/physics.md 11.2.

    Parameters
    ----------
    B, T : float or array
        Field strength [G] and temperature [erg].
    Z, mass
        Charge number and mass [g] of the ion.

    Returns
    -------
    float or array
        Gyroradius [cm].
    """
    return thermal_ion_speed(T, mass) / ion_gyrofrequency(B, Z, mass)

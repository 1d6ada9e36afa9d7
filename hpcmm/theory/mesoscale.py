"""Diffusion by resonant scattering and by wandering field lines: equations (7), (14), (15) of the paper."""

from .constants import C
from .fiducial import B_ICM, L_A, L_C
from .gyration import gyroradius


def delta_of_spectrum(spectral_index):
    """Energy exponent of resonant scattering, delta = 2 - xi.

    Source: equation (15).

    Parameters
    ----------
    spectral_index : float or array
        xi of the energy spectrum k^-xi.

    Returns
    -------
    float or array
        delta.
    """
    return 2.0 - spectral_index


def resonant_power_fraction(energy, spectral_index=5.0 / 3.0, B=B_ICM, l_c=L_C, Z=1):
    """Efficiency of resonant scattering: power at gyroresonant scales, f(r_g) = (r_g / l_c)^(xi - 1).

    Source: text between equations (14) and (15).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    spectral_index : float
        xi of the energy spectrum k^-xi.
    B, l_c, Z
        Field strength [G]; correlation length [cm]; charge number.

    Returns
    -------
    float or array
        f(r_g), at most 1 where r_g <= l_c.
    """
    return (gyroradius(energy, B, Z) / l_c) ** (spectral_index - 1.0)


def kappa_res_of_efficiency(energy, efficiency, B=B_ICM, Z=1):
    """Diffusion coefficient of resonant scattering with a given efficiency, kappa_res = c r_g / f(r_g).

    Source: equation (14).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    efficiency : float or array
        f(r_g), for instance `resonant_power_fraction(energy, ...)`.
    B, Z
        Field strength [G]; charge number.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return C * gyroradius(energy, B, Z) / efficiency


def kappa_res(energy, delta=1.0 / 3.0, B=B_ICM, l_c=L_C, Z=1):
    """Diffusion coefficient of resonant scattering, kappa_res = c l_c (r_g / l_c)^delta.

    Source: equations (7) and (15). delta = 0: energy-independent; 1/3: Kolmogorov; 1/2: Iroshnikov-Kraichnan;
    1: Bohm, kappa = c r_g; 2: the paper's high-energy limit.

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    delta : float
        Energy exponent, 2 - xi.
    B, l_c, Z
        Field strength [G]; correlation length [cm]; charge number.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return C * l_c * (gyroradius(energy, B, Z) / l_c) ** delta


def nu_res(energy, delta=1.0 / 3.0, B=B_ICM, l_c=L_C, Z=1):
    """Scattering rate of resonant scattering, nu_res = c^2 / kappa_res.

    Source: text above equation (10).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    delta, B, l_c, Z
        Energy exponent; field strength [G]; correlation length [cm]; charge number.

    Returns
    -------
    float or array
        Rate [1/s].
    """
    return C**2 / kappa_res(energy, delta, B, l_c, Z)


def kappa_trw(l_A=L_A):
    """Diffusion of cosmic rays that follow wandering field lines, kappa_trw = c l_A.

    Source: text below equation (15).

    Parameters
    ----------
    l_A : float or array
        Alfven scale [cm].

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return C * l_A

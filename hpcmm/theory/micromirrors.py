"""Scattering and diffusion of cosmic rays in micromirrors: equations (2)-(6) of the paper."""

import numpy as np

from .constants import C
from .fiducial import B_ICM, DB_OVER_B, L_MM, T_ICM, TAU_ICM
from .gyration import energy_of_gyroradius, gyroradius, ion_gyrofrequency, thermal_ion_gyroradius


def delta_theta_mm(energy, B=B_ICM, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1):
    """Deflection in one micromirror, (l_mm / r_g) (dB_mm / B).

    Source: equation (2).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B, l_mm, dB_over_B, Z
        Field strength [G]; micromirror scale [cm]; amplitude over B; charge number.

    Returns
    -------
    float or array
        Angle [rad].
    """
    return l_mm / gyroradius(energy, B, Z) * dB_over_B


def nu_mm(energy, B=B_ICM, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1):
    """Scattering rate in micromirrors, nu_mm = (c l_mm / r_g^2) (dB_mm / B)^2.

    Source: equation (3); docs/physics.md 11.1. This is the rate of `<dtheta^2>`: with the kick of equation (13) the
    direction decorrelates at nu_mm / 2 (docs/physics.md 4.1, `decay_rate`).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B, l_mm, dB_over_B, Z
        Field strength [G]; micromirror scale [cm]; amplitude over B; charge number.

    Returns
    -------
    float or array
        Rate [1/s].
    """
    return C * l_mm * dB_over_B**2 / gyroradius(energy, B, Z) ** 2


def kappa_mm(energy, B=B_ICM, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1):
    """Diffusion coefficient in micromirrors, kappa_mm = c^2 / nu_mm.

    Source: equation (4); equation (5) with exact constants (1.081e30 cm2/s at 1 TeV; docs/physics.md 1.2). An
    estimate of order unity: the exact coefficients of the kicks are those of `kappa_iso_small_step`.

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B, l_mm, dB_over_B, Z
        Field strength [G]; micromirror scale [cm]; amplitude over B; charge number.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return C**2 / nu_mm(energy, B, l_mm, dB_over_B, Z)


def energy_at_kappa_mm(kappa, B=B_ICM, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1):
    """Energy at which `kappa_mm` has the value `kappa`, from r_g = (dB_mm / B) sqrt(kappa l_mm / c).

    Source: equation (4) solved for the energy.

    Parameters
    ----------
    kappa : float or array
        Diffusion coefficient [cm2/s].
    B, l_mm, dB_over_B, Z
        Field strength [G]; micromirror scale [cm]; amplitude over B; charge number.

    Returns
    -------
    float or array
        Energy [erg].
    """
    return energy_of_gyroradius(dB_over_B * np.sqrt(kappa * l_mm / C), B, Z)


def kappa_perp_mm(l_mm=L_MM, dB_over_B=DB_OVER_B):
    """Diffusion across the field in micromirrors, kappa_perp,mm = c l_mm (dB_mm / B)^2.

    Source: equation (6). It does not depend on the energy. Isotropic kicks give 1/6 of it (docs/physics.md 4.4,
    `kappa_perp_mm_exact`), kicks of a purely parallel dB pi/16 of it (9.3 there).

    Parameters
    ----------
    l_mm, dB_over_B : float or array
        Micromirror scale [cm]; amplitude over B.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return C * l_mm * dB_over_B**2


def kappa_perp_mm_exact(l_mm=L_MM, dB_over_B=DB_OVER_B):
    """Diffusion across a uniform field under isotropic kicks at nu_mm << Omega, (1/6) c l_mm (dB_mm / B)^2.

    Source: docs/physics.md 4.4, the limit Omega tau >> 1 of `kappa_perp_uniform` with the kick of equation (13).

    Parameters
    ----------
    l_mm, dB_over_B : float or array
        Micromirror scale [cm]; amplitude over B.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return kappa_perp_mm(l_mm, dB_over_B) / 6.0


def kappa_perp_over_kappa_mm(energy, B=B_ICM, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1):
    """Anisotropy of the estimates (6) and (4), (l_mm / r_g)^2 (dB_mm / B)^4.

    Source: last member of equation (6).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B, l_mm, dB_over_B, Z
        Field strength [G]; micromirror scale [cm]; amplitude over B; charge number.

    Returns
    -------
    float or array
        kappa_perp,mm / kappa_mm.
    """
    return (l_mm / gyroradius(energy, B, Z)) ** 2 * dB_over_B**4


def small_angle_parameter(energy, B=B_ICM, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1):
    """Scatterings per crossing of a micromirror, dt nu_mm = (l_mm / r_g)^2 (dB_mm / B)^2.

    Equations (2)-(6) hold where it is << 1 (and l_mm << r_g). Source: text below equation (5).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B, l_mm, dB_over_B, Z
        Field strength [G]; micromirror scale [cm]; amplitude over B; charge number.

    Returns
    -------
    float or array
        dt nu_mm with dt = l_mm / c.
    """
    return delta_theta_mm(energy, B, l_mm, dB_over_B, Z) ** 2


def l_mm_theory(B=B_ICM, T=T_ICM, tau=TAU_ICM):
    """Micromirror scale of the nonlinear mirror instability, l_mm = (tau Omega_i)^(1/8) r_g,i.

    Source: text above equation (5) of the paper (Rincon et al. 2015); docs/physics.md 12: 22 npc for the paper's own
    parameters, not the 100 npc it adopts, hence `L_MM` is an input and never this function's value.

    Parameters
    ----------
    B, T, tau : float or array
        Field strength [G]; ion temperature [erg]; time-scale of the plasma's evolution [s].

    Returns
    -------
    float or array
        Length [cm].
    """
    return (tau * ion_gyrofrequency(B)) ** 0.125 * thermal_ion_gyroradius(B, T)

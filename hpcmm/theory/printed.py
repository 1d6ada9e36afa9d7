"""The paper's estimates with its own rounded prefactors, for labelled overlays only (docs/physics.md 1.2).

Everywhere else the exact constants are used; these differ from them by up to a factor of five.
"""

from .constants import EV, PARSEC
from .fiducial import B_ICM, DB_OVER_B, L_A, L_C, L_MM, T_ICM, V_A

TEV = 1e12 * EV


def kappa_mm_printed(energy, B=B_ICM, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1):
    """Micromirror diffusion, 1e30 Z^-2 (l_mm/100 npc)^-1 (B/3uG)^-2 (3 dB_mm/B)^-2 (E/TeV)^2 cm2/s.

    Source: equation (5), first line.

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
    scales = (l_mm / L_MM) * (B / B_ICM) ** 2 * (dB_over_B / DB_OVER_B) ** 2
    return 1e30 / Z**2 / scales * (energy / TEV) ** 2


def kappa_mm_printed_of_temperature(energy, T=T_ICM, B=B_ICM, dB_over_B=DB_OVER_B, Z=1):
    """Micromirror diffusion, 1e30 Z^-2 (T/5 keV)^-1/2 (B/3uG)^-1 (3 dB_mm/B)^-2 (E/TeV)^2 cm2/s.

    Source: equation (5), second line, which leaves out the factor (tau Omega_i)^(-1/8) of l_mm (docs/physics.md 11.1).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    T, B, dB_over_B, Z
        Temperature [erg]; field strength [G]; amplitude over B; charge number.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    scales = (T / T_ICM) ** 0.5 * (B / B_ICM) * (dB_over_B / DB_OVER_B) ** 2
    return 1e30 / Z**2 / scales * (energy / TEV) ** 2


def transition_energy_printed(delta=1.0 / 3.0, B=B_ICM, l_c=L_C, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1):
    """Transition energy, 300 EeV Z (B/3uG) (l_c/100 kpc) (dB_mm/B)^(2/(2-delta)) (l_mm/l_c)^(1/(2-delta)).

    Source: equation (9), general delta. Its other two lines round the result once more, to 5 TeV and 600 GeV.

    Parameters
    ----------
    delta : float
        Energy exponent of kappa_res.
    B, l_c, l_mm, dB_over_B, Z
        Field strength [G]; correlation length [cm]; micromirror scale [cm]; amplitude over B; charge number.

    Returns
    -------
    float or array
        Energy [erg].
    """
    scales = (dB_over_B**2 * l_mm / l_c) ** (1.0 / (2.0 - delta))
    return 3e8 * TEV * abs(Z) * (B / B_ICM) * (l_c / L_C) * scales


def gamma_si_printed(energy, B=B_ICM):
    """Growth rate of the streaming instability, 1e-14 (B/3uG) (E/TeV)^-1.6 / s.

    Source: equation (16).

    Parameters
    ----------
    energy, B : float or array
        Particle energy [erg]; field strength [G].

    Returns
    -------
    float or array
        Rate [1/s].
    """
    return 1e-14 * (B / B_ICM) * (energy / TEV) ** -1.6


def gamma_si_over_nu_mm_printed(energy, T=T_ICM, dB_over_B=DB_OVER_B, Z=1):
    """Streaming growth over micromirror scattering, 1e-5 Z^-2 (T/5 keV)^-1/2 (3 dB_mm/B)^-2 (E/TeV)^0.4.

    Source: equation (17).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    T, dB_over_B, Z
        Temperature [erg]; amplitude over B; charge number.

    Returns
    -------
    float or array
        gamma_SI / nu_mm.
    """
    scales = (T / T_ICM) ** 0.5 * (dB_over_B / DB_OVER_B) ** 2
    return 1e-5 / Z**2 / scales * (energy / TEV) ** 0.4


def kappa_st_printed(l_A=L_A, v_A=V_A):
    """Streaming, 3e28 (l_A/1 kpc) (v_A/100 km/s) cm2/s.

    Source: equation (18).

    Parameters
    ----------
    l_A, v_A : float or array
        Alfven scale [cm]; Alfven speed [cm/s].

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return 3e28 * (l_A / (1e3 * PARSEC)) * (v_A / 1e7)


def kappa_mm_over_kappa_st_printed(energy, T=T_ICM, B=B_ICM, dB_over_B=DB_OVER_B, Z=1, l_A=L_A, v_A=V_A):
    """Micromirror over streaming diffusion, (E/100 GeV)^2 and powers of the rest.

    Source: equation (19), where it is an upper limit.

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    T, B, dB_over_B, Z
        Temperature [erg]; field strength [G]; amplitude over B; charge number.
    l_A, v_A
        Alfven scale [cm]; Alfven speed [cm/s].

    Returns
    -------
    float or array
        kappa_mm / kappa_st.
    """
    scales = (l_A / L_A) * (T / T_ICM) ** 0.5 * (B / B_ICM) * (dB_over_B / DB_OVER_B) ** 2 * (v_A / V_A)
    return (energy / (0.1 * TEV)) ** 2 / Z**2 / scales

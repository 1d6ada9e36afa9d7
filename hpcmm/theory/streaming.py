"""The streaming instability and streaming transport: equations (16)-(19) of the paper."""

from .constants import EV
from .fiducial import B_ICM, DB_OVER_B, H_P, L_A, L_MM, V_A
from .gyration import ion_gyrofrequency
from .micromirrors import energy_at_kappa_mm, kappa_mm, nu_mm

GEV = 1e9 * EV


def gamma_si(energy, B=B_ICM, alpha=2.6, cr_fraction=1e-7, drift_excess=1.0, omega_i=None):
    """Growth rate of the gyroresonant streaming instability, Omega_i (n_CR(>E)/n_i) (v_st/v_A - 1).

    With n_CR(>E)/n_i = cr_fraction (E/GeV)^(1-alpha). Source: equation (16).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B : float or array
        Field strength [G].
    alpha : float
        Index of the cosmic-ray spectrum E^-alpha.
    cr_fraction : float
        n_CR(> 1 GeV) / n_i.
    drift_excess : float
        v_st / v_A - 1.
    omega_i : float or array, optional
        Ion gyrofrequency [1/s]; by default `ion_gyrofrequency(B)`. The paper's prefactor 1e-14/s comes from
        its rounded 0.01/s.

    Returns
    -------
    float or array
        Growth rate [1/s].
    """
    if omega_i is None:
        omega_i = ion_gyrofrequency(B)
    return omega_i * cr_fraction * (energy / GEV) ** (1.0 - alpha) * drift_excess


def gamma_si_over_nu_mm(energy, B=B_ICM, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1, alpha=2.6, omega_i=None):
    """Growth rate of the streaming instability over the scattering rate in micromirrors.

    Source: equation (17), as the ratio of (16) and (3) with consistent constants (docs/physics.md 11.2: 5.5e-5 at
    1 TeV where the paper has 1e-5).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B, l_mm, dB_over_B, Z
        Field strength [G]; micromirror scale [cm]; amplitude over B; charge number.
    alpha, omega_i
        As in `gamma_si`.

    Returns
    -------
    float or array
        gamma_SI / nu_mm.
    """
    return gamma_si(energy, B, alpha, omega_i=omega_i) / nu_mm(energy, B, l_mm, dB_over_B, Z)


def kappa_st(l_A=L_A, v_A=V_A):
    """Effective diffusion coefficient of streaming, kappa_st = l_A v_A.

    Source: equation (18), where it is a lower limit (v_st >= v_A). It does not depend on the energy.

    Parameters
    ----------
    l_A, v_A : float or array
        Alfven scale [cm]; Alfven speed [cm/s].

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return l_A * v_A


def kappa_mm_over_kappa_st(energy, B=B_ICM, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1, l_A=L_A, v_A=V_A):
    """Diffusion coefficient in micromirrors over that of streaming.

    Source: equation (19), with exact constants (0.350 at 100 GeV).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B, l_mm, dB_over_B, Z
        Field strength [G]; micromirror scale [cm]; amplitude over B; charge number.
    l_A, v_A
        Alfven scale [cm]; Alfven speed [cm/s].

    Returns
    -------
    float or array
        kappa_mm / kappa_st.
    """
    return kappa_mm(energy, B, l_mm, dB_over_B, Z) / kappa_st(l_A, v_A)


def streaming_crossing_energy(B=B_ICM, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1, l_A=L_A, v_A=V_A):
    """Energy at which kappa_mm = kappa_st.

    Source: equation (19) solved for the energy; docs/physics.md 11.2: 169 GeV.

    Parameters
    ----------
    B, l_mm, dB_over_B, Z
        Field strength [G]; micromirror scale [cm]; amplitude over B; charge number.
    l_A, v_A
        Alfven scale [cm]; Alfven speed [cm/s].

    Returns
    -------
    float or array
        Energy [erg].
    """
    return energy_at_kappa_mm(kappa_st(l_A, v_A), B, l_mm, dB_over_B, Z)


def self_confinement_energy(B=B_ICM, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1, H=H_P, v_A=V_A):
    """Energy at which kappa_mm / H = v_A; below it micromirrors suppress the streaming instability.

    Source: text below equation (17); docs/physics.md 11.2: 534 GeV.

    Parameters
    ----------
    B, l_mm, dB_over_B, Z
        Field strength [G]; micromirror scale [cm]; amplitude over B; charge number.
    H, v_A
        Scale height of the cosmic-ray density [cm]; Alfven speed [cm/s].

    Returns
    -------
    float or array
        Energy [erg].
    """
    return energy_at_kappa_mm(H * v_A, B, l_mm, dB_over_B, Z)

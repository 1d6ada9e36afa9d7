"""Why firehose fluctuations do not matter: the estimate between equations (1) and (3) of the paper."""

from .fiducial import B_ICM, DB_OVER_B, L_MM, T_ICM, TAU_ICM
from .gyration import ion_gyrofrequency, thermal_ion_gyroradius


def firehose_amplitude(B=B_ICM, tau=TAU_ICM):
    """Saturated amplitude of firehose fluctuations, dB_f / B = (tau Omega_i)^(-1/4).

    Source: text below equation (1) of the paper, which rounds it to 1e-3; docs/physics.md 11.2.

    Parameters
    ----------
    B, tau : float or array
        Field strength [G]; time-scale of the plasma's evolution [s].

    Returns
    -------
    float or array
        Amplitude over B.
    """
    return (tau * ion_gyrofrequency(B)) ** -0.25


def firehose_ratio(dB_f_over_B=None, l_f=None, B=B_ICM, l_mm=L_MM, dB_over_B=DB_OVER_B, T=T_ICM, tau=TAU_ICM):
    """Scattering rate off firehoses over that off micromirrors, nu_f / nu_mm = (dB_f / dB_mm)^2 (l_f / l_mm).

    Source: equation (3) applied to both; text above equation (1) of the paper (1e-7); docs/physics.md 11.2.

    Parameters
    ----------
    dB_f_over_B : float or array, optional
        Firehose amplitude over B; by default `firehose_amplitude(B, tau)`.
    l_f : float or array, optional
        Firehose scale [cm]; by default the thermal-ion gyroradius.
    B, l_mm, dB_over_B, T, tau
        Field strength [G]; micromirror scale [cm]; micromirror amplitude over B; ion temperature [erg];
        time-scale of the plasma's evolution [s].

    Returns
    -------
    float or array
        nu_f / nu_mm.
    """
    if dB_f_over_B is None:
        dB_f_over_B = firehose_amplitude(B, tau)
    if l_f is None:
        l_f = thermal_ion_gyroradius(B, T)
    return (dB_f_over_B / dB_over_B) ** 2 * (l_f / l_mm)

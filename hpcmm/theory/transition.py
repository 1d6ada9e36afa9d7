"""The transition between micromirror and resonant scattering: equations (8) and (9) of the paper."""

from .fiducial import B_ICM, DB_OVER_B, L_C, L_MM
from .gyration import energy_of_gyroradius
from .isotropic import LINE_COEFFICIENT, LINE_EXPONENT

KAPPA_MM_COEFFICIENT = 2.0 / 3.0
"""kappa nu_mm / c^2 under the kick of equation (13): kappa_iso without a field, kappa_par along a line
(docs/physics.md 4.1)."""


def transition_gyroradius(
    delta=1.0 / 3.0,
    l_c=L_C,
    l_mm=L_MM,
    dB_over_B=DB_OVER_B,
    kappa_mm_coefficient=1.0,
    kappa_res_coefficient=1.0,
):
    """Gyroradius at which a_mm kappa_mm = a_res kappa_res.

    r_g = l_c (dB_mm/B)^(2/(2-delta)) (l_mm/l_c)^(1/(2-delta)) (a_res/a_mm)^(1/(2-delta)).

    Source: equation (8), which has a_mm = a_res = 1; docs/physics.md 11.5 for the coefficients.

    Parameters
    ----------
    delta : float
        Energy exponent of kappa_res, below 2.
    l_c, l_mm, dB_over_B : float or array
        Correlation length [cm]; micromirror scale [cm]; amplitude over B.
    kappa_mm_coefficient, kappa_res_coefficient : float
        a_mm and a_res, the factors of order unity that equations (4) and (7) leave out.

    Returns
    -------
    float or array
        Gyroradius [cm].
    """
    ratio = dB_over_B**2 * (l_mm / l_c) * (kappa_res_coefficient / kappa_mm_coefficient)
    return l_c * ratio ** (1.0 / (2.0 - delta))


def transition_energy(
    delta=1.0 / 3.0,
    B=B_ICM,
    l_c=L_C,
    l_mm=L_MM,
    dB_over_B=DB_OVER_B,
    Z=1,
    kappa_mm_coefficient=1.0,
    kappa_res_coefficient=1.0,
):
    """Energy at which a_mm kappa_mm = a_res kappa_res; below it micromirrors dominate.

    Source: equation (9) with exact constants (4.685 TeV for delta = 1/3, 641 GeV for 1/2); docs/physics.md 11.2.

    Parameters
    ----------
    delta, l_c, l_mm, dB_over_B, kappa_mm_coefficient, kappa_res_coefficient
        As in `transition_gyroradius`.
    B, Z
        Field strength [G]; charge number.

    Returns
    -------
    float or array
        Energy [erg].
    """
    r_g = transition_gyroradius(delta, l_c, l_mm, dB_over_B, kappa_mm_coefficient, kappa_res_coefficient)
    return energy_of_gyroradius(r_g, B, Z)


def transition_energy_along_lines(
    B=B_ICM, l_c=L_C, l_mm=L_MM, dB_over_B=DB_OVER_B, Z=1, kappa_mm_coefficient=KAPPA_MM_COEFFICIENT
):
    """Energy at which kappa along field lines of turbulence is that of micromirrors, (2/3) c^2/nu_mm for kicks.

    Like with like: both along the line. Source: the measured `kappa_along_lines`; docs/physics.md 17.8.

    Parameters
    ----------
    B, l_c, l_mm, dB_over_B, Z
        Field strength [G]; correlation length [cm]; micromirror scale [cm]; amplitude over B; charge number.
    kappa_mm_coefficient : float
        kappa of micromirrors along the line over equation (4), as of a plasma's own ones (docs/physics.md 9.4).

    Returns
    -------
    float or array
        Energy [erg].
    """
    return transition_energy(LINE_EXPONENT, B, l_c, l_mm, dB_over_B, Z, kappa_mm_coefficient, LINE_COEFFICIENT)


def transition_shift(f_mm=1.0, delta=1.0 / 3.0, definition="asymptote"):
    """Factor by which a micromirror fraction f_mm moves the transition energy.

    The paper has two definitions (docs/physics.md 11.5): "equality", where kappa_mm = kappa_res, does not depend on
    f_mm; "asymptote", where kappa_eff reaches kappa_mm / f_mm, moves by f_mm^(1/(2-delta)).

    Source: text below equation (11).

    Parameters
    ----------
    f_mm : float or array
        Effective micromirror fraction.
    delta : float
        Energy exponent of kappa_res.
    definition : {"asymptote", "equality"}
        Name of the definition.

    Returns
    -------
    float or array
        Factor on `transition_energy`.
    """
    if definition == "asymptote":
        return f_mm ** (1.0 / (2.0 - delta))
    if definition == "equality":
        return f_mm**0.0
    raise ValueError(f'definition must be "asymptote" or "equality", not {definition!r}')

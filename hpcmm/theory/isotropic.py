"""Diffusion in isotropic turbulence without a guide field: the high-energy limit and a fit to simulations."""

import numpy as np

from .constants import C
from .fiducial import B_ICM, L_C
from .gyration import gyroradius

HARARI_COEFFICIENTS = {"kolmogorov": (5.0 / 3.0, 0.9, 0.23), "kraichnan": (1.5, 0.65, 0.42)}
"""Spectral index xi, a_I and a_L of the fit `kappa_harari` (docs/physics.md 10.2)."""


LINE_COEFFICIENT, LINE_EXPONENT = 0.642, 0.275
"""a and delta of `kappa_along_lines` (docs/physics.md 17.8)."""

ON_LINES, ISOTROPIC = 1e-4, 1e-2
"""r_g/l_c up to which kappa along lines was measured, and from which on kappa_iso is nearly that of `kappa_harari`."""


def kappa_along_lines(energy, B=B_ICM, l_c=L_C, Z=1):
    r"""Kappa along a field line of Kolmogorov turbulence at r_g/l_c <= 1e-4, kappa_par = a c l_c (r_g/l_c)^delta.

    A fit to runs on field lines at r_g/l_c = 3.6e-9 to 1e-4, 1 TeV to 28 PeV in 3 uG and 100 kpc; below it is an
    extrapolation. Source: docs/physics.md 17.8.

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B, l_c, Z
        Field strength [G]; two-sided correlation length [cm]; charge number.

    Returns
    -------
    float or array
        Diffusion coefficient kappa_par [cm2/s].
    """
    return LINE_COEFFICIENT * C * l_c * (gyroradius(energy, B, Z) / l_c) ** LINE_EXPONENT


def kappa_on_tangled_lines(energy, B=B_ICM, l_c=L_C, Z=1):
    """Isotropic kappa of Kolmogorov turbulence, a third of that along tangled lines where r_g/l_c <= 1e-4.

    From 1e-2 on it is `kappa_harari`; between, ln kappa is linear in ln r_g. A third is what isotropic tangling leaves
    of kappa along the line, of micromirrors and of turbulence alike: an upper value, as what is left at scales far
    above l_c is not known (docs/physics.md 17.6).

    Parameters and result are those of `kappa_harari`.
    """
    x = gyroradius(energy, B, Z) / l_c
    share = np.clip(np.log(x / ON_LINES) / np.log(ISOTROPIC / ON_LINES), 0.0, 1.0)
    lowest, highest = energy * np.minimum(1.0, ON_LINES / x), energy * np.maximum(1.0, ISOTROPIC / x)
    tied, free = kappa_along_lines(lowest, B, l_c, Z) / 3, kappa_harari(highest, "kolmogorov", B, l_c, Z)
    return tied ** (1 - share) * free**share


def kappa_he(energy, B=B_ICM, l_c=L_C, Z=1):
    """High-energy limit as the paper estimates it, kappa = c r_g^2 / l_c for r_g >> l_c.

    Source: text below equation (15).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B, l_c, Z
        Field strength [G]; two-sided correlation length [cm]; charge number.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return C * gyroradius(energy, B, Z) ** 2 / l_c


def nu_he(energy, B=B_ICM, l_c=L_C, Z=1):
    """Rate at which isotropic turbulence deflects at high energy, nu_he = d<dtheta^2>/dt = c l_c / (2 r_g^2).

    Source: docs/physics.md 10.1: exactly c l_c1 / r_g^2 with the one-sided correlation length l_c1 = l_c / 2.

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B, l_c, Z
        Field strength [G]; two-sided correlation length [cm]; charge number.

    Returns
    -------
    float or array
        Rate [1/s].
    """
    return C * (l_c / 2.0) / gyroradius(energy, B, Z) ** 2


def kappa_he_exact(energy, B=B_ICM, l_c=L_C, Z=1):
    """High-energy limit with its coefficient, kappa_iso = (2/3) c^2 / nu_he = (4/3) c r_g^2 / l_c.

    Source: docs/physics.md 10.1. This is kappa_iso; the trace, as equation (20) is printed, is three times it.

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    B, l_c, Z
        Field strength [G]; two-sided correlation length [cm]; charge number.

    Returns
    -------
    float or array
        Diffusion coefficient kappa_iso [cm2/s].
    """
    return 4.0 / 3.0 * kappa_he(energy, B, l_c, Z)


def kappa_harari(energy, spectrum="kolmogorov", B=B_ICM, l_c=L_C, Z=1):
    """Fit to simulations in isotropic turbulence, kappa_iso = (c l_c / 3)(4 x^2 + a_I x + a_L x^(2-xi)).

    x = r_g / l_c. Source: Harari, Mollerach & Roulet 2014; docs/physics.md 10.2 (a_I and a_L are quoted from memory
    there; the leading term is exact).

    Parameters
    ----------
    energy : float or array
        Particle energy [erg].
    spectrum : {"kolmogorov", "kraichnan"}
        Selects xi, a_I, a_L.
    B, l_c, Z
        Field strength [G]; two-sided correlation length [cm]; charge number.

    Returns
    -------
    float or array
        Diffusion coefficient kappa_iso [cm2/s].
    """
    if spectrum not in HARARI_COEFFICIENTS:
        raise ValueError(f"spectrum must be one of {sorted(HARARI_COEFFICIENTS)}, not {spectrum!r}")
    xi, a_I, a_L = HARARI_COEFFICIENTS[spectrum]
    x = gyroradius(energy, B, Z) / l_c
    return C * l_c / 3.0 * (4.0 * x**2 + a_I * x + a_L * x ** (2.0 - xi))

"""Threshold field strength and filling fraction of patches |B| >= B* in Gaussian turbulence (docs/physics.md 2.4).

With independent Gaussian components |B| is Maxwellian; every quantity is then a function of
a = sqrt(3/2) B* / B_rms.
"""

import math

import numpy as np


def field_strength_fractions(B_star_over_rms):
    """Volume and energy fraction of |B| >= B* where |B| is Maxwellian.

    f = erfc(a) + (2/sqrt(pi)) a exp(-a^2), e = f + (4/(3 sqrt(pi))) a^3 exp(-a^2), a = sqrt(3/2) B* / B_rms.

    Source: docs/physics.md 2.4.

    Parameters
    ----------
    B_star_over_rms : float or array
        Threshold over the rms field.

    Returns
    -------
    tuple of float or array
        Volume fraction f and share e of the magnetic energy.
    """
    a = math.sqrt(1.5) * np.asarray(B_star_over_rms, dtype=float)
    erfc = np.vectorize(math.erfc, otypes=[float])(a)
    bell = np.exp(-(a**2)) / math.sqrt(math.pi)
    volume = erfc + 2.0 * a * bell
    return volume, volume + 4.0 / 3.0 * a**3 * bell


def fraction_above(B_star, B_guide, dB):
    """Volume fraction of |B| >= B_star for Gaussian isotropic turbulence on a uniform field.

    With m = B_guide, s = dB/sqrt(3): f = [erfc((B - m)/(sqrt2 s)) + erfc((B + m)/(sqrt2 s))]/2
    + s/(m sqrt(2 pi)) [exp(-(B - m)^2/2s^2) - exp(-(B + m)^2/2s^2)], the noncentral chi distribution of three degrees.

    Source: derived; m -> 0 is docs/physics.md 2.4.

    Parameters
    ----------
    B_star, B_guide, dB : float
        Threshold, strength of the uniform field, total rms of the turbulence, in one unit.

    Returns
    -------
    float
    """
    if dB == 0.0:
        return 1.0 if B_guide >= B_star else 0.0
    if B_guide < 1e-4 * dB:  # the second term is a difference of equals; the limit errs by m^2/s^2
        return float(field_strength_fractions(B_star / math.hypot(dB, B_guide))[0])
    s = dB / math.sqrt(3.0)
    below, above = (B_star - B_guide) / s, (B_star + B_guide) / s
    tails = 0.5 * (math.erfc(below / math.sqrt(2.0)) + math.erfc(above / math.sqrt(2.0)))
    bells = math.exp(-(below**2) / 2) - math.exp(-(above**2) / 2)
    return tails + s / (B_guide * math.sqrt(2.0 * math.pi)) * bells


def B_star_over_rms(f_mm):
    """Threshold, over the rms field, above which a Maxwellian |B| fills the volume fraction f_mm.

    Source: docs/physics.md 2.4; the inverse of `field_strength_fractions`.

    Parameters
    ----------
    f_mm : float
        Volume fraction, 0 < f_mm <= 1.

    Returns
    -------
    float
        B* / B_rms.
    """
    if not 0.0 < f_mm <= 1.0:
        raise ValueError(f"f_mm must lie in (0, 1], not {f_mm}")
    # f falls from 1 at 0 to below the smallest double at 23: halving to the last bit needs 60 steps
    low, high = 0.0, 23.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if field_strength_fractions(middle)[0] > f_mm:
            low = middle
        else:
            high = middle
    return high

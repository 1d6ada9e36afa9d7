"""Pitch-angle diffusion by gyroresonance in isotropic magnetostatic turbulence (docs/physics.md 17.1).

Lengths in any one unit, c = 1.
"""

from functools import lru_cache

import numpy as np

HARMONICS = 16
"""Harmonics of the gyration that are summed; what is beyond is the integral of a power law through the last ones, which
leaves an error of 3e-5."""

_FAR = 100.0
"""Arguments z - n of Bessel functions beyond which their squares are replaced by the mean over an oscillation."""

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(8)


def resonance(mu, index=5 / 3):
    r"""Dimensionless coefficient G(mu) of quasi-linear gyroresonance with waves of all k > 0.

    .. math:: D_{\mu\mu} = \frac{dB^2}{B^2}\,(\xi-1)\,(k_0 \rho)^{\xi-1}\, \frac{c}{\rho}\, G(\mu), \quad
        G = \frac{\pi(1-\mu^2)}{2\mu} \sum_{n=1}^\infty \int_0^\infty k_\perp dk_\perp\, k^{-\xi-2}
        \Big[\frac{n^2 J_n^2(z)}{z^2} + \frac{k_\parallel^2}{k^2} J_n'^2(z)\Big]

    with rho the gyroradius in the local field B, wavenumbers in 1/rho, k_par = n/mu, z = k_perp sqrt(1 - mu^2), and
    E(k) = (xi - 1) k_0^(xi-1) k^-xi dB^2 from k_0 on. The integral runs over Gauss-Legendre panels of half an
    oscillation, then over the mean of the oscillations.

    Source: docs/physics.md 17.1; quasi-linear theory as in Schlickeiser 2002, Cosmic Ray Astrophysics, ch. 12.

    Parameters
    ----------
    mu : float
        Pitch-angle cosine, 0 < mu < 1.
    index : float
        xi of the one-dimensional energy spectrum.

    Returns
    -------
    float
    """
    terms = np.array([_harmonic(n, mu, index) for n in range(1, HARMONICS + 1)])
    slope = np.log(terms[-1] / terms[HARMONICS // 2 - 1]) / np.log(2)
    beyond = terms[-1] * HARMONICS / (-slope - 1) if slope < -1 else np.inf
    return np.pi * (1 - mu**2) / (2 * mu) * (terms.sum() + beyond - terms[-1] / 2)


def _harmonic(n, mu, index):
    """Integral over k_perp of one harmonic and its negative, halved."""
    from scipy.special import jv

    across, k_par = np.sqrt(1 - mu**2), n / mu

    def integrand(z, J2, D2):
        k_perp = z / across
        k = np.hypot(k_perp, k_par)
        return k_perp / across * k ** (-index - 2) * (n**2 * J2 / z**2 + (k_par / k) ** 2 * D2)

    begin = max(0.0, n - 6 * n ** (1 / 3) - 6)
    panels = np.linspace(begin, n + _FAR, int((n + _FAR - begin) / 1.5) + 1)
    half = np.diff(panels)[:, None] / 2
    z = (panels[:-1, None] + half) + half * _POINTS
    J, D = jv(n, z), (jv(n - 1, z) - jv(n + 1, z)) / 2
    near = (half * _WEIGHTS * integrand(z, J**2, D**2)).sum()
    # mean squares far beyond the turning point: 1/(pi sqrt(z^2 - n^2)) and sqrt(z^2 - n^2)/(pi z^2)
    u = (_POINTS + 1) / 2
    far = (n + _FAR) / u
    root = np.sqrt(far**2 - n**2)
    mean = integrand(far, 1 / (np.pi * root), root / (np.pi * far**2))
    return near + (_WEIGHTS / 2 * mean * (n + _FAR) / u**2).sum()


@lru_cache(maxsize=8)
def _shape(index):
    """Nodes of mu and G there over mu^xi (1 - mu^2): varies by an eighth, so that few nodes do."""
    mu = (np.polynomial.legendre.leggauss(24)[0] + 1) / 2
    return mu, np.array([resonance(m, index) for m in mu]) / (mu**index * (1 - mu**2))


def pitch_angle_diffusion(mu, gyroradius, k_0, dB_over_B=1.0, index=5 / 3):
    r"""Quasi-linear D_mumu [1/length] at |mu|, of gyroresonance with a power law far below its longest wave.

    Close to 0.27 (c/l_c) x^(-1/3) mu^(5/3) (1 - mu^2) for Kolmogorov turbulence with l_max = 5 l_c: it falls so fast
    towards mu = 0 that it has no finite kappa alone.

    Source: docs/physics.md 17.1.

    Parameters
    ----------
    mu : array
        |mu|, 0 to 1.
    gyroradius : float
        Of the local field.
    k_0 : float
        2 pi / l_max.
    dB_over_B : float
        rms of the turbulence over the local field.
    index : float
    """
    mu = np.asarray(mu, dtype=float)
    nodes, shape = _shape(float(index))
    g = np.interp(mu, nodes, shape) * mu**index * (1 - mu**2)
    return dB_over_B**2 * (index - 1) * (k_0 * gyroradius) ** (index - 1) / gyroradius * g

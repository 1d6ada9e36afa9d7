"""Quasi-linear scattering in slab turbulence: waves along a guide field, field across it; lines that wander in it.

Lengths in any one unit, c = 1. <b^2> is the mean square field of the waves over that of the guide field, r_g the
gyroradius in the guide field, e(k) the spectrum for k > 0 over its integral. Source: docs/physics.md 2.7.
"""

import numpy as np

LEAST_POWER = 1e-6
"""2 - xi below which a spectrum is taken for one of k^-2."""

_PANELS, _LEAST_LOG = 200, -200.0
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(8)


def D_mumu_slab(mu, r_g, b_squared, density):
    r"""Pitch-angle diffusion coefficient [c/length].

    .. math:: D_{\mu\mu} = \frac\pi4 \langle b^2\rangle \frac{1 - \mu^2}{r_g^2 |\mu|}\, e\Big(\frac1{r_g|\mu|}\Big)

    Source: docs/physics.md 2.7; Jokipii 1966, Astrophys. J. 146, 480.

    Parameters
    ----------
    mu : float or array
        Pitch-angle cosine, not 0.
    r_g, b_squared : float
        See the module.
    density : callable
        e(k) [length], as of `hpcmm.theory.spectra.Spectrum.density`.
    """
    mu = np.asarray(mu, float)
    return np.pi / 4 * b_squared * (1 - mu**2) / (r_g**2 * np.abs(mu)) * density(1 / (r_g * np.abs(mu)))


def kappa_par_slab(r_g, b_squared, density):
    r"""Diffusion along the guide field [c length], of all pitch angles that a wave resonates with.

    .. math:: \kappa_\parallel = \frac18 \int_{-1}^1 \frac{(1 - \mu^2)^2}{D_{\mu\mu}}\, d\mu
        = \frac{r_g^2}{\pi \langle b^2\rangle} \int_0^1 \frac{\mu(1 - \mu^2)}{e(1/(r_g\mu))}\, d\mu

    Where no wave is short enough for small mu, those are left out: particles are taken to cross 90 degrees at once.
    What is measured is less for steep spectra, since small mu, which make up most of the integral, are scattered by
    more than resonance. Source: docs/physics.md 2.7, 4.3.

    Returns
    -------
    float
        inf where no wave resonates, and for spectra of k^-2 or steeper, where resonance turns no particle back.
    """
    edges = np.linspace(_LEAST_LOG, 0.0, _PANELS + 1)
    half = np.diff(edges)[:, None] / 2
    log_mu = (edges[:-1, None] + half * (1 + _POINTS)).ravel()
    weight, mu = (half * _WEIGHTS).ravel(), np.exp(log_mu)
    e = density(1 / (r_g * mu))
    there = e > 0
    if not there.any():
        return np.inf
    integrand = mu[there] ** 2 * (1 - mu[there] ** 2) / e[there]
    beyond = 0.0
    if there[0]:  # a power of mu, 2 - xi, below the least
        panel = len(_POINTS)
        power = np.log(integrand[panel] / integrand[0]) / (log_mu[panel] - log_mu[0])
        if power < LEAST_POWER:
            return np.inf
        beyond = integrand[0] * np.exp(power * (_LEAST_LOG - log_mu[0])) / power
    return float(r_g**2 / (np.pi * b_squared) * ((weight[there] * integrand).sum() + beyond))


def line_wandering_slab(b_squared, l_c):
    r"""Diffusion of field lines across the guide field, along either axis, per length along it [length].

    .. math:: \frac{\langle\Delta x^2\rangle}{2\Delta z} = \frac{\langle b^2\rangle l_c}{4}

    exact, as dx/dz = b_x(z): <b_x^2> is half of <b^2>, and l_c the two-sided length. Particles keep to their lines.
    Source: docs/physics.md 2.7.
    """
    return b_squared * l_c / 4

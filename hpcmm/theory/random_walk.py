"""Diffusion that follows from small-angle kicks, with and without a uniform field (docs/physics.md 4)."""

import numpy as np

from .constants import C
from .scattering import decay_rate, direction_loss


def kappa_iso_stepped(nu, step, kick="paper"):
    """Diffusion coefficient of a correlated random walk of steps s, (c s / 6)(1 + g) / (1 - g).

    Source: docs/physics.md 4.2. Exact for any step; "paper": (2/3)(c^2/nu)[1 + (nu s / c)^2 / 48 + ...].

    Parameters
    ----------
    nu : float or array
        Scattering rate [1/s].
    step : float or array
        Path between kicks [cm].
    kick : {"paper", "transport", "fork-constant"}
        See `hpcmm.theory.scattering`.

    Returns
    -------
    float or array
        kappa_iso [cm2/s].
    """
    loss = direction_loss(nu, step, kick)
    return C * step / 6.0 * (2.0 - loss) / loss


def kappa_iso_small_step(nu, kick="paper"):
    """Diffusion coefficient of the kicks for short steps, c^2 / (3 rate), rate = `decay_rate`.

    (2/3) c^2/nu for "paper", (1/3) c^2/nu for "transport", 2.206 c^2/nu for "fork-constant". The trace, as
    equation (20) is printed, is three times it where nothing else deflects; particles tied to field lines
    have it as their whole trace (docs/physics.md 1.3).

    Source: docs/physics.md 4.1.

    Parameters
    ----------
    nu : float or array
        Scattering rate [1/s].
    kick : {"paper", "transport", "fork-constant"}
        See `hpcmm.theory.scattering`.

    Returns
    -------
    float or array
        kappa_iso [cm2/s].
    """
    return C**2 / (3.0 * decay_rate(nu, kick))


def mean_square_displacement(n_steps, nu, step, kick="paper"):
    """Mean square displacement after N steps, s^2 [N (1+g)/(1-g) - 2 g (1 - g^N) / (1-g)^2].

    Source: docs/physics.md 4.2. Exact at any time: s^2 N^2 while ballistic, 6 kappa_iso t in the end.

    Parameters
    ----------
    n_steps : int or array
        N, at least 1.
    nu : float or array
        Scattering rate [1/s].
    step : float or array
        Path between kicks [cm].
    kick : {"paper", "transport", "fork-constant"}
        See `hpcmm.theory.scattering`.

    Returns
    -------
    float or array
        <dr^2> [cm2].
    """
    n, loss = np.broadcast_arrays(np.asarray(n_steps, dtype=float), direction_loss(nu, step, kick))
    # The closed form loses digits as 1/(N loss) in the ballistic regime. There the same double sum, expanded
    # in loss = 1 - g, is N^2 + 2 sum_{j>=1} (-loss)^j binomial(N+1, j+2); 20 terms suffice to N loss = 1/2.
    ballistic = n * loss < 0.5
    a = np.where(ballistic, 0.5, loss)
    power = np.where(a < 0.5, np.exp(n * np.log1p(-np.minimum(a, 0.5))), (1.0 - a) ** n)
    closed = n * (2.0 - a) / a - 2.0 * (1.0 - a) * (1.0 - power) / a**2
    b = np.where(ballistic, loss, 0.0)
    term = 0.5 * n * (n + 1.0)
    series = n**2
    for j in range(1, 21):
        term = term * -b * (n - j) / (j + 2.0)
        series = series + 2.0 * term
    return step**2 * np.where(ballistic, series, closed)[()]


def kappa_par_uniform(nu, kick="paper"):
    """Diffusion along a uniform field, kappa_par = c^2 tau / 3 with tau = 1 / `decay_rate`.

    Source: docs/physics.md 4.4.

    Parameters
    ----------
    nu : float or array
        Scattering rate [1/s].
    kick : {"paper", "transport", "fork-constant"}
        See `hpcmm.theory.scattering`.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return kappa_iso_small_step(nu, kick)


def kappa_perp_uniform(nu, omega, kick="paper"):
    """Diffusion across a uniform field, kappa_perp = kappa_par / (1 + (Omega tau)^2).

    Source: docs/physics.md 4.4; for "paper" and Omega >> nu the ratio is (nu / 2 Omega)^2.

    Parameters
    ----------
    nu : float or array
        Scattering rate [1/s].
    omega : float or array
        Gyrofrequency of the cosmic rays, c / r_g [rad/s].
    kick : {"paper", "transport", "fork-constant"}
        See `hpcmm.theory.scattering`.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return kappa_par_uniform(nu, kick) / (1.0 + (omega / decay_rate(nu, kick)) ** 2)


def kappa_antisymmetric_uniform(nu, omega, kick="paper"):
    """Antisymmetric part of the tensor in a uniform field, kappa_A = kappa_par Om tau / (1 + (Om tau)^2).

    Source: docs/physics.md 4.4, with tau = 1 / `decay_rate`.

    Parameters
    ----------
    nu, omega, kick
        As in `kappa_perp_uniform`.

    Returns
    -------
    float or array
        Diffusion coefficient [cm2/s].
    """
    return kappa_perp_uniform(nu, omega, kick) * omega / decay_rate(nu, kick)

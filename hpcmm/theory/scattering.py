"""Exact results for small-angle kicks at fixed steps, the Monte Carlo of equation (13) (docs/physics.md 4).

A particle flies straight over a step s, then turns by an angle about a uniformly random azimuth. Three kicks:

paper
    the angle is X sqrt(nu s / c), X a unit Gaussian: equation (13) as printed (docs/physics.md 4.1).
transport
    two independent transverse angles, each of variance nu s / c: nu is the decay rate of the direction.
fork-constant
    as "paper" with X frozen at `FORK_X`, as in one published code (docs/physics.md 4.1).
"""

import math

import numpy as np

from .constants import C

FORK_X = -0.54974617895545
"""First Gaussian number of a generator that is seeded anew at every call (docs/physics.md 4.1)."""

# decay rate of the direction over nu, for steps short beside 1/nu
_DECAY = {"paper": 0.5, "transport": 1.0, "fork-constant": 0.5 * FORK_X**2}


def _decay(kick):
    if kick not in _DECAY:
        raise ValueError(f"kick must be one of {sorted(_DECAY)}, not {kick!r}")
    return _DECAY[kick]


def dawson(y):
    """Dawson's function, D(y) = exp(-y^2) int_0^y exp(t^2) dt, for y >= 0.

    Source: Rybicki 1989, D(y) = lim_{h->0} pi^(-1/2) sum_{n odd} exp(-(y - n h)^2) / n, whose error falls as
    exp(-(pi/2h)^2); h = 0.2 leaves 1e-27. Terms n and -n are joined so that all summands are positive and
    small y loses no digits. Above y = 8 the asymptotic series is exact to the last digit.

    Parameters
    ----------
    y : float or array
        Argument, not negative.

    Returns
    -------
    float or array
        D(y), of relative error below 1e-14.
    """
    y = np.asarray(y, dtype=float)
    h = 0.2
    n = np.arange(1.0, 80.0, 2.0)
    near = np.minimum(y, 8.0)[..., None]
    terms = np.exp(-((near - n * h) ** 2)) * -np.expm1(-4.0 * near * n * h) / n
    series = terms.sum(axis=-1) / math.sqrt(math.pi)

    far = np.maximum(y, 8.0)
    term = 0.5 / far
    asymptotic = term
    for k in range(1, 16):
        term = term * (2 * k - 1) / (2.0 * far**2)
        asymptotic = asymptotic + term
    return np.where(y < 8.0, series, asymptotic)[()]


def direction_loss(nu, step, kick="paper"):
    """Loss of the mean direction in one kick, 1 - g with g = <cos Theta>, to full relative precision.

    1 - exp(-nu s / 2c) ("paper"); sqrt(2 nu s / c) D(sqrt(nu s / 2c)) ("transport", D Dawson's function);
    1 - cos(X sqrt(nu s / c)) ("fork-constant"). Source: docs/physics.md 4.1.

    Parameters
    ----------
    nu : float or array
        Scattering rate [1/s].
    step : float or array
        Path between kicks [cm].
    kick : {"paper", "transport", "fork-constant"}
        See the head of this file.

    Returns
    -------
    float or array
        1 - g.
    """
    _decay(kick)
    x = np.asarray(nu * step / C, dtype=float)
    if kick == "paper":
        return -np.expm1(-0.5 * x)
    if kick == "transport":
        y = np.sqrt(0.5 * x)
        return 2.0 * y * dawson(y)
    return 2.0 * np.sin(0.5 * FORK_X * np.sqrt(x)) ** 2


def mean_cosine(nu, step, kick="paper"):
    """Mean cosine of one kick, g = <cos Theta>.

    Source: docs/physics.md 4.1; equation (20) calls it <cos Theta>. Use `direction_loss` where 1 - g is small.

    Parameters
    ----------
    nu, step, kick
        As in `direction_loss`.

    Returns
    -------
    float or array
        g.
    """
    return 1.0 - direction_loss(nu, step, kick)


def decay_rate(nu, kick="paper"):
    """Rate at which <n(t) . n(0)> decays for steps short beside 1/nu: nu/2, nu, or nu X^2 / 2.

    Source: docs/physics.md 4.1.

    Parameters
    ----------
    nu : float or array
        Scattering rate [1/s].
    kick : {"paper", "transport", "fork-constant"}
        See the head of this file.

    Returns
    -------
    float or array
        Rate [1/s].
    """
    return _decay(kick) * nu


def legendre_decay(order, nu, time, kick="paper"):
    """Decay of the mean Legendre polynomial of the turned angle, <P_l(n . n_0)> = exp(-l (l+1) rate t / 2).

    Source: docs/physics.md 4.3 (exp(-l (l+1) nu t / 4) for "paper"); steps short beside 1/nu.

    Parameters
    ----------
    order : int
        l.
    nu, time : float or array
        Scattering rate [1/s]; time [s].
    kick : {"paper", "transport", "fork-constant"}
        See the head of this file.

    Returns
    -------
    float or array
        <P_l>.
    """
    return np.exp(-0.5 * order * (order + 1) * decay_rate(nu, kick) * time)


def D_mumu(mu, nu, kick="paper"):
    """Pitch-angle diffusion coefficient of the kicks, (rate / 2)(1 - mu^2), rate = `decay_rate`.

    Source: docs/physics.md 4.3 ((nu/4)(1 - mu^2) for "paper").

    Parameters
    ----------
    mu : float or array
        Cosine of the pitch angle.
    nu : float or array
        Scattering rate [1/s].
    kick : {"paper", "transport", "fork-constant"}
        See the head of this file.

    Returns
    -------
    float or array
        D_mumu [1/s].
    """
    return 0.5 * decay_rate(nu, kick) * (1.0 - mu**2)

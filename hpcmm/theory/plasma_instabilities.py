"""Fastest growing modes of an anisotropic plasma: mirror, ion cyclotron, firehoses.

Wavenumbers ``k r`` are in units of 1/r, r = sqrt(beta_par) d_i (the gyroradius at T_par); rates in Omega_i. Each search
scans, then closes in on the maximum. Source: docs/physics.md 16.3.
"""

import math
from typing import NamedTuple

import numpy as np

from .hot_plasma import determinant, parallel, root
from .plasma_functions import bessel_scaled


class Mode(NamedTuple):
    """A growing wave: rate and real frequency [Omega_i], wavenumbers [1/r]."""

    gamma: float
    omega: float
    k_par: float
    k_perp: float


_RATES = np.geomspace(3e-6, 5.0, 51)


def standing_growth(k_par, k_perp, beta, A, T_e_over_T_i=1.0):
    """Largest growth rate of modes that do not travel, mirrors or oblique firehoses; 0 where none grows.

    On the imaginary axis of frequency the determinant is real, up to one phase: its changes of sign are the modes.

    Parameters
    ----------
    k_par, k_perp : float or array
        Wavenumbers [1/r], above 0.
    beta, A : float
        beta_par; T_perp/T_par.
    T_e_over_T_i : float
        T_e over T_par.

    Returns
    -------
    float or array
        [Omega_i].
    """
    k_par, k_perp = np.broadcast_arrays(np.asarray(k_par, float), np.asarray(k_perp, float))
    r, T_e = math.sqrt(beta), T_e_over_T_i * beta / 2
    a, b = (k.ravel() / r for k in (k_par, k_perp))

    def value(rate, a, b):
        return determinant(1j * rate, a, b, beta, A, T_e)

    scanned = value(_RATES, a[:, None], b[:, None])
    phase = scanned[:, -1] / np.abs(scanned[:, -1])
    signs = np.sign((scanned / phase[:, None]).real)
    changed = signs[:, :-1] != signs[:, 1:]
    last = changed.shape[1] - 1 - np.argmax(changed[:, ::-1], axis=1)
    low, high = np.log(_RATES[last]), np.log(_RATES[last + 1])
    for _ in range(40):
        middle = (low + high) / 2
        above = np.sign((value(np.exp(middle), a, b) / phase).real) == signs[np.arange(len(a)), last + 1]
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.where(changed.any(axis=1), np.exp(high), 0.0).reshape(k_par.shape)[()]


def fastest_standing(beta, A, T_e_over_T_i=1.0):
    """Fastest `Mode` that does not travel: a mirror where A > 1, an oblique firehose where A < 1; None if stable."""
    # near its threshold a mirror has k_par ~ k_perp^2 << k_perp
    u, v = np.meshgrid(np.geomspace(0.01, 2.5, 14), np.geomspace(0.05, 3.0, 12) / math.sqrt(max(A, 1)), indexing="ij")
    rates = standing_growth(u, v, beta, A, T_e_over_T_i)
    best = np.unravel_index(np.argmax(rates), rates.shape)
    if rates[best] == 0:
        return None
    middle, step = np.log([u[best], v[best]]), 0.3
    offsets = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])
    while step > 5e-4:
        tried = np.exp(middle + step * offsets)
        rates = standing_growth(*tried.T, beta, A, T_e_over_T_i)
        at = int(np.argmax(rates))
        if offsets[at].any():
            middle = middle + step * offsets[at]
        else:
            step /= 2
    k_par, k_perp = np.exp(middle)
    return Mode(float(rates.max()), 0.0, float(k_par), float(k_perp))


def parallel_root(k_par, beta, A, shape=1.0):
    """Fastest growing, or least damped, circular wave along the field at a wavenumber [1/r]; complex w [Omega_i].

    Its real part is above 0 for left-handed (ion cyclotron) and below 0 for right-handed waves (whistler, firehose).
    """
    k = k_par / math.sqrt(beta)
    whistler, cyclotron = k * k / 2 * (math.sqrt(1 + 4 / k**2) + 1), k * k / 2 * (math.sqrt(1 + 4 / k**2) - 1)
    starts = [x + 1j * y for x in (-whistler, cyclotron, 0.05, 0.2, 0.4, -0.05, -0.2) for y in (0.15, 0.02, -0.05)]
    found = [root(lambda w: parallel(w, k, beta, A, shape), start) for start in starts]
    # the far lower half plane is full of heavily damped roots; 0 itself is one of A = 1 alone
    found = [w for w in found if np.isfinite(w) and abs(w) < 5 + whistler and w.imag > -0.5 and abs(w) > 1e-9]
    return max(found, key=lambda w: w.imag) if found else complex(np.nan, np.nan)


def fastest_parallel(beta, A):
    """Fastest `Mode` along the field: ion cyclotron where A > 1, parallel firehose where A < 1; None if stable.

    ``omega`` has the sign of `parallel_root`.
    """
    scan = np.geomspace(0.05, 4.0, 23)
    roots = [parallel_root(k, beta, A) for k in scan]
    best = int(np.nanargmax([w.imag for w in roots]))
    if roots[best].imag <= 1e-6:
        return None
    k, w, step = scan[best], roots[best], 0.1
    while step > 1e-4:
        tried = [k * math.exp(-step), k, k * math.exp(step)]
        near = [root(lambda w, q=q: parallel(w, q / math.sqrt(beta), beta, A), w) for q in tried]
        at = int(np.nanargmax([value.imag for value in near]))
        k, w, step = tried[at], near[at], step if at != 1 else step / 2
    return Mode(float(w.imag), float(w.real), float(k), 0.0)


def mirror_small_amplitude(k_par, k_perp, beta, A):
    r"""Growth rate of mirrors for slow growth, gamma << k_par v_th; too low by 5 to 19 % at the fastest mode.

    .. math:: \frac{\gamma}{k_\parallel v_{th,\parallel}} = \frac{1}{\sqrt\pi A} \left(A - 1
        - \frac{1 + (k_\parallel/k_\perp)^2 [1 + (\beta_\perp - \beta_\parallel)/2]}{\beta_\perp G}\right), \quad
        G = e^{-b} [I_0(b) - I_1(b)], \quad b = A (k_\perp r)^2 / 2

    Source: Hasegawa 1969, Phys. Fluids 12, 2642; docs/physics.md 16.3.

    Parameters
    ----------
    k_par, k_perp : float or array
        [1/r].
    beta, A : float

    Returns
    -------
    float or array
        [Omega_i], negative where the mode is damped.
    """
    k_par, k_perp = np.asarray(k_par, float), np.asarray(k_perp, float)
    bessel = bessel_scaled(1, A * k_perp**2 / 2)
    G = bessel[..., 0] - bessel[..., 1]
    stiff = 1 + (k_par / k_perp) ** 2 * (1 + beta * (A - 1) / 2)
    return (k_par / (math.sqrt(math.pi) * A) * (A - 1 - stiff / (A * beta * G)))[()]


def fastest_mirror_small_amplitude(beta, A):
    """Fastest mirror `Mode` of `mirror_small_amplitude`; None if stable."""
    k_par, k_perp = np.meshgrid(np.geomspace(0.003, 3.0, 400), np.geomspace(0.02, 3.0, 300), indexing="ij")
    rates = mirror_small_amplitude(k_par, k_perp, beta, A)
    best = np.unravel_index(np.argmax(rates), rates.shape)
    return Mode(float(rates[best]), 0.0, float(k_par[best]), float(k_perp[best])) if rates[best] > 0 else None

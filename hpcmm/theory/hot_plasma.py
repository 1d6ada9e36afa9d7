r"""Linear waves of the hybrid model: bi-Maxwellian ions, massless isothermal electrons, resistivity none.

Units: times 1/Omega_i, lengths d_i, speeds v_A, field along z; ``beta`` is
:math:`\beta_\parallel = v_{th,\parallel}^2`, ``A`` is :math:`T_\perp/T_\parallel`, ``T_e`` in :math:`m_i v_A^2`.
Fields go as exp(i k.x - i w t).
Source: docs/physics.md 16.2.
"""

import math

import numpy as np

from .plasma_functions import bessel_scaled, plasma_Z

_ACROSS_B = np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 0]], dtype=complex)
"""v -> v x z."""


def susceptibility(w, k_par, k_perp, beta, A):
    """Susceptibility of the ions over (omega_pi / Omega_i)^2, x along k_perp.

    Source: Stix 1992, Waves in Plasmas, chapter 10, without drift; docs/physics.md 16.2.

    Parameters
    ----------
    w : complex or array
        Frequency [Omega_i].
    k_par, k_perp : float or array
        Wavenumbers along and across the field [1/d_i], k_par above 0.
    beta, A : float

    Returns
    -------
    array [..., 3, 3]
    """
    w, k_par, k_perp = np.broadcast_arrays(np.asarray(w, complex), k_par, k_perp)
    lam = np.maximum(0.5 * k_perp**2 * A * beta, 1e-12)[..., None]
    count = 12 + int(4 * math.sqrt(lam.max()))
    bessel = bessel_scaled(count + 1, lam[..., 0])
    n = np.arange(-count, count + 1)
    I = bessel[..., np.abs(n)]  # noqa: E741
    d = I - 0.5 * (bessel[..., np.abs(n - 1)] + bessel[..., np.abs(n + 1)])
    w, k_par = w[..., None], k_par[..., None]
    thermal = k_par * math.sqrt(beta)
    zeta = (w - n) / thermal
    z = plasma_Z(zeta)
    part = ((w - n) * A + n) / w
    along = (A - 1) / w + part * z / thermal
    across = part * (1 + zeta * z) / k_par
    k = np.sqrt(2 * lam / (A * beta))
    xx = n**2 * I / lam * along
    yy = (n**2 / lam * I + 2 * lam * d) * along
    zz = 2 * (w - n) / (k_par * A * beta) * I * across
    xy, xz, yz = -1j * n * d * along, k * n * I / lam * across, 1j * k * d * across
    rows = [[xx, xy, xz], [-xy, yy, yz], [xz, -yz, zz]]
    chi = np.stack([np.stack([entry.sum(axis=-1) for entry in row], axis=-1) for row in rows], axis=-2)
    return chi / w[..., None]


def determinant(w, k_par, k_perp, beta, A, T_e):
    r"""Determinant of the hybrid dispersion tensor, 0 at the frequencies of waves.

    .. math:: M = 1 - (\times \hat B) (j - \sigma) + i T_e k (k \cdot \sigma) / \omega, \quad
        j = i k \times (k \times \cdot) / \omega, \quad \sigma = -i \omega \chi

    Source: docs/physics.md 16.2; arguments as in `susceptibility`.
    """
    w, k_par, k_perp = np.broadcast_arrays(np.asarray(w, complex), k_par, k_perp)
    sigma = -1j * w[..., None, None] * susceptibility(w, k_par, k_perp, beta, A)
    k = np.stack([k_perp, np.zeros_like(k_par), k_par], axis=-1).astype(complex)
    outer = k[..., :, None] * k[..., None, :]
    double_curl = outer - (k**2).sum(axis=-1)[..., None, None] * np.eye(3)
    j = 1j * double_curl / w[..., None, None]
    pressure = 1j * T_e * k[..., :, None] * (k[..., None, :] @ sigma) / w[..., None, None]
    return np.linalg.det(np.eye(3) - _ACROSS_B @ (j - sigma) + pressure)


def root(f, w, tolerance=1e-12, most=80):
    """Zero of an analytic function near ``w`` by Muller's iteration; nan where it does not converge.

    Parameters
    ----------
    f : callable
    w : complex
    tolerance : float
        Of the last change, relative to the root.
    most : int
        Most iterations.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return _muller(f, w, tolerance, most)


def _muller(f, w, tolerance, most):
    x = [w * (1 - 1e-3), w * (1 + 1e-3j), complex(w)]
    y = [complex(f(value)) for value in x]
    far = abs(y[2])
    for _ in range(most):
        h1, h2 = x[1] - x[0], x[2] - x[1]
        if 0 in (h1, h2, h1 + h2):
            break
        d1, d2 = (y[1] - y[0]) / h1, (y[2] - y[1]) / h2
        a = (d2 - d1) / (h2 + h1)
        b = a * h2 + d2
        s = np.sqrt(b * b - 4 * a * y[2])
        bottom = b + s if abs(b + s) > abs(b - s) else b - s
        if bottom == 0 or not np.isfinite(bottom):
            break
        x = [x[1], x[2], x[2] - 2 * y[2] / bottom]
        if abs(x[2] - x[1]) < tolerance * abs(x[2]):
            # where exp(-zeta^2) is near its overflow an iteration may end where no zero is
            return x[2] if abs(f(x[2])) <= 1e-6 * far + 1e-12 else complex(np.nan, np.nan)
        y = [y[1], y[2], complex(f(x[2]))]
    return complex(np.nan, np.nan)


def parallel(w, k, beta, A, shape=1.0):
    r"""Dispersion function of circular waves along the field; w > 0: left-handed (ion cyclotron), w < 0: right-handed.

    .. math:: k^2 + \omega - F \left[\frac{\omega}{k v_{th}} Z(\zeta) + (A - 1)(1 + \zeta Z(\zeta))\right],
        \quad \zeta = \frac{\omega - 1}{k v_{th}}

    Source: docs/physics.md 16.2.

    Parameters
    ----------
    w : complex or array
    k : float or array
        [1/d_i], above 0.
    beta, A : float
    shape : float or array
        F: what a grid makes of the ions' response (docs/physics.md 16.4); 1: nothing.
    """
    thermal = k * math.sqrt(beta)
    zeta = (w - 1) / thermal
    z = plasma_Z(zeta)
    return k**2 + w - shape * (w / thermal * z + (A - 1) * (1 + zeta * z))


def acoustic(zeta, T_e_over_T_i):
    r"""Dispersion function of ion acoustic waves along the field, :math:`1 + (T_e/T_i)(1 + \zeta Z(\zeta))`.

    Quasi-neutral, isothermal electrons; zeta = w / (k v_th). Source: docs/physics.md 16.2.
    """
    return 1 + T_e_over_T_i * (1 + zeta * plasma_Z(zeta))

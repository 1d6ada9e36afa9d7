"""Quasi-linear scattering in a ring of mirror-polarised waves about a guide field: what equations (3)-(6) stand for.

Waves k = (k_par, k_perp cos phi, k_perp sin phi), phi uniform, k_par uniform in (-K, K), polarised in the plane of k
and the guide field (no component across both), mean square <b^2> in units of the guide field's square. Lengths are in
any one unit; c = 1. Source: docs/physics.md 9.
"""

import numpy as np

_NODES = 400


def _over_k_par(mu, k_par_max, k_perp, weight):
    """Mean of weight(k_par) q over k_par in (0, K), q = sqrt((1 - mu^2) k_perp^2 - mu^2 k_par^2) where that is real."""
    mu = np.asarray(mu, dtype=float)
    x, w = np.polynomial.legendre.leggauss(_NODES)
    # with k_par = top sin(phi) the root has no edge
    with np.errstate(divide="ignore"):
        top = np.sqrt(1 - mu**2) * k_perp / np.abs(mu)
    end = np.arcsin(np.minimum(k_par_max / np.maximum(top, 1e-300), 1.0))
    phi = 0.5 * end[..., None] * (x + 1)
    flat = np.abs(mu)[..., None] < 1e-9
    k_par = np.where(flat, 0.5 * k_par_max * (x + 1), np.minimum(top, 1e300)[..., None] * np.sin(phi))
    jacobian = np.where(flat, 0.5 * k_par_max, 0.5 * end[..., None] * np.minimum(top, 1e300)[..., None] * np.cos(phi))
    q = np.sqrt(np.maximum((1 - mu**2)[..., None] * k_perp**2 - (mu[..., None] * k_par) ** 2, 0.0))
    return (weight(k_par) * q * jacobian * w).sum(axis=-1) / k_par_max


def nu_mirror_modes(mu, r_g, b_squared, k_perp, k_par_max):
    """Rate of deflection d<dtheta^2>/dt = <2 b^2 q / (r_g^2 k_perp^2)>, averaged over k_par.

    Source: docs/physics.md 9.2. At mu = 0 it is eq 3 with l_mm = 2/k_perp.

    Parameters
    ----------
    mu : float or array
        Pitch-angle cosine.
    r_g : float
        Gyroradius in the guide field.
    b_squared : float
        Mean square <b^2>/B_0^2 of the waves.
    k_perp, k_par_max : float
        Wavenumber across the guide field; bound of that along it.

    Returns
    -------
    float or array
        Rate [c / length].
    """
    return 2 * b_squared / (r_g * k_perp) ** 2 * _over_k_par(mu, k_par_max, k_perp, np.ones_like)


def D_mumu_mirror_modes(mu, r_g, b_squared, k_perp, k_par_max):
    """D_mumu = <b^2 (k_par^2/k^2) q / (r_g^2 k_perp^2)>, averaged over k_par; arguments as in `nu_mirror_modes`.

    Only the field across the guide field turns the pitch angle, hence k_par^2/k^2. Source: docs/physics.md 9.2.
    """
    share = _over_k_par(mu, k_par_max, k_perp, lambda k_par: k_par**2 / (k_par**2 + k_perp**2))
    return b_squared / (r_g * k_perp) ** 2 * share


def kappa_mirror_modes(r_g, b_squared, k_perp, k_par_max):
    r"""Diffusion along and across the guide field.

    .. math::
        \kappa_\parallel = \frac{c^2}{8} \int_{-1}^{1} \frac{(1 - \mu^2)^2}{D_{\mu\mu}} d\mu, \quad
        \kappa_\perp = \frac{r_g^2}{4} \langle \nu(\mu) \rangle_\mu

    Source: docs/physics.md 4.3, 9.3. For K << k_perp, kappa_par = (3 pi/64) k_perp r_g^2/<b_perp^2> and
    kappa_perp = (pi/16) l_mm <b^2> with l_mm = 2/k_perp.

    Returns
    -------
    kappa_par, kappa_perp : float
        Diffusion coefficients [c length].
    """
    x, w = np.polynomial.legendre.leggauss(_NODES)
    mu, w = 0.5 * (x + 1), 0.5 * w
    D = D_mumu_mirror_modes(mu, r_g, b_squared, k_perp, k_par_max)
    nu = nu_mirror_modes(mu, r_g, b_squared, k_perp, k_par_max)
    return float(((1 - mu**2) ** 2 / D) @ w / 4), float(r_g**2 / 4 * (nu @ w))


def kappa_over_eq_4(elongation):
    """kappa_par of a ring over equation (4) with its l_mm = 2/k_perp and its field along the guide field.

    Source: docs/physics.md 9.3.

    Parameters
    ----------
    elongation : float
        k_perp over the rms of k_par, which is K/sqrt(3).

    Returns
    -------
    float
    """
    K = np.sqrt(3.0) / elongation
    along, _ = kappa_mirror_modes(1.0, 1.0, 1.0, K)
    parallel = np.arctan(K) / K  # share of the power along the guide field, <k_perp^2/k^2>
    return float(along * 2.0 * parallel)

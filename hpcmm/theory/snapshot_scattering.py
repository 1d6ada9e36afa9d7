r"""Quasi-linear scattering in the waves of a snapshot itself: D_mumu, kappa along and across its mean field.

Straight lines at the speed of light meet the waves b_k = B_k/|<B>| of a cube; n is their direction, mu its cosine to
the mean field, e across both, \Omega = c/r_g of the mean field:

.. math::
   D_{\mu\mu} = \Omega^2 (1 - \mu^2) \Big\langle \sum_k |b_k \cdot e|^2 \pi \delta(k \cdot n) \Big\rangle_\varphi, \quad
   \nu = 2 \Omega^2 \Big\langle \sum_k |b_{k,\perp n}|^2 \pi \delta(k \cdot n) \Big\rangle_\varphi

with the delta as wide as half the distance of waves along n. It holds for r_g far above the waves' lengths and
deflections small in one of them, in a box of many waves. Lengths in any one unit, c = 1. Source: docs/physics.md 9.4.
"""

from dataclasses import dataclass

import numpy as np

LEAST_POWER = 1e-7
"""Waves of less power than this share of the strongest are left out."""

WIDEST_GAP = 3.3
"""`gap` up to which flown kappa_par was .9 to 1.4 of quasi-linear theory; beyond, 2 to 6 (docs/physics.md 9.4)."""

WIDTH = 0.5
"""Standard deviation of the broadened delta, in distances of waves along n."""


@dataclass(frozen=True)
class Modes:
    """Waves of a periodic cube, in the frame of its mean field.

    Attributes
    ----------
    k : array (n, 3)
        Wavevectors; the first component is along the mean field.
    b : array (n, 3)
        Amplitudes over the mean field, complex: sum(|b|^2) = dB^2/|<B>|^2.
    spacing : array (3, 3)
        Distances of waves along the axes of the box, as columns of vectors in that frame.
    """

    k: np.ndarray
    b: np.ndarray
    spacing: np.ndarray

    @property
    def power(self):
        """|b_k|^2 of each wave."""
        return (np.abs(self.b) ** 2).sum(axis=1)

    @property
    def dB_over_B(self):
        """rms of the field along its mean, over the mean."""
        return float(np.sqrt((np.abs(self.b[:, 0]) ** 2).sum()))

    @property
    def l_mm(self):
        """2 <1/k_perp>, weighted by the power of the field along the mean: the length in equations (3) to (6)."""
        k_perp, power = np.hypot(self.k[:, 1], self.k[:, 2]), np.abs(self.b[:, 0]) ** 2
        there = k_perp > 1e-9 * k_perp.max()
        return float(2 * (power[there] / k_perp[there]).sum() / power.sum())

    @property
    def k_par(self):
        """rms wavenumber along the mean field, weighted by power."""
        return float(np.sqrt(np.average(self.k[:, 0] ** 2, weights=self.power)))

    @property
    def carriers(self):
        """Number of waves that carry the power P, k and -k counted once: (sum P)^2/sum P^2.

        Of one wave 1, of n alike n; with few, theory and flight disagree.
        """
        return float(self.power.sum() ** 2 / (2 * (self.power**2).sum()))


def modes_of(B, box):
    """Waves of a field on a periodic grid.

    Parameters
    ----------
    B : array (nx, ny, nz, 3)
        With a mean field, in any unit.
    box : (3,) array
        Sides.

    Raises
    ------
    ValueError
        If there is no mean field, or nothing beside it.
    """
    B = np.asarray(B, dtype=np.float64)
    mean, points = B.mean(axis=(0, 1, 2)), B.shape[:3]
    strength = np.linalg.norm(mean)
    if not strength > 1e-6 * np.abs(B).max():
        raise ValueError("a mean field is expected, about which particles gyrate")
    waves = np.fft.fftn((B - mean) / strength, axes=(0, 1, 2), norm="forward")
    power = (np.abs(waves) ** 2).sum(axis=-1)
    if not power.max() > 0:
        raise ValueError("a field that varies is expected")
    kept = power > LEAST_POWER * power.max()
    numbers = np.meshgrid(*(np.fft.fftfreq(n, 1 / n) for n in points), indexing="ij")
    k = np.stack([2 * np.pi / side * m[kept] for side, m in zip(box, numbers, strict=True)], axis=1)
    frame = _frame(mean / strength)
    return Modes(k @ frame.T, waves[kept] @ frame.T, frame * (2 * np.pi / np.asarray(box, float)))


def _frame(along):
    """Rotation whose first row is ``along``."""
    aside = np.eye(3)[np.argmin(np.abs(along))]
    one = np.cross(along, aside)
    one /= np.linalg.norm(one)
    return np.array([along, one, np.cross(along, one)])


def pitch_angle_rates(modes, mu, azimuths=24):
    """D_mumu and nu in units of (c/r_g)^2 times a length over c.

    Parameters
    ----------
    modes : Modes
    mu : array (m,)
        Pitch-angle cosines.
    azimuths : int
        Directions about the mean field over which both are averaged.

    Returns
    -------
    D, nu : array (m,)
    """
    power, D, nu = modes.power, np.zeros(len(mu)), np.zeros(len(mu))
    turn = 2 * np.pi * (np.arange(azimuths) + 0.5) / azimuths
    for i, m in enumerate(mu):
        sine = np.sqrt(1 - m * m)
        for phi in turn:
            n = np.array([m, sine * np.cos(phi), sine * np.sin(phi)])
            e = np.array([0.0, -np.sin(phi), np.cos(phi)])
            width = WIDTH * np.linalg.norm(n @ modes.spacing)
            off = modes.k @ n / width
            near = np.abs(off) < 6.0
            pi_delta = np.sqrt(np.pi / 2) / width * np.exp(-0.5 * off[near] ** 2)
            b = modes.b[near]
            D[i] += ((np.abs(b @ e) ** 2) * pi_delta).sum()
            nu[i] += ((power[near] - np.abs(b @ n) ** 2) * pi_delta).sum()
    return (1 - np.asarray(mu) ** 2) * D / azimuths, 2 * nu / azimuths


def snapshot_kappa(modes, gyroradius, nodes=24, azimuths=24):
    r"""Quasi-linear diffusion coefficients in the waves of a snapshot.

    .. math::
        \kappa_\parallel = \frac{c^2}{4} \int_0^1 \frac{(1 - \mu^2)^2}{D_{\mu\mu}} d\mu \propto r_g^2, \quad
        \kappa_\perp = \frac{r_g^2}{4} \int_0^1 \nu\, d\mu

    Parameters
    ----------
    modes : Modes
    gyroradius : float or array
        In the mean field.
    nodes, azimuths : int
        Of the integrals over mu and about the mean field.

    Returns
    -------
    kappa_par, kappa_perp : float or array
        [c length]
    """
    mu = (np.arange(nodes) + 0.5) / nodes
    D, nu = pitch_angle_rates(modes, mu, azimuths)
    with np.errstate(divide="ignore"):
        along = 0.25 * np.mean((1 - mu**2) ** 2 / D)
    square = np.square(gyroradius)
    return along * square, 0.25 * np.mean(nu) * np.ones_like(square)


def gap(modes, gyroradius, kappa_par):
    r"""Distance of the first gyroresonance from a pitch angle of 90 degrees, in widths of resonances.

    .. math::
        \frac{1}{k_\parallel r_g} \Big/ \left(\frac{2D}{k_\parallel}\right)^{1/3}, \quad D = \frac{1}{6\kappa_\parallel}

    Below |mu| = 1/(k_par r_g) nothing resonates; scattering at the rate D moves a particle out of a resonance by that
    width in mu. Straight tracks know no gap. Beyond `WIDEST_GAP` flown kappas were twice theirs and more.

    Parameters
    ----------
    modes : Modes
    gyroradius, kappa_par : float or array
        In the mean field; quasi-linear, from `snapshot_kappa`.

    Returns
    -------
    float or array
    """
    return np.cbrt(3 * modes.k_par * np.asarray(kappa_par)) / (modes.k_par * np.asarray(gyroradius))

"""Pure functions: kappa(E, r) of a cluster by the paper's formulas, and the rate at which cosmic rays are lost."""

import math

import numpy as np

from hpcmm import theory
from hpcmm.fields.profiles import profiles
from hpcmm.theory import EV, PARSEC, C

ALONG_LINES = 2.0 / 3.0
"""kappa nu_mm / c^2 of kicks along a field line; kappa_iso of lines tangled isotropically is a third (docs/physics.md
1.3)."""

MIXING = {
    "harmonic": theory.kappa_harmonic,
    "maxwell_garnett": theory.kappa_maxwell_garnett,
    "arithmetic": theory.kappa_arithmetic,
}
"""Name of a mixing in the deck -> function kappa(kappa_mm, kappa_res, f_mm)."""

GEV = 1e9 * EV

PROTON_REST_ENERGY = 0.93827208816
"""Rest energy of the proton [GeV]; CODATA 2018."""

THRESHOLD = 0.2797
"""Kinetic energy from which protons can make a pion [GeV]: 2 m_pi + m_pi^2/(2 m_p) of the neutral one."""

INELASTICITY = 0.5
"""Mean share of its energy that a proton gives away in an inelastic collision."""


def kappa(config, energy, radius, f_mm=None):
    r"""Isotropic diffusion coefficient at each place.

    .. math:: \kappa = M(\kappa_{in}, \kappa_{res}, f_{mm}), \quad 1/\kappa_{in} = 1/\kappa_{mm} + 1/\kappa_{res}, \quad
              \kappa_{mm} = a_{mm} c^2/\nu_{mm}, \quad \kappa_{res} = a_{res} c\, l_c (r_g/l_c)^{\delta}

    with r_g of the field there, M the mixing of the deck, and kappa_he = c r_g^2/l_c where r_g > l_c; a = 1 for
    coefficients "paper". Inside patches both scatter and rates add, as in `kind = "transport"`; equation (11) has
    kappa_mm alone there, which is the same far below the transition, and far above it would let micromirrors speed
    particles up. Source: paper, equations (3), (4), (7), (11), (15); docs/physics.md 1.3, 10.2, 12, 17.8.

    Parameters
    ----------
    config : ClusterConfig
    energy : float
        [GeV].
    radius : array
        [pc].
    f_mm : float, optional
        Filling fraction everywhere, instead of the deck's profile.

    Returns
    -------
    array
        [cm2/s].
    """
    plasma, radius = config.plasma, np.asarray(radius, dtype=float)
    if plasma.kappa is not None:
        return np.full(radius.shape, plasma.kappa)
    here = profiles(plasma, radius)
    share = here.f_mm if f_mm is None else f_mm
    E, l_c, Z = GEV * energy, PARSEC * plasma.l_c, config.particle.Z
    kappa_mm = theory.kappa_mm(E, here.B, here.l_mm, plasma.dB_over_B, Z)
    over_eq_4 = plasma.kappa_mm_over_eq_4
    if plasma.coefficients == "measured":
        if math.isclose(plasma.delta, 1 / 3):
            kappa_res = theory.kappa_on_tangled_lines(E, here.B, l_c, Z)
        else:
            kappa_res = theory.kappa_harari(E, "kraichnan", here.B, l_c, Z)
        kappa_mm = (ALONG_LINES if over_eq_4 is None else over_eq_4) / 3 * kappa_mm
    else:  # both are c l_c at r_g = l_c
        kappa_mm = kappa_mm if over_eq_4 is None else over_eq_4 * kappa_mm
        kappa_res = np.maximum(theory.kappa_res(E, plasma.delta, here.B, l_c, Z), theory.kappa_he(E, here.B, l_c, Z))
    return MIXING[plasma.mixing](1 / (1 / kappa_mm + 1 / kappa_res), kappa_res, share)


def loss_rate(config, energy, radius):
    """Rate at which cosmic rays are lost at each place [1/s]; ``energy`` in GeV, ``radius`` [pc]."""
    radius = np.asarray(radius, dtype=float)
    rate = np.full(radius.shape, config.losses.rate)
    if config.losses.hadronic:
        rate += hadronic_rate(energy, profiles(config.plasma, radius).n_e)
    return rate


def inelastic_cross_section(energy):
    r"""Inelastic cross section of protons on protons at rest, by total energy.

    .. math:: \sigma = (30.7 - 0.96 \ln x + 0.18 \ln^2 x) (1 - x^{-1.9})^3 \text{ mb}, \quad x = T_p/T_{th}

    Source: Kafexhiu, Aharonian, Taylor & Vila 2014, Phys. Rev. D 90, 123014, equation (1).

    Parameters
    ----------
    energy : float or array
        [GeV].

    Returns
    -------
    float or array
        [cm2]; 0 below the threshold.
    """
    x = np.maximum((np.asarray(energy) - PROTON_REST_ENERGY) / THRESHOLD, 1.0)
    log = np.log(x)
    return 1e-27 * (30.7 - 0.96 * log + 0.18 * log**2) * (1 - x**-1.9) ** 3


def hadronic_rate(energy, n_e):
    r"""Rate of energy loss of protons in collisions with the gas, K sigma(E) c n_e, taken as a rate of disappearance.

    Protons collide at sigma c n_e and keep a part 1 - K of their energy. Of a power law E^-a those that come down from
    higher energies replace (1 - K)^(a - 1) of them; what is left is this rate for a = 2. One nucleon to an electron; of
    hydrogen with a quarter of helium by mass it is 1.14.

    Parameters
    ----------
    energy : float
        [GeV].
    n_e : array
        [1/cm3].

    Returns
    -------
    array
        [1/s].
    """
    return INELASTICITY * inelastic_cross_section(energy) * C * n_e

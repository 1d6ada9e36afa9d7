r"""Where v = c holds: E stands for p c, so that r_g = E/(Z e B) is exact, and particles fly at c.

.. math::  \beta = E / \sqrt{E^2 + (m c^2)^2}, \quad m = m_p \ (Z = 1), \quad 2 Z m_p \ (Z > 1)

kappa = v lambda/3 is then too high by 1/beta: 2 % for protons at p c = 5 GeV, 37 % at 1 GeV.
"""

import math

from .constants import EV, M_PROTON, C

LEAST_BETA = 0.95
"""v/c below which a warning is due: 5 % of kappa, of the order of the errors of runs."""


def beta(energy: float, Z: int = 1) -> float:
    """v/c of a nucleus of momentum E/c; `energy` [GeV], of all the nucleus."""
    nucleons = 1 if abs(Z) == 1 else 2 * abs(Z)
    rest = nucleons * M_PROTON * C**2 / EV / 1e9
    return energy / math.hypot(energy, rest)


def least_energy(Z: int = 1) -> float:
    """Energy [GeV] at which beta is `LEAST_BETA`."""
    nucleons = 1 if abs(Z) == 1 else 2 * abs(Z)
    return nucleons * M_PROTON * C**2 / EV / 1e9 * LEAST_BETA / math.sqrt(1 - LEAST_BETA**2)

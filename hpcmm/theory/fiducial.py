"""The paper's fiducial intracluster medium (ICM), in cgs: the keyword defaults of this package.

Source: Reichherzer et al. 2025, Methods; equations (5), (9), (18); docs/physics.md 11.1.
"""

from .constants import EV, GAUSS_MICRO, PARSEC

B_ICM = 3.0 * GAUSS_MICRO
"""Magnetic field strength [G]."""

L_C = 1e5 * PARSEC
"""Two-sided correlation length of the turbulence, 100 kpc [cm]."""

L_MM = 1e-7 * PARSEC
"""Scale of the micromirrors across the field, 100 npc [cm]."""

DB_OVER_B = 1.0 / 3.0
"""Saturated amplitude of the micromirrors over the ambient field."""

T_ICM = 5e3 * EV
"""Temperature of the thermal ions, 5 keV [erg]."""

TAU_ICM = 1e12
"""Time over which the mirror-unstable plasma evolves [s]."""

L_A = 1e3 * PARSEC
"""Alfven scale, on which super-Alfvenic turbulence tangles the field lines, 1 kpc [cm]."""

V_A = 1e7
"""Alfven speed, 100 km/s [cm/s]."""

H_P = 1e4 * PARSEC
"""Scale height of the thermal gas density, 10 kpc [cm]."""

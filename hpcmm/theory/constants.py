"""Physical constants in Gaussian cgs units, as plain floats.

Sources: c, e, eV are exact by the SI of 2019; the parsec by IAU 2015 resolution B2; the masses
of proton and electron are CODATA 2018. docs/physics.md 1.2: these replace the rounded prefactors of the paper.
"""

import math

C = 2.99792458e10
"""Speed of light [cm/s]."""

EV = 1.602176634e-12
"""Electronvolt [erg]."""

E_CHARGE = 1.602176634e-19 * C / 10.0
"""Elementary charge [esu]."""

M_PROTON = 1.67262192369e-24
"""Proton mass [g]."""

M_ELECTRON = 9.1093837015e-28
"""Electron mass [g]."""

PARSEC = 6.48e5 / math.pi * 1.495978707e13
"""Parsec [cm]."""

GAUSS_MICRO = 1e-6
"""Microgauss [G]."""

r"""Named flows and forces as lists of modes, docs/physics.md 15.

Taylor-Green: Taylor & Green 1937, Proc. R. Soc. A 158, 499; with fields of Lee et al. 2010, Phys. Rev. E 81, 016318.
ABC: Arnold, Beltrami, Childress; curl u = k u. Orszag-Tang in three dimensions: Mininni et al. 2006, PRL 97, 244503.
"""

import math

from hpcmm.kinds.mhd.waves import Scalar, cosines, sines, vector

NONE = Scalar()


def taylor_green(k):
    """(sin kx cos ky cos kz, -cos kx sin ky cos kz, 0)."""
    s, c = sines(k), cosines(k)
    return s[0] * c[1] * c[2], -1 * (c[0] * s[1] * c[2]), NONE


def abc(k, A=1.0, B=1.0, C=1.0):
    """(A sin kz + C cos ky, B sin kx + A cos kz, C sin ky + B cos kx)."""
    s, c = sines(k), cosines(k)
    return A * s[2] + C * c[1], B * s[0] + A * c[2], C * s[1] + B * c[0]


def insulating(k):
    """(cos kx sin ky sin kz, sin kx cos ky sin kz, -2 sin kx sin ky cos kz) / sqrt 3."""
    s, c, size = sines(k), cosines(k), 1 / math.sqrt(3)
    return size * (c[0] * s[1] * s[2]), size * (s[0] * c[1] * s[2]), -2 * size * (s[0] * s[1] * c[2])


def alternative(k):
    """(cos 2kx sin 2ky sin 2kz, -sin 2kx cos 2ky sin 2kz, 0)."""
    s, c = sines(2 * k), cosines(2 * k)
    return c[0] * s[1] * s[2], -1 * (s[0] * c[1] * s[2]), NONE


def conducting(k):
    """(sin 2kx cos 2ky cos 2kz, cos 2kx sin 2ky cos 2kz, -2 cos 2kx cos 2ky sin 2kz) / sqrt 3."""
    s, c, size = sines(2 * k), cosines(2 * k), 1 / math.sqrt(3)
    return size * (s[0] * c[1] * c[2]), size * (c[0] * s[1] * c[2]), -2 * size * (c[0] * c[1] * s[2])


def orszag_tang(k):
    """u = (-2 sin ky, 2 sin kx, 0) and b = 0.8 (-2 sin 2ky + sin kz, 2 sin kx + sin kz, sin kx + sin ky)."""
    s, twice = sines(k), sines(2 * k)
    u = (-2 * s[1], 2 * s[0], NONE)
    return u, (-1.6 * twice[1] + 0.8 * s[2], 1.6 * s[0] + 0.8 * s[2], 0.8 * (s[0] + s[1]))


STARTS = {
    "taylor_green": lambda k: (taylor_green(k), ()),
    "tg_insulating": lambda k: (taylor_green(k), insulating(k)),
    "tg_alternative": lambda k: (taylor_green(k), alternative(k)),
    "tg_conducting": lambda k: (taylor_green(k), conducting(k)),
    "orszag_tang_3d": orszag_tang,
    "abc": lambda k: (abc(k), ()),
    "rest": lambda k: ((), ()),
}
"""Name of a start in the deck -> function of the wavenumber that gives the components of u and b."""

FORCES = {"taylor_green": taylor_green, "abc": abc}
"""Name of a constant force in the deck -> function of the wavenumber that gives its components."""


def start(name, wavenumber, amplitude):
    """Modes of u and b of a named start: two of {k: array (3,)}."""
    return tuple(vector([amplitude * f for f in field]) if field else {} for field in STARTS[name](wavenumber))


def force(name, wavenumber, amplitude):
    """Modes of a constant force {k: array (3,)}."""
    return vector([amplitude * f for f in FORCES[name](wavenumber)])

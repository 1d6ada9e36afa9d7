"""Low-storage Runge-Kutta schemes: each stage is g = A g + dt f(q), q = q + B g, at the time c of the step.

"rk3": Williamson 1980, J. Comput. Phys. 35, 48, case 7. "rk4": RK4(3)5[2N], Carpenter & Kennedy 1994, NASA TM-109112.
"""

from typing import NamedTuple


class Scheme(NamedTuple):
    """Coefficients of the stages; ``times`` has the end of the step, 1, too."""

    A: tuple
    B: tuple
    times: tuple


SCHEMES = {
    "rk3": Scheme((0.0, -5 / 9, -153 / 128), (1 / 3, 15 / 16, 8 / 15), (0.0, 1 / 3, 3 / 4, 1.0)),
    "rk4": Scheme(
        (
            0.0,
            -567301805773 / 1357537059087,
            -2404267990393 / 2016746695238,
            -3550918686646 / 2091501179385,
            -1275806237668 / 842570457699,
        ),
        (
            1432997174477 / 9575080441755,
            5161836677717 / 13612068292357,
            1720146321549 / 2090206949498,
            3134564353537 / 4481467310338,
            2277821191437 / 14882151754819,
        ),
        (
            0.0,
            1432997174477 / 9575080441755,
            2526269341429 / 6820363962896,
            2006345519317 / 3224310063776,
            2802321613138 / 2924317926251,
            1.0,
        ),
    ),
}
"""Name in the deck -> Scheme."""

"""Small-angle kicks that act everywhere: those of one kind merged, and applied only when they are due."""

import math
from dataclasses import dataclass

LARGEST_VARIANCE = 0.02
"""Largest variance of one merged kick [rad^2]: memory is then exact to 0.3 % of its rate for every kick."""

LARGEST_GYRATION = 1.0
"""Largest angle of gyration between two kicks [rad]: with kicks a gyration apart kappa_perp would be too small."""


@dataclass(frozen=True)
class MergedKick:
    """Kicks of one kind, from all operators that act everywhere.

    Attributes
    ----------
    kind : str
        "paper", "transport" or "fork-constant".
    nu : float
        Sum of their rates [1/pc].
    every : int
        Steps from one kick, of that many times the variance, to the next.
    """

    kind: str
    nu: float
    every: int


def merged_kicks(config, gyroradius, step):
    """Kicks that act everywhere at one energy, a `MergedKick` a kind that there is.

    Independent small deflections of rates nu_1 and nu_2 are deflections of rate nu_1 + nu_2. The turbulence left out
    below the shortest wave kicks as the paper's operator does: it forgets at nu/2 (docs/physics.md 2.5).

    Parameters
    ----------
    config : Config
    gyroradius, step : float
        [pc].
    """
    nu = {}
    for section in config.scatter:
        if section.everywhere and section.nu(gyroradius) > 0:
            nu[section.kick] = nu.get(section.kick, 0.0) + section.nu(gyroradius)
    unresolved = math.fsum(section.nu_unresolved(config.surroundings, gyroradius) for section in config.field)
    if unresolved > 0:
        nu["paper"] = nu.get("paper", 0.0) + unresolved
    return [MergedKick(kind, rate, _every(rate, config.field, gyroradius, step)) for kind, rate in nu.items()]


def _every(rate, fields, gyroradius, step):
    """Largest m >= 1 with m nu s <= LARGEST_VARIANCE and, in a field, m Omega s <= LARGEST_GYRATION."""
    most = LARGEST_VARIANCE / (rate * step)
    if fields:
        most = min(most, LARGEST_GYRATION * gyroradius / step)
    return max(1, math.floor(most * (1 + 1e-9)))

"""Warns of energies at which particles do not fly at the speed of light, for every kind that has particles."""

from hpcmm.io.terminal import energies_text, energy_text
from hpcmm.theory import validity


def slow_lines(energies, Z):
    """Lines that warn of energies [GeV] at which v = c does not hold; none where it does."""
    slow = [energy for energy in energies if validity.beta(energy, Z) < validity.LEAST_BETA]
    if not slow:
        return []
    lowest, least = min(slow), validity.least_energy(Z)
    return [
        f"particle.energy: at {energies_text(slow)} v = {validity.beta(lowest, Z):.2g} c, but particles fly at c (E is "
        f"p c): kappa is too high by c/v, {1 / validity.beta(lowest, Z):.3g} at {energy_text(lowest)}; above "
        f"{energy_text(least)} it is within 5 %, below multiply by v/c"
    ]

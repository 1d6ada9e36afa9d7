"""Base class of scattering operators, with the questions that every model answers."""

from __future__ import annotations

from cython_kernels.lives import Cells
from cython_kernels.scatter import SmallAngleScatterer
from hpcmm.deck.section import Section
from hpcmm.theory.constants import PARSEC, C
from hpcmm.theory.scattering import decay_rate

STEPS_PER_FEATURE = 20
"""Least number of steps across a patch or a gap of a lattice, or a cell that lives and dies."""


class ScatterSection(Section):
    """A [[scatter]] block. A model gives ``nu(gyroradius)``, its rate where it acts [1/pc], and has a ``kick``."""

    @property
    def gated(self) -> bool:
        """True if it acts in patches |B| >= B_star alone; ``realize`` then also takes ``B_star``, in units of B_rms."""
        return False

    @property
    def masked(self) -> bool:
        """True if it acts in patches of files alone, ``mask``; ``realize`` then also takes ``mask``."""
        return False

    @property
    def lives(self) -> bool:
        """True if its patches live and die; ``realize`` then also takes ``lives``, keys of their phases and draws."""
        return False

    @property
    def cells(self) -> tuple[float, float]:
        """Edge [pc] of the cells that live and die, and the probability that one is occupied; of patches that do."""
        raise NotImplementedError

    def _living_cells(self, step: float, keys: tuple[int, int] | None, layers: bool = False) -> Cells | None:
        """Make the compiled cells for steps of this length [pc]; None where patches stay."""
        if not self.lives:
            return None
        edge, occupied = self.cells
        return Cells(edge, self.lifetime * C / PARSEC / step, occupied, *keys, layers)

    @property
    def everywhere(self) -> bool:
        """Does it act at all places alike, at the rate ``nu``? Then it is merged with others of its kick."""
        return not (self.gated or self.masked)

    @property
    def counted(self) -> bool:
        """True if it has patches; the steps inside them are counted as the moment ``in_patch``."""
        return self.gated or self.masked

    @property
    def acts(self) -> bool:
        """True if it scatters anywhere."""
        return True

    @property
    def structure(self) -> float | None:
        """Period [pc] of the lattice of its patches; None where it has no lattice."""
        return None

    def completed(self, l_c: float) -> dict:
        """Plain data, with the defaults that depend on the correlation length of the medium [pc]."""
        return self.plain()

    def decay_rate(self, gyroradius: float) -> float:
        """Rate at which directions decorrelate where it acts [1/pc] (docs/physics.md 4.1)."""
        return decay_rate(self.nu(gyroradius), self.kick)

    def step_bound(self, gyroradius: float) -> float:
        """Longest step [pc]: 0.02 c/nu (docs/physics.md 5.2)."""
        nu = self.nu(gyroradius)
        return 0.02 / nu if nu > 0 else float("inf")

    def realize(self, gyroradius: float, step: float, key: int) -> SmallAngleScatterer:
        """Make the compiled scatterer for steps of this length [pc]; ``key`` keys its random stream."""
        return SmallAngleScatterer(self.kick, self.nu(gyroradius) * step, key)

"""Base class of scattering operators, with the questions that every model answers."""

from __future__ import annotations

from cython_kernels.scatter import SmallAngleScatterer
from hpcmm.deck.section import Section
from hpcmm.theory.scattering import decay_rate


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

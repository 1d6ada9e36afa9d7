r"""The contracting box: its lengths against time, and the limits that they set to the step.

.. math:: L_i(t) = 1/(1 + t/\tau) \text{ along the axes that contract, } 1 \text{ along the others}

Source: docs/physics.md 16.4. Times in 1/Omega_i0; tau < 0 expands.
"""

import math
from dataclasses import dataclass

import numpy as np

WHISTLER = 2.8
"""Bound of dt n / (B sum (1.372/dx)^2) of the fourth-order Runge-Kutta scheme with these differences."""

MARGIN = 2.0
"""Factor of the number of sub-steps: B/n of mirrors is up to twice that of the uniform plasma."""

FAST = 5.5
"""Thermal speeds within which markers must stay in a cell's reach; faster ones are clamped and counted."""


@dataclass(frozen=True)
class Box:
    """A periodic box of cells, in units of d_i0.

    Attributes
    ----------
    cells : (int, int, int)
    spacing : (float, float, float)
        At t = 0.
    tau : float
        inf: a fixed box.
    axes : str
        Those that contract: "yz", "y" or "z".
    """

    cells: tuple
    spacing: tuple
    tau: float = float("inf")
    axes: str = "yz"

    @property
    def varies(self):
        """Axes along which anything varies: those of more than one cell."""
        return np.array([n > 1 for n in self.cells])

    def lengths(self, t):
        """L_i at a time."""
        a = 1 / (1 + t / self.tau)
        return np.array([1.0, a if "y" in self.axes else 1.0, a if "z" in self.axes else 1.0])

    def drag(self, t, dt):
        """Factor of velocities over half a step around ``t``; two of them keep L w exactly."""
        return np.sqrt(self.lengths(t - dt / 2) / self.lengths(t + dt / 2))

    def drift(self, t, dt):
        """Cells that a marker of unit speed moves in a step about ``t``; 0 where nothing varies."""
        return np.where(self.varies, dt / (np.array(self.spacing) * self.lengths(t)), 0.0)

    def cells_of_fast(self, t, dt, T):
        """Cells that a marker of `FAST` thermal speeds moves in a step, T_i / L_i^2 its temperatures: below 1."""
        sigma = np.sqrt(T) / self.lengths(t)
        return float((FAST * sigma * self.drift(t, dt)).max())

    def substeps(self, t, dt, strength=1.0, margin=MARGIN):
        """Number of sub-steps of the induction equation that whistlers demand.

        Parameters
        ----------
        t, dt : float
        strength : float
            B/n over that of the uniform plasma.
        margin : float
            Factor of the number, for fields that are stronger somewhere.
        """
        L = self.lengths(t)
        k = np.where(self.varies, 1.372 / (np.array(self.spacing) * L), 0.0)
        # n = 1/J over B = L_x/J
        least = margin * strength * dt * (k**2).sum() * L[0] / WHISTLER
        return math.ceil(least + 1e-9) if math.isfinite(least) else 2**31

r"""Where a flow makes the plasma unstable to mirrors: its pressure anisotropy against the local threshold.

.. math::
    \Delta = \frac{3 b_i b_j \partial_i u_j}{b^2 \nu_c}, \quad
    \text{mirror: } \Delta > \frac{1}{\beta(x)} = \frac{b^2}{2 p}, \quad
    \text{firehose: } \Delta < -\frac{b^2}{p}, \quad p = \beta b_{rms}^2 / 2

docs/physics.md 15.4. Anisotropy that the flow drives and collisions remove, at uniform pressure and for \|Delta\| << 1.
"""

import math

import numpy as np

from hpcmm.kinds.mhd.transform import Gradient
from hpcmm.parallel.exact_sums import exact_sums

COLUMNS = {
    "t": "time of the snapshot",
    "collision_rate": "nu_c in b_rms k_1; 0: the limit of rare collisions, patches where b b : grad u > 0",
    "f_mm": "share of the volume that is unstable to mirrors, of a flow of this Reynolds number",
    "f_firehose": "share that is unstable to firehoses",
    "Delta_rms": "rms pressure anisotropy; valid where it is far below 1",
    "l_par": "mean chord of the patches along field lines; the side of the cube is 2 pi",
    "l_perp": "mean chord across field lines",
}
"""Column of microphysics.ecsv -> its meaning."""

ANGLES = 8
"""Directions across the field for chords, within a quarter turn."""

DECADE = tuple(10 ** (n / 4) for n in (-2, -1, 0, 1, 2))
"""Collision rates of the table, over that of the deck."""


class Microphysics:
    """Anisotropy at the points of this rank, as a snapshot has it; its constructor is collective.

    Parameters
    ----------
    solver : Solver
        Its fields are transformed to the points.
    beta : float
        Mean plasma beta, 2 p / b_rms^2.

    Attributes
    ----------
    stretching : array [z, y, x]
        b_i b_j d_i u_j / b^2; 0 where b is 0.
    """

    def __init__(self, solver, beta):
        self._transforms, self._comm = solver.transforms, solver.transforms.comm
        solver.to_points()
        self._b = np.asarray(solver.fields[3:], float)
        self._square = (self._b**2).sum(axis=0)
        self._count = float(solver.transforms.count) ** 3
        self.rms = math.sqrt(self._mean(self._square))
        self._threshold = self._square / (beta * self.rms**2) if self.rms else self._square
        self.stretching = self._stretching(solver)

    def anisotropy(self, rate):
        """Delta at a collision rate in units of b_rms k_1: array [z, y, x]."""
        return 3.0 * self.stretching / (rate * self.rms) if self.rms else self.stretching

    def patch(self, delta):
        """Array of bool [z, y, x]: True where mirrors grow."""
        return delta > self._threshold

    def rows(self, time, rate):
        """Collective: rows of COLUMNS, of a decade of collision rates around ``rate`` and of their limit 0."""
        gradient = Gradient(self._transforms)
        found = [self._row(time, 0.0, None, gradient)]
        for factor in DECADE:
            found.append(self._row(time, rate * factor, self.anisotropy(rate * factor), gradient))
        gradient.close()
        return found

    def _row(self, time, rate, delta, gradient):
        # no threshold is left where collisions are rare
        excess = self.stretching if delta is None else delta - self._threshold
        inside = self._share(excess > 0)
        firehose = self._share(self.stretching < 0 if delta is None else delta < -2 * self._threshold)
        size = math.nan if delta is None else math.sqrt(self._mean(delta**2))
        return np.array([time, rate, inside, firehose, size, *self._chords(excess, inside, gradient)])

    def _chords(self, excess, inside, gradient):
        r"""Mean chords of the regions of positive excess, along b and across it: 2 f over borders met per length.

        A border is met where the excess changes its sign within a cell, by its own gradient there.
        """
        step = 2 * math.pi / self._transforms.count
        along, across = np.zeros(excess.shape), np.zeros(excess.shape)
        for b, slope in zip(self._b, gradient(excess), strict=True):
            along += b * slope
            across += slope * slope
        along /= np.sqrt(np.where(self._square > 0, self._square, 1.0))
        across = np.sqrt(np.maximum(across - along * along, 0.0))
        # of directions across b a mean over the angle: |cos| of what lies along the slope
        angles = (np.arange(ANGLES) + 0.5) * math.pi / (2 * ANGLES)
        met = (
            self._met(excess, step * along),
            sum(self._met(excess, step * math.cos(a) * across) for a in angles) / ANGLES,
        )
        return [2 * inside * step / part if part else math.nan for part in met]

    def _met(self, excess, change):
        """Share of the points at which a step of one cell crosses a border, mean of both ways."""
        inside = excess > 0
        return (self._share(inside != (excess + change > 0)) + self._share(inside != (excess - change > 0))) / 2

    def _share(self, where):
        """Share of all points at which an array of bool is true."""
        return sum(self._comm.allgather(int(np.count_nonzero(where)))) / self._count

    def _mean(self, values):
        return float(exact_sums(self._comm, values)[0]) / self._count

    def _stretching(self, solver):
        transforms = self._transforms
        found, term = np.zeros(transforms.points.shape), transforms.empty(1)[0]
        z, y, x = transforms.wave
        for j in range(3):
            u = transforms.as_complex(solver.modes[j])
            for i, k in enumerate((x, y[:, None], z[:, None, None])):
                transforms.as_complex(term)[...] = 1j * k * u
                found += self._b[i] * self._b[j] * transforms.backward(term)
        return np.where(self._square > 0, found / np.where(self._square > 0, self._square, 1.0), 0.0)

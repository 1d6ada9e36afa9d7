r"""The plasma of a brick, a step after another: markers by leapfrog, moments centred, B by Runge-Kutta, E by Ohm's law.

x^n, v^(n-1/2), B^n, E^n -> v^(n+1/2), with currents J^- at x^n; x^(n+1), with density and currents J^+ there;
J^(n+1/2) = (J^- + J^+)/2, n^(n+1/2) = (n^n + n^(n+1))/2; B^(n+1) with those moments; E^(n+1) with the current
3/2 J^(n+1/2) - 1/2 J^(n-1/2). Source: docs/physics.md 16.5.
"""

import math
from dataclasses import dataclass

import numpy as np

from cython_kernels.hybrid_fields import MORE, Differences
from cython_kernels.hybrid_pic import Markers, unit_bound
from hpcmm.kinds.hybrid_pic.temperatures import temperatures

FLOOR = 0.05
"""Least density, in n_0: an alarm, not physics."""

HEADROOM = 4.0
"""Factor by which weights may grow until the unit of the sums is set anew."""

WARM_UP, BEAT = 64, 16
"""Steps after which ranks no longer meet at each step, and how often then."""

RENEWAL = 128
"""Steps after which f_0 may follow the ions: a sum over markers costs as much as several steps."""

STALE = 0.1
"""rms weight above which it does. Below, waves are small, and f_0 is as exact as theory has it."""

INSIDE = np.s_[..., MORE:-MORE, MORE:-MORE, MORE:-MORE]


class LimitError(RuntimeError):
    """A limit of the scheme is broken; the message names it, the step and the remedy.

    Attributes
    ----------
    alone : bool
        True if this rank alone found it, amid a step.
    """

    def __init__(self, message, alone=False):
        super().__init__(message)
        self.alone = alone


@dataclass(frozen=True)
class Physics:
    """What the plasma is, in units of d_i0, 1/Omega_i0 and v_A0.

    Attributes
    ----------
    T : (float, float, float)
        Temperatures of the ions at t = 0.
    T_e : float
    per_cell : int
    delta_f : bool
    step : float
    substeps : int or None
        Of the induction equation; None: as whistlers demand.
    filter_passes : int
    resistivity : float
    least_weight : float
        Size of weights below which the unit of the sums is not refined.
    """

    T: tuple
    T_e: float
    per_cell: int
    delta_f: bool = True
    step: float = 0.1
    substeps: int | None = None
    filter_passes: int = 1
    resistivity: float = 0.0
    least_weight: float = 1e-3


def capacity(per_cell):
    """Most markers of a cell."""
    return int(per_cell * 1.35 + 9 * math.sqrt(per_cell) + 16)


class Plasma:
    """Markers and fields of a brick.

    Parameters
    ----------
    bricks : Bricks
    box : Box
    physics : Physics

    Attributes
    ----------
    markers : Markers
    steps : int
        Steps done.
    reference : array (3,)
        Temperatures of f_0 in a box of sides 1: T_i of it is reference_i/L_i^2.
    b : array [3, x, y, z]
        J/L_i B_i, with outer nodes, as all that follow.
    electric : array [3, x, y, z]
    density : array [x, y, z]
        n J.
    current : array [3, x, y, z]
        J^(n-1/2) J.
    scale : (float, float)
        Units of fixed-point sums in 1, of W and of W w.
    thin : int
        Nodes, so far, whose density was below `FLOOR`.
    """

    def __init__(self, bricks, box, physics):
        self.bricks, self.box, self.physics = bricks, box, physics
        self.markers = Markers(bricks.shape, capacity(physics.per_cell), bricks.whole)
        self.differences = Differences(bricks.shape, box.spacing)
        shape = self.differences.shape
        self.b, self.electric, self.current, self._slopes, self._stage, self._rate, self._total = (
            np.zeros((3, *shape)) for _ in range(7)
        )
        self.density, self._work = np.ones(shape), np.zeros(shape)
        self.steps, self.scale, self.thin = 0, (1.0, 1.0), 0
        self.reference = np.array(physics.T, float)
        self._flow = np.zeros((3, *shape))

    @property
    def time(self):
        """Time that fields and places are at."""
        return self.steps * self.physics.step

    @property
    def c(self):
        """1/(2 T_i) of f_0."""
        return 0.5 / self.reference

    def shape_at(self, t):
        """c_i L_i^2 at a time of the velocities."""
        return self.c * self.box.lengths(t) ** 2

    def magnetic(self, b=None, t=None):
        """B [3, x, y, z]."""
        L = self.box.lengths(self.time if t is None else t)
        return (self.b if b is None else b) * (L / L.prod())[:, None, None, None]

    def begin(self, largest):
        """Collective: sum up loaded markers and set E at t = 0.

        Parameters
        ----------
        largest : (float, float)
            Largest weight, and largest weight times velocity, on this rank.
        """
        self._rescale(largest)
        plus = self._sums()
        self.markers.deposit(plus, self.shape_at(-self.physics.step / 2), self.scale, self.physics.delta_f)
        self.density, self.current = self._moments(plus)
        self.bricks.fill(self.b)
        self._set_electric(self.current)

    def advance(self):
        """Collective: take a step.

        Raises
        ------
        LimitError
            If a limit of the scheme is broken.
        """
        physics, box, t, dt = self.physics, self.box, self.time, self.physics.step
        shape, delta_f = self.shape_at(t + dt / 2), physics.delta_f
        minus, plus = self._sums(), self._sums()
        drag, drift = box.drag(t, dt), box.drift(t + dt / 2, dt)
        self.markers.push(self._gathered(), minus, drag, drift, shape, self.scale, delta_f)
        self.bricks.migrate(self.markers)
        self._refuse_overflow()
        self.markers.deposit(plus, shape, self.scale, delta_f)
        _, before = self._moments(minus, flow_only=True)
        density, after = self._moments(plus)
        middle = 0.5 * (before + after)
        self._induction(t, dt, 0.5 * (self.density + density), middle)
        self.density, self.steps = density, self.steps + 1
        current = 1.5 * middle - 0.5 * self.current
        self.current = middle
        self._set_electric(current)
        if self.steps <= WARM_UP or self.steps % BEAT == 0:
            self._beat()
        if physics.delta_f and self.steps % RENEWAL == 0:
            self._renew()

    def _renew(self):
        """Collective: give f_0 the temperatures that markers have by now, where weights have grown.

        W = 1 - f_0/f holds for any f_0 whose moments are known, as f of a marker is: ``h`` takes up the ratio of the
        norms of new and old f_0 (docs/physics.md 16.4).
        """
        _, plain, _, square = temperatures(self)
        if square < STALE**2:
            return
        new = plain * self.box.lengths(self.time) ** 2
        new[1:] = new[1:].mean()  # f_0 is gyrotropic
        self.markers.rows[:, 6] += np.float32(0.5 * np.log(self.reference / new).sum())
        self.reference = new

    def _sums(self):
        return np.zeros([n + 1 for n in self.bricks.shape] + [4], np.int64)

    def _gathered(self):
        """E and B times half the step at the nodes of all cells, in single precision."""
        n = self.bricks.shape
        part = np.s_[:, MORE : MORE + n[0] + 1, MORE : MORE + n[1] + 1, MORE : MORE + n[2] + 1]
        fields = np.zeros([k + 1 for k in n] + [8], np.float32)
        fields[..., :3] = np.moveaxis(self.electric[part] * (self.physics.step / 2), 0, -1)
        fields[..., 3:6] = np.moveaxis(self.magnetic()[part] * (self.physics.step / 2), 0, -1)
        return fields

    def _moments(self, sums, flow_only=False):
        """Collective: density and currents of fixed-point sums, filtered, with outer nodes."""
        inner = self.bricks.gather_ends(sums)
        first = 1 if flow_only else 0
        made = np.zeros((4 - first, *self.differences.shape))
        for q in range(first, 4):
            np.divide(inner[..., q], self.scale[min(q, 1)] * self.physics.per_cell, out=made[q - first][INSIDE])
        for _ in range(self.physics.filter_passes):
            self.bricks.fill(made)
            self.differences.smooth(made, self._work)
        if not flow_only:
            if self.physics.delta_f:
                made[0] += 1.0
            low = made[0][INSIDE] < FLOOR
            if low.any():
                self.thin += int(low.sum())
                np.maximum(made[0], FLOOR, out=made[0])
        self.bricks.fill(made)
        return (None, made) if flow_only else (made[0].copy(), np.ascontiguousarray(made[1:]))

    def _slopes_of(self, density):
        self.differences.gradient(np.log(density), self._slopes)
        return self._slopes

    def _induction(self, t, dt, density, current):
        """Collective: advance b over a step by Runge-Kutta steps of fourth order with given moments."""
        self._slopes_of(density)
        count = self.physics.substeps or self.box.substeps(t + dt, dt)
        h = dt / count
        for _ in range(count):
            nodes, b0, total = self.differences, self.b, self._total
            total[:] = 0.0
            for part, weight in ((0.0, 1.0), (0.5, 2.0), (0.5, 2.0), (1.0, 1.0)):
                stage = b0
                if part:
                    stage = self._stage
                    nodes.combine(b0, -part * h, self._rate, stage)
                    self.bricks.fill(stage)
                lengths = self.box.lengths(t + part * h)
                nodes.ohm(
                    stage, density, current, self._slopes, self._flow, lengths, self.physics.T_e,
                    self.physics.resistivity, True,
                )  # fmt: skip
                self.bricks.fill(self._flow)
                nodes.curl(self._flow, self._rate)
                nodes.combine(total, weight, self._rate, total)
            nodes.combine(b0, -h / 6, total, self.b)
            self.bricks.fill(self.b)
            t += h

    def _set_electric(self, current):
        slopes = self._slopes_of(self.density)
        lengths = self.box.lengths(self.time)
        self.differences.ohm(self.b, self.density, current, slopes, self.electric, lengths, self.physics.T_e)
        self.bricks.fill(self.electric)

    def _refuse_overflow(self):
        cell = self.markers.full
        if cell is None:
            return
        place = [int(x + f) for x, f in zip(np.unravel_index(max(cell, 0), self.bricks.shape), self.bricks.first)]
        raise LimitError(
            f"step {self.steps + 1}: cell {place} has more than {self.markers.capacity} markers "
            f"({self.physics.per_cell} on average): a shorter stepping.step or more markers.per_cell are needed",
            alone=True,
        )

    def _beat(self):
        """Collective: check the limits, set the unit of the sums anew."""
        largest, dt, J = self.markers.largest, self.physics.step, self.box.lengths(self.time).prod()
        bound, wrong = unit_bound(self.markers.capacity), ""
        # B over n of the strongest field, in that of a uniform plasma
        B = np.sqrt((self.magnetic()[INSIDE] ** 2).sum(axis=0)) / self.density[INSIDE] * J
        needed = self.box.substeps(self.time, dt, float(B.max() / self.box.lengths(self.time)[0]), 1.0)
        count = self.physics.substeps or self.box.substeps(self.time, dt)
        if not np.isfinite(self.electric).all():
            wrong = "the electric field is no finite number any more; a shorter stepping.step is needed"
        elif any(size * scale > bound for size, scale in zip(largest, self.scale, strict=True)):
            wrong = f"weights grew by more than {HEADROOM:g} within {BEAT} steps; a shorter stepping.step is needed"
        elif needed > count:
            wrong = f"whistlers of the strongest field need {needed} sub-steps; so many stepping.substeps are needed"
        found = self.bricks.comm.allgather((wrong, largest))
        for text, _ in found:
            if text:
                raise LimitError(f"step {self.steps}: {text}")
        self._rescale(np.max([sizes for _, sizes in found], axis=0))

    def _rescale(self, largest):
        most = np.max(self.bricks.comm.allgather(tuple(map(float, largest))), axis=0)
        fast = 8 * math.sqrt(max(self.physics.T))
        least = self.physics.least_weight * np.array([1.0, fast])
        bound = unit_bound(self.markers.capacity) / HEADROOM
        self.scale = tuple(2.0 ** math.floor(math.log2(bound / size)) for size in np.maximum(most, least))

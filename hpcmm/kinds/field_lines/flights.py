"""Tasks in progress of a run on field lines: trace the lines of a cut, then fly the particles of each energy."""

import numpy as np

from cython_kernels.field_lines import LINES, LineTracer, LineWalkers
from cython_kernels.lags import INTERVALS
from hpcmm.fields.waves import waves_of
from hpcmm.kinds.field_lines.plan import (
    EVERY,
    SAMPLES,
    B_star,
    energy_plans,
    leg_seconds,
    trace_seconds,
    wavenumbers,
)
from hpcmm.parallel import random_streams
from hpcmm.run.task_queue import Blocks
from hpcmm.theory.pitch_angle import pitch_angle_diffusion
from hpcmm.theory.turbulence import power_share

LAGS = np.sort(INTERVALS[INTERVALS <= SAMPLES])
"""Lags at which displacements are summed, in samples."""

SUMS = ("count", "par", "trace", "ended")
"""Sums over particles of a line and all time origins: pairs, ds^2 along the line, dr^2 in space [pc^2]; and particles
that met an end of their line, the same at each lag."""

NODES = 256
"""Intervals of |mu| between which D is linear: its error is 1e-5 of its largest value."""

LEAST_B = 0.1
"""|B|/B_rms below which D rises no more; 0.03 or 0.3 would change kappa by 0.2 % (docs/physics.md 17.5)."""

ORIGINS = 100.0
"""Side of the cube in which lines begin [l_c]."""

CHUNK = 0.02
"""Planned core time between two readings of the clock [s]. No result depends on it."""


class LineBlocks(Blocks):
    """Begins or resumes the tasks of a run.

    Parameters
    ----------
    config : Config
    plans : list of LinesPlan
    tasks : LineTasks
    """

    def __init__(self, config, plans, tasks):
        self._config, self._plans, self._tasks = config, plans, tasks

    def begin(self, task, flight):
        """Begin a task, or resume it from ``flight``; see `hpcmm.run.task_queue.Blocks`."""
        cut, realization, _ = self._tasks.place(task)
        if flight is None:
            flight = np.zeros(flight_shape(self._config, self._plans))
        return LinesInFlight(task, self._config, self._plans[cut], realization, flight)

    def share(self, task, flight):
        """Part of a task that is done at ``flight``; see `hpcmm.run.task_queue.Blocks`."""
        p = self._plans[self._tasks.place(task)[0]]
        legs = sum(leg_seconds(self._config, leg) for leg in p.legs[: legs_done(flight, p)])
        return legs / self._tasks.seconds_of(task)

    def hold(self, tasks):
        """Do nothing: lines are made by their own task."""


def legs_done(flight, p):
    """Number of legs whose sums a flight holds."""
    return int((flight[: len(p.legs), 0, 0, SUMS.index("count")] > 0).sum())


class LinesInFlight:
    """A task in progress; see `hpcmm.run.task_queue.Blocks`. Legs that are done are saved; lines are traced again."""

    def __init__(self, task, config, plan, realization, flight):
        self.task, self._config, self._plan, self._realization = task, config, plan, realization
        self._sums = np.array(flight)
        self._leg, self._walkers = legs_done(self._sums, plan), None
        lines, cells = config.lines.lines, 2 * plan.half
        self._strength = np.zeros((lines, cells), np.float32)
        self._place = np.zeros((lines, cells // EVERY + 1, 3), np.float32)
        self._tracers = list(self._begin_lines())
        self._trace_left = trace_seconds(config, plan)

    def advance_chunk(self):
        """Trace or fly for about CHUNK core-seconds; returns the planned cost [s]."""
        return self._trace() if self._tracers else self._fly()

    @property
    def finished(self):
        """True if all legs are done."""
        return self._leg == len(self._plan.legs)

    @property
    def work(self):
        """Planned cost of what is done [s]."""
        return trace_seconds(self._config, self._plan) + self._all_legs() - self.seconds_left

    @property
    def seconds_left(self):
        """Planned cost of what is left [s]."""
        legs = sum(leg_seconds(self._config, leg) for leg in self._plan.legs[self._leg :])
        flown = self._walkers.step / (self._present.steps * SAMPLES) if self._walkers else 0.0
        return self._trace_left + legs - (flown * leg_seconds(self._config, self._present) if self._walkers else 0.0)

    def flight(self):
        """Sums of the legs that are done, 0 of others: [leg, line, lag, SUMS]."""
        return self._sums

    @property
    def _present(self):
        return self._plan.legs[self._leg]

    def _all_legs(self):
        return sum(leg_seconds(self._config, leg) for leg in self._plan.legs)

    def _begin_lines(self):
        config, p = self._config, self._plan
        seed, lines = config.run.seed, config.lines.lines
        waves = common_waves(config, p.waves, self._realization)
        origin = random_streams.generator(seed, random_streams.START, 0, 0.0, self._realization).random((lines, 3))
        origin = (origin - 0.5) * ORIGINS * config.medium.l_c
        for first in range(0, lines, LINES):
            here = slice(first, first + LINES)
            tables = self._strength[here], self._place[here]
            yield LineTracer(*waves, origin[here].T, p.ds, p.half, EVERY, *tables)

    def _trace(self):
        tracer, whole = self._tracers[0], trace_seconds(self._config, self._plan)
        cells = 2 * self._plan.half
        before = tracer.share
        each = whole / -(-self._config.lines.lines // LINES)
        tracer.advance(max(1, int(CHUNK / each * cells)))
        cost = (tracer.share - before) * each
        self._trace_left -= cost
        if tracer.done:
            del self._tracers[0]
        return cost

    def _fly(self):
        if self._walkers is None:
            self._begin_leg()
        leg, walkers = self._present, self._walkers
        each = leg_seconds(self._config, leg) / (leg.steps * SAMPLES)
        left = leg.steps - walkers.step % leg.steps  # to the next sample
        steps = min(left, max(1, int(CHUNK / each)))
        walkers.advance(steps)
        if steps == left:
            self._places[:, walkers.step // leg.steps] = walkers.s
        if walkers.step == leg.steps * SAMPLES:
            ended, place = walkers.hits > 0, self._middle(self._place, leg.half // EVERY)
            self._sums[self._leg] = line_sums(self._places, ended, self._of_line, place, self._plan.ds * EVERY)
            self._leg, self._walkers = self._leg + 1, None
        return steps * each

    @staticmethod
    def _middle(table, half):
        """Part of a table of lines from ``half`` before the middle to ``half`` after it, a view."""
        middle = table.shape[1] // 2
        return table[:, middle - half : middle + half + table.shape[1] % 2]

    def _begin_leg(self):
        config, leg, run = self._config, self._present, self._config.run
        p = energy_plans(config)[leg.energy]
        draw = random_streams.generator(run.seed, random_streams.START, 1, 0.0, self._realization)
        self._of_line = np.arange(run.particles) % config.lines.lines
        section, mu = config.field[0], np.linspace(0, 1, NODES + 1)
        diffusion = pitch_angle_diffusion(mu, p.gyroradius, 2 * np.pi / section.l_max, 1.0, section.spectral_index)
        key = random_streams.kernel_key(run.seed, random_streams.KICKS, self._plan.waves, p.energy, self._realization)
        self._walkers = LineWalkers(
            self._middle(self._strength, leg.half), self._plan.ds, leg.dt, self._of_line,
            2 * draw.random(run.particles) - 1, diffusion, section.spectral_index, LEAST_B, key, p.nu_kick,
            B_star(config),
        )  # fmt: skip
        self._places = np.zeros((run.particles, SAMPLES + 1))


def common_waves(config, waves, realization):
    """Waves of a realization: k / 2 pi [turns per pc], a [B_rms], phi / 2 pi; the first ones are the same at any cut.

    Amplitudes are those of docs/physics.md 2.1 for the part of the spectrum down to the last wave.
    """
    section = config.field[0]
    k = wavenumbers(config, waves)
    power = k ** (1 - section.spectral_index)
    power[[0, -1]] /= 2
    share = power_share(section.l_max, 2 * np.pi / k[-1], 0.0, section.spectral_index)
    draw = random_streams.generator(config.run.seed, random_streams.WAVES, 0, 0.0, realization)
    return waves_of(k, np.sqrt(2 * share * power / power.sum()), draw.random((waves, 4)).T)


def line_sums(s, ended, of_line, place, apart):
    """Sum squares of displacements over particles and time origins.

    Parameters
    ----------
    s : array (particles, samples + 1)
        Places along their lines [pc].
    ended : array (particles,) of bool
        Did it meet an end of its line?
    of_line : array (particles,)
    place : array (lines, places, 3)
        Places in space at equal distances ``apart`` along each line, the middle at s = 0.

    Returns
    -------
    array (lines, len(LAGS), len(SUMS))
    """
    at = s / apart + (place.shape[1] - 1) / 2
    left = np.clip(at.astype(int), 0, place.shape[1] - 2)
    share = (at - left)[..., None]
    r = place[of_line[:, None], left] * (1 - share) + place[of_line[:, None], left + 1] * share
    sums = np.zeros((len(place), len(LAGS), len(SUMS)))
    for i, lag in enumerate(LAGS):
        along = ((s[:, lag:] - s[:, :-lag]) ** 2).sum(axis=1)
        space = ((r[:, lag:] - r[:, :-lag]) ** 2).sum(axis=(1, 2))
        for line in range(len(place)):
            mine = of_line == line
            pairs = mine.sum() * (s.shape[1] - lag)
            sums[line, i] = pairs, along[mine].sum(), space[mine].sum(), ended[mine].sum()
    return sums


def flight_shape(config, plans):
    """Shape of the sums of a task."""
    return max(len(p.legs) for p in plans), config.lines.lines, len(LAGS), len(SUMS)

"""Plans steps, path lengths and sample times of each energy; "auto" by docs/physics.md 5.2, 5.3."""

import math
from dataclasses import dataclass

import numpy as np

from cython_kernels.block import LANES
from cython_kernels.lags import INTERVALS
from hpcmm.deck.section import SectionError
from hpcmm.io.terminal import energy_text
from hpcmm.kinds.transport.ensemble import blocks_of
from hpcmm.kinds.transport.kicks import merged_kicks
from hpcmm.run.tasks import MOST_TASKS, Tasks
from hpcmm.theory.constants import EV, GAUSS_MICRO, PARSEC
from hpcmm.theory.field_strength import fraction_above
from hpcmm.theory.gyration import gyroradius as gyroradius_cm

SECONDS_PER_LANE_STEP = 5e-9
"""Core time [s] of drift, rotation and sampling of one particle in a step; measured by `hpcmm bench` on one 2.6 GHz
AVX-512 core, for planning only."""

SECONDS_PER_KICK = 9e-9
"""Core time [s] of the Philox draw and rotation of one kick; measured in the same way."""

PLANNED_PATH = 50
"""Expected mean free paths of an automatic path: 40 are asked of the measured one, which may be a fifth longer."""

SECONDS_PER_POINT = 2e-8
"""Core time [s] of one point of a track for its lags; measured in the same way."""

LEAST_BASE = 50
"""Steps between points of lags, at least: to take one costs as much as a step or two."""

MOST_STEPS = 1e15
"""Most steps of one track: more would take years, and lose digits of the path length."""


@dataclass(frozen=True)
class EnergyPlan:
    """Plan of one energy; lengths in pc, c = 1.

    Attributes
    ----------
    energy : float
        [GeV]
    gyroradius : float
        E / (Z e B_rms).
    step : float
        Path length of one Boris step.
    steps : int
        Number of steps of a track; even, so that T/2 is a step.
    sample_steps : tuple of int
        Steps at which moments are sampled, strictly increasing; steps/2 and steps are among them.
    decay_length : float
        Path over which directions are expected to lose their memory; inf where nothing scatters.
    stages : tuple of int
        Steps at which the path and each of its prolongations end.
    lag_every : int
        Steps between points that lags are taken over.
    """

    energy: float
    gyroradius: float
    step: float
    steps: int
    sample_steps: tuple
    decay_length: float
    stages: tuple
    lag_every: int

    @property
    def stage(self):
        """Steps of the longest stretch of path between two ends."""
        return int(max(np.diff((0, *self.stages))))

    @property
    def path_length(self):
        """Length of each track [pc]."""
        return self.steps * self.step


def sample_steps(steps, samples):
    """``samples`` log-spaced step numbers from 1 to ``steps``, with steps/2 and steps among them."""
    wish = np.rint(np.geomspace(1, steps, samples)).astype(np.int64)
    for i in range(1, samples):
        wish[i] = max(wish[i], wish[i - 1] + 1)
    wish = np.minimum(wish, steps - np.arange(samples - 1, -1, -1))
    nearest = 1 + np.argmin(np.abs(wish[1:-1] - steps // 2))
    wish[nearest] = steps // 2
    return tuple(int(n) for n in wish)


def later_steps(steps, end, samples):
    """``samples`` log-spaced step numbers above ``steps`` up to ``end``; end/2 is among them if above."""
    wish = np.rint(np.geomspace(steps, end, samples + 1)[1:]).astype(np.int64)
    if end // 2 > steps:
        wish[np.argmin(np.abs(wish[:-1] - end // 2))] = end // 2
    return tuple(int(n) for n in wish)


def lag_every(step, steps, decay_length):
    """Steps between points that lags are taken over.

    An eighth of the expected mean free path, at least LEAST_BASE steps, which make it cheap; more where the path would
    outgrow the longest lag; and fewer where it has less than four times the shortest lags.
    """
    wanted = max(decay_length / step / 8 if np.isfinite(decay_length) else 0.0, LEAST_BASE, steps / INTERVALS[-1])
    return max(1, int(min(wanted, steps // 32)))


def patch_share(config, section):
    """Expected share of the volume where a scatterer acts, for planning; 1 without a gate.

    The mean rate over the volume, as in paper eq 10; for a given B_star with Gaussian turbulence on the guide field.
    """
    if not (section.gated or section.masked):
        return 1.0
    if section.share is not None:
        return section.share
    dB = np.sqrt(sum((f.fluctuation or 0.0) ** 2 for f in config.field))
    return section.occupied * fraction_above(section.B_star, config.guide_strength, float(dB))


def _each_field(config, ask):
    """Call ``ask(section)`` on all fields, list of answers; a SectionError gets the place of its section in its key."""
    answers = []
    for index, section in enumerate(config.field):
        try:
            answers.append(ask(section))
        except SectionError as error:
            raise SectionError(("field", index, *error.key), str(error)) from None
    return answers


def turbulent_decay_rate(config, gyroradius):
    """Rate at which fields make directions forgotten [1/pc].

    Along a guide field B_0 stronger than the turbulence dB they last longer: lambda is 4 x^(1/3) (B_0/dB)^2 l_c at
    least where x = r_g/l_c < 1 (docs/physics.md 5.3).
    """
    rate = sum(f.decay_rate(config.surroundings, gyroradius) for f in config.field)
    x, guide = gyroradius / config.medium.l_c, config.guide_strength
    dB = np.sqrt(sum((f.fluctuation or 0.0) ** 2 for f in config.field if f.outer_scale is not None))
    if guide > 0 and dB > 0 and x < 1:
        rate = min(rate, 1 / (4 * x ** (1 / 3) * (guide / dB) ** 2 * config.medium.l_c))
    return rate


def advised_step(config, gyroradius):
    """Step [pc]: min(r_g/20, 0.02 c/nu, bounds of the fields' structure) (docs/physics.md 5.2); inf where nothing
    bounds it.
    """
    bounds = [s.step_bound(gyroradius) for s in config.scatter]
    if config.field:
        bounds += [
            gyroradius / config.stepping.resolution,
            *_each_field(config, lambda f: f.step_bound(config.surroundings, gyroradius)),
        ]
    return min(bounds, default=np.inf)


def plan_energy(config, energy):
    """Make the plan of one energy [GeV].

    Raises
    ------
    SectionError
        If the path has fewer steps than the deck asks samples, or nothing bounds an automatic length.
    """
    medium, stepping = config.surroundings, config.stepping
    gyroradius = gyroradius_cm(energy * 1e9 * EV, medium.B_rms * GAUSS_MICRO, config.particle.Z) / PARSEC
    turbulent = [f for f in config.field if f.outer_scale is not None]
    decay_rate = sum(patch_share(config, s) * s.decay_rate(gyroradius) for s in config.scatter)
    decay_rate += turbulent_decay_rate(config, gyroradius)
    decay_length = 1 / decay_rate if decay_rate > 0 else np.inf

    step = stepping.step if stepping.step != "auto" else advised_step(config, gyroradius)
    if not np.isfinite(step):
        raise SectionError(("stepping", "step"), "nothing sets a step; a length is expected")

    if config.field and step > gyroradius:
        message = f"{step:g} pc does not resolve the gyration: r_g = {gyroradius:g} pc at {energy_text(energy)}"
        raise SectionError(("stepping", "step"), message + "; r_g / 20 is advised")
    _each_field(config, lambda f: f.check(medium, gyroradius, step))

    path = stepping.path_length
    if path == "auto":
        path = PLANNED_PATH * decay_length
        if turbulent and gyroradius >= 3e-3 * medium.l_c:
            path = max(path, 60 * medium.l_c)
    if not np.isfinite(path):
        raise SectionError(("stepping", "path_length"), "nothing sets a path; a length is expected")

    # 1e-9: a path that is a whole number of steps up to rounding must not gain one
    steps = 2 * max(1.0, np.ceil(path / step / 2 * (1 - 1e-9)))
    if steps < stepping.samples:
        raise SectionError(
            ("stepping", "samples"),
            f"{stepping.samples} samples asked, but at {energy_text(energy)} the path has only {steps:.0f} steps; "
            "ask fewer samples, a shorter step or a longer path",
        )
    stages = [steps]
    for factor in stepping.path_factors:
        stages.append(2 * np.ceil(stages[-1] * factor / 2))
    if stages[-1] > MOST_STEPS:
        message = f"{stages[-1]:.3g} steps at {energy_text(energy)}; a shorter path or a longer step is expected"
        raise SectionError(("stepping", "path_length"), message)
    stages = [int(n) for n in stages]
    if config.output.trajectories and stages[-1] < config.output.track_points:
        message = (
            f"at {energy_text(energy)} the path has only {stages[-1]} steps; fewer intervals of a track are expected"
        )
        raise SectionError(("output", "track_points"), message)
    sampled = sample_steps(stages[0], stepping.samples)
    for begin, end, factor in zip(stages[:-1], stages[1:], stepping.path_factors, strict=True):
        sampled += later_steps(begin, end, stepping.samples_of(factor))
    every = lag_every(step, stages[0], decay_length)
    return EnergyPlan(energy, gyroradius, step, stages[-1], sampled, decay_length, tuple(stages), every)


def plan(config):
    """Make the plans of all energies, in the order of the deck."""
    return [plan_energy(config, energy) for energy in config.particle.energy]


def tasks_of(config, plans):
    """List the tasks of a config and its energy plans at places (energy, realization, block), with expected cost.

    Raises
    ------
    SectionError
        If there are more than MOST_TASKS.
    """
    blocks = blocks_of(config.run.particles)
    shape = (len(plans), config.run.realizations, blocks)
    count = math.prod(shape)
    if count > MOST_TASKS:
        message = (
            f"{len(plans)} energies x {config.run.realizations} realizations x {blocks} blocks of {LANES} particles "
            f"are {count:,} tasks; at most {MOST_TASKS:,} are expected"
        )
        raise SectionError(("run", "realizations"), message)
    lanes = np.full(blocks, LANES)
    lanes[-1] = config.run.particles - (blocks - 1) * LANES
    seconds, steps = np.empty((len(plans), 1, 1)), np.empty((len(plans), 1, blocks))
    for i, plan in enumerate(plans):
        kicks = sum(1 for section in config.scatter if not section.everywhere)
        kicks += sum(1 / kick.every for kick in merged_kicks(config, plan.gyroradius, plan.step))
        fields = sum(f.seconds_per_step(config.surroundings, plan.gyroradius, plan.step) for f in config.field)
        lane_step = SECONDS_PER_LANE_STEP + kicks * SECONDS_PER_KICK + fields + SECONDS_PER_POINT / plan.lag_every
        seconds[i] = plan.steps * LANES * lane_step
        steps[i] = plan.steps * lanes
    return Tasks(shape, seconds, steps)

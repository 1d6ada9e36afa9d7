"""Plans a two-phase run: the duration of each filling fraction, the list of tasks, their cost."""

import math
from dataclasses import dataclass

import numpy as np

from hpcmm.deck.section import SectionError
from hpcmm.kinds.two_phase_1d.kappa import SUMMED
from hpcmm.run.tasks import MOST_TASKS, Tasks
from hpcmm.theory.two_phase import kappa_eff, nu_eff

SECONDS_PER_TURN = 5e-9
"""Core time [s] of one particle from turn to turn; measured by `hpcmm bench` on one 2.6 GHz AVX-512 core, for planning
only."""

SECONDS_PER_TASK = 2e-4
"""Core time [s] to set up and to sum the particles of a task; measured in the same way."""

SECONDS_OF_A_TASK = 5e-3
"""Mean core time that tasks should have at least [s]: their handling then costs a few percent."""

MOST_IN_A_TASK = 64
"""Most groups of SUMMED particles in a task."""


@dataclass(frozen=True)
class LineTasks(Tasks):
    """Tasks at places (f_mm, 0, block); ``lanes`` particles in each but the last ones."""

    lanes: int


@dataclass(frozen=True)
class FractionPlan:
    """Plan of one filling fraction.

    Attributes
    ----------
    f_mm, nu_eff, kappa_exact : float
        nu_eff of eq 10, kappa of eq 11, in units of c and the period.
    duration : float
        T [periods / c].
    turns : float
        Expected number of turns of each particle.
    """

    f_mm: float
    nu_eff: float
    kappa_exact: float
    duration: float

    @property
    def turns(self):
        """Expected turns of a particle, nu_eff T / 2: a scattering turns it round half of the time."""
        return self.nu_eff * self.duration / 2


def auto_duration(rate, kappa):
    """T = max(100/nu_eff, 3/kappa): T/3 is 33 free times, and one time to diffuse a period."""
    return max(100.0 / rate, 3.0 / kappa)


def plan(config):
    """Make the list of FractionPlan, in the order of the deck."""
    return plan_of(config.two_phase)


def plan_of(section):
    """Make the list of FractionPlan of a [two_phase] section."""
    plans = []
    for f_mm in section.f_mm:
        rate = nu_eff(section.nu_mm, section.nu_res, f_mm)
        kappa = kappa_eff(1.0 / section.nu_mm, 1.0 / section.nu_res, f_mm)
        duration = auto_duration(rate, kappa) if section.duration == "auto" else section.duration
        plans.append(FractionPlan(f_mm, rate, kappa, duration))
    return plans


def tasks_of(config, plans):
    """List the tasks of a config, with their expected cost; their size depends on the deck alone.

    Raises
    ------
    SectionError
        If there are more than MOST_TASKS groups of SUMMED particles.
    """
    groups = math.ceil(config.run.particles / SUMMED)
    if len(plans) * groups > MOST_TASKS:
        message = (
            f"{len(plans)} values of f_mm x {groups} groups of {SUMMED} particles are {len(plans) * groups:,}; "
            f"at most {MOST_TASKS:,} are expected"
        )
        raise SectionError(("run", "particles"), message)
    turns = np.array([p.turns for p in plans])[:, None]
    wanted = math.ceil(SECONDS_OF_A_TASK / (turns.mean() * SUMMED * SECONDS_PER_TURN))
    lanes = SUMMED * min(wanted, MOST_IN_A_TASK, groups)
    blocks = math.ceil(config.run.particles / lanes)
    particles = np.full(blocks, lanes)
    particles[-1] = config.run.particles - (blocks - 1) * lanes
    seconds = SECONDS_PER_TASK + turns * particles * SECONDS_PER_TURN
    return LineTasks((len(plans), 1, blocks), seconds[:, None], (turns * particles)[:, None], lanes)


def particles_of(config, tasks, task):
    """Id of the first particle of a task, and their number."""
    first = tasks.place(task)[2] * tasks.lanes
    return first, min(tasks.lanes, config.run.particles - first)


def warnings(config):
    """Warnings, one a line, of what is allowed but probably not intended."""
    lines = []
    for p in plan(config):
        needed = auto_duration(p.nu_eff, p.kappa_exact)
        if p.duration < needed * (1 - 1e-9):
            lines.append(
                f"f_mm = {p.f_mm:g}: duration {p.duration:g} is less than {needed:.4g} = max(100/nu_eff, 3/kappa): "
                "motion is not diffusive yet from T/3 on"
            )
    return lines


def turns_of_tracks(config, plans):
    """Expected number of turns of the tracks that a deck asks for, which are flown once more."""
    return config.output.trajectories * sum(p.turns for p in plans)

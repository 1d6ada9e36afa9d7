"""Plans a run on field lines: cut, cells, steps and path of each energy, the tasks and their cost; pure functions."""

import math
from dataclasses import dataclass

import numpy as np

from hpcmm.deck.section import SectionError
from hpcmm.io.terminal import energy_text
from hpcmm.run.speeds import slow_lines
from hpcmm.run.tasks import Tasks
from hpcmm.theory.constants import EV, GAUSS_MICRO, PARSEC
from hpcmm.theory.field_strength import B_star_over_rms
from hpcmm.theory.gyration import gyroradius as gyroradius_cm

LARGEST_X = 0.01
"""r_g/l_c above which particles know no line; they are flown directly."""

MIRRORS_TO = 0.3
"""k r_g up to which waves act as magnetic mirrors, beyond which they scatter alone: fits direct flight at 1e-4 l_c."""

LARGEST_CUT = 1e6
"""Largest automatic k l_c; what lies between it and MIRRORS_TO is extrapolated (docs/physics.md 17.5)."""

COARSER = 10.0
"""Ratio of the cuts of the two sets of lines from which the extrapolation is made."""

CELL = 0.25
"""k ds of the shortest wave and a cell; half of it moves kappa by 2 % at most (docs/physics.md 17.5)."""

STEP = 1.0
"""Longest step in units of a cell or of 3 % of a scattering; half of it moves kappa by less than its noise, 3 %."""

EVERY = 16
"""Cells between kept places: a twentieth of a wavelength and more is straight enough for displacements of thousands."""

PLANNED_PATH = 50
"""Expected mean free paths of a path: 40 are asked of the measured one, which may be a fifth longer."""

HALF_LENGTH = 24
"""Mean free paths from the middle of a line to each end: four times the root mean square of PLANNED_PATH."""

LEAST_HALF = 18
"""The same below which `check` warns: three times the root mean square, which one particle in 250 goes beyond."""

SAMPLES = 256
"""Equal intervals of a path at which places are kept."""

SECONDS_PER_WAVE, SECONDS_PER_CELL = 2.4e-10, 1.5e-8
"""Core time [s] of a wave, and of the rest, at one cell of a line; measured on one 2.6 GHz AVX-512 core."""

SECONDS_PER_STEP = 9e-9
"""Core time [s] of a step of a particle; measured in the same way."""


@dataclass(frozen=True)
class EnergyPlan:
    """Plan of one energy; lengths in pc.

    Attributes
    ----------
    energy, gyroradius : float
        [GeV], [pc].
    free_path : float
        Expected mean free path.
    cut : int
        Index of the last wave of the finer lines (`wavenumbers`).
    path : float
    nu_kick : float
        Decay rate of directions at micromirrors where they are [1/pc].
    """

    energy: float
    gyroradius: float
    free_path: float
    cut: int
    path: float
    nu_kick: float


@dataclass(frozen=True)
class Leg:
    """Flight of all particles of one energy on lines of one cut.

    Attributes
    ----------
    energy : int
        Index.
    steps : int
        Steps between samples.
    dt : float
        [pc].
    half : int
        Cells of the lines that it uses, from their middles to each end: by its energy alone, so that its bits do not
        depend on what else flies there.
    """

    energy: int
    steps: int
    dt: float
    half: int


@dataclass(frozen=True)
class LinesPlan:
    """Lines of one cut, and who flies on them.

    Attributes
    ----------
    waves : int
    ds : float
        Length of a cell [pc].
    half : int
        Cells that are traced to each end, those of the leg that needs most.
    legs : tuple of Leg
    """

    waves: int
    ds: float
    half: int
    legs: tuple


@dataclass(frozen=True)
class LineTasks(Tasks):
    """Tasks at places (cut, realization, 0)."""


def wavenumbers(config, waves):
    """|k| [rad/pc] of the first so many waves: k_0 10^(n/density), the same whatever the cut."""
    section = config.field[0]
    return 2 * np.pi / section.l_max * 10 ** (np.arange(waves) / section.modes_per_decade)


def energy_plans(config):
    """Make the EnergyPlan of each energy.

    Raises
    ------
    SectionError
        If an energy is too high for lines, or a cut leaves no waves.
    """
    section, medium = config.field[0], config.medium
    k_0 = 2 * math.pi / section.l_max
    plans = []
    for i, energy in enumerate(config.particle.energy):
        r_g = gyroradius_cm(energy * 1e9 * EV, medium.B_rms * GAUSS_MICRO, config.particle.Z) / PARSEC
        if r_g > LARGEST_X * medium.l_c:
            message = (
                f"{energy_text(energy)} has r_g = {r_g / medium.l_c:.2g} l_c; on field lines at most {LARGEST_X:g} is "
                'expected: fly it with kind = "transport"'
            )
            raise SectionError(("particle", "energy", i), message)
        k = min(MIRRORS_TO / r_g, LARGEST_CUT / medium.l_c)
        if config.lines.cut != "auto":
            k = 2 * math.pi / config.lines.cut
            if k * r_g > 1:
                message = f"longer than 2 pi r_g = {2 * math.pi * r_g:.3g} pc of the lowest energy is expected"
                raise SectionError(("lines", "cut"), message)
        cut = math.floor(section.modes_per_decade * math.log10(k / k_0))
        if cut - _coarser(section) < 2:
            message = f"waves over more than a decade are expected; l_max = {section.l_max:g} pc leaves less"
            raise SectionError(("lines", "cut") if config.lines.cut != "auto" else ("field", 0, "l_max"), message)
        nu = sum(s.decay_rate(r_g) for s in config.scatter)
        share = sum(_share(s, medium) for s in config.scatter)
        free_path = 1 / (section.decay_rate(medium, r_g) + share * nu)
        plans.append(EnergyPlan(energy, r_g, free_path, cut, PLANNED_PATH * free_path, nu))
    return plans


def _share(scatterer, medium):
    """Share of the volume where kicks act at the rate that `decay_rate` has."""
    if not scatterer.gated or scatterer.filling_fraction is None:
        return 1.0
    return scatterer.filling_fraction


def B_star(config):
    """Bound of the patches of micromirrors in units of B_rms, that of a Maxwellian; 0 where they are everywhere."""
    for section in config.scatter:
        if section.gated:
            if section.B_star is not None:
                return section.B_star / config.medium.B_rms
            if section.filling_fraction > 0:
                return float(B_star_over_rms(section.filling_fraction))
    return 0.0


def _coarser(section):
    return round(section.modes_per_decade * math.log10(COARSER))


def plan(config):
    """Make the LinesPlan of each cut, that of the most waves first; each energy flies on two of them."""
    section, medium, energies = config.field[0], config.medium, energy_plans(config)
    users = {}
    for i, p in enumerate(energies):
        for cut in (p.cut, p.cut - _coarser(section)):
            users.setdefault(cut, []).append(i)
    plans = []
    for cut in sorted(users, reverse=True):
        ds = CELL / wavenumbers(config, cut + 1)[-1]
        legs = tuple(_leg(i, energies[i], ds, half_length(config, energies[i]), medium) for i in users[cut])
        plans.append(LinesPlan(cut + 1, ds, max(leg.half for leg in legs), legs))
    return plans


def half_length(config, p):
    """Length from the middle of a line to each of its ends [pc], for an EnergyPlan."""
    return HALF_LENGTH * p.free_path if config.lines.length == "auto" else config.lines.length / 2


def _leg(index, p, ds, half, medium):
    """Steps within a cell and within 3 % of a scattering at |B| = B_rms, of which samples take whole numbers."""
    nu = 0.6 * (p.gyroradius / medium.l_c) ** (-1 / 3) / medium.l_c
    longest = STEP * min(ds, 0.03 / nu, 0.03 / p.nu_kick if p.nu_kick > 0 else math.inf)
    steps = math.ceil(p.path / SAMPLES / longest)
    return Leg(index, steps, p.path / SAMPLES / steps, math.ceil(half / ds / EVERY) * EVERY)


def leg_of(plans, energy, coarse):
    """Cut and place among its legs of an energy's flight on its finer or coarser lines."""
    found = [(c, i) for c, p in enumerate(plans) for i, leg in enumerate(p.legs) if leg.energy == energy]
    return found[1 if coarse else 0]


def trace_seconds(config, p):
    """Core time of the lines of one realization and cut [s]."""
    return 2 * p.half * config.lines.lines * (p.waves * SECONDS_PER_WAVE + SECONDS_PER_CELL)


def leg_seconds(config, leg):
    """Core time of a leg of one realization [s]."""
    return leg.steps * SAMPLES * config.run.particles * SECONDS_PER_STEP


def tasks_of(config, plans):
    """Tasks of a config: a cut and a realization each; the work is in seconds as planned."""
    seconds = np.array([trace_seconds(config, p) + sum(leg_seconds(config, leg) for leg in p.legs) for p in plans])
    seconds = seconds[:, None, None]
    return LineTasks((len(plans), config.run.realizations, 1), seconds, seconds)


def bytes_of(config, p):
    """Memory of the lines of a task [bytes]."""
    return config.lines.lines * 2 * p.half * (4 + 12 / EVERY)


def warnings(config):
    """Warnings, one a line, of what is allowed but probably not intended."""
    lines = slow_lines(config.particle.energy, config.particle.Z)
    for p in energy_plans(config):
        x = p.gyroradius / config.medium.l_c
        if x > 1e-3 * (1 + 1e-9):
            lines.append(
                f"{energy_text(p.energy)}: r_g/l_c = {x:.2g} is above 1e-3, where the cut of mirrors "
                f"moves kappa by more than "
                '10 %; kind = "transport" is cheap there'
            )
        if half_length(config, p) < LEAST_HALF * p.free_path:
            enough = 2 * HALF_LENGTH * p.free_path
            lines.append(
                f"{energy_text(p.energy)}: {half_length(config, p):.3g} pc to each end of a line is less "
                f"than {LEAST_HALF} "
                "mean free paths: particles meet ends and kappa is too low; [lines] length of "
                f'{enough:.3g} pc or "auto" is expected'
            )
    if config.run.realizations * config.lines.lines < 2:
        lines.append("one line alone has no error: realizations = 2 or more is expected")
    return lines

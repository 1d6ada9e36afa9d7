"""Plans a run before its first step: durations, times of samples, the list of tasks and their cost."""

import math

import numpy as np

from hpcmm.deck.section import SectionError
from hpcmm.fields.profiles import profiles
from hpcmm.io.terminal import energy_text
from hpcmm.kinds.cluster.kappa import kappa, loss_rate
from hpcmm.kinds.cluster.state import row_length
from hpcmm.run.speeds import slow_lines
from hpcmm.run.tasks import Tasks
from hpcmm.theory import EV, GAUSS_MICRO, PARSEC, C, gyroradius

AUTO_DURATIONS = 6.0
"""Duration "auto" in mean times of escape from the centre; in a homogeneous sphere 1e-4 of all are left after it."""

FIRST_SAMPLE = 1e-3
"""First sample, as a fraction of the duration."""

FINE = 4096
"""Number of shells in the integrals of a plan."""

SECONDS_PER_CELL = {"spherical": 8e-8, "cartesian": 4e-7}
"""Core time [s] of a cell in one of the four solves of a step; measured on one 2.6 GHz core, for planning only."""

STEPS = 150.0
"""Expected number of time steps at tolerance 1e-5, from a point; it grows as the inverse cube root of the tolerance."""

BYTES_PER_CELL = 1800
BYTES_PER_RANK = 110e6


def sample_times(section):
    """Times at which profiles are kept, in units of the duration."""
    return np.geomspace(FIRST_SAMPLE, 1.0, section.samples)


def escape_time(config, energy):
    r"""Mean time in which particles from the centre leave the sphere, without losses: \int_0^R r dr / (3 kappa) [s].

    Parameters
    ----------
    config : ClusterConfig
    energy : float
        [GeV].
    """
    edges = np.linspace(0.0, config.cluster.radius, FINE + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    shells = np.diff(edges**2) / 2 * PARSEC**2
    return float((shells / (3 * kappa(config, energy, middle))).sum())


def duration(config, energy):
    """Time over which particles of an energy are followed [s]."""
    asked = config.cluster.duration
    return AUTO_DURATIONS * escape_time(config, energy) if asked == "auto" else asked


def ends(config, energy):
    """True if anything ends the stay of a particle: an escape or a loss."""
    return config.cluster.boundary == "escape" or loss_rate(config, energy, [0.0])[0] > 0


def shared(config):
    """True if all ranks work on one energy together; else each has energies of its own."""
    return config.cluster.geometry == "cartesian"


def shells_of(config):
    """Number of shells of a profile."""
    section = config.cluster
    return max(section.cells // 2, 2) if shared(config) else section.cells


def shape_of(config):
    """(number of cells of the mesh, numbers in a row of the state)."""
    return cells_of(config), row_length(config.cluster.samples, shells_of(config))


def check(config):
    """Refuse decks whose fault shows only when quantities are computed: duration, place or size of the source.

    Raises
    ------
    SectionError
    """
    section = config.cluster
    staying = [energy for energy in config.particle.energy if not ends(config, energy)]
    if section.duration == "auto" and staying:
        message = (
            f"at {energy_text(staying[0])} nothing gets out of the cluster or is lost in it: "
            'for "auto" a time is expected, e.g. "10 Gyr"'
        )
        raise SectionError(("cluster", "duration"), message)
    edge, most = max(map(abs, config.source.position)), 1 - 1 / section.cells
    if section.geometry == "cartesian" and edge > most:
        message = f"{most:.4g} or less, half a cell from the wall, is expected, not {edge:g}"
        raise SectionError(("source", "position"), message)
    if section.geometry == "cartesian" and config.source.model != "point":
        width = config.source.thickness if config.source.model == "shell" else 2 * config.source.radius
        cell = 2 * section.radius / section.cells
        if width < cell:
            message = f"the source is {width:g} pc wide, a cell {cell:g} pc: more cells are expected"
            raise SectionError(("cluster", "cells"), message)


def tasks_of(config):
    """List the tasks, one an energy at place (energy, 0, 0), with core seconds, and samples as their work."""
    count, section = len(config.particle.energy), config.cluster
    cells = section.cells if section.geometry == "spherical" else section.cells**3
    steps = STEPS * (1e-5 / section.tolerance) ** (1 / 3) * (1 + math.log2(section.cells) / 4)
    seconds = SECONDS_PER_CELL[section.geometry] * (cells + 300) * 4 * steps
    return Tasks((count, 1, 1), np.full((count, 1, 1), seconds), np.full((1, 1, 1), float(section.samples)))


def cells_of(config):
    """Total number of cells."""
    section = config.cluster
    return section.cells if section.geometry == "spherical" else section.cells**3


def warnings(config):
    """Warnings, one a line, of what is allowed but probably not intended."""
    lines, radius = slow_lines(config.particle.energy, config.particle.Z), config.cluster.radius
    places = np.linspace(0.0, radius, 65)
    fast = [e for e in config.particle.energy if 3 * kappa(config, e, places).max() / C > 0.1 * radius * PARSEC]
    if fast:
        lines.append(
            f"from {energy_text(min(fast))} on mean free paths 3 kappa/c exceed a tenth of the cluster: "
            f"not diffusion any more"
        )
    plasma = config.plasma
    if plasma.kappa is None and plasma.f_mm > 0:
        lowest, B = min(config.particle.energy) * 1e9 * EV, GAUSS_MICRO * plasma.B_0
        l_mm = profiles(plasma, np.zeros(1)).l_mm[0]
        if gyroradius(lowest, B, config.particle.Z) < l_mm:
            lines.append(f"at {energy_text(min(config.particle.energy))} r_g < l_mm: equation (4) does not hold there")
    if plasma.kappa is not None and len(config.particle.energy) > 1 and not config.losses.hadronic:
        lines.append("plasma.kappa is the same at all energies: so is everything else")
    if config.cluster.boundary == "reflecting" and config.cluster.duration == "auto":
        rate = min(float(loss_rate(config, e, places).min()) for e in config.particle.energy)
        lines.append(f'duration "auto" is that of an escape, not of losses at {rate:.3g} / s')
    return lines

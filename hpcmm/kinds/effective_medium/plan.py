"""Plans a run before its first solve: the list of tasks, their cost and memory."""

import math

import numpy as np

from hpcmm.deck.section import SectionError
from hpcmm.kinds.effective_medium import patch_file
from hpcmm.run.tasks import MOST_TASKS, Tasks

SECONDS_PER_CELL = 3e-5
"""Core time [s] a cell of the six solves of a medium, tolerance 1e-8; measured on one 2.6 GHz core, for planning."""

SECONDS_PER_WAVE = 6e-10
"""Core time [s] of one wave at one part of a cell; measured on the same core."""

BYTES_PER_CELL = 900
"""Memory of a cell [bytes]: matrix, its coarser ones, potentials, media."""

SECONDS_PER_MAGNETIZED_CELL = 1.6e-7
"""Core time [s] of a cell in one iteration of three directions, for media with kappa_perp."""

MAGNETIZED_ITERATIONS = 15.0
"""Iterations for a residual of 1e-8 with kappa_perp, over sqrt(n) (kappa_par / kappa_perp)^0.35 on n^3 cells."""

BYTES_PER_MAGNETIZED_CELL = 1200
"""Memory of a cell with kappa_perp [bytes]: 27 entries a row, tensors."""

BYTES_PER_RANK = 110e6
"""Memory of the libraries on a rank [bytes]."""


def check(config):
    """Refuse a deck whose file is missing or does not fit it.

    Raises
    ------
    SectionError
    """
    if config.effective_medium.morphology == "file":
        patch_file.check(config.effective_medium)


def tasks_of(config):
    """List the tasks at places (filling fraction, realization, 0); all ranks share each.

    Raises
    ------
    SectionError
        If there are more than MOST_TASKS.
    """
    section = config.effective_medium
    shape = (len(section.fractions), config.draws, 1)
    if math.prod(shape) > MOST_TASKS:
        message = f"{shape[0]} filling fractions x {shape[1]} are too many; at most {MOST_TASKS:,} are expected"
        raise SectionError(("effective_medium", "realizations"), message)
    cells = math.prod(section.grid)
    each = _magnetized(section) if section.anisotropic else SECONDS_PER_CELL
    seconds = each * cells * math.log10(1 / section.tolerance) / 8
    if config.waves:
        seconds += SECONDS_PER_WAVE * cells * section.samples**3 * config.waves[1].wave_count(config.medium, None)
    return Tasks(shape, np.full((1, 1, 1), seconds), np.full((1, 1, 1), 6.0 * cells))


def coarser_grid(section):
    """Half the cells along each axis, at least one."""
    return tuple(max(cells // 2, 1) for cells in section.grid)


def cells_of(config):
    """Number of cells of the grids that the two tensors of a medium are solved on."""
    section = config.effective_medium
    return math.prod(coarser_grid(section) if section.anisotropic else section.grid), math.prod(section.grid)


def _magnetized(section):
    """Core time [s] of a cell in three solves with kappa_perp, tolerance 1e-8; the coarser grid adds a twelfth."""
    along = max(section.kappa_patch, section.kappa_background)
    ratio = along / min(section.kappa_perp_patch, section.kappa_perp_background)
    iterations = MAGNETIZED_ITERATIONS * math.sqrt(max(section.grid)) * ratio**0.35
    return SECONDS_PER_MAGNETIZED_CELL * 13 / 12 * iterations


def solves(section):
    """Describe the solves of a medium, in words for the plan."""
    if section.anisotropic:
        return "each of 3 solves a medium, 3 directions, and in 3 on half the cells an axis"
    return "each of 6 solves a medium, 3 directions and 2 bounds"


def bytes_of(section):
    """Memory of all ranks together without libraries [bytes]."""
    return math.prod(section.grid) * (BYTES_PER_MAGNETIZED_CELL * 9 / 8 if section.anisotropic else BYTES_PER_CELL)


def warnings(config):
    """Warnings, one a line, of what is allowed but probably not intended."""
    section, lines = config.effective_medium, []
    if section.realizations > 1 and not config.random:
        lines.append(f"'{section.morphology}' is not random: one realization of {section.realizations} is solved")
    if section.file is not None and section.morphology != "file":
        lines.append(f"file is not read: the morphology is '{section.morphology}'")
    if section.filling_fraction is not None and section.morphology == "file":
        lines.append("filling_fraction is ignored: the file has its own")
    if config.waves:
        cells = config.waves[1].l_min / (section.box / min(section.grid))
        if cells < (8 if section.anisotropic else 4):
            what = "field lines" if section.anisotropic else "patches"
            lines.append(f"the shortest wave has {cells:.3g} cells: {what} are coarse, see kappa_iso_discretization")
    return lines

"""What a run will do: the list of work, its cost and memory."""

import math

import numpy as np

from hpcmm.effective_medium import config as decks
from hpcmm.effective_medium import patch_file
from hpcmm.section import SectionError
from hpcmm.tasks import MOST_TASKS, Tasks

SECONDS_PER_CELL = 3e-5
"""Core time of the six solves of a medium, tolerance 1e-8; measured on one 2.6 GHz core, for planning only."""

SECONDS_PER_WAVE = 6e-10
"""Of one wave at one cell, likewise."""

BYTES_PER_CELL = 900
"""Matrix, its coarser ones, potentials, media."""

BYTES_PER_RANK = 110e6
"""Of libraries."""


def check(config):
    """Refuse what only a look at the file, or at sums of keys, shows.

    Raises
    ------
    SectionError
    """
    if config.effective_medium.morphology == "file":
        patch_file.check(config.effective_medium)


def tasks_of(config):
    """Tasks (filling fraction, realization, 0); all ranks share each.

    Raises
    ------
    SectionError
        If there are more than MOST_TASKS.
    """
    section = config.effective_medium
    shape = (len(section.fractions), section.draws, 1)
    if math.prod(shape) > MOST_TASKS:
        message = f"{shape[0]} filling fractions x {shape[1]} are too many; at most {MOST_TASKS:,} are expected"
        raise SectionError(("effective_medium", "realizations"), message)
    cells = math.prod(section.grid)
    seconds = SECONDS_PER_CELL * cells * math.log10(1 / section.tolerance) / 8
    if config.waves:
        seconds += SECONDS_PER_WAVE * cells * section.samples**3 * config.waves[1].wave_count(config.medium, None)
    count = math.prod(shape)
    return Tasks(shape, np.full(count, seconds), np.full(count, 6.0 * cells))


def warnings(config):
    """Lines on what is allowed but likely not meant."""
    section, lines = config.effective_medium, []
    if section.realizations > 1 and section.morphology != decks.RANDOM:
        lines.append(f"'{section.morphology}' is not random: one realization of {section.realizations} is solved")
    if section.file is not None and section.morphology != "file":
        lines.append(f"file is not read: the morphology is '{section.morphology}'")
    if section.filling_fraction is not None and section.morphology == "file":
        lines.append("filling_fraction is not heeded: the file has its own")
    if config.waves:
        cells = config.waves[1].l_min / (section.box / min(section.grid))
        if cells < 4:
            lines.append(f"the shortest wave has {cells:.3g} cells: patches are coarse, see kappa_iso_discretization")
    return lines

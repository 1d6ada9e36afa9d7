"""Solves a magnetized medium on the deck's grid and on one of half the cells an axis, to estimate the error."""

import numpy as np

from hpcmm.kinds.effective_medium import magnetized_medium
from hpcmm.kinds.effective_medium.medium import lengths
from hpcmm.kinds.effective_medium.plan import coarser_grid
from hpcmm.kinds.effective_medium.solver import CellProblem


class TwoGrids:
    """Solves a deck's magnetized media on two grids.

    Parameters
    ----------
    config : EffectiveMediumConfig
    comm : communicator
    """

    def __init__(self, config, comm):
        self._comm = comm
        self._grids = []
        for each in (coarser(config), config):
            section = each.effective_medium
            self._grids.append((each, CellProblem(comm, section.grid, lengths(section), section.tolerance)))

    def solve(self, fraction, realization, course):
        """Collective: solve a medium; returns its row of `state.RESULT`: the coarser grid's tensor, then the deck's.

        Parameters
        ----------
        fraction : float
        realization : int
        course : Course
        """
        media = [
            lambda c=config, p=problem: magnetized_medium.medium(c, self._comm, p, fraction, realization)
            for config, problem in self._grids
        ]
        coarse = course.tensor(0, lambda: self._tensor(0, media[0](), course))
        fine = media[1]()
        found = [coarse, course.tensor(1, lambda: self._tensor(1, fine, course))]
        return np.concatenate([[fine.filling_fraction, fine.harmonic, fine.arithmetic, course.most], *found])

    def _tensor(self, grid, medium, course):
        return medium.scale * self._grids[grid][1].magnetized(medium.K, medium.across, course).ravel()


def coarser(config):
    """Config with half the cells along each axis; field and patches are sampled anew on them."""
    section = config.effective_medium
    update = {"grid": coarser_grid(section)}
    return config.model_copy(update={"effective_medium": section.model_copy(update=update)})

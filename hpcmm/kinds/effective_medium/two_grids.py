"""Solves a magnetized medium on the deck's grid and on one of half the cells an axis, to estimate the error."""

import numpy as np

from hpcmm.kinds.effective_medium import magnetized_medium
from hpcmm.kinds.effective_medium.medium import lengths
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

    def solve(self, fraction, realization):
        """Collective: solve a medium; returns its row of `state.RESULT`: the coarser grid's tensor, then the deck's.

        Parameters
        ----------
        fraction : float
        realization : int
        """
        found, most = [], 0
        for config, problem in self._grids:
            medium = magnetized_medium.medium(config, self._comm, problem, fraction, realization)
            kappa, iterations = problem.magnetized(medium.K, medium.across)
            found.append(medium.scale * kappa.ravel())
            most = max(most, iterations)
        return np.concatenate([[medium.filling_fraction, medium.harmonic, medium.arithmetic, most], *found])


def coarser(config):
    """Config with half the cells along each axis; field and patches are sampled anew on them."""
    section = config.effective_medium
    grid = tuple(max(cells // 2, 1) for cells in section.grid)
    return config.model_copy(update={"effective_medium": section.model_copy(update={"grid": grid})})

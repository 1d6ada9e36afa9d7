"""Solves all media of a run, one after the other, by all ranks together."""

import numpy as np

from hpcmm.kinds.effective_medium import medium, solver, two_grids


class AllMedia:
    """The `hpcmm.run.rounds.Worker` of an effective medium.

    Parameters
    ----------
    config : EffectiveMediumConfig
    comm : communicator
    tasks : Tasks
    state : MediaState
        State that this rank resumes from; root's is kept up to date, those of other ranks are emptied.

    Attributes
    ----------
    rows : dict
        Task -> row of `hpcmm.kinds.effective_medium.state.RESULT`, on all ranks.
    """

    def __init__(self, config, comm, tasks, state):
        self.rows = {task: row for part in comm.allgather(state.done) for task, row in part.items()}
        self.state, self._root = state, comm.rank == 0
        state.done = dict(self.rows) if self._root else {}
        self._tasks, self._fractions = tasks, config.effective_medium.fractions
        self._left = [task for task in range(len(tasks)) if task not in self.rows]
        solvers = two_grids.TwoGrids if config.effective_medium.anisotropic else Bounds
        self._solve = solvers(config, comm).solve if self._left else None
        self.total = tasks.total_work()

    @property
    def done(self):
        """Number of solved cells; counted on root, 0 elsewhere."""
        return float(sum(self._tasks.work_of(task) for task in self.rows)) if self._root else 0.0

    @property
    def busy(self):
        """True while a medium remains to be solved."""
        return bool(self._left)

    def advance(self, this_round):
        """Collective: solve one medium."""
        if not self._left:
            return
        task = self._left.pop(0)
        fraction, realization, _ = self._tasks.place(task)
        self.rows[task] = self._solve(self._fractions[fraction], realization)
        if self._root:
            self.state.done[task] = self.rows[task]

    def close(self):
        """Do nothing: this worker holds nothing beyond its rounds."""


class Bounds:
    """Solves a deck's isotropic media for tensors that bound theirs."""

    def __init__(self, config, comm):
        section = config.effective_medium
        self._config, self._comm = config, comm
        self._problem = solver.CellProblem(comm, section.grid, medium.lengths(section), section.tolerance)

    def solve(self, fraction, realization):
        """Collective: solve a medium; returns its row of `hpcmm.kinds.effective_medium.state.RESULT`."""
        made = medium.medium(self._config, self._comm, self._problem, fraction, realization)
        lower, upper, iterations = self._problem.bounds(made.kappa, made.samples)
        known = -1.0 if np.isnan(made.filling_fraction) else made.filling_fraction
        head = [known, made.harmonic, made.arithmetic, iterations]
        return np.concatenate([head, made.scale * lower.ravel(), made.scale * upper.ravel()])

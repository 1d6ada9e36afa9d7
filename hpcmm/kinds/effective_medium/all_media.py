"""Solves all media of a run, one after the other, by all ranks together."""

import numpy as np

from hpcmm.kinds.effective_medium import medium, solver, two_grids
from hpcmm.kinds.effective_medium.course import Course
from hpcmm.run.meetings import Meetings


class AllMedia:
    """The `hpcmm.run.rounds.Worker` of an effective medium.

    Parameters
    ----------
    config : EffectiveMediumConfig
    comm : communicator
    tasks : Tasks
    state : MediaState
        State that this rank resumes from; root's is kept up to date, other ranks keep their part of the medium in
        progress alone.
    keeper : Keeper
        Saves and stops the run within a medium too.

    Attributes
    ----------
    rows : dict
        Task -> row of `hpcmm.kinds.effective_medium.state.RESULT`, on all ranks.
    """

    def __init__(self, config, comm, tasks, state, keeper):
        self.rows = {task: row for part in comm.allgather(state.done) for task, row in part.items()}
        self.state, self._root, self._comm, self._keeper = state, comm.rank == 0, comm, keeper
        state.root = self._root
        state.done = dict(self.rows) if self._root else {}
        self._tasks, self._fractions = tasks, config.effective_medium.fractions
        self._left = [task for task in range(len(tasks)) if task not in self.rows]
        solvers = two_grids.TwoGrids if config.effective_medium.anisotropic else Bounds
        self._solve = solvers(config, comm).solve if self._left else None
        self._meetings, self._course = Meetings(comm, self._meet), None
        self.total = tasks.total_work()

    @property
    def done(self):
        """Number of solved cells; counted on root, 0 elsewhere."""
        if not self._root:
            return 0.0
        solved = float(sum(self._tasks.work_of(task) for task in self.rows))
        return solved + self._course.share * self._tasks.work_of(self._left[0]) if self._course else solved

    @property
    def busy(self):
        """True while a medium remains to be solved."""
        return bool(self._left)

    def advance(self, this_round):
        """Collective: solve one medium, the one in progress first."""
        if not self._left:
            return
        if self.state.flight:
            self._left.sort(key=lambda task: task != self.state.flight.head[0])
        task = self._left[0]
        fraction, realization, _ = self._tasks.place(task)
        self._course = Course(self._comm, task, self.state, self._meetings)
        self.rows[task] = self._solve(self._fractions[fraction], realization, self._course)
        self._course = self.state.flight = None
        del self._left[0]
        if self._root:
            self.state.done[task] = self.rows[task]

    def _meet(self):
        """Collective: save or stop the run where that is due."""
        self._keeper.sync(self.done, self.total, self.busy)
        self._keeper.save_or_stop(self.state)

    def close(self):
        """Do nothing: this worker holds nothing beyond its rounds."""


class Bounds:
    """Solves a deck's isotropic media for tensors that bound theirs."""

    def __init__(self, config, comm):
        section = config.effective_medium
        self._config, self._comm = config, comm
        self._problem = solver.CellProblem(comm, section.grid, medium.lengths(section), section.tolerance)

    def solve(self, fraction, realization, course):
        """Collective: solve a medium; returns its row of `hpcmm.kinds.effective_medium.state.RESULT`."""
        made = medium.medium(self._config, self._comm, self._problem, fraction, realization)
        bounds = self._problem.bounds(made.kappa, made.samples, course, made.scale)
        known = -1.0 if np.isnan(made.filling_fraction) else made.filling_fraction
        head = [known, made.harmonic, made.arithmetic, course.most]
        return np.concatenate([head, *bounds])

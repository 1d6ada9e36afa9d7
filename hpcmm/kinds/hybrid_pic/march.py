"""Advances a plasma step by step, all ranks together; takes rows and writes snapshots when they are due."""

import math

import numpy as np

from hpcmm.errors import InputError
from hpcmm.io.terminal import tell
from hpcmm.kinds.hybrid_pic import history, plan, snapshot, spectra, start, structure
from hpcmm.kinds.hybrid_pic.gather import gathered
from hpcmm.kinds.hybrid_pic.plasma import LimitError
from hpcmm.parallel.collective import on_root


class March:
    """The `hpcmm.run.rounds.Worker` of a hybrid_pic run; its constructor is collective.

    Parameters
    ----------
    run : hpcmm.run.kind.Run
    state : HybridState
        Where this rank resumes; kept up to date.
    """

    def __init__(self, run, state):
        config = run.config
        self._run, self.state, self._root = run, state, run.comm.rank == 0
        self.plasma = start.plasma_of(config, run.comm)
        begun = run.comm.allreduce(int(state.cell is not None))
        if begun:
            start.resume(config, state, self.plasma)
        else:
            start.begin(config, self.plasma)
        state.hold(self.plasma, self._root)
        self._note()
        self._every, self._snapshots = plan.history_every(config), plan.snapshot_steps(config)
        self._markers, self._steps = plan.markers(config), plan.steps(config)
        self.total = float(self._markers * self._steps)
        self._due = not begun or self._snapshot_due()
        self._row_due = not begun  # a run that was saved before a snapshot has the row of its step

    @property
    def done(self):
        """Marker steps done, counted by root."""
        return float(self._markers * self.plasma.steps) if self._root else 0.0

    @property
    def busy(self):
        """True while steps or outputs remain."""
        return self._due or self.plasma.steps < self._steps

    def advance(self, this_round):
        """Take one step, or the outputs that are due before the first one."""
        if not self.busy:  # a run that was saved at its end
            return
        if self._due:
            self._due = False
        else:
            self._step()
        self._note()
        self._outputs()

    def close(self):
        """Do nothing: a plasma is memory alone."""

    def _note(self):
        plasma, clock = self.plasma, self.state.clock
        clock[:-1] = [plasma.steps, *plasma.scale, *plasma.reference]

    def _step(self):
        comm = self._run.comm
        try:
            self.plasma.advance()
        except LimitError as error:
            message = f"{self._run.directory}: {error}"
            if error.alone and comm.size > 1:  # the others wait for this rank
                tell(f"hpcmm: {message}")
                comm.Abort(2)
            raise InputError(message) from None
        self._row_due = self.plasma.steps % self._every == 0 or self.plasma.steps == self._steps

    def _snapshot_due(self):
        written = self.state.clock[-1]
        return self._snapshots[written : written + 1] == [self.plasma.steps]

    def _outputs(self):
        plasma, state, now = self.plasma, self.state, self.plasma.steps
        if self._row_due:
            found = history.row(plasma, state.counted)
            on_root(self._run.comm, lambda: self._refuse_infinite(found))
            if self._root:
                state.history.append(found)
        if self._snapshot_due():
            name = f"snapshots/{plan.snapshot_name(now)}"
            # saved first: should the disk be full, the run resumes here and writes it then
            self._run.keeper.save(state, min(now / self._steps, math.nextafter(1.0, 0.0)))
            with self._run.keeper.while_writing(name):
                snapshot.write(self._run, name, plasma)
            self._look_at_structure()
            state.clock[-1] += 1

    def _refuse_infinite(self, row):
        if not np.isfinite(row).all():
            raise InputError(
                f"{self._run.directory}: step {self.plasma.steps}: the fields are no finite numbers any more; "
                "a shorter stepping.step is needed"
            )

    def _look_at_structure(self):
        """Take a row of the structure, and one of spectra, on root."""
        plasma = self.plasma
        B = plasma.magnetic()
        fields = [gathered(plasma, field) for field in (*B, plasma.density)]
        if self._root:
            mean_B, mean_n = (float(fields[i].mean(dtype=float)) for i in (0, 3))
            b, n = fields[0] / mean_B - 1, fields[3] / mean_n - 1
            self.state.structure.append(structure.row(plasma, b, n))
            across = [fields[1] / mean_B, fields[2] / mean_B]
            self.state.spectra.append(spectra.row(plasma, {"B_par": [b], "B_perp": across, "n": [n]}))

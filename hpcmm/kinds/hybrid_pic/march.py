"""Advances a plasma step by step, all ranks together; takes rows and writes snapshots when they are due."""

import math

from hpcmm.kinds.hybrid_pic import history, plan, snapshot, start, structure


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
        self._due = not begun

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
        if self._due:
            self._due = False
        else:
            self.plasma.advance()
        self._note()
        self._outputs()

    def close(self):
        """Do nothing: a plasma is memory alone."""

    def _note(self):
        plasma, clock = self.plasma, self.state.clock
        clock[:3] = [plasma.steps, *plasma.scale]

    def _outputs(self):
        plasma, state, now = self.plasma, self.state, self.plasma.steps
        if now % self._every == 0 or now == self._steps:
            found = history.row(plasma, self._run.comm.allreduce(state.counted[0]))
            if self._root:
                state.history.append(found)
        written = state.clock[3]
        if self._snapshots[written : written + 1] == [now]:
            name = f"snapshots/{plan.snapshot_name(now)}"
            # saved first: should the disk be full, the run resumes here and writes it then
            self._run.keeper.save(state, min(now / self._steps, math.nextafter(1.0, 0.0)))
            with self._run.keeper.while_writing(name):
                snapshot.write(self._run, name, plasma)
            found = structure.row(plasma)
            if self._root:
                state.structure.append(found)
            state.clock[3] += 1

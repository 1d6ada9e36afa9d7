"""Advances a flow through the times of its outputs; all ranks together, a step a round."""

import math

from hpcmm.kinds.mhd import patches_file, plan, snapshot, start
from hpcmm.kinds.mhd.diagnostics import Diagnostics
from hpcmm.kinds.mhd.microphysics import Microphysics
from hpcmm.kinds.mhd.random_modes import random_kick
from hpcmm.kinds.mhd.solver import Solver
from hpcmm.kinds.mhd.transform import Transforms
from hpcmm.kinds.mhd.waves import of_rank


class March:
    """The `hpcmm.run.rounds.Worker` of an MHD run; its constructor is collective.

    Parameters
    ----------
    run : hpcmm.run.kind.Run
    state : MhdState
        Where this rank resumes; kept up to date.
    """

    def __init__(self, run, state):
        config, comm = run.config, run.comm
        section, output = config.mhd, config.output
        self._run, self._config, self.state = run, config, state
        self._root = comm.rank == 0
        transforms = Transforms(comm, section.points, section.precision, section.decomposition)
        force = start.constant_force(config, transforms)
        self._solver = Solver(transforms, section.viscosity, section.resistivity, section.scheme, force)
        if state.columns is None:
            start.fill(config, self._solver)
        else:
            start.resume(state, self._solver)
        state.hold(self._solver, self._root)
        power = config.forcing.power if config.forcing.model == "random" else 0.0
        self._diagnostics = Diagnostics(self._solver, power)
        self._history, self._spectra = (
            plan.times(config, t) for t in (output.history_interval, output.spectra_interval)
        )
        self._snapshots = output.snapshots
        self.total = section.duration

    @property
    def done(self):
        """Time reached, counted by root."""
        return self.state.time if self._root else 0.0

    @property
    def busy(self):
        """True while time or outputs remain."""
        state = self.state
        return state.time < self.total or len(state.history) < len(self._history)

    def advance(self, this_round):
        """Take one step, after what is due at its start and before what is due at its end."""
        self._outputs()
        state = self.state
        if state.time < self.total:
            limit = self._next()
            dt = self._solver.step(lambda speed: plan.step_before(self._config, speed, state.time, limit))
            self._kick(dt)
            state.steps += 1
            # to the time itself at the last step before it: no sum of steps decides what is due
            state.time = limit if limit - state.time <= dt * (1 + 1e-9) else state.time + dt
            self._outputs()

    def close(self):
        """Collective: free the plans of the transforms."""
        self._solver.transforms.close()

    def _next(self):
        """Time of the next output after the present one."""
        now, found = self.state.time, [self.total]
        for rows, times in ((self.state.history, self._history), (self.state.spectra, self._spectra)):
            found += times[len(rows) : len(rows) + 1]
        found += self._snapshots[self.state.snapshots : self.state.snapshots + 1]
        return min(time for time in found if time > now)

    def _kick(self, dt):
        """Kick by a random force; the draw is keyed by the step."""
        force = self._config.forcing
        if force.model == "random" and force.power:
            kick = random_kick(self._config.run.seed, self.state.steps, force.wavenumber, force.power, dt)
            self._solver.kick(of_rank(self._solver.transforms, kick))

    def _outputs(self):
        """Take a row of history or spectra, and write a snapshot, where the time of one has come."""
        state, now = self.state, self.state.time
        if self._history[len(state.history) :][:1] == [now]:
            state.history.append(self._diagnostics.row(now, lambda speed: plan.allowed_step(self._config, speed)))
        if self._spectra[len(state.spectra) :][:1] == [now]:
            state.spectra.append([now, *self._diagnostics.spectra().ravel()])
        if self._snapshots[state.snapshots :][:1] == (now,):
            # saved first: should the disk be full, the run resumes here and writes it then
            self._run.keeper.save(state, min(now / self.total, math.nextafter(1.0, 0.0)))
            name, plasma = plan.snapshot_name(now), self._config.microphysics
            with self._run.keeper.while_writing(f"snapshots/{name}", *([f"microphysics/{name}"] if plasma else [])):
                snapshot.write(self._run, f"snapshots/{name}", self._solver, self._diagnostics, state)
                if plasma:
                    self._find_patches(f"microphysics/{name}", plasma)
            state.snapshots += 1

    def _find_patches(self, name, plasma):
        """Write where mirrors would be, and take rows of how much of the volume."""
        found = Microphysics(self._solver, plasma.beta)
        delta = found.anisotropy(plasma.collision_rate)
        patches_file.write(self._run, name, self._solver.transforms, delta, found.patch(delta), self.state.time)
        self.state.microphysics += found.rows(self.state.time, plasma.collision_rate)

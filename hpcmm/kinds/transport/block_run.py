"""Advances one block of particles from start to end of its path."""

import math
from dataclasses import dataclass

import numpy as np

from cython_kernels.field import Field
from cython_kernels.lags import Correlator
from cython_kernels.push import CHUNK, Sampler, advance
from cython_kernels.scatter import Scatterer
from hpcmm.io.terminal import energy_text
from hpcmm.kinds.transport import ensemble, track_plan
from hpcmm.kinds.transport.realize import realize_scatterer
from hpcmm.kinds.transport.state import NO_RING, PHASE_SPACE, Flight


@dataclass
class BlockRun:
    """A block in progress, with its field, its scatterer and its samples."""

    task: int
    plan: object
    gyroradius: float
    block: object
    field: Field
    scatterer: Scatterer
    sampler: Sampler
    lags: Correlator
    cost: float
    may_be_lost: bool = False
    saved: Flight | None = None

    @classmethod
    def begin(cls, config, plans, tasks, task, fields, flight=None):
        """Take the field of a task, realize its scatterers and particles; resume from ``flight`` if one is given."""
        i, realization, block = tasks.place(task)
        p = plans[i]
        made = cls(
            task=task,
            plan=p,
            gyroradius=math.copysign(p.gyroradius, config.particle.Z),
            block=ensemble.block_of(config, p.energy, realization, block),
            field=fields.get((i, realization)),
            scatterer=realize_scatterer(
                config, p, realization, fields.B_star((i, realization)), fields.mask((i, realization))
            ),
            sampler=Sampler(p.sample_steps, *track_plan.kept(config, p.steps, realization, block)),
            lags=Correlator(p.lag_every, p.stages),
            cost=tasks.seconds_of(task),
            may_be_lost=config.ends,
        )
        lost = with_lost if config.ends else lambda state: state
        if flight and flight.step:
            made.block.state[:PHASE_SPACE] = lost(flight.phase_space)
            made.block.step, made.block.in_patch = flight.step, flight.in_patch
            made.sampler.sums[...] = flight.sums
            made.sampler.tracks[...] = flight.tracks
            made.sampler.seek(flight.step)
            made.lags.resume(made.block, flight.lags, flight.lag_points, lost(flight.lag_ring))
        return made

    def advance_chunk(self):
        """Advance by a chunk, or to the end; returns the planned cost of these steps [s]."""
        steps = min(CHUNK, self.plan.steps - self.block.step)
        if steps < CHUNK:
            self.saved = self._here(to_the_end=True)  # beyond the last multiple no block can resume
        advance(self.field, self.scatterer, self.block, self.sampler, steps, self.plan.step, self.gyroradius, self.lags)
        whole = np.isfinite(self.block.state).all(axis=0) | (self.may_be_lost & np.isnan(self.block.state[3]))
        if not (whole.all() and np.isfinite(self.sampler.sums).all()):
            raise FloatingPointError(
                f"a particle's place, direction or moment is no number: {energy_text(self.plan.energy)}, "
                f"task {self.task}, "
                f"particles from {self.block.first_particle}, step {self.block.step}"
            )
        return self.cost * steps / self.plan.steps

    def _here(self, to_the_end):
        """What is kept of the block as it stands; one that goes to its end pairs no more points."""
        phase_space = without_lost(self.block.state[:PHASE_SPACE])
        where = self.block.step, phase_space, self.sampler.sums, self.block.in_patch, self.sampler.tracks
        points = 0 if to_the_end else self.lags.points
        return Flight(*where, self.lags.sums, points, without_lost(self.lags.ring) if points else NO_RING)

    @property
    def finished(self):
        """True if the block has reached the end of its path."""
        return self.block.step == self.plan.steps

    @property
    def work(self):
        """Particle steps done: steps times particles of the block that are not mere filling."""
        return float(self.block.step * self.block.active)

    @property
    def seconds_left(self):
        """Planned cost of the steps that are left [s]."""
        return self.cost * (1 - self.block.step / self.plan.steps)

    def flight(self):
        """State for a checkpoint: phase space at the last multiple of CHUNK, moment sums up to now."""
        return self.saved or self._here(to_the_end=self.finished)


def without_lost(state):
    """A copy of places and directions [..., 6, lane] in which particles that are lost, NaN, have no direction."""
    return np.where(np.isnan(state[..., 3:4, :]), 0.0, state)


def with_lost(state):
    """The opposite of `without_lost`: a particle without direction is lost."""
    return np.where((state[..., 3:, :] == 0.0).all(axis=-2, keepdims=True), np.nan, state)

"""kind = "transport": particle ensembles through turbulence and micromirrors, moments to diffusion tensor."""

import math
from dataclasses import dataclass

import numpy as np

from cython_kernels.field import Field
from cython_kernels.push import CHUNK, Sampler, advance
from cython_kernels.scatter import Scatterer
from hpcmm import ensemble, moments_file, products
from hpcmm.parallel import Round
from hpcmm.realized import RealizedFields, realize_scatterer
from hpcmm.stepping import plan
from hpcmm.tasks import Deal, tasks_of

BOX_OVER_L_MAX = 100
"""Side of the box of origins in units of the largest scale (SPEC 1.1)."""


def run(config, comm, directory, attributes, progress):
    """Deck to kappa(E): realize fields and ensembles, push blocks, write moments, compute kappa.

    Parameters
    ----------
    config : Config
        The same on all ranks.
    comm : communicator
    directory : path
        The run directory, open.
    attributes : dict or None
        Provenance for the files; root's counts.
    progress : callable
        ``progress(done, total)`` in particle steps, called on root at the end of every round.
    """
    plans = plan(config)
    tasks = tasks_of(config, plans)
    sums = advance_all(config, plans, tasks, comm, progress)
    moments_file.write(comm, directory / "moments.h5", plans, tasks, sums, attributes)
    if comm.rank == 0:
        products.write_kappa(directory)


def advance_all(config, plans, tasks, comm, progress):
    """Advance every block to the end of its path; returns {task: moment sums} of this rank's tasks.

    Ranks work in rounds: own blocks, a chunk of steps at a time, until the round's time is over; then they
    meet, draw new tasks where they run low, and tell how far they are.
    """
    deal, sums, queue = Deal(tasks.longest_first(), comm), {}, []
    fields = RealizedFields(config, plans, comm)
    queue += deal.draw(1)
    block, this_round = None, Round()
    done, total, seconds_per_cost = 0.0, float(tasks.particle_steps.sum()), 1.0
    while True:
        spent = 0.0
        fields.hold([tasks.place(task)[:2] for task in ([block.task] if block else []) + queue])
        started = this_round.elapsed()
        while (block or queue) and not this_round.over():
            if not block:
                if not fields.ready(tasks.place(queue[0])[:2]):
                    break
                block = BlockRun.begin(config, plans, tasks, queue.pop(0), fields)
            spent += block.advance_chunk()
            if block.finished:
                sums[block.task] = block.sums()
                block = None
        if spent:
            seconds_per_cost = (this_round.elapsed() - started) / spent
        own = sum(tasks.particle_steps[t] for t in sums) + (block.particle_steps if block else 0.0)
        done = comm.allreduce(own)
        in_hand = sum(tasks.seconds[t] for t in queue) + (block.seconds_left if block else 0.0)
        queue += deal.draw(_wanted(deal, tasks, 2 * this_round.seconds - in_hand * seconds_per_cost, seconds_per_cost))
        progress(done, total)
        if not deal.left and not comm.allreduce(int(bool(block or queue))):
            fields.hold([])
            return sums
        this_round.begin_next()


def _wanted(deal, tasks, seconds, seconds_per_cost):
    """How many of the tasks next in the deal fill so many seconds."""
    if seconds <= 0 or not deal.left:
        return 0
    return math.ceil(seconds / (tasks.seconds[deal.peek()] * seconds_per_cost))


@dataclass
class BlockRun:
    """A block on its way: its field, its scatterers, its samples."""

    task: int
    plan: object
    block: object
    field: Field
    scatterer: Scatterer
    sampler: Sampler
    cost: float

    @classmethod
    def begin(cls, config, plans, tasks, task, fields):
        """Take the field of a task; realize its scatterers and particles."""
        i, realization, block = tasks.place(task)
        p, seed = plans[i], config.run.seed
        box = BOX_OVER_L_MAX * max([f.outer_scale or 0.0 for f in config.field] + [config.medium.l_c])
        return cls(
            task=task,
            plan=p,
            block=ensemble.start_block(seed, p.energy, realization, block, config.run.particles, box),
            field=fields.get((i, realization)),
            scatterer=realize_scatterer(config, p, realization),
            sampler=Sampler(p.sample_steps),
            cost=tasks.seconds[task],
        )

    def advance_chunk(self):
        """Advance by a chunk, or to the end; returns the planned cost of it."""
        steps = min(CHUNK, self.plan.steps - self.block.step)
        advance(self.field, self.scatterer, self.block, self.sampler, steps, self.plan.step, self.plan.gyroradius)
        if not (np.isfinite(self.block.state).all() and np.isfinite(self.sampler.sums).all()):
            raise FloatingPointError(
                f"a particle's place, direction or moment is no number: {self.plan.energy:g} GeV, task {self.task}, "
                f"particles from {self.block.first_particle}, step {self.block.step}"
            )
        return self.cost * steps / self.plan.steps

    @property
    def finished(self):
        """Has the block reached the end of its path?"""
        return self.block.step == self.plan.steps

    @property
    def particle_steps(self):
        """Steps done times particles that count."""
        return float(self.block.step * self.block.active)

    @property
    def seconds_left(self):
        """Planned cost of what is left."""
        return self.cost * (1 - self.block.step / self.plan.steps)

    def sums(self):
        """Moment sums [time, moment] of the finished block."""
        return self.sampler.sums

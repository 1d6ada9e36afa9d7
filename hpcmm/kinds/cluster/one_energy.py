"""Advances one energy through the samples of a run, fills its row of results, and resumes it from a checkpoint."""

import numpy as np

from hpcmm.kinds.cluster import plan
from hpcmm.kinds.cluster.kappa import kappa, loss_rate
from hpcmm.kinds.cluster.solver import Evolution
from hpcmm.kinds.cluster.sources import weights
from hpcmm.kinds.cluster.state import COUNTS, SUMMARY, Flight, row_length
from hpcmm.theory import PARSEC

LEVELS = {"half_time": 0.5, "e_time": float(np.exp(-1.0))}
"""Name of a time in the row -> share of a burst that is left inside at it."""


def evolution_of(config, comm, mesh, energy, duration, weights, f_mm=None, within=None):
    """Make the `Evolution` of an energy, kappa and loss rates in units of radius and duration.

    Parameters
    ----------
    config : ClusterConfig
    comm : communicator
    mesh : Sphere or Box
    energy, duration : float
        [GeV], [s].
    weights : array
        Share of the source in each cell of this rank.
    f_mm : float, optional
        Filling fraction everywhere, instead of the deck's profile.
    within : WithinSolves, optional
    """
    section, steps = config.cluster, config.cluster.time_step
    reach = section.radius
    return Evolution(
        comm,
        mesh,
        kappa=lambda r: kappa(config, energy, r * reach, f_mm) * duration / (reach * PARSEC) ** 2,
        rate=lambda r: loss_rate(config, energy, r * reach) * duration,
        escaping=section.boundary == "escape",
        source=np.zeros(len(weights)) if config.source.injection == "burst" else weights,
        tolerance=section.tolerance,
        step=None if steps == "auto" else steps / duration,
        within=within,
    )


class OneEnergy:
    """Follows the density of one energy, and fills its row.

    Parameters
    ----------
    config : ClusterConfig
    comm : communicator
        Communicator of the mesh.
    mesh : Sphere or Box
    energy : float
        [GeV].
    flight : Flight or None
        Where it resumes.
    within : WithinSolves, optional
        Lets the ranks of a box meet within its solves.
    """

    def __init__(self, config, comm, mesh, energy, flight=None, within=None):
        self._config, self._mesh, self._energy = config, mesh, energy
        self._times = plan.sample_times(config.cluster)
        self._duration = plan.duration(config, energy)
        self._weights = weights(config.source, mesh, config.cluster.radius, comm.allreduce)
        self._burst = config.source.injection == "burst"
        self._within = within
        self._evolution = evolution_of(config, comm, mesh, energy, self._duration, self._weights, within=within)
        self._steps = 0
        if flight is None:
            start = self._weights / mesh.volume if self._burst else np.zeros(len(self._weights))
            self._evolution.start(0.0, None, start, 0.0, 0.0)
            self.row, self.samples = np.full(row_length(len(self._times), len(mesh.shells)), np.nan), 0
            self._note_means(comm)
        else:
            time, step, samples, escaped, lost = flight.head
            self._evolution.start(time, step, mesh.arranged(flight.place, flight.density), escaped, lost)
            self.row, self.samples = flight.row.copy(), int(samples)
            self._steps = int(self._noted("steps"))
        self._before = self._evolution.time, self._evolution.counts()[0]

    @property
    def over(self):
        """True if all samples are taken."""
        return self.samples == len(self._times)

    def step(self):
        """Collective: take one time step; note crossings, balance and, where one is due, a sample."""
        limit = self._times[self.samples]
        self._evolution.advance(limit)
        self._steps += 1
        counts = self._evolution.counts()
        self._note_crossings(counts[0])
        self._note("steps", self._steps)
        injected = 1.0 if self._burst else self._evolution.time
        self._note("balance", np.fmax(self._noted("balance"), abs(counts.sum() - injected)))
        if self._evolution.time >= limit:
            self._take_sample(counts)

    def close(self):
        """Collective: destroy PETSc's objects now; Python's collector would do so at other times on other ranks."""
        self._evolution.destroy()

    def flight(self):
        """State of this energy on this rank, for a checkpoint."""
        evolution = self._evolution
        _, escaped, lost = evolution.counts()
        head = np.array([evolution.time, evolution.step, self.samples, escaped, lost])
        return Flight(head, self.row.copy(), self._mesh.place, evolution.density)

    def _note_means(self, comm):
        """Note mean lifetimes with micromirrors and without, by steady problems; infinite where nothing ends a stay."""
        config, names = self._config, ("lifetime", "lifetime_f0")
        self._note("duration", self._duration)
        self._note("balance", 0.0)
        if not plan.ends(config, self._energy):
            for name in names:
                self._note(name, np.inf)
            self._note("escape_probability", 0.0)
            return
        lifetime, probability = self._evolution.mean_times(self._weights)
        self._note("escape_probability", probability)
        other = evolution_of(config, comm, self._mesh, self._energy, self._duration, self._weights, 0.0, self._within)
        for name, found in zip(names, (lifetime, other.mean_times(self._weights)[0]), strict=True):
            self._note(name, found * self._duration)
        other.destroy()

    def _note(self, name, value):
        self.row[SUMMARY.index(name)] = value

    def _noted(self, name):
        return self.row[SUMMARY.index(name)]

    def _note_crossings(self, inside):
        """Note the times at which a burst falls below the shares of `LEVELS`, log-linearly between two steps."""
        (start, more), end = self._before, self._evolution.time
        for name, level in LEVELS.items():
            if self._burst and more > level >= inside > 0.0:
                part = np.log(more / level) / np.log(more / inside)
                self._note(name, (start + part * (end - start)) * self._duration)
        self._before = end, inside

    def _take_sample(self, counts):
        shells, samples = len(self._mesh.shells), len(self._times)
        first = len(SUMMARY) + COUNTS * self.samples
        self.row[first : first + COUNTS] = counts
        first = len(SUMMARY) + COUNTS * samples + shells * self.samples
        self.row[first : first + shells] = self._mesh.profile(self._evolution.density)
        self.samples += 1

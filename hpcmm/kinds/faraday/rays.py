"""Tasks of a Faraday run in progress: LANES rays, segment after segment."""

import numpy as np

from cython_kernels.block import LANES, ParticleBlock
from hpcmm.parallel import random_streams
from hpcmm.run.task_queue import Blocks

ROWS = ("weighted", "constant", "cosine", "segments")
"""What is kept of each ray: the sums of n/<n> b_los dl and of b_los dl over its segments [B_rms pc], where b is the
field without its mean; the cosine of its angle to the mean field; the number of segments that are done."""

PIECE = 512
"""Steps evaluated together."""


class RayBlocks(Blocks):
    """Begins or resumes the tasks of a run.

    Parameters
    ----------
    config : Config
    course : Course
    tasks : Tasks
    media : Media
    """

    def __init__(self, config, course, tasks, media):
        self._config, self._course, self._tasks, self._media = config, course, tasks, media

    def begin(self, task, flight):
        """Begin a task, or resume it from ``flight``; see `hpcmm.run.task_queue.Blocks`."""
        return RaysInFlight(task, self._config, self._course, self._tasks, self._media, flight)

    def share(self, task, flight):
        """Part of a task that is done at ``flight``; see `hpcmm.run.task_queue.Blocks`."""
        return flight[ROWS.index("segments"), 0] / self._course.flown

    def hold(self, tasks):
        """Do nothing: files are read at the start, waves are drawn by their own task."""


class RaysInFlight:
    """A task in progress; see `hpcmm.run.task_queue.Blocks`."""

    def __init__(self, task, config, course, tasks, media, flight):
        self.task, self._config, self._course = task, config, course
        self._seconds, self._work = tasks.seconds_of(task), tasks.work_of(task)
        self._fields = media.fields(task)
        self._axis = media.uniform(task)[0]
        self._rows = np.array(flight) if flight is not None else self._start()

    def _start(self):
        rows = np.zeros((len(ROWS), LANES))
        angle = self._config.faraday.angle
        if angle == "random":
            rows[ROWS.index("cosine")] = 2 * self._draw(0).random(LANES) - 1
        else:
            rows[ROWS.index("cosine")] = np.cos(np.radians(angle))
        return rows

    def _draw(self, number):
        """Generator of the rays' own angles, 0, and of segment ``number`` - 1."""
        return random_streams.generator(self._config.run.seed, random_streams.RAYS, number, 0.0, self.task)

    @property
    def _done(self):
        return int(self._rows[ROWS.index("segments"), 0])

    @property
    def finished(self):
        """True if all segments are done."""
        return self._done == self._course.flown

    @property
    def work(self):
        """Steps of rays that are done."""
        return self._work * self._done / self._course.flown

    @property
    def seconds_left(self):
        """Planned cost of what is left [s]."""
        return self._seconds * (1 - self._done / self._course.flown)

    def flight(self):
        """Rows [ROWS, LANES]."""
        return self._rows

    def advance_chunk(self):
        """Fly one segment of all rays; returns its planned cost [s]."""
        course, draw = self._course, self._draw(1 + self._done)
        place, azimuth = draw.random((3, LANES)), 2 * np.pi * draw.random(LANES)
        length = course.length * (1 + course.spread * (2 * draw.random(LANES) - 1))
        patch = draw.random(LANES)
        inside = patch < self._config.faraday.filling_fraction if course.draws_patches else np.full(LANES, True)
        ray = directions(self._axis, self._rows[ROWS.index("cosine")], azimuth)
        origin = (place - 0.5) * self._sides()[:, None]
        sums = [integral(field, origin, ray, length, course.steps) for field in self._distinct()]
        self._rows[0] += np.where(inside, sums[0], 0.0)
        self._rows[1] += np.where(inside, sums[-1], 0.0)
        self._rows[ROWS.index("segments")] += 1
        return self._seconds / course.flown

    def _distinct(self):
        """Fields to be flown through: one where the density is constant."""
        return self._fields if self._config.faraday.density == "file" else self._fields[:1]

    def _sides(self):
        """Sides of the box in which segments begin [pc]."""
        section = self._config.from_file
        if section is not None:
            return np.array(section.measured[section.number_of(self.task)].box)
        return np.full(3, 100 * self._course.length)


def directions(axis, cosine, azimuth):
    """Unit vectors (3, n) at these cosines to an axis, or to z where it has no length, and azimuths about it."""
    length = np.linalg.norm(axis)
    e = np.asarray(axis) / length if length > 0 else np.array([0.0, 0.0, 1.0])
    aside = np.eye(3)[np.argmin(np.abs(e))]
    one = np.cross(aside, e)
    one /= np.linalg.norm(one)
    two = np.cross(e, one)
    sine = np.sqrt(1 - cosine**2)
    ray = np.outer(e, cosine) + np.outer(one, sine * np.cos(azimuth)) + np.outer(two, sine * np.sin(azimuth))
    return ray / np.linalg.norm(ray, axis=0)


def integral(field, origin, ray, length, steps):
    """Integral of b_los along LANES segments, by midpoints.

    Parameters
    ----------
    field : compiled Field
    origin, ray : (3, LANES) arrays
        Where they begin [pc], and unit vectors.
    length : (LANES,) array
        [pc]
    steps : int

    Returns
    -------
    array (LANES,)
        [pc], in the unit of the field.
    """
    total, ds = np.zeros(LANES), length / steps
    for first in range(0, steps, PIECE):
        at = np.arange(first, min(steps, first + PIECE)) + 0.5
        displacement = at[:, None, None] * (ds * ray)
        block = ParticleBlock(origin, ray)
        b = field.along(block, displacement, np.broadcast_to(ray, displacement.shape), PIECE)
        total += np.einsum("scl,cl->l", b, ray)
    return total * ds

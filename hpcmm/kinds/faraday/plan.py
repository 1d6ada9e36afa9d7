"""Plans rays: segments, steps, tasks and their cost; pure functions."""

import math
from dataclasses import dataclass

import numpy as np

from cython_kernels.block import LANES
from hpcmm.deck.section import SectionError
from hpcmm.deck.tables import Surroundings
from hpcmm.fields.field_file import FieldFile
from hpcmm.fields.mirror_modes import MirrorModes
from hpcmm.fields.plane_waves import SECONDS_PER_EXACT_WAVE
from hpcmm.fields.uniform import Uniform
from hpcmm.run.tasks import MOST_TASKS, Tasks
from hpcmm.theory.faraday import isotropic_length_along_rays

BOXES, WAVES = 4.0, 32.0
"""Length of an automatic segment, in longest sides of a file's box, and in longest waves: what its ends take from the
dispersion is l_los over it."""

SPREAD = 0.5
"""Segments of several are of 1 - SPREAD to 1 + SPREAD times their mean length: no wave fits all of them."""

MOST_STEPS = 2**31
"""Most steps of a segment."""

LEAST_MEAN = 1e-3
"""Least mean field that is a direction, over B_rms."""

ALONG = 5.0
"""Degrees from the mean field below which a ray keeps few waves of a periodic box."""

SECONDS_PER_SUM = 1.5e-8
"""Core time [s] of a step of a ray beside the field; measured on one 2.6 GHz core, for planning only."""


@dataclass(frozen=True)
class Course:
    """How a ray is flown.

    Attributes
    ----------
    length : float
        Mean length of a segment [pc].
    whole : float
        Number of segments of the path.
    flown : int
        Number of segments that are flown on each ray.
    spread : float
        Half the range of lengths, over their mean.
    steps : int
        Of each segment; their length is that of the segment over it.
    """

    length: float
    whole: int
    flown: int
    spread: float
    steps: int

    @property
    def draws_patches(self):
        """True if all segments of the path are flown, those in patches; else the flown stand for all in patches."""
        return self.whole <= self.flown

    def scale(self, filling_fraction):
        """Factor that makes the sum of the flown segments that of the path."""
        return 1.0 if self.draws_patches else math.sqrt(filling_fraction * self.whole / self.flown)


def surroundings(config):
    """What field models are told."""
    return Surroundings(config.medium.B_rms, config.medium.l_c, config.medium.resolution)


def course(config):
    """Plan the rays of a config.

    Raises
    ------
    SectionError
        If a segment has too many steps, or the angle has no mean field to be from.
    """
    section, whole = config.faraday, 1
    longest = _longest(config)
    wanted = section.segment if section.segment != "auto" else min(section.path, longest)
    if not wanted < section.path:
        length = section.path
    else:
        whole = max(1, round(section.path / wanted))
        length = section.path / whole
    spread = SPREAD if whole > 1 else 0.0
    bound = _step(config)
    steps = 1 if bound == math.inf else math.ceil((1 + spread) * length / bound)
    if steps > MOST_STEPS:
        message = f"a segment of {length:g} pc has {steps:.3g} steps of {bound:.3g} pc; a shorter one is expected"
        raise SectionError(("faraday", "segment"), message)
    if section.angle != "random" and any(mean <= LEAST_MEAN * config.medium.B_rms for mean in mean_strengths(config)):
        message = f'without a mean field there is no angle of {section.angle:g} degrees to it; "random" is expected'
        raise SectionError(("faraday", "angle"), message)
    return Course(length, whole, min(whole, section.segments), spread, steps)


def mean_of(config, number):
    """Mean field where rays are that go through a file of this number [uG]: the frame is that of the file."""
    mean = np.array(config.guide)
    section = config.from_file
    return mean + np.array(section.measured[number].mean) if section else mean


def mean_strengths(config):
    """|<B>| of each file, or of what there is without one [uG]."""
    count = len(config.from_file.measured) if config.from_file else 1
    return [float(np.linalg.norm(mean_of(config, number))) for number in range(count)]


def _longest(config):
    """Length of an automatic segment [pc]."""
    found = [BOXES * side for s in config.field if isinstance(s, FieldFile) for m in s.measured for side in m.box]
    for section in config.field:
        if isinstance(section, MirrorModes):
            found.append(WAVES * 2 * math.pi / section.k_perp)
        elif not isinstance(section, FieldFile) and section.outer_scale:
            found.append(WAVES * section.outer_scale)
    return max(found, default=math.inf)


def _step(config):
    """Longest step that resolves all fields [pc]."""
    return min(section.step_bound(surroundings(config), None) for section in config.field)


def l_los(config):
    """sum(dB^2 l_los)/3 over the components [uG^2 pc], for rays of all directions."""
    total = 0.0
    for section in config.field:
        if isinstance(section, Uniform):
            continue
        l_c = ring_length(section) if isinstance(section, MirrorModes) else section.correlation_length()
        total += section.fluctuation**2 / 3 * isotropic_length_along_rays(l_c)
    return total


def ring_length(section):
    """Two-sided correlation length of a ring of mirror modes [pc]: pi <1/k>, k_par uniform, |k| from k_perp on."""
    ratio = section.k_par_over_k_perp
    return math.pi * math.asinh(ratio) / (ratio * section.k_perp)


def tasks_of(config, plan):
    """Tasks of a config: LANES rays each; the work is in steps of rays.

    Raises
    ------
    SectionError
        If there are too many.
    """
    blocks = math.ceil(config.faraday.rays / LANES)
    if blocks > MOST_TASKS:
        message = f"{config.faraday.rays:,} rays; at most {MOST_TASKS * LANES:,} are expected"
        raise SectionError(("faraday", "rays"), message)
    work = np.full((1, 1, 1), float(plan.steps * plan.flown * LANES))
    return Tasks((1, 1, blocks), work * seconds_of_a_step(config, plan), work)


def seconds_of_a_step(config, plan):
    """Core time of a step of a ray [s]."""
    around = surroundings(config)
    cost = SECONDS_PER_SUM
    for section in config.field:
        if isinstance(section, FieldFile):
            cost += section.seconds_per_step(around, None, 0.0) * (2 if config.faraday.density == "file" else 1)
        elif not isinstance(section, Uniform):
            cost += section.wave_count(around, None) * SECONDS_PER_EXACT_WAVE
    return cost


def bytes_of(config):
    """Memory of the values of all files, held once a node [bytes]."""
    section = config.from_file
    if section is None:
        return 0
    each = sum(4 * math.prod(section.shape(number)) for number in range(len(section.measured)))
    return each * (2 if config.faraday.density == "file" else 1)


def warnings(config):
    """Warnings, one a line, of what is allowed but probably not intended."""
    plan, found = course(config), []
    angle = config.faraday.angle
    if angle != "random" and min(angle, 180 - angle) < ALONG and plan.whole > 1:
        found.append(
            f"angle = {angle:g}: rays along the mean field keep none of its waves but at the ends of segments, so "
            "that sigma_RM is that of the segments' length"
        )
    if plan.whole > plan.flown > 0 and plan.flown < 8:
        found.append(f"segments = {plan.flown}: the distribution of RM is that of so few segments, no Gaussian")
    return found

"""Plans an MHD run before its first step: times of outputs, steps, memory and cost; refuses what cannot be run."""

import math

import numpy as np

from hpcmm.deck.section import SectionError
from hpcmm.kinds.mhd import flows
from hpcmm.kinds.mhd.random_modes import stirred_waves
from hpcmm.kinds.mhd.schemes import SCHEMES
from hpcmm.kinds.mhd.transform import TYPES, modes_of
from hpcmm.kinds.mhd.waves import half_space, reach

NS_PER_POINT = {"double": 95.0, "single": 60.0}
"""Core time [ns] of a point and stage at 64^3, measured on one 2.6 GHz core; for planning only."""

LARGER = 0.62
"""Growth of that time from 64^3 on, per factor e of the points a side: fields leave the caches. 1.8 times at 256^3."""

NUMBERS_PER_POINT = 21
"""Memory of a point in numbers of the precision; measured at its peak, without the libraries."""

DOUBLES_OF_PATCHES = 13
"""The same beside it while patches are looked for, in doubles."""

BYTES_PER_RANK = 100e6


def largest_wavenumber(config):
    """K of the cube of modes."""
    return modes_of(config.mhd.points) // 2 - 1


def times(config, interval):
    """Multiples of an interval from 0 on, and the end of the run."""
    end = config.mhd.duration
    found = [i * interval for i in range(math.floor(end / interval * (1 + 1e-12)) + 1)]
    if end - found[-1] < 1e-9 * interval:
        found[-1] = end
    return found if found[-1] == end else [*found, end]


def snapshot_name(time):
    """File of the snapshot of a time: 0040.h5, 0002.5.h5."""
    whole, _, rest = repr(float(time)).partition(".") if time < 1e6 else (f"{time:.0f}", "", "0")
    return f"{int(whole):04d}" + (f".{rest}" if rest != "0" else "") + ".h5"


def allowed_step(config, speed):
    """Step that courant allows at a largest |u| + |b|; a force counts by the speed that it gives within a cell."""
    cell, force = 2 * math.pi / config.mhd.points, config.forcing
    given = {
        "none": 0.0,
        "taylor_green": math.sqrt(force.amplitude * cell),
        "abc": math.sqrt(2 * force.amplitude * cell),
        "random": (force.power * cell) ** (1 / 3),
    }[force.model]
    fastest = max(speed, given)
    return config.mhd.courant * cell / fastest if fastest > 0 else config.mhd.duration


def step_before(config, speed, now, limit):
    """Length of a step from ``now``: what is left before ``limit`` in equal steps that are allowed."""
    left = limit - now
    return left / max(1, math.ceil(left / allowed_step(config, speed) * (1 - 1e-9)))


def typical_speed(config):
    """Largest |u| + |b| expected: of the start, or of what a force drives; measured 1.4 for f_0 = 0.25, k = 2."""
    initial, force = config.initial, config.forcing
    size = {"rest": 0.0, "orszag_tang_3d": 6.0, "abc": 2.5, "taylor_green": 1.0}.get(initial.flow, 2.0)
    found = size * initial.amplitude + 3 * initial.seed_field + np.linalg.norm(config.mhd.mean_field)
    length = 2 * math.pi / force.wavenumber
    driven = {
        "none": 0.0,
        "taylor_green": 1.7 * math.sqrt(force.amplitude * length),
        "abc": 2.4 * math.sqrt(force.amplitude * length),
        "random": 4.0 * (force.power * length) ** (1 / 3),
    }[force.model]
    return float(max(found, driven + np.linalg.norm(config.mhd.mean_field)))


def steps(config):
    """Expected number of steps."""
    return math.ceil(config.mhd.duration / allowed_step(config, typical_speed(config)))


def seconds(config):
    """Expected core time [s]."""
    section = config.mhd
    per_point = NS_PER_POINT[section.precision] * (1 + LARGER * max(0.0, math.log(section.points / 64)))
    return 1e-9 * per_point * section.points**3 * steps(config) * len(SCHEMES[section.scheme].A)


def memory(config):
    """Expected memory of all ranks together, without the libraries [bytes]."""
    more = DOUBLES_OF_PATCHES * 8 if config.microphysics else 0
    return (NUMBERS_PER_POINT * np.dtype(TYPES[config.mhd.precision]).itemsize + more) * config.mhd.points**3


def check(config):
    """Refuse what the cube cannot hold.

    Raises
    ------
    SectionError
    """
    K, initial, force = largest_wavenumber(config), config.initial, config.forcing
    more = f"{config.mhd.points} points keep |k_i| up to {K}"
    if initial.flow not in ("file", "rest"):
        start = flows.start(initial.flow, initial.wavenumber, 1.0)
        if max(map(reach, start)) > K:
            raise SectionError(("initial", "wavenumber"), f"{more}: a smaller one is expected")
    if initial.seed_field and initial.seed_wavenumbers[1] > K:
        raise SectionError(("initial", "seed_wavenumbers", 1), f"{more}: a smaller one is expected")
    if initial.seed_field and not half_space(*initial.seed_wavenumbers):
        raise SectionError(("initial", "seed_wavenumbers"), "there is no mode between these")
    if force.model != "none" and force.wavenumber + (force.model == "random") > K:
        raise SectionError(("forcing", "wavenumber"), f"{more}: a smaller one is expected")
    if force.model == "random" and not stirred_waves(force.wavenumber):
        raise SectionError(("forcing", "wavenumber"), "there is no mode around it")
    if len({snapshot_name(time) for time in config.output.snapshots}) < len(config.output.snapshots):
        raise SectionError(("output", "snapshots"), "times that give different names are expected")


def warnings(config):
    """Warnings, one a line, of what is allowed but probably not intended."""
    lines, section = [], config.mhd
    limit = {"rk3": 0.6, "rk4": 1.0}[section.scheme]
    if section.courant > limit:
        lines.append(f"courant = {section.courant:g} is beyond what {section.scheme} stands, {limit:g}: it may blow up")
    if config.forcing.model == "none" and config.initial.flow == "rest" and not config.initial.seed_field:
        lines.append("nothing moves: no flow, no seed, no force")
    if config.initial.seed_helicity and config.forcing.model != "none":
        lines.append("a seed with helicity grows at k = 1 for ever: the state will not settle")
    if not section.viscosity or not section.resistivity:
        lines.append("without viscosity or resistivity energy gathers at the smallest scales: no turbulence")
    if config.microphysics and not config.output.snapshots:
        lines.append("[microphysics] counts at snapshots, of which there are none")
    return lines

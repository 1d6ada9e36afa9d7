"""Plans a run before its first step: steps, times of outputs, memory and cost; refuses what cannot be run."""

import cmath
import itertools
import math

from hpcmm.deck.section import SectionError
from hpcmm.kinds.hybrid_pic.box import FAST, Box
from hpcmm.kinds.hybrid_pic.plasma import Physics, capacity
from hpcmm.theory import hot_plasma

NS_PER_MARKER, NS_PER_CELL = 22.0, 900.0
"""Core time [ns] of a marker and of a cell in a step, measured on one 2.6 GHz core; for planning only."""

BYTES_PER_CELL, BYTES_PER_RANK = 700, 110e6
"""Memory of a cell's fields, and of the libraries on a rank."""

COARSEST = 1.0
"""Largest side of a cell [r_gi0]."""

MOST_TURN = 0.25
"""Largest angle of gyration in a step."""


def unit_of(config):
    """r_gi0 in d_i0."""
    return math.sqrt(config.plasma.beta)


def box_of(config):
    """The `Box` of a deck."""
    r = unit_of(config)
    cells, size = config.box.cells, config.box.size
    spacing = tuple(side * r / n for side, n in zip(size, cells, strict=True))
    return Box(cells, spacing, config.contraction.tau, config.contraction.axes)


def physics_of(config):
    """The `Physics` of a deck."""
    T, step, mode = config.plasma.beta / 2, config.stepping, config.initial.mode
    across = T * (1 + config.plasma.anisotropy)
    substeps = None if step.substeps == "auto" else step.substeps
    least = max(1e-3, 2 * config.initial.seed_field, 2 * mode.amplitude if mode else 0)
    return Physics(
        (T, across, across), config.plasma.T_e_over_T_i * T, config.markers.per_cell, config.delta_f, step.step,
        substeps, step.filter_passes, least_weight=least,
    )  # fmt: skip


def steps(config):
    """Number of steps."""
    return max(1, round(config.stepping.duration / config.stepping.step))


def history_every(config):
    """Steps between rows of the history."""
    return max(1, round(config.output.history_interval / config.stepping.step))


def snapshot_steps(config):
    """Steps at whose ends snapshots are written."""
    return [min(round(time / config.stepping.step), steps(config)) for time in config.output.snapshots]


def snapshot_name(step):
    """File of the snapshot after a step."""
    return f"{step:06d}.h5"


def markers(config):
    """Number of markers."""
    return math.prod(config.box.cells) * config.markers.per_cell


def memory(config):
    """Expected memory of all ranks, without the libraries [bytes]."""
    cells = math.prod(config.box.cells)
    return cells * (28 * capacity(config.markers.per_cell) + BYTES_PER_CELL)


def seconds(config):
    """Expected core time [s]."""
    cells = math.prod(config.box.cells)
    return 1e-9 * steps(config) * (NS_PER_MARKER * markers(config) + NS_PER_CELL * cells)


def end_of(config):
    """s = t/tau at the end."""
    return config.stepping.duration / config.contraction.tau


def wave_frequency(config):
    """Complex frequency of the deck's circular wave along B_0: left-handed above 0, right-handed below; nan if none."""
    mode = config.initial.mode
    k = 2 * math.pi * mode.m[0] / (config.box.size[0] * unit_of(config))
    sign = 1 if mode.polarization == "left" else -1
    cold = sign * 0.5 * k**2 * (math.sqrt(1 + 4 / k**2) - sign)
    A = 1 + config.plasma.anisotropy
    return hot_plasma.root(lambda w: hot_plasma.parallel(w, k, config.plasma.beta, A), cold)


def check(config):
    """Refuse what the scheme cannot follow.

    Raises
    ------
    SectionError
    """
    box, physics, step = box_of(config), physics_of(config), config.stepping.step
    s = end_of(config)
    if s <= -0.6:
        raise SectionError(("stepping", "duration"), f"below {-0.6 * config.contraction.tau:g} is expected: |s| < 0.6")
    for i, (n, side) in enumerate(zip(config.box.cells, config.box.size, strict=True)):
        if n > 1 and side / n > COARSEST:
            message = f"{math.ceil(side / COARSEST)} or more are expected along {'xyz'[i]}: a cell of {side / n:.3g} "
            raise SectionError(("box", "cells", i), message + "r_gi does not resolve the gyroradius")
    reach = box.cells_of_fast(0.0, step, physics.T)
    if reach > 1:
        message = f"{step / reach:.3g} or less is expected: markers of {FAST:g} thermal speeds pass a cell in a step"
        raise SectionError(("stepping", "step"), message)
    turn = step * max(1.0, (1 + s) ** 2)
    if turn > MOST_TURN:
        message = f"{step * MOST_TURN / turn:.3g} or less is expected: gyration by {turn:.2g} rad a step at the end"
        raise SectionError(("stepping", "step"), message)
    if step > config.stepping.duration:
        raise SectionError(("stepping", "step"), f"at most the duration, {config.stepping.duration:g}, is expected")
    least = max(box.substeps(t, step, margin=1.0) for t in (0.0, config.stepping.duration))
    if config.stepping.substeps != "auto" and config.stepping.substeps < least:
        raise SectionError(("stepping", "substeps"), f"{least} or more are expected, which whistlers need")
    times = snapshot_steps(config)
    for i, (one, other) in enumerate(itertools.pairwise(times)):
        if one == other:
            raise SectionError(
                ("output", "snapshots", i + 1), f"a later step of {step:g} than the one before is expected"
            )
    mode = config.initial.mode
    if mode is not None:
        if not any(mode.m) or any(m and n < 4 * m for m, n in zip(mode.m, config.box.cells, strict=True)):
            raise SectionError(("initial", "mode", "m"), "waves of four cells or more are expected, one at least")
        if mode.polarization != "mirror" and mode.polarization != "acoustic" and (mode.m[1] or mode.m[2]):
            raise SectionError(("initial", "mode", "m"), "[m, 0, 0] is expected: a circular wave runs along B")
        if mode.polarization in ("left", "right") and not cmath.isfinite(wave_frequency(config)):
            raise SectionError(
                ("initial", "mode", "m"), "a longer wave is expected: the plasma has none of this length"
            )
        if mode.polarization == "mirror" and not (mode.m[0] or mode.m[1]):
            raise SectionError(("initial", "mode", "m"), "waves along x or y are expected of a mirror mode")


def warnings(config):
    """Warnings, one a line, of what is allowed but probably not intended."""
    lines, box, physics = [], box_of(config), physics_of(config)
    end = config.stepping.duration
    reach = box.cells_of_fast(end, config.stepping.step, physics.T)
    if reach > 1:
        lines.append(
            f"at the end markers of {FAST / reach:.2g} thermal speeds pass a cell in a step, if nothing scatters them: "
            "those are clamped and counted"
        )
    if config.delta_f and not config.initial.seed_field and config.initial.mode is None:
        lines.append("nothing happens: delta f has no noise of its own; give a seed_field or a mode")
    return lines

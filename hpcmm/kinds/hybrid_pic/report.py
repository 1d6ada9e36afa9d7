"""Tables on the terminal for hybrid_pic runs: the plan, the history; lines on what makes it doubtful."""

import math

import numpy as np
from rich.markup import escape
from rich.table import Table

from hpcmm.io.terminal import add_columns
from hpcmm.kinds.hybrid_pic import plan

SHOWN = 12
"""Rows of the history that are shown."""

CLAMPED = 1e-9
"""Share of marker steps that may be clamped without a word."""

DISAGREE = 4.0
"""Errors of a sample by which anisotropies of weights and of markers may differ without a word."""


def history_table(found):
    """Make the terminal table of a history, some rows of it."""
    caption = "lengths in r_gi0, times in 1/Omega_i0; band: micromirrors; Delta (cgl): if double adiabatic"
    shown = Table(title=escape(str(found.meta.get("title") or "")) or None, caption=caption)
    names = ("dB_par", "dB_perp", "band", "Delta", "Delta_cgl", "lambda_mirror", "W_rms", "energy", "div_B")
    add_columns(
        shown, "t", "s", "dB_par/B", "dB_perp/B", "band", "Delta", "(cgl)", "mirror", "W rms", "energy", "div B"
    )
    for row in found[np.unique(np.linspace(0, len(found) - 1, SHOWN).round().astype(int))]:
        shown.add_row(f"{row['t']:g}", f"{row['s']:.3f}", *(f"{row[name]:.3g}" for name in names))
    return shown


def advice(found):
    """Lines on what makes the numbers of a history doubtful."""
    lines, done = [], found.meta["markers"] * max(1, found.meta["steps"])
    share, thin = float(found["clamped"][-1]) / done, int(found["thin"][-1])
    if share > CLAMPED:
        lines.append(f"{share:.2g} of all marker steps were clamped to a cell: a shorter stepping.step is better")
    last = found[-1]
    apart = abs(last["Delta"] - last["Delta_markers"])
    if apart > DISAGREE * (1 + abs(last["Delta"])) * math.sqrt(3 / found.meta["markers"]):
        lines.append(
            f"Delta of the weights is {last['Delta']:.3g}, of markers {last['Delta_markers']:.3g}: noise has parted "
            "them and weakened micromirrors; more markers.per_cell are needed (docs/physics.md 16.6)"
        )
    if thin:
        lines.append(f"the density was raised to 0.05 n_0 at {thin} nodes: more markers.per_cell are better")
    return lines


def plan_table(config):
    """Make the terminal table of what a run will do."""
    box, step = plan.box_of(config), config.stepping.step
    shown = Table(title="plan")
    add_columns(shown, "cells", "side of a cell [r_gi0]", "markers", "steps", "sub-steps", "core time [s]")
    sides = (side / n for side, n in zip(config.box.size, config.box.cells, strict=True))
    fewest = box.substeps(0.0, step) if config.stepping.substeps == "auto" else config.stepping.substeps
    shown.add_row(
        " x ".join(map(str, config.box.cells)), " x ".join(f"{side:.3g}" for side in sides),
        f"{plan.markers(config):.3g}", f"{plan.steps(config):,}", str(fewest), f"{plan.seconds(config):.3g}",
    )  # fmt: skip
    return shown


def plan_lines(config):
    """Totals of the plan, one fact a line."""
    seconds, cells = plan.seconds(config), math.prod(config.box.cells)
    snapshots = len(config.output.snapshots)
    per_rank = plan.BYTES_PER_RANK / 2**20
    markers = 28 * plan.markers(config) / 2**20
    return [
        f"t/tau at the end: {plan.end_of(config):.3g}; markers of {config.markers.weights}",
        f"memory: about {plan.memory(config) / 2**20:.0f} MB in all, and {per_rank:.0f} MB a rank",
        f"a checkpoint: {markers + 92 * cells / 2**20:.0f} MB; "
        f"snapshots: {snapshots}, {snapshots * 52 * cells / 2**20:.0f} MB",
        f"expected cost: {seconds / 3600:.3g} core-hours ({seconds:.3g} core-seconds)",
    ]

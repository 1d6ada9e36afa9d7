"""Tables on the terminal for clusters: the plan, escape times against energy."""

import math

import numpy as np
from rich.markup import escape
from rich.table import Table

from hpcmm.io.terminal import add_columns, energy_text
from hpcmm.kinds.cluster import plan
from hpcmm.kinds.cluster.kappa import kappa


def time_text(gyr, digits=4):
    """Format a time given in Gyr with the prefix that makes it readable: ``12.5 Myr``."""
    if not math.isfinite(gyr):
        return "never" if gyr > 0 else "-"
    for factor, unit in ((1.0, "Gyr"), (1e-3, "Myr"), (1e-6, "kyr")):
        if abs(gyr) >= factor * (1 - 1e-12):
            return f"{float(f'{gyr / factor:.{digits}g}'):g} {unit}"
    return f"{gyr * 1e9:.{digits}g} yr"


def escape_table(table):
    """Make the terminal table of the escape times of a run."""
    caption = "lifetime: mean time until escaped or lost, f_mm = 0: without micromirrors; shares: at the end"
    shown = Table(title=escape(str(table.meta.get("title") or "")) or None, caption=caption)
    add_columns(shown, "energy", "kappa(0) [cm2/s]", "kappa(R) [cm2/s]", "lifetime", "at f_mm = 0", "half left after")
    add_columns(shown, "followed for", "inside", "escaped", "lost", "steps")
    for row in table:
        shares = (f"{round(float(row[name]), 5) + 0.0:.5f}" for name in ("inside", "escaped", "lost"))
        times = (row[name].to_value("Gyr") for name in ("lifetime", "lifetime_f0", "half_time", "duration"))
        shown.add_row(
            energy_text(row["energy"].value), f"{row['kappa_centre'].value:.4g}", f"{row['kappa_edge'].value:.4g}",
            *map(time_text, times), *shares, str(row["steps"]),
        )  # fmt: skip
    return shown


def plan_table(config):
    """Make the terminal table of what a run will do: kappa, duration, cells and cost of each energy."""
    section, tasks = config.cluster, plan.tasks_of(config)
    shown = Table(title="plan")
    add_columns(shown, "energy", "kappa(0) [cm2/s]", "kappa(R) [cm2/s]", "followed for", "cells", "core time [s]")
    for energy, seconds in zip(config.particle.energy, tasks.seconds.ravel(), strict=True):
        ends = kappa(config, energy, np.array([0.0, section.radius]))
        shown.add_row(
            energy_text(energy), *(f"{value:.4g}" for value in ends),
            time_text(plan.duration(config, energy) / (1e9 * 365.25 * 86400)), f"{plan.cells_of(config):,}",
            f"{seconds:.2g}",
        )  # fmt: skip
    return shown


def plan_lines(config):
    """Totals of the plan, one fact a line."""
    tasks, cells = plan.tasks_of(config), plan.cells_of(config)
    how = "all ranks together on each energy" if plan.shared(config) else f"at most {len(tasks)} ranks, an energy each"
    mesh, libraries = cells * plan.BYTES_PER_CELL / 2**20, plan.BYTES_PER_RANK / 2**20
    memory = f"{mesh:.0f} MB in all, and {libraries:.0f}" if plan.shared(config) else f"{mesh + libraries:.0f}"
    cost = tasks.total_seconds()
    return [
        f"energies: {len(tasks)}; profiles of each: {config.cluster.samples}",
        f"memory: about {memory} MB a rank",
        f"expected cost: {cost / 3600:.3g} core-hours ({cost:.3g} core-seconds), {how}",
    ]

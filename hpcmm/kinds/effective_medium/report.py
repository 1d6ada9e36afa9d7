"""Tables on the terminal for effective media: the plan, kappa(f)."""

import math

from rich.markup import escape
from rich.table import Table

from hpcmm.io.terminal import add_columns, with_error
from hpcmm.kinds.effective_medium.plan import BYTES_PER_RANK, bytes_of, solves, tasks_of


def kappa_table(table):
    """Make the terminal table of kappa(f) of a run."""
    caption = "errors: bounds of the cells and spread of realizations; HS: Hashin & Shtrikman; all in cm2/s"
    of_grids = "kappa_xx_discretization" in table.colnames
    if of_grids:
        caption = "errors: difference of two grids; of kappa_iso with the spread of realizations; all in cm2/s"
    shown = Table(title=escape(str(table.meta.get("title") or "")) or None, caption=caption)
    add_columns(shown, "f", "of cells", "kappa_iso [cm2/s]", "xx", "yy", "zz", "harmonic", "HS-", "HS+", "arithmetic")
    add_columns(shown, "iterations")
    names = ("kappa_xx", "kappa_yy", "kappa_zz", "harmonic", "hs_lower", "hs_upper", "arithmetic")
    for row in table:
        shown.add_row(
            f"{row['filling_fraction']:.4g}", f"{row['filling_fraction_measured']:.5f}",
            with_error(row["kappa_iso"].value, row["kappa_iso_err"].value),
            *(_value(row, name, of_grids) for name in names), str(row["iterations"]),
        )  # fmt: skip
    return shown


def _value(row, name, of_grids):
    error = f"{name}_discretization"
    if of_grids and name.startswith("kappa"):
        return with_error(row[name].value, row[error].value)
    return f"{row[name].value:.4g}"


def plan_table(config):
    """Make the terminal table of what a run will do and cost, a row a filling fraction."""
    section, tasks = config.effective_medium, tasks_of(config)
    shown = Table(title="plan")
    add_columns(shown, "f", "morphology", "cells", "realizations", "unknowns", "solves", "core time [s]")
    cells = math.prod(section.grid)
    for fraction in section.fractions:
        shown.add_row(
            "of the file" if math.isnan(fraction) else f"{fraction:.4g}", section.morphology,
            " x ".join(map(str, section.grid)), str(config.draws), f"{cells:,}", str(6 * config.draws),
            f"{config.draws * tasks.seconds_of(0):.3g}",
        )  # fmt: skip
    return shown


def plan_lines(config):
    """Totals of the plan, one fact a line."""
    tasks, cells = tasks_of(config), math.prod(config.effective_medium.grid)
    return [
        f"unknowns: {cells:,} in {solves(config.effective_medium)}; media: {len(tasks)}",
        f"memory: about {bytes_of(config.effective_medium) / 2**20:.0f} MB in all, shared evenly, and "
        f"{BYTES_PER_RANK / 2**20:.0f} MB a rank",
        f"expected cost: {tasks.total_seconds() / 3600:.3g} core-hours ({tasks.total_seconds():.3g} core-seconds), "
        "all ranks together on each medium; some 10^4 cells a rank keep it busy",
    ]

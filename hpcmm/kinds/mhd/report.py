"""Tables on the terminal for MHD runs: the plan, the history; lines on what is under-resolved or still drifts."""

import numpy as np
from rich.markup import escape
from rich.table import Table

from hpcmm.io.table import read_table_of
from hpcmm.io.terminal import add_columns
from hpcmm.kinds.mhd import plan
from hpcmm.kinds.mhd.products import NEEDS_OF_PATCHES
from hpcmm.kinds.mhd.schemes import SCHEMES
from hpcmm.kinds.mhd.transform import modes_of

RESOLVED = 1.3
"""Least K times the Kolmogorov length of a resolved flow; JHTDB's mhd1024 has 1.3 for b, 1.6 for u."""

STEADY = 0.1
"""Largest relative change of the mean E_b between the last two quarters of a run that has settled."""

SHOWN = 12
"""Rows of the history that are shown."""


def history_table(found):
    """Make the terminal table of a history, some rows of it."""
    caption = "cube of side 2 pi, b in Alfven velocities; k_max eta: 1.3 or more is resolved"
    shown = Table(title=escape(str(found.meta.get("title") or "")) or None, caption=caption)
    add_columns(shown, "t", "E_u", "E_b", "eps_u", "eps_b", "injection", "H_C", "H_M", "l_c(b)", "l_c(u)", "k_max eta")
    names = ("E_u", "E_b", "eps_u", "eps_b", "injection", "H_C", "H_M", "l_c_b", "l_c_u", "k_max_eta")
    rows = np.unique(np.linspace(0, len(found) - 1, SHOWN).round().astype(int))
    for row in found[rows]:
        shown.add_row(f"{row['t']:g}", *(f"{row[name]:.4g}" for name in names))
    return shown


def advice(found):
    """Lines on what makes the numbers of a history doubtful."""
    lines, mean = [], float(np.asarray(found["k_max_eta"])[len(found) // 2 :].mean())
    if mean < RESOLVED:
        lines.append(
            f"under-resolved: k_max eta = {mean:.2f} < {RESOLVED:g}; more points, or more viscosity, are needed"
        )
    drift = _drift(np.asarray(found["t"]), np.asarray(found["E_b"]))
    if drift is not None and abs(drift) > STEADY:
        lines.append(
            f"still drifting: the mean E_b of the last quarter is {100 * drift:+.0f} % off that of the one before"
        )
    return lines


def patch_lines(directory):
    """Lines on where mirrors would be, from microphysics.ecsv; none where the deck asks for nothing of it."""
    if not (directory / "microphysics.ecsv").is_file():
        return []
    found, lines = read_table_of(directory, "microphysics.ecsv", NEEDS_OF_PATCHES), []
    for row in found[found["t"] == found["t"][-1]]:
        rare = row["collision_rate"] == 0
        text = (
            "rare collisions"
            if rare
            else f"collision rate {row['collision_rate']:.3g}, rms Delta {row['Delta_rms']:.2g}"
        )
        chords = f"{row['l_par']:.2g} along lines, {row['l_perp']:.2g} across"
        lines.append(f"mirrors at t = {row['t']:g}, {text}: f_mm = {row['f_mm']:.3f} of this Re; patches {chords}")
    return lines


def _drift(time, energy):
    """Relative change of a mean from the third quarter of a run to the last; None where rows are too few."""
    end = time[-1]
    third, last = ((time > a * end) & (time <= b * end) for a, b in ((0.5, 0.75), (0.75, 1.0)))
    if third.sum() < 2 or last.sum() < 2 or not energy[third].mean() > 0:
        return None
    return float(energy[last].mean() / energy[third].mean() - 1)


def plan_table(config):
    """Make the terminal table of what a run will do."""
    section, speed = config.mhd, plan.typical_speed(config)
    shown = Table(title="plan")
    add_columns(shown, "points", "modes kept", "scheme", "time", "step", "steps", "core time [s]")
    K = plan.largest_wavenumber(config)
    shown.add_row(
        f"{section.points}^3", f"|k_i| <= {K}", f"{section.scheme}, {len(SCHEMES[section.scheme].A)} stages",
        f"{section.duration:g}", f"{plan.allowed_step(config, speed):.3g}", f"{plan.steps(config):,}",
        f"{plan.seconds(config):.3g}",
    )  # fmt: skip
    return shown


def plan_lines(config):
    """Totals of the plan, one fact a line."""
    seconds, memory, section = plan.seconds(config), plan.memory(config), config.mhd
    side, libraries = modes_of(section.points), plan.BYTES_PER_RANK / 2**20
    disk = len(config.output.snapshots) * 6 * 4 * section.points**3 / 2**20
    return [
        f"largest |u| + |b| expected: {plan.typical_speed(config):.2g}; steps follow the flow and differ from the plan",
        f"ranks: slabs up to {side // 2}, pencils up to {side * (side // 2 + 1):,}",
        f"memory: about {memory / 2**20:.0f} MB in all, and {libraries:.0f} MB a rank",
        f"snapshots: {len(config.output.snapshots)}, {disk:.0f} MB on the disk",
        f"expected cost: {seconds / 3600:.3g} core-hours ({seconds:.3g} core-seconds)",
    ]

"""Tables on the terminal for Faraday runs: the plan, depolarization against frequency."""

from rich.markup import escape
from rich.table import Table

from hpcmm.io.terminal import add_columns, with_error
from hpcmm.kinds.faraday.plan import bytes_of, course, mean_strengths, tasks_of
from hpcmm.run import cubes


def result_table(table):
    """Make the terminal table of a run, a row a frequency."""
    shown = Table(title=escape(str(table.meta.get("title") or "")) or None)
    add_columns(
        shown, "frequency [MHz]", "sigma_RM [rad/m2]", "analytic", "RM of <B>", "chi [rad]", "1 - p", "exp(-2 s2 l4)",
        "f_mm seen",
    )  # fmt: skip
    for row in table:
        seen = row["f_mm_seen"]
        shown.add_row(
            f"{row['frequency'].value:.5g}", with_error(row["sigma_RM"].value, row["sigma_RM_err"].value),
            f"{row['sigma_RM_analytic'].value:.4g}", f"{row['RM_uniform'].value:.4g}",
            f"{row['chi_rms'].value:.3g}", with_error(row["lost"], row["lost_err"]), f"{row['lost_analytic']:.3g}",
            f"{seen:.3g}" if seen <= 1 else "none",
        )  # fmt: skip
    return shown


def advice(table):
    """Lines under the table: the fraction of micromirrors that would be seen."""
    least = min(range(len(table)), key=lambda i: table["f_mm_seen"][i])
    row, sensitivity = table[least], table.meta["sensitivity"]
    where = f"at {row['frequency'].value:.5g} MHz, where 1 - p of {sensitivity:g} is seen"
    if not row["f_mm_seen"] <= 1:
        return [
            f"patches that fill all of the path are not seen, not even {where}: sigma_RM would have to be "
            f"{row['f_mm_seen'] ** 0.5:.3g} times as large"
        ]
    return [f"patches would be seen from f_mm = {row['f_mm_seen']:.3g} on, {where}"]


def plan_table(config):
    """Make the terminal table of what a run will do."""
    plan, shown = course(config), Table(title="plan")
    add_columns(shown, "rays", "path [pc]", "segment [pc]", "segments", "flown", "steps of each", "|<B>| [uG]")
    means = ", ".join(f"{mean:.4g}" for mean in mean_strengths(config)[:3])
    numbers = (config.faraday.path, plan.length, plan.whole)
    shown.add_row(
        str(config.faraday.rays), *(f"{number:.4g}" for number in numbers), str(plan.flown), str(plan.steps), means
    )
    return shown


def plan_lines(config):
    """Totals of the plan, one fact a line."""
    plan = course(config)
    tasks = tasks_of(config, plan)
    lines = [
        f"tasks: {len(tasks)} blocks of rays; more ranks than that stay idle",
        f"expected cost: {tasks.total_seconds() / 3600:.3g} core-hours ({tasks.total_seconds():.3g} core-seconds)",
        f"memory: values of files, {bytes_of(config) / 1e6:.3g} MB a node",
    ]
    if not plan.draws_patches:
        lines.append(
            f"a ray has {plan.whole:.4g} segments: the sum of {plan.flown} is scaled as that of independent ones"
        )
    return lines + cubes.lines(config)

"""Tables on the terminal for runs on field lines: the plan, kappa(E)."""

from rich.markup import escape
from rich.table import Table

from hpcmm.io.table import flag
from hpcmm.io.terminal import add_columns, energy_text, with_error
from hpcmm.kinds.field_lines.kappa import LARGEST_ENDED
from hpcmm.kinds.field_lines.plan import bytes_of, energy_plans, leg_of, leg_seconds, plan, tasks_of, trace_seconds


def kappa_table(table):
    """Make the terminal table of kappa(E) of a run."""
    shown = Table(title=escape(str(table.meta.get("title") or "")) or None)
    kappas = ("kappa_par [cm2/s]", "cut_error", "kappa_trace [cm2/s]")
    add_columns(shown, "energy", "r_g [pc]", *kappas, "slope", "lag/lambda", "|dr|/l_c", "regime", "converged")
    for row in table:
        shown.add_row(
            energy_text(row["energy"].value), f"{row['r_g'].value:.4g}",
            with_error(row["kappa_par"].value, row["kappa_par_err"].value), f"{row['cut_error'].value:.1e}",
            with_error(row["kappa_trace"].value, row["kappa_trace_err"].value),
            f"{row['slope']:+.2f} ± {row['slope_err']:.2f}", f"{row['lag_over_lambda']:.3g}",
            f"{row['displacement_over_l_c']:.3g}", str(row["regime"]), flag(row["converged"]),
        )  # fmt: skip
    return shown


def advice(table, directory):
    """Lines that say what would let rows converge that do not; none where all do."""
    ended = [row for row in table if row["ended"] > LARGEST_ENDED]
    lines = [
        f"{100 * row['ended']:.0f} % of the particles of {energy_text(row['energy'].value)} met an end of their line, "
        "which lowers kappa: longer lines ([lines] length), in a new directory"
        for row in ended
    ]
    open_rows = [row for row in table if flag(row["converged"]) != "yes" and not row["ended"] > LARGEST_ENDED]
    if open_rows:
        names = ", ".join(energy_text(row["energy"].value) for row in open_rows)
        lines.append(f"not converged at {names}: more realizations, in a new directory; its path is as long as planned")
    return lines


def plan_table(config):
    """Make the terminal table of what a run will do and cost, a row an energy."""
    plans, shown = plan(config), Table(title="plan")
    add_columns(shown, "energy", "r_g [pc]", "waves", "k_cut r_g", "path [pc]", "path/l_c", "steps", "core time [s]")
    for i, p in enumerate(energy_plans(config)):
        (cut, at), (coarse, coarse_at) = leg_of(plans, i, False), leg_of(plans, i, True)
        lines = plans[cut]
        seconds = sum(leg_seconds(config, plans[c].legs[j]) for c, j in ((cut, at), (coarse, coarse_at)))
        k_cut = 0.25 / lines.ds
        shown.add_row(
            energy_text(p.energy), f"{p.gyroradius:.4g}", str(lines.waves), f"{k_cut * p.gyroradius:.2g}",
            f"{p.path:.4g}", f"{p.path / config.medium.l_c:.3g}", f"{p.path / lines.legs[at].dt:.3g}",
            f"{seconds * config.run.realizations:.3g}",
        )  # fmt: skip
    return shown


def plan_lines(config):
    """Totals of the plan, one fact a line."""
    plans = plan(config)
    tasks = tasks_of(config, plans)
    lines = config.run.realizations * sum(trace_seconds(config, p) for p in plans)
    cells = sum(2 * p.half for p in plans) * config.lines.lines * config.run.realizations
    return [
        f"lines: {config.lines.lines} x {config.run.realizations} realizations x {len(plans)} cuts, {cells:.3g} cells, "
        f"{lines:.3g} core-seconds; all energies of a cut fly on the same lines",
        f"tasks: {len(tasks)} = {len(plans)} cuts x {config.run.realizations} realizations; more ranks than that stay "
        "idle",
        f"expected cost: {tasks.total_seconds() / 3600:.3g} core-hours ({tasks.total_seconds():.3g} core-seconds)",
        f"longest task: {tasks.seconds.max():.3g} s; no number of ranks finishes sooner",
        f"memory: lines of {max(bytes_of(config, p) for p in plans) / 1e6:.3g} MB a rank",
    ]

"""Tables on the terminal for two-phase runs: the plan, kappa(f_mm)."""

from rich.markup import escape
from rich.table import Table

from hpcmm.io.terminal import add_columns, with_error
from hpcmm.kinds.two_phase_1d.plan import SECONDS_PER_TURN, plan, tasks_of, turns_of_tracks


def kappa_table(table):
    """Make the terminal table of kappa(f_mm) of a run."""
    shown = Table(title=escape(str(table.meta.get("title") or "")) or None, caption="lengths in periods, speeds in c")
    add_columns(shown, "f_mm", "kappa", "eq 11", "sigma", "time in patches", "mean visit", "eq 21")
    for row in table:
        pull = (row["kappa"] - row["kappa_exact"]) / row["kappa_err"] if row["kappa_err"] > 0 else 0.0
        shown.add_row(
            f"{row['f_mm']:.4g}", with_error(row["kappa"], row["kappa_err"]), f"{row['kappa_exact']:.4g}",
            f"{pull:+.1f}", f"{row['occupancy']:.4f} ± {row['occupancy_err']:.4f}",
            f"{row['mean_residence']:.5f} ± {row['mean_residence_err']:.5f}", f"{row['mean_residence_exact']:.4g}",
        )  # fmt: skip
    return shown


def plan_table(config):
    """Make the terminal table of what a run will do and cost, a row a filling fraction."""
    plans = plan(config)
    seconds = tasks_of(config, plans).seconds.reshape(len(plans), -1).sum(axis=1)
    shown = Table(title="plan")
    add_columns(shown, "f_mm", "nu_eff", "kappa, eq 11", "duration T", "turns a particle", "core time [s]")
    for p, s in zip(plans, seconds, strict=True):
        shown.add_row(*(f"{n:.4g}" for n in (p.f_mm, p.nu_eff, p.kappa_exact, p.duration, p.turns)), f"{s:.3g}")
    return shown


def plan_lines(config):
    """Totals of the plan, one fact a line."""
    plans = plan(config)
    tasks = tasks_of(config, plans)
    again = turns_of_tracks(config, plans) * SECONDS_PER_TURN
    flown = [f"tracks: flown once more at the end: {again:.3g} core-seconds"] if again else []
    return [
        f"tasks: {len(tasks)} = {tasks.shape[0]} values of f_mm x {tasks.shape[2]} blocks of up to "
        f"{tasks.lanes} particles; more ranks than that stay idle",
        f"turns: {tasks.total_work():.3g}; crossing the edge of a patch costs nothing",
        f"expected cost: {tasks.total_seconds() / 3600:.3g} core-hours ({tasks.total_seconds():.3g} core-seconds)",
        f"longest task: {tasks.seconds.max():.3g} s; no number of ranks finishes sooner",
        *flown,
        "units: lengths in periods, speeds in c",
    ]

"""Tables of a transport run on the terminal: kappa(E), kappa(t), the plan."""

import numpy as np
from rich.markup import escape
from rich.table import Table

from cython_kernels.block import LANES
from cython_kernels.lags import BYTES_A_LANE, COLUMNS, INTERVALS
from cython_kernels.push import MOMENTS
from hpcmm.deck.load import load_deck
from hpcmm.estimators.jackknife import jackknife
from hpcmm.fields.turbulent import TurbulentSection
from hpcmm.io.table import flag
from hpcmm.io.terminal import add_columns, energy_text, with_error
from hpcmm.kinds.transport import kappa, masks, running, track_plan
from hpcmm.kinds.transport.ensemble import blocks_of
from hpcmm.kinds.transport.moments import INDEX, particles, statistical_units
from hpcmm.kinds.transport.plan import plan, tasks_of
from hpcmm.kinds.transport.products import KAPPA_CGS
from hpcmm.run import cubes, settled
from hpcmm.theory.constants import PARSEC, C

BYTES_PER_WAVE = 64 * 8 + 240
"""Memory of a wave [bytes]: phases of a block, and Taylor weights."""


def kappa_table(table):
    """Make the terminal table of kappa(E) of a run."""
    shown = Table(title=escape(str(table.meta.get("title") or "")) or None)
    guide = "kappa_par" in table.colnames
    names = ["kappa_trace", "kappa_par", "kappa_perp"] if guide else ["kappa_iso", "kappa_trace"]
    across = ["kappa_perp too"] if "kappa_perp_converged" in table.colnames else []
    lags = ["lag/lambda", "regime"] if "lag" in table.colnames else []
    kappas = [f"{name} [cm2/s]" for name in names]
    patches = ["f_mm of time", "of volume"] if "f_mm_time" in table.colnames else []
    boxes = [t for n, t in (("displacement_over_box", "|dr|/box"), ("ended", "ended")) if n in table.colnames]
    moved = ["path/l_c", "|dr|/l_c", *boxes]
    add_columns(shown, "energy", "r_g [pc]", *kappas, "slope", *moved, *patches, *lags, "converged", *across)
    for row in table:
        cells = [energy_text(row["energy"].value), f"{row['r_g'].value:.4g}"]
        cells += [with_error(row[name].value, row[f"{name}_err"].value) for name in names]
        cells += [
            f"{row['slope']:+.2f} ± {row['slope_err']:.2f}",
            f"{row['path_length'].value / table.meta['l_c_pc']:.3g}",
            f"{row['displacement_over_l_c']:.3g}",
        ]
        cells += [f"{row[n]:.3g}" for n in ("displacement_over_box", "ended") if n in table.colnames]
        if patches:
            cells += [f"{row[n]:.3f} ± {row[n + '_err']:.3f}" for n in ("f_mm_time", "f_mm_volume")]
        if lags:
            cells += [f"{row['lag_over_lambda']:.3g}", str(row["regime"])]
        cells += [flag(row[name]) for name in ("converged", "kappa_perp_converged") if name in table.colnames]
        shown.add_row(*cells)
    return shown


def advice(table, directory):
    """Lines that say what would let rows converge that do not; none where all do."""
    lines = _of_files(table)
    if "lag" not in table.colnames:
        return lines
    rows = [row for row in table if flag(row["converged"]) != "yes"]
    short = [row for row in rows if flag(row["converged"]) == "no"]
    if short:
        at = ", ".join(energy_text(row["energy"].value) for row in short)
        lines.append(f"not converged at {at}: a longer path, {_longer(directory)}")
    noisy = [row for row in rows if flag(row["converged"]) == "undecided"]
    if noisy:
        at = ", ".join(energy_text(row["energy"].value) for row in noisy)
        more = 2 * int(noisy[0]["realizations"])
        lines.append(f"undecided at {at}: smaller errors, {settled.remedy(directory, f'--realizations {more}')}")
    return lines + _across(table, directory)


def _across(table, directory):
    """A line on kappa_perp that still changes with the lag where kappa_par is constant."""
    if "kappa_perp_converged" not in table.colnames:
        return []
    rows = [row for row in table if flag(row["converged"]) == "yes" and flag(row["kappa_perp_converged"]) != "yes"]
    if not rows:
        return []
    at = ", ".join(energy_text(row["energy"].value) for row in rows)
    return [f"kappa_perp not constant, or not known to be, at {at}: see hpcmm plot --running {directory}"]


def _longer(directory):
    """What to type for a longer path; tracks lie at intervals of the whole path, so they cannot be prolonged."""
    if not (directory / "tracks.h5").exists():
        return settled.remedy(directory, "--path-factor 3")
    deck = directory / "resolved.toml"
    factors = load_deck(deck).data.get("stepping", {}).get("path_factors", [])
    return (
        f"hpcmm run {deck} --set stepping.path_factors=[{','.join(map(str, [*factors, 3.0]))}] --out {directory}-longer"
    )


def _of_files(table):
    """Lines on fields from files: whose errors these are, how many tracks ended, along which axes kappa is given."""
    lines, fields = [], table.meta.get("fields")
    if fields is not None and fields < table.meta["realizations"]:
        of = "one field" if fields == 1 else f"{fields} fields"
        lines.append(f"errors: of {of}, turned and shifted; the scatter from field to field is not in them")
    if "axes" in table.meta:
        lines.append(f"axes of kappa_xx, kappa_yy, kappa_zz: {table.meta['axes']}")
    if "ended" in table.colnames:
        for row in table:
            energy, count = energy_text(row["energy"].value), int(row["particles"]) * int(row["realizations"])
            lines.append(f"{energy}: {round(row['ended'] * count)} of {count} tracks left the box and ended there")
    return lines


def running_table(data):
    """Make the terminal table of kappa_iso(t) = <r^2>/6t of every energy, with errors; one row a sample."""
    shown = Table(title="running kappa_iso(t) = <dr^2>/6t")
    add_columns(shown, "energy", "c t [pc]", "kappa_iso [cm2/s]", "<r^2> [pc2]")
    for i, energy in enumerate(data.energy):
        time = data.time[i]
        values, errors = running.over_times(data.sums[i], time)
        for t, v, e in zip(time, values["iso"], errors["iso"], strict=True):
            shown.add_row(energy_text(energy), f"{t:.5g}", with_error(v * KAPPA_CGS, e * KAPPA_CGS), f"{6 * t * v:.4g}")
        shown.add_section()
    return shown


def progress_table(config, state):
    """Make the terminal table of kappa_iso from the realizations whose blocks are all done."""
    plans = plan(config)
    tasks, shown = tasks_of(config, plans), Table(title="kappa so far")
    add_columns(shown, "energy", "realizations", "kappa_iso [cm2/s]")
    for i, p in enumerate(plans):
        times = np.array(p.sample_steps) * p.step
        sums = np.zeros((*tasks.shape[1:], len(times), len(MOMENTS)))
        done = np.zeros(tasks.shape[1:], dtype=bool)
        for task, flight in state.done.items():
            energy, realization, block = tasks.place(task)
            if energy == i:
                sums[realization, block], done[realization, block] = flight.sums, True
        whole = done.all(axis=1)
        text = "-"
        if whole.sum() > 1 or (whole.any() and sums.shape[1] > 1):
            units = statistical_units(sums[whole])
            value, error = jackknife(
                lambda s, t=times: np.trace(kappa.headline_tensor(s, t), axis1=-2, axis2=-1) / 3,
                units,
                particles(units),
            )
            text = with_error(value * KAPPA_CGS, error * KAPPA_CGS)
        shown.add_row(energy_text(p.energy), f"{whole.sum()}/{tasks.shape[1]}", text)
    return shown


def _about_cells(index, section):
    """Line on patches that live and die."""
    (edge, occupied), path = section.cells, section.lifetime * C / PARSEC
    where = ""
    if section.gated:
        strong = (
            f"{section.strong:.4g} of the volume" if section.strong is not None else f"{section.B_star:g} uG or more"
        )
        where = f"; kicks act where they are and |B| is strong, {strong}"
    return (
        f"scatter[{index}]: cells of {edge:.4g} pc are occupied with probability {occupied:.4g}, drawn anew at "
        f"intervals of {path:.4g} pc of path{where}"
    )


def plan_table(config):
    """Make the terminal table of what a run will do and cost, a row an energy."""
    plans = plan(config)
    tasks = tasks_of(config, plans)
    seconds = np.broadcast_to(tasks.seconds, tasks.shape).sum(axis=(1, 2))
    shown = Table(title="plan")
    add_columns(shown, "energy", "r_g [pc]", "waves", "step [pc]", "steps", "path [pc]", "path/l_c", "core time [s]")
    for p, s in zip(plans, seconds, strict=True):
        waves = sum(f.wave_count(config.surroundings, p.gyroradius) for f in config.field)
        shown.add_row(
            energy_text(p.energy), f"{p.gyroradius:.4g}", str(waves), f"{p.step:.4g}", f"{p.steps:.4g}",
            f"{p.path_length:.4g}", f"{p.path_length / config.medium.l_c:.3g}", f"{s:.3g}",
        )  # fmt: skip
    return shown


def plan_lines(config):
    """Totals of the plan, one fact a line."""
    plans = plan(config)
    tasks = tasks_of(config, plans)
    waves = max(sum(f.wave_count(config.surroundings, p.gyroradius) for f in config.field) for p in plans)
    results = len(tasks) * (len(plans[0].sample_steps) * len(INDEX) + len(INTERVALS) * len(COLUMNS)) * 8
    grids = max(sum(f.grid_bytes(config.surroundings, p.gyroradius) for f in config.field) for p in plans)
    blocks = blocks_of(config.run.particles)
    seconds = tasks.total_seconds()
    lines = [
        f"tasks: {len(tasks)} = {len(plans)} energies x {config.run.realizations} realizations x "
        f"{blocks} blocks of up to 64 particles; more ranks than that stay idle",
        f"particle steps: {tasks.total_work():.3g}",
        f"expected cost: {seconds / 3600:.3g} core-hours ({seconds:.3g} core-seconds)",
        f"longest task: {tasks.seconds.max():.3g} s; no number of ranks finishes sooner",
        f"memory: about {150 + (waves * BYTES_PER_WAVE + 2 * results) / 2**20:.0f} MB on root, "
        f"{80 + waves * BYTES_PER_WAVE / 2**20:.0f} MB and its share of the moments on any other rank, "
        f"{LANES * BYTES_A_LANE / 2**10:.0f} kB of it points of lags; "
        f"moments.h5 {results / 2**20:.2g} MB",
    ]
    idle = blocks * LANES - config.run.particles
    if idle:
        lines.append(
            f"particles: {idle} of {blocks * LANES} lanes stay idle, {100 * idle / (blocks * LANES):.0f} % of the "
            f"cost; multiples of {LANES} waste none"
        )
    if config.output.trajectories:
        lines.append(
            f"tracks: {config.output.trajectories} an energy at {track_plan.places(config)} places each; tracks.h5 "
            f"{track_plan.size(config) / 2**20:.2g} MB, as much in each checkpoint and, at its end, on root"
        )
    lines += [
        section.about_spectrum(i) for i, section in enumerate(config.field) if isinstance(section, TurbulentSection)
    ]
    lines += [_about_cells(i, section) for i, section in enumerate(config.scatter) if section.lives]
    if grids:
        lines.append(
            f"grids: {grids / 1e6:.3g} MB a realization, once per node; N ranks of a node work on about N/{blocks} "
            "realizations at a time and hold those that come next"
        )
    return lines + cubes.lines(config) + masks.lines(config)

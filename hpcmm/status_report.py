"""`hpcmm status`: how far a run is, from its status file and its newest checkpoint."""

import datetime
from pathlib import Path

import numpy as np
from rich.table import Table

from cython_kernels.push import MOMENTS
from hpcmm import driver, kappa, lock, report, resume, status
from hpcmm.moments import statistical_units
from hpcmm.parallel import OneRank
from hpcmm.products import KAPPA_CGS
from hpcmm.stepping import plan


def show(directory):
    """Print state, speed, time left, last checkpoint, and kappa of the realizations that are finished.

    Raises
    ------
    InputError
        If the directory holds no run.
    """
    directory = Path(directory)
    facts = status.read(directory)
    print(f"{directory}: {_state(directory, facts)}")
    if facts.get("total"):
        line = f"{100 * facts['done'] / facts['total']:.1f} % of {facts['total']:.3g} particle steps"
        if facts["state"] == "running" and facts.get("seconds_left") is not None:
            left = datetime.timedelta(seconds=round(facts["seconds_left"]))
            line += f", {facts['steps_per_second']:.3g} steps/s, {left} left"
        print(line)
    _, config = driver.read(directory / "resolved.toml")
    number, state, notes = resume.load(OneRank(), directory, config)
    for note in notes:
        print(f"warning: {note}")
    if number is None:
        print("no checkpoint yet")
        return
    tasks = driver.KINDS[config.run.kind].tasks(config)
    print(f"checkpoint {number:06d}: {len(state.done)} of {len(tasks)} tasks, {len(state.flights)} on their way")
    if config.run.kind == "transport":
        report.show(_kappa_so_far(config, tasks, state))


def _state(directory, facts):
    if facts["state"] == "running" and not lock.is_held(directory):
        return f"not running on this host; started on {facts['host']}; if cut off: hpcmm restart {directory}"
    return facts["state"] + (f" ({facts['reason']})" if facts.get("reason") else "")


def _kappa_so_far(config, tasks, state):
    """kappa_iso from the realizations of which every block is done."""
    shown = Table(title="kappa so far")
    for name in ("energy", "realizations", "kappa_iso [cm2/s]"):
        shown.add_column(name.replace("[", r"\["), justify="right")
    for i, p in enumerate(plan(config)):
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
            value, error = kappa.jackknife(
                lambda s, t=times: np.trace(kappa.headline_tensor(s, t), axis1=-2, axis2=-1) / 3,
                statistical_units(sums[whole]),
            )
            text = report.with_error(value * KAPPA_CGS, error * KAPPA_CGS)
        shown.add_row(report.energy_text(p.energy), f"{whole.sum()}/{tasks.shape[1]}", text)
    return shown

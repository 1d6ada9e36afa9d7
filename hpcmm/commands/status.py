"""`hpcmm status`: how far a run is, from its status file and its newest checkpoint."""

import datetime
from pathlib import Path

from hpcmm import kinds
from hpcmm.commands import run as driver
from hpcmm.kinds.transport import report
from hpcmm.run import lock, resume, status
from hpcmm.parallel.collective import OneRank


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
        line = f"{100 * facts['done'] / facts['total']:.1f} % of {facts['total']:.3g} {facts.get('unit', 'steps')}"
        if facts["state"] == "running" and facts.get("seconds_left") is not None and "per_second" in facts:
            left = datetime.timedelta(seconds=round(facts["seconds_left"]))
            line += f", {facts['per_second']:.3g} {facts['unit']}/s, {left} left"
        print(line)
    _, config = driver.read(directory / "resolved.toml")
    number, state, notes = resume.load(OneRank(), directory, config)
    for note in notes:
        print(f"warning: {note}")
    if number is None:
        print("no checkpoint yet")
        return
    kind = kinds.of(config)
    tasks = kind.tasks(config)
    print(f"checkpoint {number:06d}: {len(state.done)} of {len(tasks)} tasks, {len(state.flights)} on their way")
    shown = kind.progress_table(config, tasks, state) if hasattr(kind, "progress_table") else None
    if shown is not None:
        report.show(shown)


def _state(directory, facts):
    if facts["state"] == "running" and not lock.is_held(directory):
        return f"not running on this host; started on {facts['host']}; if cut off: hpcmm restart {directory}"
    return facts["state"] + (f" ({facts['reason']})" if facts.get("reason") else "")

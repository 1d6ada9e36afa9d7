"""`hpcmm status`: how far a run is, from its status file and its newest checkpoint."""

import datetime
from pathlib import Path

from hpcmm import kinds
from hpcmm.errors import InputError
from hpcmm.io import seal, terminal
from hpcmm.io.disk import reason
from hpcmm.io.terminal import say
from hpcmm.run import checkpoint, lock, settled, status
from hpcmm.run.checkpoint_read import Damaged, read_seal
from hpcmm.run.resume import belonging

LONGEST = 8e13
"""Longest time left that can be shown [s]."""


def show(directory):
    """Print state, speed, time left, the newest checkpoint, and what is known of the results.

    Of the checkpoint only the seal is read, unless the kind computes preliminary results from its rows.

    Raises
    ------
    InputError
        If the directory holds no run.
    """
    directory = Path(directory)
    kinds.name_in(directory)
    facts = status.read(directory)
    say(f"{directory}: {_state(directory, facts)}")
    if facts.get("total"):
        line = f"{100 * facts['done'] / facts['total']:.1f} % of {facts['total']:.3g} {facts['unit']}"
        if facts["state"] == "running" and None not in (facts["seconds_left"], facts["per_second"]):
            left = datetime.timedelta(seconds=round(min(max(facts["seconds_left"], 0.0), LONGEST)))
            line += f", {facts['per_second']:.3g} {facts['unit']}/s, {left} left"
        say(line)
    if facts["state"] == "finished":
        for line in seal.faults(directory):
            say(f"warning: {line}")
    _, config = kinds.read(directory / "resolved.toml")
    try:
        found = kinds.of(config).progress(config, directory)
    except InputError as error:  # no checkpoint can be used; the state of the run is known all the same
        say(f"warning: {error}")
        return
    for line in _checkpoint_lines(directory, config, found):
        say(line)
    if found is not None and found.table is not None:
        terminal.show(found.table)


def _checkpoint_lines(directory, config, found):
    """Yield a line on the newest whole checkpoint of this run, after a warning for each newer file that is unusable."""
    folder = checkpoint.folder_of(directory)
    try:
        numbers = checkpoint.numbers(folder)
    except OSError as error:
        yield f"warning: {folder}: cannot be read ({reason(error)})"
        return
    if found is not None:
        yield from (f"warning: {note}" for note in found.notes)
        numbers = [number for number in numbers if number == found.number]
    for number in numbers:
        try:
            seal = read_seal(folder / f"{number:06d}.h5")
            of = belonging(seal, config)
        except Damaged as error:
            yield f"warning: checkpoint {number:06d} {error}"
            continue
        # checkpoints of earlier versions have no summary
        done = seal.get("summary") or _share_done(seal)
        yield f"checkpoint {number:06d}: {done}" + ("" if of is config else ", before it was extended")
        return
    parts = settled.merged(directory)
    yield f"joined from {', '.join(parts)}" if parts else "no checkpoint"


def _share_done(seal):
    return f"{100 * seal.get('fraction', 0.0):.1f} % done"


def _state(directory, facts):
    if facts["state"] == "running" and not lock.is_held(directory):
        return f"not running on this host; started on {facts['host']}; if cut off: hpcmm restart {directory}"
    return facts["state"] + (f" ({facts['reason']})" if facts.get("reason") else "")

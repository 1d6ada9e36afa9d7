"""Reads log.txt of a run directory: its starts, on how many ranks and for how long, and its warnings."""

import datetime
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from hpcmm.errors import InputError
from hpcmm.foreign import printable, read_text

NAME = "log.txt"

MOST_BYTES = 2**26
"""Largest log that is read."""

_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) ([A-Z]+) (.*)")
_START = re.compile(r"(started|resumed from checkpoint \d{1,9}) on (\d{1,9}) ranks: (.*)")
_MADE_BY = "made by "


@dataclass
class Session:
    """The time from a start, or restart, of a run to its end.

    Attributes
    ----------
    how : str
        "started", or from which checkpoint it was resumed.
    begun, last : datetime
        First and last line; local time of the machine that ran it.
    ranks : int
    command : str
    made_by : str
        Versions of hpcmm and of what it was run with; "" in logs of earlier versions.
    end : str
        "done", why it stopped, or "cut off".
    """

    how: str
    begun: datetime.datetime
    ranks: int
    command: str
    last: datetime.datetime
    made_by: str = ""
    end: str = "cut off"

    @property
    def seconds(self):
        """Wall time between its first and last line [s]; of one that was cut off, up to what it wrote last."""
        return max((self.last - self.begun).total_seconds(), 0.0)

    @property
    def core_seconds(self):
        """Ranks times `seconds`."""
        return self.ranks * self.seconds


@dataclass
class Log:
    """What a log says.

    Attributes
    ----------
    sessions : list of Session
    warnings : dict
        Text of a warning -> how often it came, in the order in which they came first.
    """

    sessions: list = field(default_factory=list)
    warnings: dict = field(default_factory=dict)

    @property
    def core_seconds(self):
        """Core time that all sessions took [s]; None where the log has no session."""
        return sum(session.core_seconds for session in self.sessions) if self.sessions else None


def made_by(attributes):
    """Line of the log on what makes the products of a session, from the provenance of its run."""
    parts = {"hpcmm": "version", "commit": "commit", "Python": "python", "NumPy": "numpy", "HDF5": "hdf5"}
    words = [f"{name} {attributes[key]}" for name, key in parts.items() if attributes.get(key)]
    return _MADE_BY + ", ".join(
        [*words, *(str(attributes[key]) for key in ("mpi", "compiler", "cpu") if key in attributes)]
    )


def read(directory):
    """Read the log of a run; an empty one where there is none, as in a run that was joined from others.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    path, log = Path(directory) / NAME, Log()
    if not os.path.lexists(path):
        return log
    try:
        lines = read_text(path, MOST_BYTES).split("\n")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    for line in lines:
        _take(log, line)
    return log


def _take(log, line):
    """Add what a line says; one that is none of a log, as of an editor, is passed over."""
    found = _LINE.fullmatch(line)
    try:
        time = datetime.datetime.fromisoformat(f"{found[1]}.{found[2]}")
    except (TypeError, ValueError):
        return
    level, text = found[3], printable(found[4])
    start = _START.fullmatch(text)
    if start:
        log.sessions.append(Session(start[1], time, int(start[2]), start[3], time))
    if level == "WARNING":
        log.warnings[text] = log.warnings.get(text, 0) + 1
    if not log.sessions:
        return
    session = log.sessions[-1]
    session.last = time
    if text.startswith(_MADE_BY):
        session.made_by = text.removeprefix(_MADE_BY)
    elif text == "done" or text.startswith(("stopped: ", "failed: ")):
        session.end = text

"""Writes and reads status.json: how far a run is, for people and scripts, while it runs and after it has ended."""

import contextlib
import json
import os
import platform
import threading
import time
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from hpcmm.errors import InputError
from hpcmm.foreign import read_json
from hpcmm.io.whole_file import put, replacing

BEAT = 2.0
"""Time between two writes of the file [s]."""

MOST_BYTES = 2**20
"""Largest file that is read."""


class Status:
    """Writes status.json of a run directory every BEAT seconds from a thread of its own, so that a long step of the
    run does not stop the heartbeat; root only.

    Keys: state (running, stopped, finished, failed), reason, host, pid, beat, ranks, started, done and total in
    `unit`, per_second, seconds_left, checkpoint, checkpoint_fraction, checkpoint_date.
    """

    def __init__(self, directory, **facts):
        self._path = directory / "status.json"
        self._lock, self._end = threading.Lock(), threading.Event()
        self._facts = {"state": "running", "host": platform.node(), "pid": os.getpid(), "beat": 0, **facts}
        self._start = time.monotonic()
        self._write()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def progress(self, done, total, rate, left):
        """Note how far the run is, its speed [1/s] and the time left [s], None where that is unknown."""
        self.update(done=done, total=total, per_second=rate, seconds_left=left)

    def update(self, **facts):
        """Change facts; they are written with the next beat."""
        with self._lock:
            self._facts |= facts

    def close(self, state, reason=""):
        """Write the final state, and end the thread."""
        self._end.set()
        self._thread.join()
        self.update(state=state, reason=reason, seconds=time.monotonic() - self._start)
        self._write()

    def _beat(self):
        while not self._end.wait(BEAT):
            self.update(beat=self._facts["beat"] + 1)
            self._write()

    def _write(self):
        with self._lock:
            text = json.dumps(self._facts, indent=1)
        # a full disk is reported by the next checkpoint
        with contextlib.suppress(OSError), replacing(self._path) as part:
            part.write_text(text + "\n", encoding="utf-8")


def put_merged(directory, parts):
    """Write the status of a run that was joined from others: finished."""
    facts = {"state": "finished", "reason": "", "host": platform.node(), "pid": os.getpid(), "beat": 0}
    put(Path(directory) / "status.json", json.dumps(facts | {"merged": [str(part) for part in parts]}, indent=1) + "\n")


class Facts(BaseModel):
    """What the file may say, each of a type and length that can be shown; other keys are left alone."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False, str_max_length=10_000)
    state: Literal["running", "stopped", "finished", "failed"]
    reason: str = ""
    host: str = "an unknown host"
    pid: int = 0
    beat: int = 0
    done: float = 0.0
    total: float | None = None
    unit: str = "steps"
    per_second: float | None = None
    seconds_left: float | None = None
    merged: list[str] = []


def read(directory):
    """Read the facts of a run's status.json.

    Raises
    ------
    InputError
        If there is no such file, or it is no status file.
    """
    path = Path(directory) / "status.json"
    try:
        return Facts.model_validate(read_json(path, MOST_BYTES)).model_dump()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; is {directory} the directory of a run?") from None
    except ValidationError as error:
        key = ".".join(map(str, error.errors()[0]["loc"]))[:60] or "its whole"
        raise InputError(f"{path}: not a status file of hpcmm ({key} is not what a run writes)") from None

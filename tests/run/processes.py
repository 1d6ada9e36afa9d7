"""Jobs of several processes that tests stop and kill; see `tests.run.paced` for their pace."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import ROOT

WAYS = (
    "kill a rank",
    "kill all",
    "kill the launcher",
    "USR1 to the launcher",
    "USR1 to a rank",
    "TERM to the launcher",
    "TERM to a rank",
)


def start(mpirun, environment, ranks, *arguments, paced=None):
    """Start the command on so many ranks, one without a launcher.

    Parameters
    ----------
    paced : dict, optional
        Wishes of `tests.run.paced`; else the command is started as it is.
    """
    command = ["hpcmm"] if paced is None else ["tests.run.paced", *(f"{k}={v}" for k, v in paced.items()), "--"]
    command = [sys.executable, "-m", *command, *map(str, arguments)]
    if ranks > 1:
        command = [mpirun, "-n", str(ranks), *command]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True, **pipes)


def ranks_of(job, ranks):
    """Process numbers of the ranks of a job; [] while there are none."""
    if ranks == 1:
        return [job.pid]
    try:
        children = Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"-m" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]
    except OSError:
        return []


def hit(job, ranks, way, draw=random):
    """Do to a job what ``way`` says."""
    pids = ranks_of(job, ranks)
    if "launcher" in way:
        targets = [job.pid]
    elif "all" in way:
        targets = [job.pid, *pids]
    else:
        targets = [draw.choice(pids)] if pids else [job.pid]
    number = {"k": signal.SIGKILL, "U": signal.SIGUSR1, "T": signal.SIGTERM}[way[0]]
    for pid in targets:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def wait_for(condition, seconds):
    """Poll fast until a condition holds; False if it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.002)
    return False


def latest(run):
    """What names the newest checkpoint of a run; None without one."""
    path = run / "checkpoint" / "latest"
    return path.read_text() if path.exists() else None


def saved(job, run, before=None):
    """Wait until a job has saved its run, or saved it anew."""
    wait_for(lambda: latest(run) not in (None, before) or job.poll() is not None, 120)
    assert job.poll() is None, job.communicate()[1]
    assert latest(run) not in (None, before)

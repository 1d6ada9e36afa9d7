"""Runs of the real command that are killed on purpose, and the processes they consist of."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

DECK = """
title = "killed and gone on with"
[run]
kind = "transport"
seed = 7
realizations = 3
particles = 150
[medium]
B_rms = "3 uG"
l_c = "100 kpc"
[particle]
energy = ["30 EeV", "100 EeV"]
[[field]]
model = "plane_waves"
modes_per_decade = 85
dB = "2.8284271247 uG"
[[field]]
model = "uniform"
B = "1 uG"
[[scatter]]
model = "constant_rate"
rate = "1e-13 / s"
[stepping]
path_length = "{path} kpc"
samples = 20
[output]
checkpoint_interval = "0.2 s"
"""

WAYS = (
    "kill a rank",
    "kill all",
    "kill the launcher",
    "USR1 to the launcher",
    "USR1 to a rank",
    "TERM to the launcher",
    "TERM to a rank",
)


def start(mpirun, environment, ranks, *arguments):
    """Start the command on so many ranks, one without a launcher."""
    command = [sys.executable, "-m", "hpcmm", *map(str, arguments)]
    if ranks > 1:
        command = [mpirun, "-n", str(ranks), *command]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def ranks_of(job, ranks):
    """Process numbers of the ranks of a job; [] while there are none."""
    if ranks == 1:
        return [job.pid]
    try:
        children = Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"hpcmm" in Path(f"/proc/{pid}/cmdline").read_bytes()]
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
        time.sleep(0.001)
    return False

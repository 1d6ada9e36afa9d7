"""A Slurm of one node in a directory of its own, for tests: real daemons, no systemd, no cgroups, as root.

By hand: `python -m tests.jobs.slurm_node DIR` starts it, prints the export of SLURM_CONF and waits for ctrl-C.
"""

import contextlib
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "squeue", "scancel")

ENDED = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")

# Of note: cred_expire is also how long a requeued job waits before it may start, 120 s by default. KillWait is the
# grace between TERM and KILL. The memory and cores need not be there (config_overrides).
CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={top}/munge/socket,cred_expire=5
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={top}/state
SlurmdSpoolDir={top}/spool
SlurmctldPidFile={top}/slurmctld.pid
SlurmdPidFile={top}/slurmd.pid
SlurmctldLogFile={top}/slurmctld.log
SlurmdLogFile={top}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=sched_min_interval=1,sched_interval=2,bf_interval=2
MinJobAge=600
KillWait=5
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 CoresPerSocket=4 RealMemory=4000 State=UNKNOWN
PartitionName=test Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def missing():
    """Why no such Slurm can be started here; empty if it can."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    absent = [name for name in PROGRAMS if not shutil.which(name, path=path)]
    if absent:
        return f"Slurm is not here ({absent[0]} is missing; Debian: slurm-wlm and munge)"
    return "" if os.getuid() == 0 else "a Slurm of one's own needs root"


class Node:
    """The Slurm of a directory; started by ``with``, stopped with all its jobs at the end.

    Parameters
    ----------
    top : path
        An empty directory; its path must be short enough for a socket.
    environment : dict
        Of the jobs and of all commands.
    """

    def __init__(self, top, environment):
        self.top = Path(top)
        path = environment.get("PATH", "") + ":/usr/sbin:/sbin"
        self.environment = environment | {"SLURM_CONF": str(self.top / "slurm.conf"), "PATH": path}
        # PMIx would knock at the machine's munged first, for two seconds a step where there is none
        self.environment["PMIX_MCA_psec"] = "native"
        self._daemons = []

    def __enter__(self):
        for name in ("munge", "state", "spool"):
            (self.top / name).mkdir(mode=0o755)
        host = platform.node().split(".")[0]
        (self.top / "slurm.conf").write_text(CONF.format(host=host, top=self.top, ports=_free_ports()))
        key = self.top / "munge" / "key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        munge = {"socket": "socket", "key-file": "key", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
        try:
            # one's own munged: that of the machine, if any, is left alone
            options = [f"--{option}={self.top}/munge/{name}" for option, name in munge.items()]
            self._daemon("munged", "--foreground", "--force", *options)
            self.until((self.top / "munge" / "socket").exists, 30, "munged")
            self._daemon("slurmctld", "-D", "-c")
            self._daemon("slurmd", "-D", "-c")
            self.until(lambda: self.call("sinfo", "-h", "-o", "%T", check=False).strip() == "idle", 30, "a node")
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_):
        self._stop()

    def call(self, *command, check=True):
        """Standard output of a command; its standard error goes along with ours."""
        done = subprocess.run(
            list(map(str, command)), env=self.environment, text=True, stdout=subprocess.PIPE, timeout=60, check=check
        )
        return done.stdout

    def job(self, number):
        """{field: value} of `scontrol show job`, of the first task of an array."""
        words = self.call("scontrol", "-o", "show", "job", number).split("\n")[0].split()
        return dict(word.split("=", 1) for word in words if "=" in word)

    def wait(self, number, seconds):
        """Wait until a job has ended; its `job`."""
        self.until(lambda: self.job(number)["JobState"] in ENDED, seconds, f"the end of job {number}")
        return self.job(number)

    def until(self, condition, seconds, what):
        """Wait until a condition holds."""
        end = time.monotonic() + seconds
        while not condition():
            dead = [daemon.args[0] for daemon in self._daemons if daemon.poll() is not None]
            assert not dead, f"{dead[0]} has died; see {self.top}"
            assert time.monotonic() < end, f"{what}: not there after {seconds} s; see {self.top}"
            time.sleep(0.2)

    def fail(self):
        """Let the node fail and come back: its jobs are lost and requeued."""
        name = self.call("sinfo", "-h", "-o", "%n").strip()
        self.call("scontrol", "update", f"NodeName={name}", "State=DOWN", "Reason=test")
        self.call("scontrol", "update", f"NodeName={name}", "State=RESUME")

    def _daemon(self, *command):
        with open(self.top / f"{command[0]}.out", "wb") as out:
            self._daemons.append(subprocess.Popen(command, env=self.environment, stdout=out, stderr=out))

    def _stop(self):
        if len(self._daemons) == 3:
            with contextlib.suppress(subprocess.SubprocessError):
                self.call("scancel", "--user=root", check=False)
                end = time.monotonic() + 30
                while self.call("squeue", "-h", check=False).strip() and time.monotonic() < end:
                    time.sleep(0.2)
        for daemon in reversed(self._daemons):
            daemon.terminate()
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


def _free_ports():
    with socket.socket() as first, socket.socket() as second:
        for one in (first, second):
            one.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


if __name__ == "__main__":
    with Node(sys.argv[1], dict(os.environ)) as node:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        print(f"export SLURM_CONF={node.environment['SLURM_CONF']}", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})

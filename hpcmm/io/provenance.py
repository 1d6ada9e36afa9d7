"""Records what made a result: versions, commit, compiler, MPI, ranks, machine, seed."""

import datetime
import platform
import subprocess
import sys
from pathlib import Path

import h5py
import numpy

import hpcmm
from cython_kernels import build


def now():
    """Date and time (UTC), as text."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def commit():
    """Commit of the checkout this package runs from, "+changes" where files differ; "" if it is no checkout."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        top = subprocess.run([*git, "rev-parse", "--show-toplevel"], capture_output=True, text=True, timeout=10)
        if top.returncode or not (Path(top.stdout.strip()) / "hpcmm" / "io" / "provenance.py").samefile(__file__):
            return ""
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10)
        changes = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return head.stdout.strip() + ("+changes" if changes.stdout.strip() else "")


def cpu_model():
    """Name of this CPU; results keep their bits on one binary and one CPU type."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def mpi_library(comm):
    """First line of the MPI library's name."""
    from mpi4py import MPI

    return MPI.Get_library_version().split("\n")[0].split(",")[0].strip("\x00 ") if comm is not None else "none"


def machine():
    """CPU, compiler and vector width, on which the bits of a result depend beside the deck and the code."""
    return {
        "cpu": cpu_model(),
        "compiler": build.COMPILER,
        "compiler_flags": build.FLAGS,
        "vector_width": build.VECTOR_WIDTH,
    }


def record(comm, seed):
    """Provenance of a run, as strings and numbers for file attributes. Root only."""
    return machine() | {
        "version": hpcmm.__version__,
        "commit": commit(),
        # an argument may hold bytes that are no UTF-8, which an attribute cannot
        "command": " ".join(sys.argv).encode("utf-8", "backslashreplace").decode(),
        "date": now(),
        "host": platform.node(),
        "ranks": comm.size,
        "mpi": mpi_library(comm),
        "hdf5": h5py.version.hdf5_version,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "seed": str(seed),
    }

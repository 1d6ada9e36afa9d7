"""Walks through an HDF5 file that nothing vouches for, in a process of its own: its crash or endless loop is a refusal.

As a program (``python -m hpcmm.io.probe FILE``) it opens every object, attribute and chunk of the file, and ends with
status 0 if HDF5 survives that.
"""

import math
import os
import resource
import signal
import subprocess
import sys
import warnings
from pathlib import Path

from hpcmm.errors import InputError, Notice

SECONDS, SECONDS_PER_BYTE = 20.0, 1 / 20e6
"""Longest that HDF5 may take for what is no data, and for each byte of the file, which may be compressed."""

MEMORY = 2**33
"""Most bytes of memory that the process may ask for."""

MOST_OBJECTS, MOST_CHUNKS = 10_000, 1_000_000

_walked = set()
"""Device, inode, size and times of files that HDF5 has survived in this process."""

LAUNCHED = ("OMPI_", "PMIX_", "PMI_", "PRTE_", "SLURM_")
"""Environment variables by which the process would take itself for a rank."""


def walk(path, what):
    """Refuse a file that HDF5 does not survive.

    Parameters
    ----------
    path : path
    what : str
        What is wrong with a file that is refused, before the reason: "an HDF5 file is expected".

    Raises
    ------
    InputError
    """
    found = os.stat(path)
    key = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    if key in _walked:
        return
    # this package and no folder that happens to be the working one
    command = [sys.executable, "-P", "-m", "hpcmm.io.probe", os.path.abspath(path)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(LAUNCHED)}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])
    limit = SECONDS + SECONDS_PER_BYTE * found.st_size
    how = {"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": limit, "check": False}
    try:
        ended = subprocess.run(command, env=environment, **how)
    except subprocess.TimeoutExpired:
        raise InputError(f"{path}: {what} (damaged: HDF5 does not come to its end)") from None
    except OSError as error:
        text = f"{path}: read without being looked at first, as no process can be started here ({error.strerror})"
        warnings.warn(text, Notice, stacklevel=4)
        return
    if ended.returncode == 0:
        _walked.add(key)
        return
    said = ended.stdout.decode(errors="replace").strip()
    if ended.returncode < 0:
        said = f"damaged: HDF5 ends with {signal.Signals(-ended.returncode).name}"
    elif not said:
        last = ended.stderr.decode(errors="replace").strip().splitlines()[-1:]
        said = f"the process that looks at it ended with {ended.returncode}: {''.join(last)}"
    raise InputError(f"{path}: {what} ({said[:200]})")


def _walk(path):
    """Open all that there is in a file, each thing once."""
    import h5py

    from hpcmm.io import hdf5

    with hdf5.opened(path) as file:
        waiting, seen = [file], set()
        while waiting:
            here = waiting.pop()
            place = h5py.h5o.get_info(here.id).addr
            if place in seen:
                continue
            seen.add(place)
            if len(seen) > MOST_OBJECTS:
                raise ValueError(f"more than {MOST_OBJECTS} objects")
            hdf5.attributes(here)
            if isinstance(here, h5py.Group):
                links = [name for name in here if isinstance(here.get(name, getlink=True), h5py.HardLink)]
                waiting += [here[name] for name in links]
            elif isinstance(here, h5py.Dataset):
                _touch(here)


def _touch(data):
    """Open a dataset, and read it a chunk at a time where it is kept in chunks."""
    if data.chunks is None or not data.size:
        data.id.get_offset()
        return
    if math.prod(-(-n // size) for n, size in zip(data.shape, data.chunks, strict=True)) > MOST_CHUNKS:
        raise ValueError(f"{data.name} claims more than {MOST_CHUNKS} chunks")
    for place in data.iter_chunks():
        data[place]


def _main(path):
    import mpi4py

    mpi4py.rc(initialize=False, finalize=False)  # h5py with MPI imports it
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open("/proc/self/statm", encoding="ascii") as statm:
        here = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = here + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))
    from hpcmm.io.hdf5 import FAULTS, fault

    try:
        _walk(path)
    except FAULTS as error:
        print(fault(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]))

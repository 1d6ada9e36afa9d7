"""`hpcmm doctor`: which libraries are here, whether they fit together, what is missing and how to get it."""

import importlib
import platform
import shutil

from rich.table import Table

import hpcmm
from hpcmm.io.terminal import say
from hpcmm.io.terminal import show as show_table

REMEDY = "run `make setup`; on a cluster, `module load` MPI, parallel HDF5, PETSc and FFTW first"

OPTIONAL = {"PETSc": "kinds 'effective_medium' and 'cluster' need", "FFTW": "kind 'mhd' needs"}
"""Library that some kinds of run need -> which."""


def _try(find):
    """Call a finder; returns (what it found, "") or ("missing", first line of its exception)."""
    try:
        return find(), ""
    except Exception as error:
        return "missing", str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _kernels():
    from cython_kernels import build

    return f"{build.SIMD}, {build.VECTOR_WIDTH} doubles a vector; {build.COMPILER}; {build.FLAGS}"


def _mpi():
    from mpi4py import MPI, __version__

    library = MPI.Get_library_version().split("\n")[0].split(",")[0].strip("\x00 ")
    return f"{library}; mpi4py {__version__}"


def _launcher():
    found = shutil.which("mpirun") or shutil.which("mpiexec") or shutil.which("srun")
    if found is None:
        raise FileNotFoundError("no mpirun, mpiexec or srun on the PATH: one rank only")
    return found


def _hdf5():
    import h5py

    kind = "parallel (mpio)" if h5py.get_config().mpi else "serial"
    return f"{h5py.version.hdf5_version}, {kind}; h5py {h5py.__version__}"


def _petsc():
    petsc4py = importlib.import_module("petsc4py")
    petsc4py.init([])
    petsc = importlib.import_module("petsc4py.PETSc")
    return ".".join(map(str, petsc.Sys.getVersion())) + f"; petsc4py {petsc4py.__version__}"


def _fftw():
    return f"mpi4py-fft {importlib.import_module('mpi4py_fft').__version__}"


def _package(name):
    return lambda: importlib.import_module(name).__version__


def show():
    """Print which libraries are here; returns 0, or 1 if something is missing that a transport run needs."""
    table = Table(title=f"hpcmm {hpcmm.__version__} on Python {platform.python_version()}, {platform.machine()}")
    table.add_column("part")
    table.add_column("found", overflow="fold")
    faults = []
    needed = {"kernels": _kernels, "MPI": _mpi, "HDF5": _hdf5}
    needed |= {name: _package(name) for name in ("numpy", "pydantic", "astropy", "matplotlib")}
    for name, find in (needed | {"launcher": _launcher, "PETSc": _petsc, "FFTW": _fftw}).items():
        found, fault = _try(find)
        table.add_row(name, found)
        if fault:
            faults.append((name, fault))
    show_table(table, width=110)
    hdf5, _ = _try(_hdf5)
    if "serial" in hdf5:
        say("HDF5: h5py has no MPI: results are written through rank 0, which holds all moments. To change:")
        say("  rebuild h5py with HDF5_MPI=ON and CC=mpicc; " + REMEDY)
    for name, fault in faults:
        say(f"{name}: {fault}")
        if name in OPTIONAL:
            say(f"  only {OPTIONAL[name]} it; {REMEDY}")
        else:
            say("  " + REMEDY)
    if not faults and "serial" not in hdf5:
        say("all is here")
    return 1 if any(name in needed for name, _ in faults) else 0

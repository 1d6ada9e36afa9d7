"""`hpcmm doctor`: which libraries are here, whether they fit together, what is missing and how to get it.

It works where nothing else does: only Python's own library is imported before what it looks for, and whatever that
raises is a line of the report.
"""

import importlib
import importlib.util
import os
import platform
import shutil
from importlib import metadata
from pathlib import Path

import hpcmm
from hpcmm.io.terminal import say
from hpcmm.io.terminal import show as show_table

REMEDY = "run `make setup`; on a cluster, `module load` MPI, parallel HDF5, PETSc and FFTW first"

MODULES = {"MPI": "mpi4py", "HDF5": "h5py", "PETSc": "petsc4py", "FFTW": "mpi4py_fft", "kernels": "cython_kernels"}
"""Part -> its module, where that has another name."""

PACKAGES = {
    "numpy": "numpy.linalg", "scipy": "scipy.special", "pydantic": "pydantic.types", "astropy": "astropy.units",
    "matplotlib": "matplotlib.figure", "rich": "rich.console", "jinja2": "jinja2.environment",
}  # fmt: skip
"""Package -> a module of it that a file of the same name would not have."""

OPTIONAL = ("PETSc", "FFTW")
"""Parts that some kinds of run need."""


def _try(find):
    """Call a finder; returns (what it found, "") or ("missing", first line of its exception)."""
    try:
        return find(), ""
    except (Exception, SystemExit) as error:  # a module may end Python where it is imported
        return "missing", str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _kinds_that_need(module):
    """Names of the kinds of run that need a module, by what they say themselves."""
    from hpcmm import kinds

    return [name for name in kinds.KINDS if module in getattr(kinds.named(name), "requires", ())]


def _shadow(module):
    """Place of a module that hides the installed one: in a folder of PYTHONPATH, or in the present one; else ""."""
    spec, _ = _try(lambda: importlib.util.find_spec(module).origin)
    folders = {Path(entry or ".").resolve() for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep)}
    folders |= {Path.cwd()}
    folders -= {Path(hpcmm.__file__).resolve().parent.parent}  # this checkout itself
    origin = Path(spec).resolve() if spec else Path()
    inside = origin.parent if origin.stem != "__init__" else origin.parent.parent
    return str(origin) if inside in folders and inside.name not in ("site-packages", "dist-packages") else ""


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
    def find():
        importlib.import_module(PACKAGES[name])
        return metadata.version(name)

    return find


def show():
    """Print which libraries are here.

    Returns
    -------
    int
        0; 1 if something is missing that a transport run needs; 2 if it is hidden by a file of the user's.
    """
    faults, rows = [], []
    needed = {"kernels": _kernels, "MPI": _mpi, "HDF5": _hdf5}
    needed |= {name: _package(name) for name in PACKAGES}
    for name, find in (needed | {"launcher": _launcher, "PETSc": _petsc, "FFTW": _fftw}).items():
        found, fault = _try(find)
        rows.append((name, found))
        if fault:
            faults.append((name, fault, _shadow(MODULES.get(name, name))))
    _show_rows(rows)
    serial = "serial" in dict(rows)["HDF5"]
    if serial:
        say("HDF5: h5py has no MPI: results are written through rank 0, which holds all moments. To change:")
        say("  rebuild h5py with HDF5_MPI=ON and CC=mpicc; " + REMEDY)
    for name, fault, shadow in faults:
        say(f"{name}: {fault}")
        if shadow:
            say(f"  {shadow} hides the installed module: rename it, or take its folder out of PYTHONPATH")
        elif name in OPTIONAL:
            kinds, _ = _try(lambda name=name: " and ".join(map(repr, _kinds_that_need(MODULES[name]))))
            say(f"  only runs of kind {kinds} need it; {REMEDY}" if kinds != "missing" else "  " + REMEDY)
        else:
            say("  " + REMEDY)
    if not faults and not serial:
        say("all is here")
    lacking = [shadow for name, _, shadow in faults if name in needed]
    return (2 if any(lacking) else 1) if lacking else 0


def _show_rows(rows):
    """Print the parts and what was found: a table, or lines where rich is what is missing."""
    title = f"hpcmm {hpcmm.__version__} on Python {platform.python_version()}, {platform.machine()}"
    try:
        from rich.table import Table

        table = Table(title=title)
        table.add_column("part")
        table.add_column("found", overflow="fold")
        for row in rows:
            table.add_row(*row)
        show_table(table, width=110)
    except (Exception, SystemExit):
        say(title)
        for name, found in rows:
            say(f"{name}: {found}")

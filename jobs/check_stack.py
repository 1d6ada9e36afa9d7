"""Do the bindings work together? The last step of install.sh: check_stack.py [h5py] [petsc4py] [mpi4py_fft], on ranks.

Named bindings must be there and bound to MPI; all must share one MPI library; h5py must write one file from all ranks.
"""

import os
import re
import sys
import tempfile

import h5py
import mpi4py
from mpi4py import MPI

LIBMPI = re.compile(r"/lib(p?mpi|mpich|mpi_cray|mpi_gnu\w*)\.so")


def write_together(comm):
    name = comm.bcast(os.path.join(tempfile.gettempdir(), f"hpcmm-check-{os.getpid()}.h5"))
    with h5py.File(name, "w", driver="mpio", comm=comm) as file:
        data = file.create_dataset("rank", (comm.size,), dtype="i4")
        with data.collective:
            data[comm.rank : comm.rank + 1] = comm.rank
    if comm.rank == 0:
        with h5py.File(name) as file:
            assert list(file["rank"]) == list(range(comm.size)), "the file written by all ranks is wrong"
        os.remove(name)


comm = MPI.COMM_WORLD
vendor = MPI.Get_library_version().splitlines()[0].split(",")[0].strip()
found = [f"mpi4py {mpi4py.__version__} on {vendor}", f"h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}"]
if "petsc4py" in sys.argv:
    import petsc4py

    petsc4py.init([])
    from petsc4py import PETSc

    found.append("PETSc {}.{}.{}".format(*PETSc.Sys.getVersion()))
if "mpi4py_fft" in sys.argv:
    import mpi4py_fft

    mpi4py_fft.PFFT(comm, (8, 8, 8), dtype=float).forward()
    found.append(f"mpi4py-fft {mpi4py_fft.__version__}")
if os.path.exists("/proc/self/maps"):
    with open("/proc/self/maps") as maps:
        loaded = {os.path.realpath(line.split()[-1]) for line in maps if LIBMPI.search(line)}
    assert len(loaded) == 1, f"not one MPI library but {sorted(loaded)}"
if "h5py" in sys.argv:
    assert h5py.get_config().mpi, "h5py has no MPI"
    write_together(comm)
    found[1] += " parallel"
if comm.rank == 0:
    print(f"{comm.size} ranks;", "; ".join(found))

"""Helpers for HDF5 files: whether h5py is parallel, and reading datasets without trusting the size they claim."""

import h5py


def is_parallel():
    """True if this h5py can write from all ranks at once."""
    return h5py.get_config().mpi


def read_plain(file, name, size):
    """Read a contiguous dataset; ValueError if it is not, or claims more bytes than ``size``, those of the file."""
    data = file[name]
    if data.chunks is not None or data.is_virtual or data.external or data.nbytes > size:
        raise ValueError(f"{name} is larger than the file")
    return data[...]

"""What all HDF5 files share: is h5py parallel, and datasets read without believing their size."""

import h5py


def is_parallel():
    """Can this h5py write from all ranks at once?"""
    return h5py.get_config().mpi


def read_plain(file, name, size):
    """A dataset that lies in the file as it is, so that no size is believed that the file has not."""
    data = file[name]
    if data.chunks is not None or data.is_virtual or data.external or data.nbytes > size:
        raise ValueError(f"{name} is larger than the file")
    return data[...]

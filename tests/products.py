"""What of a run's products must not depend on ranks, kills or the way there."""

import h5py


def datasets(path):
    """{dataset: (dtype, shape, bytes)} of an HDF5 file."""
    with h5py.File(path, "r") as file:
        return {name: (str(d.dtype), d.shape, d[...].tobytes()) for name, d in file.items()}


def bytes_of(run):
    """Datasets of moments.h5, and kappa.ecsv."""
    return datasets(run / "moments.h5"), (run / "kappa.ecsv").read_bytes()


def tracks_of(run):
    """Datasets of tracks.h5."""
    return datasets(run / "tracks.h5")

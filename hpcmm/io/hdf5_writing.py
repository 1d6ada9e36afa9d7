"""Writes HDF5 files from one process, such that HDF5 never meets a failing disk.

Where a write fails HDF5 can neither close the file nor forget it, and the process crashes when Python ends. So HDF5
writes to an object that takes everything and notes what the disk refuses, which is raised when HDF5 has let go.
"""

import contextlib
import os

import h5py


@contextlib.contextmanager
def writing(path, mode="w", **how):
    """Open an HDF5 file to write; it is on the disk when the block ends.

    Parameters
    ----------
    path : path
    mode : str
        "w" anew, "r+" one that is there.
    how
        Further arguments of `h5py.File`.

    Raises
    ------
    OSError
        When the block ends, if not all of it could be written.
    """
    with open(path, "w+b" if mode == "w" else "r+b", buffering=0) as raw:
        below = _Patient(raw)
        try:
            with h5py.File(below, mode, **how) as file:
                yield file
        finally:  # whatever else was raised may follow from it
            if below.refused:
                raise below.refused from None
        os.fsync(raw.fileno())


class _Patient:
    """A file for h5py's driver of file-like objects, of which no write fails."""

    def __init__(self, raw):
        self._raw, self.refused = raw, None

    def seek(self, offset, whence=0):
        """As of any file."""
        return self._raw.seek(offset, whence)

    def tell(self):
        """As of any file."""
        return self._raw.tell()

    def read(self, size=-1):
        """As of any file."""
        return self._raw.read(size)

    def readinto(self, room):
        """Fill all of ``room``; zeros stand for what could not be written before."""
        room, done = memoryview(room).cast("B"), 0
        while done < len(room) and (count := self._raw.readinto(room[done:])):
            done += count
        room[done:] = bytes(len(room) - done)
        return len(room)

    def write(self, data):
        """Write all of ``data``, or note why not."""
        data = memoryview(data).cast("B")
        size = len(data)
        with self._noting():
            while data:
                data = data[self._raw.write(data) :]
        return size

    def truncate(self, size=None):
        """Set the size, or note why not."""
        with self._noting():
            self._raw.truncate(size)
        return size

    def flush(self):
        """Nothing is held back."""

    @contextlib.contextmanager
    def _noting(self):
        try:
            yield
        except OSError as error:
            self.refused = self.refused or error

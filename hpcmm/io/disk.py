"""Room on a disk: asked for before it is needed, given back when something failed."""

import contextlib
import errno
import os


def reserve(path, size):
    """Make a file of that size, its blocks allocated: a full disk or a quota is met here, before HDF5 writes.

    Raises
    ------
    OSError
        If there is no room.
    """
    with open(path, "wb") as file:
        allocate(file, size)


def allocate(file, size):
    """Have blocks for that many bytes of an open file, where the system can; else they are asked for as it is written.

    Raises
    ------
    OSError
        If there is no room.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
            raise


def remove(path):
    """Remove a file if that is possible; for where something else has failed already and has been said."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def reason(error):
    """One line on why a file could not be written."""
    return getattr(error, "strerror", None) or (str(error).splitlines() or [type(error).__name__])[0]

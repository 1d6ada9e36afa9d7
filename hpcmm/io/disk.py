"""Space on a disk: reserved before it is needed, released when something failed."""

import contextlib
import errno
import os

from hpcmm.errors import InputError
from hpcmm.io.whole_file import create


def reserve(path, size):
    """Make a new file of ``size`` bytes, its blocks allocated: a full disk or a quota fails here, before HDF5 writes.

    It is made by `hpcmm.io.whole_file.create`, so that what opens it by name finds no link there.

    Raises
    ------
    OSError
        If there is no room.
    """
    with open(create(path), "wb") as file:
        allocate(file, size)


def allocate(file, size):
    """Allocate blocks for ``size`` bytes of an open file, where the system can; else they come with each write.

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
    """Remove a file if possible; errors are ignored, as the failure that led here is already reported."""
    with contextlib.suppress(OSError):
        os.unlink(path)


@contextlib.contextmanager
def refusing(directory):
    """Refuse what cannot be written by a command that keeps no checkpoint: InputError in the place of OSError."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{directory}: not all of it could be written ({reason(error)}); make room, then the same with --overwrite"
        ) from None


def reason(error):
    """One line on why a file could not be written."""
    return getattr(error, "strerror", None) or (str(error).splitlines() or [type(error).__name__])[0]

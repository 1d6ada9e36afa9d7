"""Locks a run directory, so that one run works in it at a time."""

import errno
import fcntl
import os
import platform
import time

from hpcmm.errors import InputError
from hpcmm.foreign import open_plain
from hpcmm.run import status

PATIENCE = 10.0
"""Seconds to wait for a run that is being killed: its ranks outlive their launcher by a second or two."""


class RunLock:
    """Lock that root holds while it works in a run directory; the kernel releases it however the process ends.

    The lock is `flock` on ``.lock``. Where a file system shows it only within a host, the heartbeat in `status.json`
    reveals a run elsewhere.

    Parameters
    ----------
    directory : path
        An existing directory.

    Raises
    ------
    InputError
        If another run keeps the directory for PATIENCE seconds.
    """

    def __init__(self, directory):
        self._file = open_plain(directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW)
        first = _heartbeat(directory)
        elsewhere = first is not None and first["host"] != platform.node()
        end = time.monotonic() + PATIENCE
        while True:
            held = self._try()
            if held and not elsewhere:
                return
            if held and _heartbeat(directory) != first:
                held = False  # it beats: alive on another host that this file system does not lock against
                end = 0.0
            if time.monotonic() > end:
                break
            time.sleep(0.1)
        if not held:
            os.close(self._file)
            raise InputError(f"{directory}: a run is in progress there ({_who(first)}); wait for it, or go elsewhere")

    def release(self):
        """Release the lock."""
        os.close(self._file)

    def _try(self):
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            # a file system without locks leaves the heartbeat
            return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
        return True


def is_held(directory):
    """True if a run on this host holds the lock of a directory."""
    try:
        file = open_plain(directory / ".lock", os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except OSError as error:
        return error.errno in (errno.EWOULDBLOCK, errno.EACCES)
    finally:
        os.close(file)


def _heartbeat(directory):
    """Host, process and number of the last beat of a run in progress, to compare with a later one; None without one."""
    try:
        facts = status.read(directory)
    except InputError:  # none, or damaged: the lock alone decides
        return None
    return {key: facts[key] for key in ("host", "pid", "beat")} if facts["state"] == "running" else None


def _who(beat):
    return f"process {beat['pid']} on {beat['host']}" if beat else "it holds the lock"

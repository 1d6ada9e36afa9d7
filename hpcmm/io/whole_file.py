"""Files that are whole at any moment: written under another name beside their place, then renamed."""

import contextlib
import os
from pathlib import Path


def part_of(path):
    """Name under which a file is written before it takes its place."""
    return Path(f"{path}.part")


def create(path):
    """Make a new, empty file and return its descriptor: it follows no link and opens nothing that was there.

    What is there under the name, left by a run that was killed, is removed: a link goes, not what it leads to.

    Raises
    ------
    OSError
    """
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)


@contextlib.contextmanager
def replacing(path, part=None):
    """Give the name to write to; the file takes its place when the block ends, and is removed where it fails.

    The name is that of a new, empty file (`create`), so that what opens it by name finds no link there.

    Parameters
    ----------
    path : path
        Final path of the file.
    part : path, optional
        Name to write to; default: `part_of`.
    """
    part = part or part_of(path)
    os.close(create(part))
    try:
        yield part
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def put(path, text):
    """Write a file that is whole at any moment, and on the disk when this returns.

    Parameters
    ----------
    path : path
    text : str or bytes

    Raises
    ------
    OSError
        If it cannot be written; a file that was there stays.
    """
    with replacing(path) as part, open(part, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(Path(path).parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name
    finally:
        os.close(folder)

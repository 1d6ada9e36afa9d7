"""Files that are whole at any moment: written under another name beside their place, then renamed."""

import contextlib
import os
from pathlib import Path


def part_of(path):
    """Name under which a file is written before it takes its place."""
    return Path(f"{path}.part")


@contextlib.contextmanager
def replacing(path, part=None):
    """Give the name to write to; the file takes its place when the block ends, and is removed where it fails.

    Parameters
    ----------
    path : path
        Final path of the file.
    part : path, optional
        Name to write to; default: `part_of`.
    """
    part = part or part_of(path)
    try:
        yield part
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def put(path, text):
    """Write a text file that is whole at any moment, and on the disk when this returns.

    Parameters
    ----------
    path : path
    text : str

    Raises
    ------
    OSError
        If it cannot be written; a file that was there stays.
    """
    with replacing(path) as part, open(part, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(Path(path).parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name
    finally:
        os.close(folder)

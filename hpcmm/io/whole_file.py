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

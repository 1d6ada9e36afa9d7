"""How much memory this node has left, so that a file is refused before it is read."""

from __future__ import annotations

import os
from pathlib import Path


def available() -> int:
    """Memory that is free for use [bytes]: of the node, or of the job's control group where that has less."""
    free = _meminfo() or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit, used in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ):
        most, now = _number(limit), _number(used)
        if most is not None and now is not None:
            free = min(free, max(0, most - now))
    return free


def _meminfo():
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return None


def _number(path):
    try:
        return int(Path(path).read_text())
    except (OSError, ValueError):  # absent, or the word "max"
        return None

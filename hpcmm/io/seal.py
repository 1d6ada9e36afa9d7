"""products.json: size and SHA-256 of each product of a run directory, compared before anything else reads a product.

A product leaves the seal before it is replaced and enters it when it stands in its place. So whatever dies in between,
the seal says nothing false: a product that it does not name is read with a notice, as those of earlier versions are.
"""

import contextlib
import hashlib
import json
import os
import re
import sys
import time
import warnings
from pathlib import Path

from hpcmm.errors import InputError, Notice
from hpcmm.foreign import open_plain, read_json
from hpcmm.io.terminal import on_terminal, tell
from hpcmm.io.whole_file import put

NAME = "products.json"

LARGEST = 2**20
"""Most bytes of products.json."""

LONG = 2**33
"""Bytes of a product from which on it is said that they are read, as it takes more than some seconds."""

UNSETTLED = 0.1
"""Seconds after a change in which the file's times do not tell a further one."""

_known = {}
"""Device, inode, size and times of a file -> its SHA-256: a process reads a product once."""

_noticed = set()
"""Directories whose lack of a seal this process has told of."""


@contextlib.contextmanager
def sealing(directory, *names):
    """Seal the products ``names`` that are written in the block; where it fails they stay unsealed.

    Raises
    ------
    OSError
        If products.json cannot be written.
    """
    drop(directory, names)
    yield
    add(directory, names)


def drop(directory, names):
    """Take products out of the seal, before they are replaced."""
    try:
        entries = sealed(directory)
    except InputError:
        entries = None  # damaged: what it said is lost, and products are about to be written anew
    if entries is None or not entries.keys().isdisjoint(names):
        _write(directory, {name: entry for name, entry in (entries or {}).items() if name not in names})


def add(directory, names):
    """Put those of the products that are there into the seal; returns the bytes that were read."""
    entries, read = sealed(directory), 0
    for name in names:
        path = Path(directory) / name
        if path.exists():
            size, digest = sha256_of(path)
            entries[name] = {"size": size, "sha256": digest}
            read += size
    _write(directory, entries)
    return read


def check(path):
    """Compare a product with the seal of its directory.

    Returns
    -------
    bool
        True if it has the sealed bytes; False, with a notice, if it is not sealed.

    Raises
    ------
    InputError
        If it has others, or products.json is damaged.
    """
    path = Path(path)
    good = _compare(path)
    if good is None:
        _notice_unsealed(path)
    if good is False:
        raise InputError(f"{path}: damaged: its bytes are not those that {NAME} has of it; {remedy(*_home(path))}")
    return good is True


def check_table(path):
    """As `check`, but a table that was edited, which people may do, is read with a notice."""
    path = Path(path)
    try:
        good = _compare(path)
    except InputError as error:
        warnings.warn(f"{error}; {path.name} is read as it is", Notice, stacklevel=3)
        return
    if good is None:
        _notice_unsealed(path)
    if good is False:
        text = f"{path}: was edited or damaged since hpcmm wrote it ({NAME} says so); it is read as it is"
        warnings.warn(text, Notice, stacklevel=3)


def faults(directory):
    """Yield a line for each product that is not there or has another size than sealed; reads none of them."""
    try:
        entries = sealed(directory)
    except InputError as error:
        yield str(error)
        return
    for name, entry in entries.items():
        path = Path(directory) / name
        try:
            size = path.stat().st_size
        except OSError:
            yield f"{path}: sealed in {NAME}, but not there; {remedy(directory, name)}"
            continue
        if size != entry["size"]:
            yield f"{path}: {size} bytes, not the {entry['size']} that {NAME} has of it; {remedy(directory, name)}"


def remedy(directory, name=""):
    """What to do about a damaged product of a directory; one in a folder below was written amid the run."""
    if "/" in name:
        return "a restart need not go back to it: take it from a copy, or run it anew"
    if any((Path(directory) / "checkpoint").glob("*.json")):
        return f"hpcmm restart {directory} writes it again"
    return "take it from a copy, or run or merge it anew"


def sha256_of(path):
    """Size and SHA-256 of a plain file, read once a process, a piece at a time.

    Raises
    ------
    OSError
        If it cannot be read, or is no plain file.
    """
    with open(open_plain(path), "rb") as file:
        found = os.fstat(file.fileno())
        key = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        digest = _known.get(key)
        if digest is None:
            if found.st_size > LONG and on_terminal(sys.stderr):
                tell(f"reading {path}, {found.st_size / 1e9:.3g} GB, for {NAME}")
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            if abs(time.time() - max(found.st_mtime, found.st_ctime)) > UNSETTLED:
                _known[key] = digest
    return found.st_size, digest


def _home(path):
    """Run directory of a product, its own folder or the one above, and its name there."""
    above = path.parent.parent
    if not (path.parent / NAME).exists() and (above / NAME).exists():
        return above, f"{path.parent.name}/{path.name}"
    return path.parent, path.name


def _compare(path):
    """True if a product has its sealed bytes, False if others, None if it is not sealed."""
    before, (directory, name) = None, _home(path)
    while True:
        entry = sealed(directory).get(name)
        if entry is None:
            return None
        try:
            size = path.stat().st_size
            if size == entry["size"] and sha256_of(path) == (size, entry["sha256"]):
                return True
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from None
        if entry == before:
            return False
        before = entry  # a run may have replaced both in between: look once more


def _notice_unsealed(path):
    directory = path.parent.absolute()
    if directory not in _noticed:
        _noticed.add(directory)
        text = f"{path}: not in {NAME}, as of an earlier version or a run that was cut off: it is read unchecked"
        warnings.warn(text, Notice, stacklevel=4)


def sealed(directory):
    """Entries of products.json, none where there is no such file; InputError where it is damaged."""
    path = Path(directory) / NAME
    try:
        entries = read_json(path, LARGEST)
        if type(entries) is not dict or not all(map(_is_entry, entries.values())):
            raise ValueError("no list of products")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error))[:80]
        raise InputError(f"{path}: damaged ({reason}); {remedy(directory)}") from None
    return entries


def _is_entry(entry):
    return (
        type(entry) is dict
        and type(entry.get("size")) is int
        and type(entry.get("sha256")) is str
        and re.fullmatch(r"[0-9a-f]{64}", entry["sha256"]) is not None
    )


def _write(directory, entries):
    put(Path(directory) / NAME, json.dumps(dict(sorted(entries.items())), indent=1) + "\n")

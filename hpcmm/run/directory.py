"""Opens run directories: for a new run, never over another one unless asked to, and to resume."""

import json
import logging
import os
import shutil
from pathlib import Path

from hpcmm.deck.load import read_raw, text_of
from hpcmm.errors import InputError
from hpcmm.foreign import open_plain, printable
from hpcmm.io import seal
from hpcmm.io.disk import reason
from hpcmm.io.whole_file import put
from hpcmm.run.lock import RunLock
from hpcmm.run.places import CHECKPOINT, is_empty, refuse_foreign, standing

MERGING = ".merging"
"""Stands in a directory, with the names of the parts, from before a merge changes anything there until it is whole."""

REPORT = "report.html"
"""Page of `hpcmm report` on the run; on several runs it has the names of the others too."""

FILES = ("resolved.toml", "deck.toml", "log.txt", "status.json", seal.NAME, MERGING, REPORT, "report_with_*.html")
"""Files of every run, beside the products of its kind; the first one goes first: without it there is no run."""

FOLDERS = (CHECKPOINT,)


def open_new(directory, deck, resolved, overwrite, products, parts=()):
    """Make the directory and put the decks in it.

    Parameters
    ----------
    directory : path
    deck : bytes
        The deck as given.
    resolved : str
        The deck with defaults filled in.
    overwrite : bool
        Remove a run that is there; files that are not hpcmm's stay.
    products : sequence of str
        Files that any kind of run or figure may have left there; patterns as of `Path.glob`.
    parts : sequence of path
        Runs that are merged into it; the caller removes MERGING when it is whole. One that was cut off is replaced.

    Returns
    -------
    RunLock

    Raises
    ------
    InputError
        If it holds a run, is no directory, cannot be written, or a run is in progress there.
    """
    directory = Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _refuse_if_used(directory, deck, overwrite, products, parts)
        refuse_foreign(directory, (*FILES, ".lock", *products), removes=True)
        lock = RunLock(directory)
        # another run may have begun while this one waited
        _refuse_if_used(directory, deck, overwrite, products, parts)
        _sweep(directory, (*FILES, *products))
        if parts:
            put(directory / MERGING, "".join(f"{part}\n" for part in parts))
        for name in (*FILES, *products):
            if parts and name == MERGING:
                continue
            for path in standing(directory, name):
                path.unlink(missing_ok=True)
            if "*" in name and (directory / name).parent.is_dir() and not any((directory / name).parent.iterdir()):
                (directory / name).parent.rmdir()
        for name in FOLDERS:
            if (directory / name).is_dir() and not (directory / name).is_symlink():  # one behind a link is empty
                shutil.rmtree(directory / name)
        write_decks(directory, deck, resolved)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{directory}: is a file or lies below one; a directory is expected") from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{str(directory)!r}: cannot write the run there ({reason}); give --out DIR") from None
    return lock


def _refuse_if_used(directory, deck, overwrite, products, parts):
    if parts and standing(directory, MERGING):
        return  # the same command was cut off: nothing but its own is there
    present = [name for name in (*FILES, *products, *FOLDERS) if standing(directory, name)]
    present = [name for name in present if not (name in FOLDERS and is_empty(directory / name))]
    if present == ["deck.toml"] and read_raw(directory / "deck.toml") == deck:
        return  # killed before it began, or the deck's own folder
    if present and not overwrite:
        is_run = (directory / "resolved.toml").is_file() and not standing(directory, MERGING)
        resume = f"hpcmm restart {directory} resumes it; " if is_run and not parts else ""
        raise InputError(
            f"{directory}: holds a run already ({present[0]}); {resume}"
            "give --overwrite to replace it or --out DIR to go elsewhere"
        )


def _sweep(directory, names):
    """Remove what a command that was killed wrote beside its places; under the lock."""
    for name in names:
        for path in standing(directory, f"{name}.part"):
            path.unlink(missing_ok=True)


def refuse_among(out, directories):
    """Refuse to write into one of the runs that are read.

    Raises
    ------
    InputError
        By whatever name, link or relative path, ``out`` is one of ``directories``.
    """
    for directory in directories:
        if _is_same(out, directory):
            raise InputError(f"{out}: is one of the runs to be joined ({directory}); give another --out DIR")


def _is_same(one, other):
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):  # one of them is not there
        return False


def write_decks(directory, deck, resolved):
    """Write the deck as given, byte by byte, and the resolved deck."""
    put(directory / "deck.toml", deck)
    write_resolved(directory, resolved)


def write_resolved(directory, resolved):
    """Write the resolved deck, so that the file is whole at any moment: a restart reads it."""
    put(directory / "resolved.toml", resolved)


def change_resolved(directory, resolved):
    """Put another resolved deck in the place of one.

    Raises
    ------
    InputError
        If it cannot be written; the one that was there stays.
    """
    try:
        write_resolved(directory, resolved)
    except OSError as error:
        why = reason(error)
        raise InputError(f"{directory}: resolved.toml cannot be written ({why}); the run is as it was") from None


def decks(directory, plain):
    """Decks as attributes for product files, so that such a file alone says what was run."""
    texts = {}
    for name, file in (("deck", "deck.toml"), ("resolved_deck", "resolved.toml")):
        raw = read_raw(directory / file)
        text_of(directory / file, raw)  # refused where it is no text
        texts[name] = raw.decode("utf-8")  # with its byte order mark, if it has one
    return texts | {"config": json.dumps(plain)}


class Held:
    """Holds a lock, once there is one, until the end of a ``with``."""

    lock = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.lock:
            self.lock.release()


def open_again(directory, products):
    """Take the lock of a directory that holds a run.

    Parameters
    ----------
    directory : path
    products : sequence of str
        Files that the run may write there.

    Returns
    -------
    RunLock

    Raises
    ------
    InputError
        If it holds no run, or one in progress, or a link where the run would write.
    """
    directory = Path(directory)
    if standing(directory, MERGING):
        raise InputError(f"{directory}: a merge was cut off there; give the same hpcmm merge again")
    if not os.path.lexists(directory / "resolved.toml"):
        raise InputError(f"{directory}: holds no run (no resolved.toml); give the directory of one")
    refuse_foreign(directory, (*FILES, ".lock", *products))
    try:
        lock = RunLock(directory)
        _sweep(directory, (*FILES, *products))
        return lock
    except OSError as error:
        raise InputError(f"{directory}: cannot resume there ({error.strerror})") from None


def logger(directory):
    """Make the logger that writes log.txt of a run directory."""
    log = logging.getLogger("hpcmm.run")
    log.setLevel(logging.INFO)
    log.propagate = False
    logging.raiseExceptions = False  # a full disk must not end a run that can still say so
    for handler in log.handlers[:]:
        log.removeHandler(handler)
        handler.close()
    handler = _LogFile(directory / "log.txt", encoding="utf-8")
    handler.setFormatter(_Printable("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    return log


class _LogFile(logging.FileHandler):
    """Appends to a plain file, and to no link."""

    def _open(self):
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        return open(open_plain(self.baseFilename, flags), self.mode, encoding=self.encoding)


class _Printable(logging.Formatter):
    """Writes a line as a terminal may show it."""

    def format(self, record):
        return printable(super().format(record))

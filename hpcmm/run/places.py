"""Refuses a run directory in which a link, or what is no plain file, stands where hpcmm would write or remove.

Through a link a command would overwrite, append to or remove a file elsewhere, whoever made the directory. One link is
honoured, as people keep checkpoints on another disk: ``checkpoint`` may lead to a folder. Files are written and pruned
there, the link stays, and nothing that a run did not find its own is removed behind it.
"""

import os
import re
import stat
from fnmatch import fnmatch
from pathlib import Path

from hpcmm.errors import InputError
from hpcmm.foreign import kind_of

CHECKPOINT = "checkpoint"
_OWN = re.compile(r"([0-9]{6,}\.(h5|json)|latest)(\.part)?")


def refuse_foreign(directory, files, removes=False):
    """Look at every place that a command may change, before it changes any.

    Parameters
    ----------
    directory : path
        The run directory; itself it may be a link.
    files : sequence of str
        Names below it, with folders, of files that are written, renamed or removed; a last part may be a pattern.
    removes : bool
        True if the checkpoints that are there are to be removed.

    Raises
    ------
    InputError
        In a line that names the first such place.
    """
    directory = Path(directory)
    for name in sorted({str(Path(name).parent) for name in files} - {"."}):
        _refuse(directory / name, stat.S_ISDIR, "a folder")
    for name in files:
        for path in (*standing(directory, name), *standing(directory, f"{name}.part")):
            _refuse(path, stat.S_ISREG, "a plain file")
    _refuse_second_name(directory / "log.txt")
    _refuse_checkpoints(directory / CHECKPOINT, removes)


def standing(directory, name):
    """Paths below a directory of a name, or that fit it if its last part is a pattern; links that lead nowhere too."""
    path = Path(directory) / name
    if "*" not in path.name:
        return [path] if os.path.lexists(path) else []
    names = sorted(os.listdir(path.parent)) if path.parent.is_dir() else ()
    return [path.with_name(found) for found in names if fnmatch(found, path.name)]


def is_empty(folder):
    """True of a folder without files; where it leads somewhere else too."""
    return os.path.isdir(folder) and not os.listdir(folder)


def _refuse(path, is_good, expected):
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISLNK(mode):
        raise InputError(f"{path}: is a link to {os.readlink(path)}; hpcmm writes through none here: remove it")
    if not is_good(mode):
        raise InputError(f"{path}: is {kind_of(mode)} where {expected} is expected; remove it or put it elsewhere")


def _refuse_second_name(path):
    """Refuse a file that is appended to and has another name, a hard link, somewhere else."""
    if path.exists() and path.stat().st_nlink > 1:
        raise InputError(f"{path}: has another name elsewhere (a hard link), whose text would change: put a copy there")


def _refuse_checkpoints(folder, removes):
    if not folder.is_symlink():
        _refuse(folder, stat.S_ISDIR, "a folder")
    elif not folder.is_dir():
        raise InputError(
            f"{folder}: is a link to {os.readlink(folder)}, which is no folder: make one, or remove the link"
        )
    elif removes and not is_empty(folder):
        raise InputError(
            f"{folder}: is a link to {os.readlink(folder)}, which is not empty; hpcmm removes no run behind a link: "
            "empty it, or remove the link"
        )
    names = sorted(os.listdir(folder)) if folder.is_dir() else ()
    for name in names:
        if _OWN.fullmatch(name):
            _refuse(folder / name, stat.S_ISREG, "a plain file")

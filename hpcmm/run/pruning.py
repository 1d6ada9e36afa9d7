"""Removes checkpoints that later ones replace, and what killed runs left in their folder; root only, under the lock."""

import contextlib
import os
import re

from hpcmm.io.disk import remove
from hpcmm.run.checkpoint import KEPT, numbers
from hpcmm.run.checkpoint_read import Damaged, read_seal
from hpcmm.run.identity import config_of


def prune(folder, good, config):
    """Remove the checkpoints of this run, and of shorter ones that it extends, but for the newest KEPT good ones.

    Parameters
    ----------
    folder : path
        `hpcmm.run.checkpoint.folder_of` the run.
    good : list of int
        Numbers of the checkpoints that this process has read or written whole, oldest first. One that is damaged thus
        never takes the place of one that is not. Nothing is removed while there are fewer than KEPT.
    config : Config
        What belongs to another run than this is left alone.
    """
    sweep(folder)
    if len(good) < KEPT:
        return
    with contextlib.suppress(OSError):
        for number in numbers(folder):
            path = folder / f"{number:06d}.h5"
            if number not in good[-KEPT:] and _is_replaced(path, config):
                remove(path.with_suffix(".json"))  # first: without it the file is no checkpoint, and swept
                remove(path)


def sweep(folder):
    """Remove half-written files, and those whose seal is gone: a killed run wrote or removed them."""
    try:
        names = set(os.listdir(folder))
    except OSError:  # the next checkpoint reports it
        return
    for name in names:
        unsealed = re.fullmatch(r"([0-9]{6,})\.h5", name) and f"{name[:-3]}.json" not in names
        if unsealed or name.endswith(".part"):
            remove(folder / name)


def _is_replaced(path, config):
    try:
        run = read_seal(path).get("run")
    except Damaged:
        return True
    return config_of(run, config) is not None

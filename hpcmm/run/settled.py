"""Finished runs that have no checkpoint: joined ones never had any, of others people remove them to save room."""

import os
from pathlib import Path

from hpcmm.errors import InputError
from hpcmm.io import seal
from hpcmm.run import checkpoint, status


def merged(directory):
    """Runs that this one was joined from, as they were named; none where it was not."""
    return status.read(directory)["merged"] if os.path.lexists(Path(directory) / "status.json") else []


def is_settled(directory, table):
    """True if a run is finished, whole, and has no checkpoint: there is nothing to resume, nor to do.

    Parameters
    ----------
    directory : Path
    table : str
        File of its table.

    Raises
    ------
    InputError
        If it is a joined run of which a product is damaged: no checkpoint gives it back.
    """
    if _has_checkpoints(directory):
        return False
    if os.path.lexists(directory / "status.json") and status.read(directory)["state"] != "finished":
        return False  # without a status file, of a merge by an earlier version, products say that it is finished
    faults = list(seal.faults(directory)) if (directory / seal.NAME).exists() else ["not sealed"]
    parts = merged(directory)
    if parts and faults:
        raise InputError(f"{faults[0]}: hpcmm merge {' '.join(parts)} --out {directory} --overwrite")
    return not faults and (directory / table).is_file()


def refuse_extension(directory, options):
    """Refuse to extend a run without a checkpoint, with what to do instead.

    Parameters
    ----------
    directory : Path
    options : str
        Those of `hpcmm extend`.

    Raises
    ------
    InputError
    """
    if _has_checkpoints(directory):
        return
    parts = merged(directory)
    if parts:
        raise InputError(f"{directory}: was joined from others: {remedy(directory, options)}")
    deck = directory / "resolved.toml"
    raise InputError(
        f"{directory}: has no checkpoint to go on from: hpcmm run {deck} --out ANOTHER with what is wanted by --set"
    )


def remedy(directory, options):
    """What to do in the place of `hpcmm extend` with these options: itself, or that for each part of a joined run."""
    parts = merged(directory)
    if not parts:
        return f"hpcmm extend {directory} {options}"
    again = f"hpcmm merge {' '.join(parts)} --out {directory} --overwrite"
    return "; ".join([*(f"hpcmm extend {part} {options}" for part in parts), again])


def _has_checkpoints(directory):
    folder = checkpoint.folder_of(directory)
    return folder.is_dir() and bool(checkpoint.numbers(folder))

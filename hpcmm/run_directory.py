"""The run directory: opened for a new run, never over another one unasked."""

import logging
import shutil
from pathlib import Path

from hpcmm.errors import InputError

FILES = ("deck.toml", "resolved.toml", "moments.h5", "kappa.ecsv", "log.txt", "status.json", "figures/kappa.png")
FOLDERS = ("checkpoint",)


def open_new(directory, deck_text, resolved, overwrite):
    """Make the directory and put the decks in it.

    Parameters
    ----------
    directory : path
    deck_text, resolved : str
        The deck as given and with defaults filled in.
    overwrite : bool
        Remove a run that is there; files that are none of ours stay.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If it holds a run, is no directory, or cannot be written.
    """
    directory = Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        present = [name for name in FILES + FOLDERS if (directory / name).exists()]
        if present and not overwrite:
            raise InputError(
                f"{directory}: holds a run already ({present[0]}); "
                "give --overwrite to replace it or --out DIR to go elsewhere"
            )
        for name in FILES:
            (directory / name).unlink(missing_ok=True)
        for name in FOLDERS:
            if (directory / name).is_dir():
                shutil.rmtree(directory / name)
        (directory / "deck.toml").write_text(deck_text, encoding="utf-8")
        (directory / "resolved.toml").write_text(resolved, encoding="utf-8")
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{directory}: is a file or lies below one; a directory is expected") from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{str(directory)!r}: cannot write the run there ({reason}); give --out DIR") from None
    return directory


def logger(directory):
    """Logger into log.txt of a run directory."""
    log = logging.getLogger("hpcmm.run")
    log.setLevel(logging.INFO)
    log.propagate = False
    for handler in log.handlers[:]:
        log.removeHandler(handler)
        handler.close()
    handler = logging.FileHandler(directory / "log.txt", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    return log

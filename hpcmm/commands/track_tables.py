"""What commands on tracks share: the deck that tracks carry, and tables beside them."""

import json

import numpy as np

from hpcmm.errors import InputError
from hpcmm.io import seal
from hpcmm.io.disk import reason
from hpcmm.io.table import write_table
from hpcmm.io.terminal import say
from hpcmm.kinds.transport.config import Config
from hpcmm.run.lock import RunLock


def transport_config(path, tracks):
    """Config of a transport run, from the resolved deck in its tracks.

    Parameters
    ----------
    path : path
        Of the tracks, for the message.
    tracks : hpcmm.io.tracks_file.Tracks

    Raises
    ------
    InputError
        If they are of a run of another kind.
    """
    try:
        return Config.from_plain(json.loads(tracks.attributes["config"]))
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{path}: tracks of a transport run are expected; others have no pitch angles") from None


def track_table(config, tracks, columns):
    """QTable of columns by name, some of them Quantities, whose header says which tracks they are of."""
    from astropy.table import QTable

    table = QTable(columns)
    table.meta = {"title": config.title, "tracks": len(tracks.unit), "B_rms_uG": config.medium.B_rms}
    table.meta |= {"l_c_pc": config.medium.l_c, "Z": config.particle.Z}
    return table


def say_tracks(tracks):
    """Say how many tracks there are."""
    units = len(np.unique(tracks.unit))
    say(f"{len(tracks.unit)} tracks in {units} statistical unit{'s' if units > 1 else ''}")


def of_one(value, error):
    """A number between -1 and 1 with its error."""
    return f"{value:.4f} ± {error:.4f}" if np.isfinite(error) else f"{value:.4f} ± ?"


def put(directory, **tables):
    """Write tables into a run directory, a file NAME.ecsv each, and seal them.

    Raises
    ------
    InputError
        If one cannot be written, or a run is in progress there.
    """
    names = [f"{name}.ecsv" for name in tables]
    try:
        lock = RunLock(directory)
        try:
            with seal.sealing(directory, *names):
                for name, table in zip(names, tables.values(), strict=True):
                    write_table(directory / name, table)
        finally:
            lock.release()
    except OSError as error:
        raise InputError(f"{directory}: cannot write {' or '.join(names)} ({reason(error)})") from None

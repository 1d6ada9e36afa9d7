"""`hpcmm kappa DIR --estimator autocorrelation`: how long the tracks of a transport run remember their direction."""

from pathlib import Path

import numpy as np
from rich.table import Table

from hpcmm.commands.track_tables import of_one, put, say_tracks, track_table, transport_config
from hpcmm.deck.units import quantity
from hpcmm.errors import InputError
from hpcmm.estimators.autocorrelation import autocorrelation
from hpcmm.io import terminal, tracks_file
from hpcmm.io.terminal import say
from hpcmm.kinds.transport.expected_memory import expected_memory
from hpcmm.kinds.transport.local_frame import local_frame
from hpcmm.run.places import refuse_foreign

NAME = "autocorrelation"

FILE = f"{NAME}.ecsv"


def show(directory):
    """Print <n(0).n(L)> and <mu(0) mu(L)>/<mu^2> by lag, and write them to DIR/autocorrelation.ecsv.

    Raises
    ------
    InputError
        If there are no tracks of a transport run, or the table cannot be written.
    """
    refuse_foreign(directory, [FILE])
    path = Path(directory) / "tracks.h5"
    tracks = tracks_file.read(path)
    config = transport_config(path, tracks)
    if tracks.direction is None:
        raise InputError(f"{path}: tracks without directions have no memory of them")
    columns = [_columns(config, tracks, row) for row in range(len(tracks.label))]
    whole = {name: np.concatenate([found[name] for found in columns]) for name in columns[0]}
    terminal.show(_shown(whole))
    say_tracks(tracks)
    if np.isfinite(whole["n_n_exact"]).all():
        say("exact: kicks everywhere, about a uniform field or none")
    put(Path(directory), autocorrelation=_table(config, tracks, whole))
    say(f"table:  {Path(directory) / FILE}; hpcmm plot --figure autocorrelation {directory} draws it")


def _columns(config, tracks, row):
    """Columns of one energy; those of mu where there is a field."""
    interval, energy = float(tracks.time[row, 1]), float(tracks.label[row])
    values = {"n_n": tracks.direction[row]}
    if config.field:
        values["mu_mu"] = local_frame(config, tracks, row).mu[..., None]
    found = {name: autocorrelation(value, interval, tracks.unit) for name, value in values.items()}
    lag = found["n_n"].lag
    exact = dict(zip(("n_n", "mu_mu"), expected_memory(config, energy, lag), strict=True))
    columns = {"energy": np.full(len(lag), energy), "lag": lag, "pairs": found["n_n"].pairs}
    for name, each in found.items():
        columns |= {name: each.value, f"{name}_err": each.error, f"{name}_exact": exact[name]}
    return columns


def _shown(columns):
    """Table for the terminal, a row an energy and lag."""
    names = [name for name in ("n_n", "mu_mu") if name in columns]
    known = [name for name in names if np.isfinite(columns[f"{name}_exact"]).all()]
    shown = Table(title="autocorrelation")
    terminal.add_columns(shown, "energy", "lag [pc]")
    for name in names:
        title = {"n_n": "<n(0).n(L)>", "mu_mu": "<mu(0)mu(L)>/<mu^2>"}[name]
        terminal.add_columns(shown, title, *(["exact"] if name in known else []))
    for i, energy in enumerate(columns["energy"]):
        cells = [terminal.energy_text(energy), f"{columns['lag'][i]:.3g}"]
        for name in names:
            cells.append(of_one(columns[name][i], columns[f"{name}_err"][i]))
            cells += [f"{columns[f'{name}_exact'][i]:.4f}"] if name in known else []
        shown.add_row(*cells)
    return shown


def _table(config, tracks, columns):
    units = {"energy": "GeV", "lag": "pc"}
    return track_table(config, tracks, columns | {name: quantity(columns[name], units[name]) for name in units})

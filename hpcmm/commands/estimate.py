"""`hpcmm kappa DIR --estimator NAME`: estimators on the tracks of a run, side by side."""

import json
from pathlib import Path

import numpy as np
from rich.markup import escape
from rich.table import Table

from hpcmm.commands import autocorrelation, pitch_angle
from hpcmm.commands.track_tables import put, say_tracks
from hpcmm.deck.load import did_you_mean
from hpcmm.errors import InputError
from hpcmm.estimators import ESTIMATORS, TrackRow
from hpcmm.io import terminal, tracks_file
from hpcmm.io.terminal import say
from hpcmm.kinds.transport.products import KAPPA_CGS
from hpcmm.run.places import refuse_foreign
from hpcmm.theory.two_phase import kappa_eff

OTHERS = (pitch_angle, autocorrelation)
"""Commands of estimators of something else than kappa."""

WEIGHTS = Path("runs/network/weights.safetensors")
"""Default file of weights: where input_decks/network.toml puts them, relative to the working directory."""

MUCH_OUTSIDE = 0.5
"""Share of answers beyond the range of training above which a note warns not to trust the network; a tenth or so is
noise at the edges."""


def show(directory, name, weights=None):
    """Print the table of one estimator or of all, and the notes on them.

    The table of all is also written to DIR/estimators.ecsv, for figures.

    Raises
    ------
    InputError
        If there are no tracks, an estimator cannot do them, or the table cannot be written.
    """
    for other in OTHERS:
        if name == other.NAME:
            other.show(directory)
            return
    if name == "all":
        refuse_foreign(directory, ["estimators.ecsv"])
    tracks = tracks_file.read(Path(directory) / "tracks.h5")
    names = list(ESTIMATORS) if name == "all" else [_known(name)]
    found, notes = estimates(tracks, names, weights, one=name != "all")
    terminal.show(estimator_table(tracks, found))
    say_tracks(tracks)
    for line in notes:
        say(line)
    if name == "all":
        put(Path(directory), estimators=_table(tracks, found))


def estimates(tracks, names, weights=None, one=False):
    """Estimates of every row by several estimators.

    Parameters
    ----------
    tracks : hpcmm.io.tracks_file.Tracks
    names : list of str
    weights : path, optional
        File of the network's weights; default: WEIGHTS.
    one : bool
        Raise what an estimator refuses, rather than leave that estimator out with a note.

    Returns
    -------
    dict of lists
        Estimator name -> one dict a row of the tracks, in their units.
    list of str
        Notes.
    """
    found, notes = {}, []
    for name in names:
        try:
            more = {"network": _network(weights)} if name == "lstm" else {}
            found[name] = [ESTIMATORS[name](row_of(tracks, i), **more) for i in range(len(tracks.label))]
        except InputError as error:
            if one:
                raise
            notes.append(f"left out: {name}: {error}")
    if "lstm" in found:
        notes.append("lstm: the error includes what training was off by over media of its range; none holds beyond")
    for label, row in zip(tracks.label, found.get("lstm", []), strict=False):
        if row["outside"] > MUCH_OUTSIDE:
            notes.append(
                f"lstm at {tracks.label_name} = {label:g}: {100 * row['outside']:.0f} % of what it says lies beyond "
                "what it was trained on; do not trust it"
            )
    if len(np.unique(tracks.unit)) == 1:
        notes.append("errors are unknown: all tracks are of one statistical unit")
    return found, notes


def row_of(tracks, i):
    """Row i of a tracks file as the `TrackRow` that estimators take."""
    optional = {n: None if (v := getattr(tracks, n)) is None else v[i] for n in ("direction", "turns")}
    return TrackRow(tracks.position[i], tracks.time[i], tracks.unit, **optional)


def estimator_table(tracks, found):
    """Table for the terminal: a row of the tracks a line, an estimator a column; a lone one along each axis too."""
    scale, unit = (KAPPA_CGS, "cm2/s") if tracks.length == "pc" else (1.0, f"c {tracks.length}")
    axes = "xyz"[: tracks.position.shape[3]]
    name = "kappa_iso" if len(axes) > 1 else "kappa"
    shown = Table(title=escape(f"{name} [{unit}]"))
    split = len(found) == 1 and len(axes) > 1
    terminal.add_columns(shown, tracks.label_name)
    for name in found:
        terminal.add_columns(shown, name, *(f"kappa_{a}{a}" for a in axes if split))
    exact = _exact(tracks)
    if exact is not None:
        terminal.add_columns(shown, "eq 11")
    for i, label in enumerate(tracks.label):
        cells = [terminal.energy_text(label) if tracks.label_name == "energy" else f"{label:.4g}"]
        for rows in found.values():
            values = [(rows[i]["iso"], rows[i]["iso_err"])]
            values += zip(rows[i]["kappa"], rows[i]["kappa_err"], strict=True) if split else []
            cells += [terminal.with_error(v * scale, e * scale) for v, e in values]
        shown.add_row(*cells, *([] if exact is None else [f"{exact[i]:.4g}"]))
    return shown


def _table(tracks, found):
    """Table of the estimates, one line a row of the tracks: mean over axes and its error, in c times tracks' length."""
    from astropy.table import QTable

    columns = {tracks.label_name: tracks.label}
    for name, rows in found.items():
        columns |= {name: [row["iso"] for row in rows], f"{name}_err": [row["iso_err"] for row in rows]}
    table = QTable({name: np.asarray(values, dtype=float) for name, values in columns.items()})
    table.meta = {"tracks": len(tracks.unit), "units": f"c {tracks.length}"}
    return table


def _known(name):
    if name not in ESTIMATORS:
        names = [*ESTIMATORS, *(other.NAME for other in OTHERS), "all"]
        raise InputError(f"unknown estimator {name!r:.60}{did_you_mean(name, names)}; known: {', '.join(names)}")
    return name


def _network(weights):
    from hpcmm.kinds.network import requirements

    path = Path(weights or WEIGHTS)
    requirements.require_file(path)
    requirements.require_torch()
    from hpcmm.kinds.network import weights as file

    return file.read(path)[0]


def _exact(tracks):
    """Kappa of eq 11 by the deck in the file, or None where there is no such deck."""
    try:
        deck = json.loads(tracks.attributes["config"])["two_phase"]
        return kappa_eff(1 / deck["nu_mm"], 1 / deck["nu_res"], tracks.label)
    except (KeyError, TypeError, ValueError):
        return None

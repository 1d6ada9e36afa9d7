"""`hpcmm kappa DIR --estimator pitch_angle`: D_mumu from the tracks of a transport run, beside what is expected."""

import itertools
import json
from pathlib import Path

import numpy as np
from rich.table import Table

from hpcmm.errors import InputError
from hpcmm.estimators import pitch_angle
from hpcmm.io import seal, terminal, tracks_file
from hpcmm.io.disk import reason
from hpcmm.io.table import write_table
from hpcmm.io.terminal import say
from hpcmm.kinds.transport.config import Config
from hpcmm.kinds.transport.local_frame import expected_diffusion, local_frame
from hpcmm.run.places import refuse_foreign
from hpcmm.theory.constants import EV, GAUSS_MICRO, PARSEC, C
from hpcmm.theory.gyration import gyroradius

NAME = "pitch_angle"

FILE = "pitch_angle.ecsv"


def show(directory):
    """Print D_mumu over its expected value by lag and |mu|, and write all of it to DIR/pitch_angle.ecsv.

    Raises
    ------
    InputError
        If there are no tracks of a transport run with a field, or the table cannot be written.
    """
    refuse_foreign(directory, [FILE])
    path = Path(directory) / "tracks.h5"
    tracks = tracks_file.read(path)
    config = _config(path, tracks)
    found = []
    for row, energy in enumerate(tracks.label):
        frame = local_frame(config, tracks, row)
        found.append(pitch_angle.diffusion(frame, expected_diffusion(config, float(energy))))
    radius = gyroradius(tracks.label * 1e9 * EV, config.medium.B_rms * GAUSS_MICRO, config.particle.Z) / PARSEC
    known = all(np.isfinite(d.expected[d.pairs > 0]).all() for d in found)
    terminal.show(_shown(tracks.label, radius, found, known))
    units = len(np.unique(tracks.unit))
    say(f"{len(tracks.unit)} tracks in {units} statistical unit{'s' if units > 1 else ''}")
    if known:
        say("expected: quasi-linear gyroresonance (r_g << l_c) and kicks everywhere; in turbulence a ratio of D")
        say("where |mu| > 0.3 (below, mirrors carry particles between bins) and 2 pi r_g/|mu| < lag < 1/(100 D)")
    else:
        say("nothing to compare with: no quasi-linear value of this deck's fields or kicks is known")
    _write(Path(directory) / FILE, config, tracks, radius, found)
    say(f"table:  {Path(directory) / FILE}; hpcmm plot --figure pitch_angle {directory} draws it")


def _config(path, tracks):
    """Config of a transport run, from the resolved deck in its tracks."""
    try:
        return Config.from_plain(json.loads(tracks.attributes["config"]))
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{path}: tracks of a transport run are expected; others have no pitch angles") from None


def _shown(energy, radius, found, known):
    """Table for the terminal, a row an energy and lag."""
    title = "D_mumu / expected, by |mu|" if known else "D_mumu [1/s], by |mu|"
    shown = Table(title=title)
    edges = pitch_angle.EDGES
    terminal.add_columns(shown, "energy", "lag / r_g", *(f"{a:g} - {b:g}" for a, b in itertools.pairwise(edges)))
    for i, d in enumerate(found):
        for j, lag in enumerate(d.lag):
            cells = [terminal.energy_text(energy[i]), f"{lag / radius[i]:.3g}"]
            for value, error, theory in zip(d.value[j], d.error[j], d.expected[j]):
                if known and theory > 0:
                    known_error = f"{error / theory:.2f}" if np.isfinite(error) else "?"
                    cells.append(f"{value / theory:.2f} ± {known_error}" if np.isfinite(value) else "")
                else:
                    cells.append("" if known else terminal.with_error(value * C / PARSEC, error * C / PARSEC))
            shown.add_row(*cells)
    return shown


def _write(path, config, tracks, radius, found):
    """Write a row an energy, lag and bin of |mu|; D in 1/s."""
    from astropy.table import QTable

    from hpcmm.deck.units import quantity

    edges, bins = np.asarray(pitch_angle.EDGES), len(pitch_angle.EDGES) - 1
    lags = np.concatenate([np.repeat(d.lag, bins) for d in found])
    rows = np.array([d.value.size for d in found])
    per_second = {
        name: np.concatenate([getattr(d, name).ravel() for d in found]) * C / PARSEC
        for name in ("value", "error", "expected")
    }
    table = QTable(
        {
            "energy": quantity(np.repeat(tracks.label, rows), "GeV"),
            "r_g": quantity(np.repeat(radius, rows), "pc"),
            "lag": quantity(lags, "pc"),
            "mu_low": np.tile(edges[:-1], len(lags) // bins),
            "mu_high": np.tile(edges[1:], len(lags) // bins),
            "D_mumu": quantity(per_second["value"], "1 / s"),
            "D_mumu_err": quantity(per_second["error"], "1 / s"),
            "D_mumu_expected": quantity(per_second["expected"], "1 / s"),
            "pairs": np.concatenate([d.pairs.ravel() for d in found]),
        }
    )
    table.meta = {"title": config.title, "tracks": len(tracks.unit), "B_rms_uG": config.medium.B_rms}
    table.meta |= {"l_c_pc": config.medium.l_c, "Z": config.particle.Z}
    try:
        with seal.sealing(path.parent, path.name):
            write_table(path, table)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({reason(error)})") from None

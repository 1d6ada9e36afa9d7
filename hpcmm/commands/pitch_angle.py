"""`hpcmm kappa DIR --estimator pitch_angle`: D_mumu from the tracks of a transport run, beside what is expected."""

import itertools
from pathlib import Path

import numpy as np
from rich.table import Table

from hpcmm.commands.track_tables import of_one, put, say_tracks, track_table, transport_config
from hpcmm.deck.units import quantity
from hpcmm.estimators import pitch_angle
from hpcmm.estimators.mu_distribution import BINS, distribution
from hpcmm.io import terminal, tracks_file
from hpcmm.io.terminal import say
from hpcmm.kinds.transport.local_frame import expected_diffusion, local_frame
from hpcmm.run.places import refuse_foreign
from hpcmm.theory.constants import EV, GAUSS_MICRO, PARSEC, C
from hpcmm.theory.gyration import gyroradius

NAME = "pitch_angle"

FILES = ("pitch_angle.ecsv", "pitch_angle_distribution.ecsv")


def show(directory):
    """Print D_mumu over its expected value by lag and |mu|, and the moments of mu; write them and the density of mu.

    Raises
    ------
    InputError
        If there are no tracks of a transport run with a field, or the table cannot be written.
    """
    refuse_foreign(directory, FILES)
    path = Path(directory) / "tracks.h5"
    tracks = tracks_file.read(path)
    config = transport_config(path, tracks)
    found, densities = [], []
    for row, energy in enumerate(tracks.label):
        frame = local_frame(config, tracks, row)
        found.append(pitch_angle.diffusion(frame, expected_diffusion(config, float(energy))))
        densities.append(distribution(frame))
    radius = gyroradius(tracks.label * 1e9 * EV, config.medium.B_rms * GAUSS_MICRO, config.particle.Z) / PARSEC
    known = all(np.isfinite(d.expected[d.pairs > 0]).all() for d in found)
    terminal.show(_shown(tracks.label, radius, found, known))
    say_tracks(tracks)
    if known:
        say("expected: quasi-linear gyroresonance (r_g << l_c) and kicks everywhere; in turbulence a ratio of D")
        say("where |mu| > 0.3 (below, mirrors carry particles between bins) and 2 pi r_g/|mu| < lag < 1/(100 D)")
    else:
        say("nothing to compare with: no quasi-linear value of this deck's fields or kicks is known")
    for energy, density in zip(tracks.label, densities, strict=True):
        mean, square = of_one(*density.mean), of_one(*density.square)
        say(f"{terminal.energy_text(energy)}: <mu> = {mean}, <mu^2> = {square}")
    if not config.particle.common_origin:
        say("exact: 0 and 1/3, as isotropic particles that fill a static field stay so")
    diffusions = _diffusion_table(config, tracks, radius, found)
    put(
        Path(directory), pitch_angle=diffusions, pitch_angle_distribution=_distribution_table(config, tracks, densities)
    )
    say(f"tables: {', '.join(str(Path(directory) / name) for name in FILES)}")
    say(f"figure: hpcmm plot --figure pitch_angle {directory}")


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


def _diffusion_table(config, tracks, radius, found):
    """Table of a row an energy, lag and bin of |mu|; D in 1/s."""
    edges, bins = np.asarray(pitch_angle.EDGES), len(pitch_angle.EDGES) - 1
    lags = np.concatenate([np.repeat(d.lag, bins) for d in found])
    rows = np.array([d.value.size for d in found])
    per_second = {
        name: np.concatenate([getattr(d, name).ravel() for d in found]) * C / PARSEC
        for name in ("value", "error", "expected")
    }
    columns = {
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
    return track_table(config, tracks, columns)


def _distribution_table(config, tracks, found):
    """Table of a row an energy and bin of mu."""
    columns = {
        "energy": quantity(np.repeat(tracks.label, BINS), "GeV"),
        "mu_low": np.concatenate([d.edges[:-1] for d in found]),
        "mu_high": np.concatenate([d.edges[1:] for d in found]),
        "density": np.concatenate([d.density for d in found]),
        "density_err": np.concatenate([d.error for d in found]),
        "samples": np.concatenate([d.samples for d in found]),
    }
    return track_table(config, tracks, columns)

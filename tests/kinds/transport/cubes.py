"""Files of fields for tests of transport, and decks that fly through them."""

from functools import partial

import numpy as np

import hpcmm
from hpcmm.fields import grid_synthesis
from hpcmm.theory.spectra import PowerLaw
from tests import decks

B_RMS = 3.0


def turbulence(points=32, ratio=4, dB=B_RMS, seed=1, lossy=False):
    """Values [z, y, 1 + x, component] of one grid of nested grids in B_rms, and as float64 in uG.

    ``lossy``: of the field itself at the nodes, not made up for what interpolation takes away.
    """
    values = np.zeros((points, points, points + 2, 3), np.float32)
    kolmogorov = partial(PowerLaw().mode_amplitude, unit=1.0)
    waves = grid_synthesis.spectrum(points, ratio, dB / B_RMS, kolmogorov, np.random.default_rng(seed))
    if lossy:
        waves *= grid_synthesis.transfer(points, "trilinear")
    grid_synthesis.grid_values(waves, points, "trilinear", values)
    return values, values[:, :, 1:-1].astype(float) * B_RMS


def written(path, seed=1, box="500 kpc", mean=(0.0, 0.0, 0.0), dB=B_RMS, **how):
    """Write a cube of turbulence with a mean [uG]; returns its path as text."""
    hpcmm.write_field(path, turbulence(seed=seed, dB=dB, **how)[1] + np.array(mean), box=box, axes="zyx")
    return str(path)


def deck(file, *more, energy="83.3 EeV", run=(), stepping=(), output=(), **keys):
    """Deck text of a field_file."""
    table = {"model": "field_file", "file": file} | keys
    return decks.transport(energy, table, *more, run=dict(run), stepping=dict(stepping), output=dict(output))

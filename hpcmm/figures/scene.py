"""Data of the figure of tracks among patches: tracks of one start, |B| along them and around them, B*.

The field is realized again from the resolved deck, so that it has the bits of the run.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cython_kernels.block import LANES, ParticleBlock
from hpcmm.errors import InputError
from hpcmm.io import tracks_file
from hpcmm.kinds.transport import products
from hpcmm.kinds.transport.plan import plan_energy
from hpcmm.kinds.transport.realize import bound_of_patches, realize_field
from hpcmm.theory.field_strength import B_star_over_rms, field_strength_fractions

DEFAULT_F_MM = 0.25

MARGIN = 0.1
"""Room around the tracks, as a share of the longest side of their box."""


@dataclass(frozen=True)
class Scene:
    """All that figure 4 draws; lengths in units of l_c, from the common start; field strengths in units of B_rms.

    Attributes
    ----------
    position : array [track, place, axis]
    path : array [place]
        c t.
    strength : array [track, place]
        |B| at `position`.
    grid : array [nx, ny, nz]
        |B| around the tracks.
    corner : array [axis]
        Place of grid[0, 0, 0].
    spacing : float
        Distance from one point of the grid to the next.
    B_star : float
        Threshold of the patches.
    f_mm : float
        Volume fraction that a Maxwellian |B| has above it.
    gated : bool or None
        True if B_star bounds the run's own patches, outside of which there are no kicks; None if there are none at all.
    energy : float
        [GeV]
    r_g : float
        E / (Z e B_rms).
    left_out : int
        Tracks of this energy that start elsewhere.
    """

    position: np.ndarray
    path: np.ndarray
    strength: np.ndarray
    grid: np.ndarray
    corner: np.ndarray
    spacing: float
    B_star: float
    f_mm: float
    gated: bool | None
    energy: float
    r_g: float
    left_out: int


def scene_of(directory, f_mm=None, points=64):
    """Make the scene of a run: tracks of its lowest energy that start where the first one does.

    Parameters
    ----------
    directory : path
        A transport run with tracks.
    f_mm : float, optional
        Volume fraction of the patches; default: as the deck's gated micromirrors have them, else 0.25.
    points : int
        Number of grid points along the longest side.

    Raises
    ------
    InputError
        If the run has no tracks or no turbulent field, or f_mm is no fraction between 0 and 1.
    """
    path = Path(directory) / "tracks.h5"
    tracks = tracks_file.read(path)
    if tracks.label_name != "energy" or tracks.origin is None or tracks.position.shape[-1] != 3:
        raise InputError(f"{path}: holds no tracks of a transport run")
    config = products.config_of(Named(tracks.attributes, path))
    if all(section.outer_scale is None for section in config.field):
        raise InputError(f"{path}: its run has no turbulent field, and so no patches of strong field")
    if f_mm is not None and not 0 < f_mm < 1:
        raise InputError(f"--f_mm {f_mm:g}: a volume fraction between 0 and 1 is expected")
    row = int(np.argmin(tracks.label))
    energy_plan = plan_energy(config, float(tracks.label[row]))
    realization = int(tracks.unit[0]) if config.run.realizations > 1 else 0
    field = realize_field(config, energy_plan, realization)
    here = (tracks.origin[row] == tracks.origin[row, 0]).all(axis=1) & (
        (tracks.unit == tracks.unit[0]) | (config.run.realizations == 1)
    )
    origin, position = tracks.origin[row, 0], tracks.position[row, here]
    corner, spacing, axes = _box(position.reshape(-1, 3), points)
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    bound = bound_of_patches(config, energy_plan.energy, realization, field) if f_mm is None else None
    B_star, fraction, gated = threshold(bound, f_mm)
    l_c = config.medium.l_c
    return Scene(
        position / l_c,
        tracks.time[row] / l_c,
        strength_at(field, origin, position),
        strength_at(field, origin, places),
        corner / l_c,
        spacing / l_c,
        B_star,
        fraction,
        gated if any(section.acts for section in config.scatter) else None,
        float(tracks.label[row]),
        energy_plan.gyroradius / l_c,
        int((~here).sum()),
    )


@dataclass(frozen=True)
class Named:
    """Attributes of a file, and its path for error messages."""

    attributes: dict
    path: Path


def _box(places, points):
    """Corner, spacing and axes of a grid of cubic cells around places [pc]."""
    low, high = places.min(axis=0), places.max(axis=0)
    room = MARGIN * (high - low).max()
    low, high = low - room, high + room
    spacing = (high - low).max() / (points - 1)
    counts = np.ceil((high - low) / spacing * (1 - 1e-12)).astype(int) + 1
    return low, spacing, [start + spacing * np.arange(n) for start, n in zip(low, counts, strict=True)]


def strength_at(field, origin, places):
    """|B| / B_rms of a compiled field at places [..., axis] from an origin [pc]."""
    flat = places.reshape(-1, 3)
    found = np.empty(len(flat))
    block = ParticleBlock(np.repeat(origin[:, None], LANES, axis=1), np.eye(3)[:, [0] * LANES])
    for first in range(0, len(flat), LANES):
        some = flat[first : first + LANES]
        block.state[0:3, : len(some)] = some.T
        found[first : first + LANES] = np.linalg.norm(field.at(block)[:, : len(some)], axis=0)
    return found.reshape(places.shape[:-1])


def threshold(bound, f_mm):
    """Choose (B* / B_rms, f_mm, gated): by f_mm if given; else the bound of the run's patches; else by DEFAULT_F_MM."""
    if f_mm is None and bound is not None and 0 < bound < np.inf:
        return bound, float(field_strength_fractions(bound)[0]), True
    fraction = f_mm or DEFAULT_F_MM
    return B_star_over_rms(fraction), fraction, False

"""Tracks of a transport run in the frame of the field where they are, which is realized again from the deck."""

import numpy as np

from cython_kernels.block import LANES, ParticleBlock
from hpcmm.errors import InputError
from hpcmm.estimators.pitch_angle import LocalFrame
from hpcmm.fields.turbulent import TurbulentSection
from hpcmm.fields.uniform import Uniform
from hpcmm.kinds.transport.plan import plan_energy
from hpcmm.kinds.transport.realize import realize_field
from hpcmm.theory.pitch_angle import pitch_angle_diffusion
from hpcmm.theory.slab import D_mumu_slab


def local_frame(config, tracks, row):
    """Pitch angles and field strengths along the tracks of one energy.

    Parameters
    ----------
    config : Config
    tracks : hpcmm.io.tracks_file.Tracks
    row : int

    Raises
    ------
    InputError
        If the deck has no field, or the tracks do not say where they began.
    """
    if not config.field:
        raise InputError("pitch angles need a field, and the run's deck has none")
    if tracks.direction is None or tracks.origin is None:
        raise InputError("tracks without directions and origins have no pitch angles")
    p = plan_energy(config, float(tracks.label[row]))
    mu, strength = np.zeros((2, *tracks.position.shape[1:3]))
    for unit in np.unique(tracks.unit):
        # with one realization units are its blocks
        field = realize_field(config, p, int(unit) if config.run.realizations > 1 else 0)
        here = tracks.unit == unit
        place = tracks.origin[row][here][:, None] + tracks.position[row][here]
        direction = tracks.direction[row][here]
        B = field_at(field, place.reshape(-1, 3), direction.reshape(-1, 3)).reshape(place.shape)
        size = np.linalg.norm(B, axis=2)
        mu[here], strength[here] = (direction * B).sum(axis=2) / size, size
    interval = float(tracks.time[row, 1] - tracks.time[row, 0])
    return LocalFrame(np.clip(mu, -1, 1), strength, interval, tracks.unit)


def field_at(field, places, directions):
    """B [B_rms] at places [pc], (n, 3); formed exactly, as where a run anchors."""
    directions = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    found = np.empty_like(places)
    for i in range(0, len(places), LANES):
        block = ParticleBlock(places[i : i + LANES].T, directions[i : i + LANES].T)
        found[i : i + LANES] = field.at(block)[:, : len(places[i : i + LANES])].T
    return found


def expected_diffusion(config, energy):
    """Expected D_mumu(|mu|, |B|/B_rms) [1/pc]: quasi-linear gyroresonance and kicks everywhere.

    Of isotropic waves it is that of r_g << l_c; of slab waves that of docs/physics.md 2.7, of 2-D waves none. It is nan
    where a section of the deck has no such value: a field from a file, mirror modes, kicks in patches.
    """
    p, medium = plan_energy(config, energy), config.medium
    waves = [section for section in config.field if isinstance(section, TurbulentSection)]
    known = all(isinstance(section, (TurbulentSection, Uniform)) for section in config.field)
    known &= all(section.everywhere for section in config.scatter)
    slab = [section for section in waves if section.geometry == "slab"]
    waves = [section for section in waves if section.geometry == "isotropic"]
    known &= all(1 < section.spectral_index < 3 for section in waves)
    rate = sum(section.decay_rate(p.gyroradius) for section in config.scatter) if known else np.nan
    nodes = np.linspace(0, 1, 1025)
    resonant = sum(
        (
            (section.dB / medium.B_rms) ** 2
            * pitch_angle_diffusion(
                nodes, p.gyroradius, section.energy.outer_wavenumber(section.l_max), 1.0, section.energy.xi
            )
            for section in waves
            if known
        ),
        np.zeros_like(nodes),
    )
    # of |B|: (dB/B)^2 rho^(xi - 2), rho ~ 1/B, alike for all sections of one index
    index = waves[0].spectral_index if waves else 0.0
    if any(section.spectral_index != index for section in waves):
        rate = np.nan

    def expected(mu, strength):
        of_slab = sum(_in_slab_waves(section, p.gyroradius, medium.B_rms, mu, strength) for section in slab)
        return np.interp(mu, nodes, resonant) * strength**-index + rate * (1 - mu**2) / 2 + of_slab

    return expected


def _in_slab_waves(section, gyroradius, B_rms, mu, strength):
    """D_mumu [1/pc] of all waves of a slab section, flown or not; gyroradius [pc] in B_rms, strength |B|/B_rms."""
    b_squared = (section.dB / (B_rms * strength)) ** 2
    mu = np.maximum(np.abs(mu), 1e-12)
    return D_mumu_slab(
        mu, gyroradius / strength, b_squared, lambda k: section.energy.density(k, section.l_max, section.l_dissipation)
    )

"""The field of a transport run as flown, on straight lines through it; realized again from the resolved deck."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpcmm.errors import InputError
from hpcmm.estimators.ray_spectrum import BINS, PLACES, ray_spectrum
from hpcmm.fields.field_file import FieldFile
from hpcmm.fields.turbulent import TurbulentSection
from hpcmm.kinds.transport.local_frame import field_at
from hpcmm.kinds.transport.plan import plan_energy
from hpcmm.kinds.transport.reader import TransportRun
from hpcmm.kinds.transport.realize import realize_field

FIELDS = 4
"""Most realizations that are looked at."""

RAYS = 32
"""Lines of each spacing, over all realizations."""

FINER = BINS[-1] // BINS[0]
"""Each spacing over the next one."""

MOST_ALIASED = 0.06
"""Power of shorter waves taken for longer ones, over the deck's own; .047 for a power law of -5/3 at the last group."""


@dataclass(frozen=True)
class FieldRays:
    """What lines of several spacings tell of a field.

    Attributes
    ----------
    path : Path
    title : str
    energy : float
        [GeV]; waves are those of its run, down to its l_min.
    l_c : float
        Of the deck [pc].
    k, power, error : arrays
        k [1/pc] and E_1(k) [pc] of the fluctuations over B_rms^2, as of `hpcmm.estimators.ray_spectrum`.
    deck_k, deck_power : arrays or None
        The same of the deck's spectra; None where a component has no stated spectrum.
    strength : array
        |B|/B_rms at places of the widest lines.
    rms : float
        Of the fluctuations, over B_rms, at the same places.
    fields : int
        Number of realizations.
    """

    path: Path
    title: str
    energy: float
    l_c: float
    k: np.ndarray
    power: np.ndarray
    error: np.ndarray
    deck_k: np.ndarray
    deck_power: np.ndarray | None
    strength: np.ndarray
    rms: float
    fields: int


def read_field_rays(directory):
    """Sample the field of a run, as its lowest energy has it.

    Lines begin at random and point anywhere: 32 of 1024 places for each spacing, from 1/64 of the longest wavelength
    down to 1/16 of the shortest, by factors of 8; without those so wide that shorter waves, taken for longer ones,
    would add more than MOST_ALIASED to the deck's spectrum. The numbers are drawn by the run's seed.

    Parameters
    ----------
    directory : path
        A transport run.

    Raises
    ------
    InputError
        If its deck has no turbulent field, or one that ends at the walls of a box.
    """
    run, path = TransportRun(directory), Path(directory)
    config = run.config
    sections = [section for section in config.field if section.outer_scale is not None]
    if not sections:
        raise InputError(f"{path}: its deck has no turbulent field, whose spectrum would be drawn")
    if config.ends:
        raise InputError(
            f'{path}: its field ends at the walls of a box, and lines leave it: boundary = "periodic" is expected'
        )
    p = plan_energy(config, min(config.particle.energy))
    longest = max(section.outer_scale for section in sections)
    shortest = min(_shortest(section, config, p.gyroradius) for section in sections)
    count = min(FIELDS, config.run.realizations)
    fields = [realize_field(config, p, realization) for realization in range(count)]
    draw = np.random.Generator(np.random.Philox(config.run.seed))
    found, spacing, widest = [], _widest_spacing(sections, config, p.gyroradius, longest, shortest), None
    while True:
        values = np.concatenate([_on_rays(field, spacing, longest, draw, -(-RAYS // count)) for field in fields])
        mean = values.reshape(count, -1, 3).mean(axis=1).repeat(len(values) // count, axis=0)[:, None]
        if widest is None:
            widest, level = values, mean
        found.append(ray_spectrum(values - level, spacing))
        if spacing <= shortest / 16:
            break
        spacing /= FINER
    k, power, error = (np.concatenate(columns) for columns in zip(*found, strict=True))
    deck_k = np.geomspace(max(np.pi / longest, k.min() / 4), 2 * np.pi / shortest, 400)
    return FieldRays(
        path=path,
        title=config.title,
        energy=p.energy,
        l_c=config.medium.l_c,
        k=k,
        power=power,
        error=error,
        deck_k=deck_k,
        deck_power=deck_power(sections, config, p.gyroradius, deck_k),
        strength=np.linalg.norm(widest, axis=2).ravel(),
        rms=float(np.sqrt(((widest - level) ** 2).sum(axis=2).mean())),
        fields=count,
    )


def _widest_spacing(sections, config, gyroradius, longest, shortest):
    """Widest spacing [pc] at which power beyond half the sampling rate, spread over what is below, adds little."""
    spacing = longest / 64
    while spacing > shortest / 16:
        half_rate = np.pi / spacing
        beyond = np.geomspace(half_rate, max(2 * np.pi / shortest, 2 * half_rate), 400)
        power = deck_power(sections, config, gyroradius, beyond)
        if power is None:
            break
        seen = deck_power(sections, config, gyroradius, half_rate * np.array(BINS[:: len(BINS) - 1]) * 2 / PLACES)
        folded = (power * beyond).sum() * np.log(beyond[1] / beyond[0]) / half_rate
        if folded <= MOST_ALIASED * seen.min():
            break
        spacing /= FINER
    return spacing


def _shortest(section, config, gyroradius):
    """Shortest wavelength of a component [pc]; two cells of a file."""
    if isinstance(section, FieldFile):
        return min(2 * side / points for m in section.measured for side, points in zip(m.box, m.points, strict=True))
    return section.smallest_wavelength(config.surroundings, gyroradius)


def _on_rays(field, spacing, longest, draw, rays):
    """B/B_rms [ray, place, 3]."""
    direction = draw.normal(size=(rays, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    start = draw.uniform(0, 100 * longest, (rays, 3))
    places = start[:, None] + spacing * np.arange(PLACES)[:, None] * direction[:, None]
    along = np.repeat(direction[:, None], PLACES, axis=1)
    return field_at(field, places.reshape(-1, 3), along.reshape(-1, 3)).reshape(places.shape)


def deck_power(sections, config, gyroradius, k):
    """E_1(k) over B_rms^2 [pc] of a deck's turbulent components at wavenumbers k, array [1/pc], along lines of
    all directions.

    None where one of them has no stated spectrum (a file). Source: docs/physics.md 2.3, 2.7.
    """
    if not all(isinstance(section, TurbulentSection) for section in sections):
        return None
    total = np.zeros_like(k)
    for section in sections:
        l_min = section.smallest_wavelength(config.surroundings, gyroradius)
        share = (section.dB / config.medium.B_rms) ** 2
        if section.l_dissipation < l_min:  # dB is of all waves, also of those that are not flown
            share *= section.energy.power_share(section.l_max, l_min, section.l_dissipation)
        total += share * np.array([section.energy.along_line(x, section.l_max, l_min) for x in k])
    return total

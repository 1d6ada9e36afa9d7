"""Makes tracks of particles of a two-phase line at equal intervals, for tracks.h5 of a run or in one process."""

import numpy as np

from cython_kernels.telegraph import ROWS
from hpcmm.deck.section import SectionError
from hpcmm.io.tracks_file import Tracks
from hpcmm.kinds.two_phase_1d.config import TwoPhase
from hpcmm.kinds.two_phase_1d.flights import start
from hpcmm.kinds.two_phase_1d.plan import FractionPlan, plan_of

PIECE = 64
"""Particles that a rank flies at a time."""

PAIRS = 2**62
"""A number of pairs of flights that no particle exceeds: 1e12 periods at 1e6 scatterings each."""


def make_tracks(nu_mm, nu_res, f_mm, duration, points, tracks, seed, first=0):
    r"""Make tracks of particles on the line; at T these are the particles of a run, bit for bit.

    Parameters
    ----------
    nu_mm, nu_res : float
        Scattering rates within patches and in the gaps [c per period].
    f_mm : float or sequence of float
        Parts of the period that the patch fills; each makes a row.
    duration : float or "auto"
        T [periods / c]; "auto": max(100/nu_eff, 3/kappa) of each row.
    points : int
        Number of equal intervals of T; each track has one place more, at 0.
    tracks : int
        Number of particles of each row.
    seed : int
        Seed as in a deck's [run].
    first : int
        Id of the first particle.

    Returns
    -------
    Tracks
        Displacements in periods, [row, track, point, 1].

    Raises
    ------
    pydantic.ValidationError, ValueError
        If a number is out of the range that a deck allows.
    """
    if points < 1 or tracks < 1:
        raise ValueError(f"points and tracks must be 1 or more, got {points} and {tracks}")
    values = tuple(float(f) for f in np.atleast_1d(f_mm))
    data = {"nu_mm": float(nu_mm), "nu_res": float(nu_res), "f_mm": values, "duration": duration}
    section = TwoPhase.from_plain(data)
    plans = plan_of(section)
    flown = [_flown(section, p, seed, first, tracks, points) for p in plans]
    return _joined(plans, points, [place for place, _ in flown], [turns for _, turns in flown], first)


def fly(config, plans, comm, meet):
    """Collective: fly the tracks that a deck asks for; returns them on root, None elsewhere and where it asks for none.

    ``meet()`` is called by all ranks after each piece, so that signals to stop are acted on.

    Flights are pure functions of the seed and the particle's id. So these few particles are flown once more when all
    are done: loop and checkpoints hold no tracks, and ranks and restarts cannot change a bit.
    """
    count, points, seed = config.output.trajectories, config.output.track_points, config.run.seed
    if count == 0:
        return None
    pieces = [(row, first) for row in range(len(plans)) for first in range(0, count, PIECE)]
    mine = {}
    for begin in range(0, len(pieces), comm.size):
        for row, first in pieces[begin + comm.rank : begin + comm.rank + 1]:
            found = _flown(config.two_phase, plans[row], seed, first, min(PIECE, count - first), points)
            mine[row, first] = found
        meet()
    parts = comm.gather(mine)
    if comm.rank != 0:
        return None
    flown = {piece: found for part in parts for piece, found in part.items()}
    places, turns = (
        [np.concatenate([flown[piece][which] for piece in pieces if piece[0] == row]) for row in range(len(plans))]
        for which in (0, 1)
    )
    return _joined(plans, points, places, turns, 0)


def _flown(section, p: FractionPlan, seed, first, particles, points):
    """Fly particles to T; returns displacements [track, point] and turns [track]."""
    block = start(section, p, seed, first, particles, points)
    block.advance(PAIRS)
    return block.tracks, block.state[ROWS.index("turns")].copy()


def _joined(plans, points, places, turns, first):
    """Join the rows of all filling fractions to one `Tracks`."""
    place = np.stack(places)[..., None]
    return Tracks(
        position=place,
        time=np.array([np.arange(points + 1) / points * p.duration for p in plans]),
        label=np.array([p.f_mm for p in plans]),
        unit=first + np.arange(place.shape[1]),
        label_name="f_mm",
        length="period",
        turns=np.stack(turns).astype(np.int64),
    )


MOST_BYTES = 2**30
"""Most bytes of the places in tracks.h5: root holds them, and gathers them in messages of 32-bit sizes."""


def check(config):
    """Refuse more tracks than there are particles, or than fit root's memory.

    Raises
    ------
    SectionError
    """
    wanted = config.output
    if wanted.trajectories > config.run.particles:
        message = f"{wanted.trajectories} of {config.run.particles} particles; no more than there are is expected"
        raise SectionError(("output", "trajectories"), message)
    size = 8 * len(config.two_phase.f_mm) * wanted.trajectories * (wanted.track_points + 1)
    if size > MOST_BYTES:
        message = f"tracks of {size / 1e9:.3g} GB; at most {MOST_BYTES / 1e9:.3g} GB are expected"
        raise SectionError(("output", "trajectories"), message)

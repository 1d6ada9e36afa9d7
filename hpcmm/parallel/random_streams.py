"""Random streams: every draw of a run is a pure function of (seed, stream, energy, realization, particle, step).

The names below are the only ones in use. Kernels take a 64-bit key made of all but particle and step and
count (step, particle id) with Philox4x32 themselves; set-up draws use NumPy's Philox with a 128-bit key.
The energy enters by value, so that a run at one energy gives the bits it gives within a ladder.
"""

import hashlib

import numpy as np

START = "start"
"""Origins and directions of the particles."""

WAVES = "waves"
"""Wavevectors, polarizations and phases of plane waves."""

KICKS = "kicks"
"""Small-angle kicks of a [[scatter]] section that acts in places."""

FLIGHTS = "flights"
"""Start, and flights from turn to turn, of the particles of a two-phase line; f_mm stands for the energy."""

TRAINING = "training"
"""Media and walks that a network learns from or is tested on."""

EVERYWHERE = "everywhere"
"""Merged kicks that act at all places alike, those of the turbulence below the smallest wave among them."""


SEED_FIELD = "seed field"
"""Phases and polarizations of the first magnetic field of an MHD run."""

STIRRING = "stirring"
"""Kicks of a random force on a flow; the step stands for the realization."""

PATCHES = "patches"
"""Places at which |B| is sampled, for the B_star of a filling fraction."""


LIVES = "lives"
"""Cells that live and die: twice the index of the section for phases, one more for draws; the same at all energies."""

RAYS = "rays"
"""Angles of rays, and places, azimuths and lengths of their segments. The block of rays stands for the realization;
index 0 is of whole rays, i + 1 of segment i."""

MARKERS = "markers"
"""Places and velocities of the markers of a kinetic plasma; the row of cells along z stands for the realization."""

SEED_FIELD = "seed field"
"""Vector potential of the noise that a kinetic plasma starts from."""


def _digest(seed, stream, index, energy, realization, size):
    name = f"{seed}|{stream}|{index}|{energy:.12e}|{realization}"
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=size).digest(), "little")


def kernel_key(seed, stream, index, energy, realization):
    """64-bit key of a kernel's stream.

    Parameters
    ----------
    seed : int
    stream : str
        One of the names above.
    index : int
        Number of the section of the deck that draws: two fields never share a stream.
    energy : float
        Energy [GeV]; streams of energies differ if these differ in 13 significant digits.
    realization : int
    """
    return _digest(seed, stream, index, energy, realization, 8)


def generator(seed, stream, index, energy, realization, counter=0):
    """NumPy generator for set-up draws; arguments as in :func:`kernel_key`.

    ``counter`` starts the stream at that multiple of four 64-bit words, so that particles can be drawn
    from anywhere in it.
    """
    key = _digest(seed, stream, index, energy, realization, 16)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))

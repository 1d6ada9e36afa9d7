"""Makes media with one kappa along a magnetic field and another across it: a tensor in each cell of a rank's box."""

import math
from dataclasses import dataclass

import numpy as np

from hpcmm.kinds.effective_medium import field_patches
from hpcmm.kinds.effective_medium import medium as media
from hpcmm.kinds.effective_medium.elements import tensors
from hpcmm.kinds.effective_medium.tensor import isotropic


@dataclass(frozen=True)
class Magnetized:
    """A magnetized medium of one filling fraction and realization.

    Attributes
    ----------
    K : array [axis, axis, x, y, z]
        Tensors in this rank's cells and in one layer around them, in units of ``scale``.
    across : array [x, y, z]
        kappa_perp in the same cells and units.
    scale : float
        Unit of K [cm2/s], chosen so that the solver sees numbers around 1.
    filling_fraction : float
        Share of all cells in patches.
    harmonic, arithmetic : float
        A third of the traces of <K^-1>^-1 and <K> [cm2/s]: below and above kappa_iso (Reuss, Voigt).
    """

    K: np.ndarray
    across: np.ndarray
    scale: float
    filling_fraction: float
    harmonic: float
    arithmetic: float


def medium(config, comm, problem, fraction, realization):
    """Collective: make the medium in this rank's cells and around them; the field is sampled in the middle of each.

    Parameters
    ----------
    config : EffectiveMediumConfig
        Config with kappa_perp.
    comm : communicator
    problem : CellProblem
        Problem whose ``box`` says which cells this rank has.
    fraction : float
        Filling fraction asked for.
    realization : int
    """
    section, own, cells = config.effective_medium, (slice(1, -1),) * 3, math.prod(config.effective_medium.grid)
    direction = directions(config, media.places(section, problem.box), realization)
    found = media.inside(config, comm, problem.box, fraction, realization)
    along = np.where(found, section.kappa_patch, section.kappa_background)
    across = np.where(found, section.kappa_perp_patch, section.kappa_perp_background)
    K = tensors(along, across, direction)
    sums = [part[(..., *own)].sum(axis=(-3, -2, -1)) for part in (K, tensors(1 / along, 1 / across, direction))]
    mean, inverse = comm.allreduce(np.array(sums)) / cells
    # 1e-30 times 1e30 and the like: inverses are taken in units of the mean
    arithmetic = float(isotropic(mean))
    harmonic = arithmetic * float(isotropic(np.linalg.inv(arithmetic * inverse)))
    scale = math.sqrt(harmonic) * math.sqrt(arithmetic)
    measured = comm.allreduce(int(found[own].sum())) / cells
    return Magnetized(K / scale, across / scale, scale, measured, harmonic, arithmetic)


def directions(config, places, realization):
    """Unit vectors along the deck's field, [axis, x, y, z]; 0 where B is 0, so that K is kappa_perp there.

    Parameters
    ----------
    config : EffectiveMediumConfig
    places : array [axis, x, y, z]
        Places in sides of the box.
    realization : int
    """
    if config.waves:
        B = field_patches.vectors(config, places, realization)
    else:
        B = np.ones(places.shape) * np.array(config.guide)[:, None, None, None]
    strength = np.sqrt((B**2).sum(axis=0))
    return B / np.where(strength > 0, strength, 1.0)

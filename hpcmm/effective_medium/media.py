"""Where the patches are: kappa in the cells of a rank's box [cm2/s], and the fraction of the volume in patches."""

import math
from dataclasses import dataclass

import numpy as np

from hpcmm import morphology, parallel
from hpcmm.effective_medium import field_patches, patch_file
from hpcmm.errors import InputError


@dataclass(frozen=True)
class Medium:
    """Of one filling fraction and realization.

    Attributes
    ----------
    kappa : array
        In this rank's cells, [x, y, z], in units of ``scale``.
    scale : float
        [cm2/s]; so that the solver sees numbers around 1.
    filling_fraction : float
        Share of all cells in patches; nan where the file gives kappa itself.
    harmonic, arithmetic : float
        Means over all cells [cm2/s].
    """

    kappa: np.ndarray
    scale: float
    filling_fraction: float
    harmonic: float
    arithmetic: float


def lengths(section):
    """Sides of the box; the longest is 1. A cube, but for a file, whose cells are cubes."""
    if section.morphology != "file":
        return (1.0, 1.0, 1.0)
    return tuple(cells / max(section.grid) for cells in section.grid)


def medium(config, comm, box, fraction, realization):
    """Collective: the medium in this rank's cells.

    Parameters
    ----------
    config : EffectiveMediumConfig
    comm : communicator
    box : tuple of 3 (int, int)
        Cells of this rank along each axis.
    fraction : float
        Filling fraction asked for.
    realization : int

    Raises
    ------
    InputError
        On all ranks, if a file holds what cannot be kappa.
    """
    section = config.effective_medium
    cells, inside = math.prod(section.grid), None
    if section.morphology == "file":
        name, values = parallel.together(comm, lambda: patch_file.read(section.file, box))
        if name == "patch":
            inside = values != 0
        kappa = values
    elif section.morphology == "field_threshold":
        inside = field_patches.inside(config, comm, box, fraction, realization)
    else:
        inside = shape(section, box, fraction)
    measured = math.nan
    if inside is not None:
        measured = comm.allreduce(int(inside.sum())) / cells
        kappa = np.where(inside, section.kappa_patch, section.kappa_background)
    means = comm.allreduce(np.array([(1 / kappa).sum(), kappa.sum()])) / cells
    harmonic, arithmetic = float(1 / means[0]), float(means[1])
    if not (math.isfinite(arithmetic) and harmonic > 0):
        raise InputError(f"{section.file}: kappa over all cells leaves the range of floats")
    scale = math.sqrt(harmonic * arithmetic)
    return Medium(kappa / scale, scale, measured, harmonic, arithmetic)


def shape(section, box, fraction):
    """Do centres of cells lie in patches? One period of the lattice fills the box; squares of a checkerboard halve it.

    Parameters
    ----------
    section : EffectiveMedium
    box : tuple of 3 (int, int)
    fraction : float

    Returns
    -------
    array of bool [x, y, z]
    """
    axes = [(np.arange(*cells) + 0.5) / count for cells, count in zip(box, section.grid, strict=True)]
    places = np.stack(np.meshgrid(*axes, indexing="ij"))
    if section.morphology == "checkerboard":
        halves = np.floor(2 * places[:2])
        return halves.sum(axis=0) % 2 == 0
    return morphology.inside(section.morphology, fraction, places)

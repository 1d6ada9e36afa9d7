"""Makes media: kappa in the cells of a rank's box [cm2/s], and the fraction of the volume in patches."""

import math
from dataclasses import dataclass

import numpy as np

from hpcmm.kinds.effective_medium import field_patches, patch_file
from hpcmm.parallel import collective
from hpcmm.theory import shapes


@dataclass(frozen=True)
class Medium:
    """A medium of one filling fraction and realization.

    Attributes
    ----------
    kappa : array
        kappa in the parts of this rank's cells and of one layer around them, [x, y, z], in units of ``scale``.
    samples : int
        Parts of a cell along each axis.
    scale : float
        Unit of kappa [cm2/s], chosen so that the solver sees numbers around 1.
    filling_fraction : float
        Share of all parts in patches; nan where the file gives kappa itself.
    harmonic, arithmetic : float
        Harmonic and arithmetic mean of kappa over the box [cm2/s].
    """

    kappa: np.ndarray
    samples: int
    scale: float
    filling_fraction: float
    harmonic: float
    arithmetic: float


def lengths(section):
    """Sides of the box, the longest 1: a cube, or with morphology "file" such that cells are cubes."""
    if section.morphology != "file":
        return (1.0, 1.0, 1.0)
    return tuple(cells / max(section.grid) for cells in section.grid)


def medium(config, comm, problem, fraction, realization):
    """Collective: make the medium in this rank's cells and around them.

    Parameters
    ----------
    config : EffectiveMediumConfig
    comm : communicator
    problem : CellProblem
        Problem whose ``box`` says which cells this rank has.
    fraction : float
        Filling fraction asked for.
    realization : int

    Raises
    ------
    InputError
        On all ranks, if a file holds values that cannot be kappa.
    """
    section = config.effective_medium
    samples, found = section.samples, None
    if section.morphology == "file":
        name, kappa = collective.on_all(comm, lambda: patch_file.read(section.file, problem.box))
        kappa = problem.surrounded(kappa)
        found = kappa != 0 if name == "patch" else None
    else:
        found = inside(config, comm, problem.box, fraction, realization)
    own, parts, measured = (slice(samples, -samples),) * 3, math.prod(section.grid) * samples**3, math.nan
    if found is not None:
        measured = comm.allreduce(int(found[own].sum())) / parts
        kappa = np.where(found, section.kappa_patch, section.kappa_background)
    means = comm.allreduce(np.array([(1 / kappa[own]).sum(), kappa[own].sum()])) / parts
    harmonic, arithmetic = float(1 / means[0]), float(means[1])
    scale = math.sqrt(harmonic) * math.sqrt(arithmetic)
    return Medium(kappa / scale, samples, scale, measured, harmonic, arithmetic)


def inside(config, comm, box, fraction, realization):
    """Collective: find which parts of a rank's cells, and of one layer around them, lie in patches; not for files.

    Parameters
    ----------
    config : EffectiveMediumConfig
    comm : communicator
    box : tuple of 3 (int, int)
        See `places`.
    fraction : float
    realization : int

    Returns
    -------
    array of bool [x, y, z]
    """
    section = config.effective_medium
    if section.morphology == "field_threshold":
        return field_patches.inside(config, comm, places(section, box), fraction, realization)
    return shape(section, box, fraction)


def places(section, box):
    """Middles of the parts of a rank's cells and of one layer around them: [axis, x, y, z], in sides of the box.

    A part beyond the border has the place of its periodic image in the box, to the last bit.

    Parameters
    ----------
    section : EffectiveMedium
    box : tuple of 3 (int, int)
        First cell along each axis, and the one after the last.
    """
    n = section.samples
    axes = [
        (np.arange(n * (start - 1), n * (stop + 1)) % (n * count) + 0.5) / (n * count)
        for (start, stop), count in zip(box, section.grid, strict=True)
    ]
    return np.stack(np.meshgrid(*axes, indexing="ij"))


def shape(section, box, fraction):
    """Find which parts lie in patches: one period of the lattice fills the box, a checkerboard has 2 x 2 squares.

    Parameters
    ----------
    section, box
        See `places`.
    fraction : float

    Returns
    -------
    array of bool [x, y, z]
    """
    where = places(section, box)
    if section.morphology == "checkerboard":
        return np.floor(2 * where[:2]).sum(axis=0) % 2 == 0
    return shapes.inside(section.morphology, fraction, where)

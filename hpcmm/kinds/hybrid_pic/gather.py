"""Fields of all bricks on root, and what all bricks find of a field together."""

import numpy as np

from hpcmm.kinds.hybrid_pic.plasma import INSIDE


def gathered(plasma, field):
    """Collective: the inner nodes of a field [x, y, z] of the whole box on root, in single precision; None on others.

    Root takes one brick after another.
    """
    bricks = plasma.bricks
    mine = np.ascontiguousarray(field[INSIDE], np.float32)
    if bricks.comm.rank:
        bricks.comm.send((bricks.first, mine), 0)
        return None
    whole = np.empty(bricks.cells, np.float32)
    for rank in range(bricks.comm.size):
        first, part = (bricks.first, mine) if rank == 0 else bricks.comm.recv(source=rank)
        whole[tuple(slice(f, f + n) for f, n in zip(first, part.shape, strict=True))] = part
    return whole


def largest(plasma, value):
    """Collective: the largest of a number of each rank."""
    return max(plasma.bricks.comm.allgather(float(value)))


def wavenumbers(box, r, t):
    """Components of k of the modes of a box, as `rfftn` orders them, physical.

    Parameters
    ----------
    box : Box
    r : float
        The unit of length, in d_i0.
    t : float

    Returns
    -------
    (array [x, 1, 1], array [1, y, 1], array [1, 1, z])
    """
    sides = np.array(box.spacing) * box.lengths(t) / r
    x, y = (2 * np.pi * np.fft.fftfreq(n, d) for n, d in zip(box.cells[:2], sides[:2], strict=True))
    z = 2 * np.pi * np.fft.rfftfreq(box.cells[2], sides[2])
    return x[:, None, None], y[None, :, None], z[None, None, :]


def multiplicity(count):
    """How many modes one of `rfftn` stands for, [z]: itself, and its complex conjugate where that is left out."""
    found = np.ones(count // 2 + 1)
    found[1 : (count + 1) // 2] = 2.0
    return found


def power(field):
    """Power of each mode of a field, as `rfftn` orders them: their sum is the mean square of the field."""
    from scipy.fft import rfftn

    return np.abs(rfftn(field)) ** 2 * (multiplicity(field.shape[2]) / np.float64(field.size) ** 2)

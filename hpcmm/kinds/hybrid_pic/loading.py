"""Markers and fields at the start: the same numbers on any division into bricks."""

import math

import numpy as np

from cython_kernels.hybrid_fields import MORE, Differences
from hpcmm.kinds.hybrid_pic.plasma import INSIDE
from hpcmm.parallel import random_streams


def whitened(w):
    """Velocities [cell, 3, marker] of mean zero and unit covariance in each cell, exactly."""
    w = w - w.mean(axis=2, keepdims=True)
    factor = np.linalg.cholesky(w @ w.transpose(0, 2, 1) / w.shape[2])
    return np.linalg.solve(factor, w)


def load_markers(plasma, seed, perturbation=None):
    """Draw the markers of a brick: places uniform in cells, velocities Maxwellian, whitened for delta f.

    A stream is a row of cells of the box along z, so that a brick draws the same as any other.

    Parameters
    ----------
    plasma : Plasma
    seed : int
    perturbation : callable, optional
        ``perturbation(x, w)``, x [3, cell, marker] in shares of the box, w [cell, 3, marker]: f/f_0 - 1 at load.

    Returns
    -------
    (float, float)
        Largest weight, and largest weight times velocity.
    """
    bricks, physics = plasma.bricks, plasma.physics
    n, shape, per_cell = bricks.cells, bricks.shape, physics.per_cell
    c = plasma.shape_at(-physics.step / 2)
    largest = np.zeros(2)
    for i, j in np.ndindex(shape[:2]):
        x, y = i + bricks.first[0], j + bricks.first[1]
        draw = random_streams.generator(seed, random_streams.MARKERS, 0, 0.0, x * n[1] + y)
        place = draw.random((n[2], 3, per_cell), np.float32)
        w = draw.standard_normal((n[2], 3, per_cell))
        mine = slice(bricks.first[2], bricks.first[2] + shape[2])
        place, w = place[mine], w[mine]
        if physics.delta_f:
            w = whitened(w)
        w = (w / np.sqrt(2 * c)[:, None]).astype(np.float32)
        h = (c[:, None] * w.astype(float) ** 2).sum(axis=1)
        if perturbation is not None:
            corner = np.stack(np.broadcast_arrays(x, y, np.arange(shape[2]) + bricks.first[2]), 1)
            at = (corner[:, :, None] + place) / np.array(n)[:, None]
            h -= np.log1p(perturbation(at.transpose(1, 0, 2), w.astype(float)))
        cells = slice((i * shape[1] + j) * shape[2], (i * shape[1] + j + 1) * shape[2])
        plasma.markers.rows[cells, :3, :per_cell], plasma.markers.rows[cells, 3:6, :per_cell] = place, w
        plasma.markers.rows[cells, 6, :per_cell] = h
        plasma.markers.count[cells] = per_cell
        W = abs(np.expm1(h - (c[:, None] * w.astype(float) ** 2).sum(axis=1))) if physics.delta_f else np.ones_like(h)
        largest = np.maximum(largest, [W.max(), (W[:, None] * abs(w)).max()])
    return largest


def uniform_field(plasma):
    """Set b to the mean field along x."""
    plasma.b[:] = 0.0
    plasma.b[0] = 1.0


def _own_part(bricks, potential):
    """The brick's part, with outer nodes, of an array [3, x, y, z] of the whole box."""
    for axis, (first, n, total) in enumerate(zip(bricks.first, bricks.shape, bricks.cells, strict=True)):
        potential = np.take(potential, np.arange(first - MORE, first + n + MORE) % total, axis + 1)
    return np.ascontiguousarray(potential)


def _curl_of_all(box, potential):
    """Curl on all nodes of the box, by the same differences."""
    whole = Differences(box.cells, box.spacing)
    index = [np.arange(-MORE, n + MORE) % n for n in box.cells]
    padded = np.ascontiguousarray(potential[np.ix_(range(3), *index)])
    out = np.zeros_like(padded)
    whole.curl(padded, out)
    return out[INSIDE]


def add_curl(plasma, potential, rms):
    """Add the curl of a vector potential of the whole box, scaled to an rms of B; div b stays 0 to the last digits."""
    size = math.sqrt((_curl_of_all(plasma.box, potential) ** 2).sum(axis=0).mean())
    out = np.zeros_like(plasma.b)
    plasma.differences.curl(_own_part(plasma.bricks, potential), out)
    plasma.b += out * (rms / size)
    plasma.bricks.fill(plasma.b)


def noise(box, seed, top):
    """Vector potential of solenoidal noise, of equal power in all modes of B below ``top`` [1/d_i]."""
    draw = random_streams.generator(seed, random_streams.SEED_FIELD, 0, 0.0, 0)
    white = np.fft.fftn(draw.standard_normal((3, *box.cells)), axes=(1, 2, 3))
    axes = [2 * np.pi * np.fft.fftfreq(n, d) for n, d in zip(box.cells, box.spacing, strict=True)]
    k = np.sqrt(sum(q**2 for q in np.meshgrid(*axes, indexing="ij")))
    return np.fft.ifftn(np.where((k > 0) & (k < top), white / np.where(k > 0, k, 1), 0), axes=(1, 2, 3)).real


def _phases(box, m):
    return [2 * np.pi * a * np.arange(n) / n for a, n in zip(m, box.cells, strict=True)]


def mirror_mode(box, m):
    """Vector potential along z of a standing wave of m wavelengths in the box along each axis."""
    x, y, z = _phases(box, m)
    potential = np.zeros((3, *box.cells))
    potential[2] = np.cos(x)[:, None, None] * np.cos(y)[:, None] * np.cos(z)
    return potential


def circular_mode(box, m):
    """Vector potential of a circular wave along x, B_y + i B_z ~ exp(ikx); its curl is proportional to itself."""
    x, _, _ = _phases(box, m)
    potential = np.zeros((3, *box.cells))
    potential[1] = -np.cos(x)[:, None, None]
    potential[2] = -np.sin(x)[:, None, None]
    return potential


def flow_of_circular(plasma, m, rms, frequency):
    r"""Perturbation by the flow of a circular wave of the field of `circular_mode`, for `load_markers`.

    .. math:: u_y + i u_z = -(\omega/k + k) (B_y + i B_z)

    from the induction equation; a Maxwellian moved by u, so that what is left of the wave of the other handedness is of
    the order of its hot corrections. Left-handed waves have a frequency above 0, right-handed ones below.

    Parameters
    ----------
    plasma : Plasma
    m : int
        Wavelengths in the box.
    rms : float
        Of B.
    frequency : complex
    """
    box, T = plasma.box, plasma.physics.T[1]
    k = 2 * np.pi * m / (box.cells[0] * box.spacing[0])
    size = -(frequency / k + k) * rms

    def perturbation(x, w):
        u = size * np.exp(2j * np.pi * m * x[0])
        return np.expm1((w[:, 1] * u.real + w[:, 2] * u.imag - abs(u) ** 2 / 2) / T)

    return perturbation


def acoustic(m, rms):
    """Perturbation of the density by a standing wave of m wavelengths in the box along each axis."""
    k, size = 2 * np.pi * np.array(m), math.sqrt(2) * rms

    def perturbation(x, w):
        return size * np.cos(np.tensordot(k, x, 1))

    return perturbation

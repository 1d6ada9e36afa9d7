"""Turns bounds of a tensor into kappa and its errors: pure functions of 3 x 3 matrices, no MPI, no files."""

import numpy as np

COMPONENTS = (("xx", 0, 0), ("yy", 1, 1), ("zz", 2, 2), ("xy", 0, 1), ("xz", 0, 2), ("yz", 1, 2))
"""Name and place of the six different components of a symmetric tensor."""


def geometric_mean(lower, upper):
    r"""Geometric mean of two symmetric positive tensors; it lies between them.

    .. math:: A \# B = A^{1/2} (A^{-1/2} B A^{-1/2})^{1/2} A^{1/2}

    Both bounds miss by the same factor where a medium and its inverse are alike, as a checkerboard: the mean is then
    exact. Source: Pusz & Woronowicz 1975, Rep. Math. Phys. 8, 159; Keller 1964, J. Math. Phys. 5, 548.

    Parameters
    ----------
    lower, upper : array (..., 3, 3)
    """
    root, inverse = _power(lower, 0.5), _power(lower, -0.5)
    mean = root @ _power(inverse @ upper @ inverse, 0.5) @ root
    return (mean + np.swapaxes(mean, -1, -2)) / 2


def _power(matrix, exponent):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values[..., None, :] ** exponent) @ np.swapaxes(vectors, -1, -2)


def isotropic(tensor):
    """kappa_iso, a third of the trace, of tensors [..., 3, 3]."""
    return np.trace(tensor, axis1=-2, axis2=-1) / 3


def estimate(lower, upper):
    """Estimate the tensor of a medium from the bounds of its realizations, and the errors of kappa_iso.

    Parameters
    ----------
    lower, upper : array (realizations, 3, 3)

    Returns
    -------
    tensor : array (3, 3)
        Mean between realizations of the geometric means of the bounds.
    discretization : float
        Half of the distance between the bounds of kappa_iso.
    spread : float
        Standard error between realizations; nan if there is one.
    """
    tensors = geometric_mean(lower, upper)
    discretization = float(isotropic(upper - lower).mean() / 2)
    return tensors.mean(axis=0), discretization, _spread(tensors)


def _spread(tensors):
    count = len(tensors)
    return float(isotropic(tensors).std(ddof=1) / np.sqrt(count)) if count > 1 else np.nan


def estimate_on_two_grids(coarse, fine):
    """Estimate the tensor of a medium from two grids, and the errors of its components and of kappa_iso.

    The difference of the grids is the error of the finer one where errors fall with the cell, as at steps of kappa, and
    three times that error where they fall with its square. Where they fall more slowly, as long as field lines are
    coarse, it is less than the error.

    Parameters
    ----------
    coarse, fine : array (realizations, 3, 3)

    Returns
    -------
    tensor : array (3, 3)
        Mean between realizations, of the finer grid.
    components : array (3, 3)
        Mean of |fine - coarse|.
    discretization, spread : float
        Mean of |fine - coarse| of kappa_iso; its standard error between realizations, nan if there is one.
    """
    discretization = float(np.abs(isotropic(fine - coarse)).mean())
    return fine.mean(axis=0), np.abs(fine - coarse).mean(axis=0), discretization, _spread(fine)

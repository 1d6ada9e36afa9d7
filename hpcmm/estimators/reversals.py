"""Maximum likelihood for walks at +-c on a line, from the number of their reversals."""

import numpy as np

from hpcmm.errors import InputError
from hpcmm.estimators.row import estimate_from


def telegraph(row):
    r"""Kappa from the number of reversals, which come at the rate nu/2; a walk on a line holds no more about nu.

    .. math:: \hat\kappa = \frac{c^2 T}{2 \langle n_{rev} \rangle}

    Counts are pooled over all tracks, so that a track without any is no obstacle. Its relative error, one over the root
    of all counts, is the Cramer-Rao bound where nu is the same everywhere. In patches it is eq 11, as the time in them
    is f_mm.

    Source: docs/physics.md 6.4.

    Raises
    ------
    InputError
        If the tracks are no walks on a line, or none turned.
    """
    if not row.on_a_line:
        raise InputError("the estimator 'telegraph' needs a walk on a line, tracks of one axis with their turns")
    if not row.turns.any():
        raise InputError("the estimator 'telegraph' needs a reversal; none of these tracks has one")
    turns = np.asarray(row.turns, dtype=float)[:, None]
    with np.errstate(divide="ignore"):  # a jackknife sample without the only unit that turned
        return estimate_from(row, turns, lambda mean: row.duration / (2 * mean))


def telegraph_log10(turns):
    r"""log10 of kappa/(c^2 T) of single tracks, -log10(2 n_rev + 1): array [track].

    The maximum of the likelihood, 1/(2 n_rev), is infinite for a track that never turned. With n_rev + 1/2 the mean of
    the logarithm is right to order 1/mu for a Poisson count of mean mu; a track without reversals says kappa = c^2 T,
    the order of magnitude it allows.

    Source: docs/physics.md 6.4; the half, derived here: <ln(n + a)> = ln mu + (a - 1/2)/mu + O(1/mu^2).
    """
    return -np.log10(2 * np.asarray(turns, dtype=float) + 1)

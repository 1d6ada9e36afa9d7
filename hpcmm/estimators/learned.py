"""Kappa from single tracks as a trained network reads them."""

import numpy as np

from hpcmm.estimators.row import estimate_from


def lstm(row, network):
    r"""Geometric mean over tracks of the kappa that a recurrent network reads from each.

    .. math:: \kappa = c^2 T \; 10^{\langle y \rangle}, \quad y = \mathrm{network}(\Delta x / c \Delta t)

    The network is trained on the mean square of log10 kappa, so that the mean of its logarithm is what is right. The
    error is that between units: of the bias of the network, which does not fall with their number, it knows nothing.

    Source: paper, Methods (recurrent network); SPEC 3.3, A17.

    Parameters
    ----------
    row : TrackRow
    network : callable
        Increments over c dt [track, interval], in [-1, 1], to log10 of kappa/(c^2 T) [track].
    """
    increments = np.diff(row.position, axis=1) / (row.time[1] - row.time[0])
    said = np.stack([network(increments[:, :, axis]) for axis in range(increments.shape[2])], axis=1)
    return estimate_from(row, said, lambda mean: row.duration * 10.0**mean)

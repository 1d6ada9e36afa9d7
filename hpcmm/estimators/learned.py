"""Kappa from single tracks by a trained network."""

import numpy as np

from hpcmm.estimators.row import estimate_from


def lstm(row, network):
    r"""Geometric mean over tracks of the kappa that a recurrent network reads from each.

    .. math:: \kappa = c^2 T \; 10^{\langle y \rangle}, \quad y = \mathrm{network}(\Delta x / c \Delta t)

    The network is trained on the mean square of log10 kappa, so that the mean of its logarithm is what is right. To the
    error between units is added, in squares, what more tracks do not take away: the systematic error that its training
    found over media of its range. Beyond that range it says nothing.

    Source: paper, Methods (recurrent network); docs/physics.md 6.5.

    Parameters
    ----------
    row : TrackRow
    network : hpcmm.kinds.network.model.Reader, or like it
        Called with increments over c dt [track, interval], in [-1, 1], it gives log10 of kappa/(c^2 T) [track];
        ``outside(answers)`` is the share of answers beyond what it was trained on, ``systematic`` its error in dex.

    Returns
    -------
    dict
        What `estimate_from` returns, and that share as `outside`.
    """
    increments = np.diff(row.position, axis=1) / (row.time[1] - row.time[0])
    said = np.stack([network(increments[:, :, axis]) for axis in range(increments.shape[2])], axis=1)
    found = estimate_from(row, said, lambda mean: row.duration * 10.0**mean)
    share = np.log(10) * network.systematic
    found["kappa_err"] = np.hypot(found["kappa_err"], share * found["kappa"])
    # the bias of a network is the same along all axes
    found["iso_err"] = float(np.hypot(found["iso_err"], share * found["iso"]))
    return found | {"outside": network.outside(said)}

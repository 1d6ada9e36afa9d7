"""Measures the systematic error of a network, which more tracks do not reduce, on media it was not trained on."""

import numpy as np

from hpcmm.kinds.network.walks import draw_media, make_tracks
from hpcmm.parallel import random_streams

MEDIA, TRACKS = 400, 40
"""Number of media drawn, and of tracks in each."""

HELD = 0.683
"""Share of media whose kappa one standard error is to hold."""


def ensembles(config, media, tracks, which):
    """Draw media from the ranges of a deck, and ``tracks`` tracks in each.

    Parameters
    ----------
    config : NetworkConfig
    media, tracks : int
    which : int
        Number that keys the random stream, as in `hpcmm.kinds.network.train.labelled_tracks`.

    Returns
    -------
    increments : array [medium, track, interval]
        Displacement in each interval over c dt.
    label : array [medium]
        log10 of kappa/(c^2 T), eq 11.
    """
    of_media, of_walks = (
        random_streams.kernel_key(config.run.seed, random_streams.TRAINING, which, 0.0, i) for i in (0, 1)
    )
    drawn = draw_media(config.training.ranges, media, of_media)
    label, points = drawn.pop("label"), config.network.points
    each = {name: np.repeat(values, tracks) for name, values in drawn.items()}
    position, _ = make_tracks(**each, points=points + 1, tracks=media * tracks, seed=of_walks)
    increments = np.diff(position, axis=1) * points / each["duration"][:, None]
    return increments.reshape(media, tracks, points), label


def systematic_error(config, reader, which):
    r"""Error s [dex] such that sqrt(s^2 + s_tracks^2) covers the truth for `HELD` of media from the training's ranges.

    .. math:: s^2 = \mathrm{quantile}_{0.683} \left[ (\langle y \rangle - y_{eq 11})^2 - s_{tracks}^2 \right]

    with s_tracks the standard error of the mean over the tracks of a medium. Source: split conformal prediction, Lei et
    al. 2018 (Journal of the American Statistical Association 113, 1094).

    Parameters
    ----------
    config : NetworkConfig
    reader : Reader
    which : int
        Number that keys the random stream.

    Returns
    -------
    float
    """
    increments, label = ensembles(config, MEDIA, TRACKS, which)
    said = reader(increments.reshape(MEDIA * TRACKS, -1)).reshape(MEDIA, TRACKS)
    off = said.mean(axis=1) - label
    excess = off**2 - said.var(axis=1, ddof=1) / TRACKS
    return float(np.sqrt(max(np.quantile(excess, HELD), 0.0)))

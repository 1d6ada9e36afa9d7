"""Trains on tracks of the line of patches: mean square of log10 kappa, Adam, early stopping (docs/physics.md 6.5)."""

import copy
from dataclasses import dataclass

import numpy as np
import torch

from hpcmm.kinds.network.calibration import systematic_error
from hpcmm.kinds.network.model import Network, Reader
from hpcmm.kinds.network.walks import draw_media, make_tracks
from hpcmm.parallel import random_streams

VALIDATION = 7
"""One track in this many is held out; their error decides when to stop."""

LONGEST_GRADIENT = 1.0
"""Norm to which gradients are clipped: rare long ones through 64 steps of memory undo epochs."""

TRAINING_SET, TEST_SET, CALIBRATION_SET = 0, 1, 2


@dataclass(frozen=True)
class Trained:
    """The result of training.

    Attributes
    ----------
    network : Network
        Network with the weights of the best epoch.
    reader : Reader
    curve : dict
        `epoch`, `train`, `validation`: rms error of log10 kappa [dex], lists.
    best : int
        Epoch of the weights.
    """

    network: Network
    reader: Reader
    curve: dict
    best: int


def labelled_tracks(config, tracks, which):
    """Draw tracks from the ranges of a deck, with their labels.

    Parameters
    ----------
    config : NetworkConfig
    tracks : int
    which : int
        TRAINING_SET or TEST_SET, or any number above CALIBRATION_SET: each has a random stream of its own.

    Returns
    -------
    dict
        `increments` [track, interval] over c dt, `label` [track], `turns` [track], `end`: x(T)/(c T) [track].
    """
    of_media, of_walks = (
        random_streams.kernel_key(config.run.seed, random_streams.TRAINING, which, 0.0, i) for i in (0, 1)
    )
    media = draw_media(config.training.ranges, tracks, of_media)
    label = media.pop("label")
    points = config.network.points
    position, turns = make_tracks(**media, points=points + 1, tracks=tracks, seed=of_walks)
    scaled = position / media["duration"][:, None]
    return {"increments": np.diff(scaled, axis=1) * points, "label": label, "turns": turns, "end": scaled[:, -1]}


def train(config, progress=None):
    """Train a network by a deck; on one thread, so that the same seed gives the same weights on one machine.

    Every track is shown as it is or mirrored, at random, as kappa is the same for both.

    Parameters
    ----------
    config : NetworkConfig
    progress : callable, optional
        Called with (epoch, validation error) after each epoch.

    Returns
    -------
    Trained
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.run.seed)
            return _train(config, progress or (lambda *_: None))
    finally:
        torch.set_num_threads(threads)


def _train(config, progress):
    wanted, data = config.network, labelled_tracks(config, config.network.tracks, TRAINING_SET)
    tracks = torch.from_numpy(data["increments"].astype(np.float32))
    labels = torch.from_numpy(data["label"].astype(np.float32))
    kept = max(2, wanted.tracks // VALIDATION)
    network = Network(wanted.hidden, wanted.window, labels[kept:].mean(), labels[kept:].std())
    adam = torch.optim.Adam(network.parameters(), lr=wanted.learning_rate)
    curve = {"epoch": [], "train": [], "validation": []}
    best, weights = (np.inf, 0), None
    for epoch in range(1, wanted.epochs + 1):
        square = _epoch(network, adam, tracks[kept:], labels[kept:], wanted.batch)
        with torch.no_grad():
            error = float(((network(tracks[:kept]) - labels[:kept]) ** 2).mean().sqrt())
        for name, value in zip(curve, (epoch, square**0.5, error), strict=True):
            curve[name].append(value)
        progress(epoch, error)
        if error < best[0]:
            best, weights = (error, epoch), copy.deepcopy(network.state_dict())
        if epoch - best[1] >= wanted.patience:
            break
    network.load_state_dict(weights)
    span = tuple(-np.log10(config.training.nu_eff_T[::-1]))
    reader = Reader(network, wanted.points, span)
    network.systematic.fill_(systematic_error(config, reader, CALIBRATION_SET))
    return Trained(network, reader, curve, best[1])


def _epoch(network, adam, tracks, labels, batch):
    """Learn from all tracks once, in random order; returns the mean of the square errors before each step [dex^2]."""
    total = 0.0
    for chosen in torch.randperm(len(tracks)).split(batch):
        sign = 2.0 * torch.randint(0, 2, (len(chosen), 1)) - 1.0
        square = ((network(tracks[chosen] * sign) - labels[chosen]) ** 2).mean()
        adam.zero_grad()
        (square / network.scale**2).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), LONGEST_GRADIENT)
        adam.step()
        total += square.item() * len(chosen)
    return total / len(tracks)

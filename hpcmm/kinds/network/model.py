"""The network itself: one LSTM layer, the mean of its state, one dense output (paper, Methods; docs/physics.md 6.5)."""

import numpy as np
import torch

from hpcmm.errors import InputError

MOST_AT_ONCE = 4096
"""Tracks read at a time, to bound the memory."""


class Network(torch.nn.Module):
    """Maps increments over c dt [track, interval] to log10 of kappa/(c^2 T) [track].

    In units of c^2 T the label is -log10(nu T): how often a track was scattered, which its increments alone show. So a
    network works for periods and parsecs alike, and for any T; kappa in cm2/s could not be read from increments, which
    do not change if all lengths and times are doubled.

    Parameters
    ----------
    hidden : int
        Units of the layer.
    window : int
        Increments it reads at a step.
    mean, scale : float
        Mean and standard deviation of the labels y; the dense layer gives (y - mean)/scale.

    Attributes
    ----------
    systematic : tensor
        Error of its mean over many tracks of one medium [dex], as `hpcmm.kinds.network.calibration` found it.
    """

    def __init__(self, hidden, window, mean=0.0, scale=1.0):
        super().__init__()
        self.layer = torch.nn.LSTM(window, hidden, batch_first=True)
        self.dense = torch.nn.Linear(hidden, 1)
        self.window = window
        self.register_buffer("mean", torch.tensor(float(mean)))
        self.register_buffer("scale", torch.tensor(float(scale)))
        self.register_buffer("systematic", torch.tensor(0.0))

    def forward(self, increments):
        """Compute log10 of kappa/(c^2 T) [track] from increments over c dt [track, interval]."""
        state, _ = self.layer(increments.reshape(len(increments), -1, self.window))
        return self.dense(state.mean(dim=1))[:, 0] * self.scale + self.mean


class Reader:
    """A trained network as a function of arrays, for tracks of any multiple of its intervals.

    Parameters
    ----------
    network : Network
    points : int
        Number of intervals it was trained on.
    span : (float, float)
        Lowest and highest label it was trained on.
    """

    def __init__(self, network, points, span):
        self._network, self.points, self.span = network.eval(), points, span

    def __call__(self, increments):
        """Read log10 of kappa/(c^2 T) [track] from increments over c dt [track, interval].

        Raises
        ------
        InputError
            If the number of intervals is no multiple of `points`.
        """
        tracks, intervals = increments.shape
        if intervals % self.points:
            raise InputError(
                f"tracks of {intervals} intervals do not fit a network trained on {self.points}: so many or a multiple "
                f"are expected; train one with `--set network.points={intervals}`"
            )
        coarse = increments.reshape(tracks, self.points, -1).mean(axis=2)
        whole = torch.from_numpy(np.ascontiguousarray(coarse, dtype=np.float32))
        with torch.no_grad():
            return np.concatenate([self._network(part).double().numpy() for part in whole.split(MOST_AT_ONCE)])

    @property
    def systematic(self):
        """Error [dex] that more tracks of a medium do not reduce."""
        return float(self._network.systematic)

    def outside(self, said):
        """Share of answers beyond the labels it was trained on, where it cannot be right."""
        return float(np.mean((said < self.span[0]) | (said > self.span[1])))

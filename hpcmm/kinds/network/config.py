"""Deck of kind = "network": how the recurrent network is built and what it is trained on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from hpcmm.deck import tables
from hpcmm.deck.messages import Layout
from hpcmm.deck.section import Listed, Section, SectionError
from hpcmm.deck.tables import DeckModel, Directory


class Run(tables.Run):
    """[run]: the kind, and the seed of tracks, initial weights and the order of the tracks."""

    kind: Literal["network"] = Field(examples=['"network"'])
    seed: int = Field(default=0, ge=0, lt=2**63)


MOST_BYTES = 2**31
"""Most memory of the increments to learn from [bytes]; drawing them takes several times as much."""


class Network(Section):
    r"""One long short-term memory layer, its state averaged over the track, and one dense output.

    .. math:: y = W \, \overline{h} + b, \quad h_k = \mathrm{LSTM}(h_{k-1}, u_{kw+1} \ldots u_{kw+w}),
              \quad u = \Delta x / (c \Delta t)

    Source: paper, Methods (recurrent network); docs/physics.md 6.5. The paper does not say which state its dense layer
    reads. The mean counts events along the track and learns faster where increments come one by one; by fours, which is
    three times as fast again, mean and last state do as well (docs/estimators.md).
    """

    hidden: int = Field(default=48, ge=1, le=1024)
    """Width of the recurrent layer."""
    window: int = Field(default=4, ge=1, le=256)
    """Increments of the track that it reads at a time."""
    points: int = Field(default=256, ge=8, le=65_536)
    """Increments of a track."""
    tracks: int = Field(default=1600, ge=20, le=10_000_000)
    """Tracks to learn from."""
    epochs: int = Field(default=100, ge=1, le=100_000)
    """Times that it reads all of them, at most."""
    patience: int = Field(default=30, ge=1, le=100_000)
    """Epochs without progress after which it stops."""
    batch: int = Field(default=32, ge=1, le=100_000)
    """Tracks between two changes of the weights."""
    learning_rate: Annotated[float, Field(gt=0.0, le=1.0)] = 1e-3
    """Size of these changes, as of Adam."""

    @model_validator(mode="after")
    def _fits_memory(self):
        size = 8 * self.tracks * self.points
        if size > MOST_BYTES:
            message = f"{self.tracks} of {self.points} points are {size / 2**30:.3g} GiB; at most 2 GiB are expected"
            raise SectionError(("tracks",), message)
        return self

    @model_validator(mode="after")
    def _whole_windows(self):
        if self.points % self.window:
            message = f"{self.window} increments a step do not divide points = {self.points}; a divisor is expected"
            raise SectionError(("window",), message)
        return self


Interval = Annotated[tuple[float, float], Listed]

LEAST_SPAN = 1.01
"""Least ratio of highest to lowest nu_eff T: labels of less spread have none left in single precision."""


class Training(Section):
    """Ranges [lowest, highest] that tracks are drawn from; see `hpcmm.kinds.network.walks.draw_media`."""

    nu_eff_T: Interval = (20.0, 400.0)
    """Range of nu_eff T of the tracks."""
    contrast: Interval = (1.0, 100.0)
    """Range of nu_mm/nu_res."""
    spread: Interval = (3.0, 300.0)
    """Range of periods that a track spreads over."""
    f_mm: Interval = (0.0, 1.0)
    """Range of filling fractions."""

    @model_validator(mode="after")
    def _ordered(self):
        bounds = {"nu_eff_T": (1.0, 1e6), "contrast": (1e-4, 1e4), "spread": (1e-3, 1e6), "f_mm": (0.0, 1.0)}
        for name, (low, high) in bounds.items():
            first, last = getattr(self, name)
            if not low <= first <= last <= high:
                message = f"[lowest, highest] from {low:g} to {high:g} is expected, not [{first:g}, {last:g}]"
                raise SectionError((name,), message)
        if self.nu_eff_T[1] < LEAST_SPAN * self.nu_eff_T[0]:
            message = f"highest is less than {LEAST_SPAN:g} times lowest; there is nothing to learn"
            raise SectionError(("nu_eff_T",), message)
        return self

    @property
    def ranges(self) -> dict:
        """The ranges as a dict, as `draw_media` takes them."""
        return {name: getattr(self, name) for name in ("nu_eff_T", "contrast", "spread", "f_mm")}


class NetworkConfig(DeckModel):
    """A whole deck of this kind."""

    run: Run
    network: Network = Network()
    training: Training = Training()
    output: Directory = Directory()


LAYOUT = Layout(NetworkConfig, {}, {})

"""Deck of the toy: how many numbers, how many steps, and a file that holds it half-way while it is there."""

from typing import Literal

from pydantic import Field

from hpcmm.deck import tables
from hpcmm.deck.messages import Layout
from hpcmm.deck.section import Section
from hpcmm.deck.tables import DeckModel, Output


class Run(tables.Run):
    """What is run."""

    kind: Literal["toy"]


class Toy(Section):
    """So many numbers, turned over so many times; it stands half-way while the file ``hold`` is there."""

    numbers: int = Field(default=1000, ge=1)
    steps: int = Field(default=100, ge=2)
    hold: str = ""


class ToyConfig(DeckModel):
    """The deck."""

    run: Run
    toy: Toy = Toy()
    output: Output = Output()


LAYOUT = Layout(ToyConfig, {}, {})

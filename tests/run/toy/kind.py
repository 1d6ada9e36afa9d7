"""kind = "toy": every rank turns its share of the numbers over; their sum, in whole numbers, is the product."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpcmm.io.table import read_table_of, write_table
from hpcmm.parallel.collective import on_root
from hpcmm.parallel.exchange import share_of
from hpcmm.run import rounds
from hpcmm.run.kind import RunKind


@dataclass
class ToyState:
    """Numbers of this rank, the first of them, and the steps done."""

    rank: int
    step: int
    numbers: np.ndarray

    def arrays(self):
        """Root keeps the step."""
        return {"step": np.array([self.step] if self.rank == 0 else [], "<i8"), "numbers": self.numbers}

    def summary(self, comm):
        """Steps done."""
        return f"step {self.step}"


class Turns:
    """The worker: one step a call."""

    def __init__(self, config, comm, state):
        self._toy, self._root, self.state = config.toy, comm.rank == 0, state
        if state.numbers is None:
            state.rank = comm.rank
            state.numbers = np.arange(*share_of(self._toy.numbers, comm.rank, comm.size), dtype="<i8")
        self.total = float(self._toy.steps)

    @property
    def done(self):
        """Steps, counted by root."""
        return float(self.state.step) if self._root else 0.0

    @property
    def busy(self):
        """Do steps remain?"""
        return self.state.step < self._toy.steps

    def advance(self, this_round):
        """Turn all numbers over, or stand half-way."""
        if self.state.step == self._toy.steps // 2 and self._toy.hold and Path(self._toy.hold).exists():
            time.sleep(0.01)
        elif self.busy:
            self.state.numbers = (self.state.numbers * 5 + self.state.step) % 1_000_003
            self.state.step += 1

    def close(self):
        """Nothing is held."""


class Toy(RunKind):
    """Numbers to their sum."""

    unit = "steps"

    def check(self, config):
        """Nothing to refuse."""

    def start(self, config):
        return ToyState(0, 0, None)

    def load(self, config, rows):
        step = rows.whole("step", dtype="<i8", most=1)
        numbers = rows.share("numbers", dtype="<i8", most=config.toy.numbers)
        rows.demand(rows.count("numbers") == config.toy.numbers, "it has other numbers")
        return ToyState(rows.comm.rank, int(step[0]), numbers)

    def run(self, run, state):
        rounds.work(Turns(run.config, run.comm, state), run.keeper)
        total = run.comm.allreduce(int(state.numbers.sum()))
        with run.keeper.while_writing("kappa.ecsv"):
            on_root(run.comm, lambda: self._write(run, total))

    def _write(self, run, total):
        from astropy.table import Table

        write_table(run.directory / "kappa.ecsv", Table({"sum": [total]}))

    def plan(self, config):
        from rich.table import Table

        return Table(), [f"{config.toy.steps} steps"]

    def show(self, found):
        from rich.table import Table

        shown = Table("sum")
        shown.add_row(str(found["sum"][0]))
        return shown

    def open(self, directory):
        return read_table_of(directory)


KIND = Toy()

"""State of an MHD run in memory and in checkpoints: the modes by column, the rows of history and spectra so far."""

import numpy as np

from hpcmm.kinds.mhd.diagnostics import HISTORY, MOST_ROWS, SPECTRA
from hpcmm.kinds.mhd.microphysics import COLUMNS, DECADE
from hpcmm.kinds.mhd.transform import TYPES

CLOCK = ("time", "steps", "snapshots")
"""Numbers of the clock: time, steps done, snapshots written."""

RATES = 1 + len(DECADE)
"""Rows of microphysics of a snapshot."""

UNKNOWN, NEVER = -1e300, 1e300
"""Numbers that replace nan and infinity in a checkpoint, which holds finite numbers alone."""


class MhdState:
    """The part of a run's state that one rank holds.

    Attributes
    ----------
    root : bool
        True on the rank that keeps clock and rows.
    time : float
    steps : int
    snapshots : int
        Number of snapshots written.
    history : list of array
        Rows of `hpcmm.kinds.mhd.diagnostics.HISTORY`.
    spectra : list of array
        A time and the spectra behind it, a row each.
    microphysics : list of array
        Rows of `hpcmm.kinds.mhd.microphysics.COLUMNS`, six a snapshot.
    columns, modes : array
        Columns of modes along k_z of this rank, [column] and [column, field, k_z, 2], as read; `hold` replaces them.
    """

    def __init__(self, side, shells, precision):
        self.shape, self.number = (6, side, 2), np.dtype(TYPES[precision])
        self.row = 1 + shells * len(SPECTRA)
        self.root, self.time, self.steps, self.snapshots = True, 0.0, 0, 0
        self.history, self.spectra, self.microphysics = [], [], []
        self.columns = self.modes = None
        self._held = None

    def hold(self, solver, root):
        """Take the modes from a solver from now on."""
        self._held, self.root, self.columns, self.modes = solver, root, None, None

    def arrays(self):
        """Arrays for `hpcmm.run.checkpoint.write`."""
        columns, modes = self.columns, self.modes
        if self._held is not None:
            transforms = self._held.transforms
            columns, modes = transforms.columns(), transforms.get_columns(self._held.modes)
            modes = modes.view(self.number).reshape(-1, *self.shape)
        clock = [[self.time, self.steps, self.snapshots]] if self.root else []
        history, spectra, patches = (self.history, self.spectra, self.microphysics) if self.root else ([], [], [])
        return {
            "clock": np.array(clock, "<f8").reshape(-1, len(CLOCK)),
            "history": _finite(history, len(HISTORY)),
            "spectra": _finite(spectra, self.row),
            "microphysics": _finite(patches, len(COLUMNS)),
            "column": np.asarray(columns, "<i8"),
            "modes": modes.astype(self.number.newbyteorder("<"), copy=False),
        }

    def summary(self, comm):
        """One line for `hpcmm status`."""
        return f"t = {self.time:.6g} after {self.steps} steps, {self.snapshots} snapshots"


def _finite(rows, length):
    made = np.array(rows, "<f8").reshape(-1, length)
    return np.nan_to_num(made, nan=UNKNOWN, posinf=NEVER)


def _numbers(rows):
    return list(np.where(rows == UNKNOWN, np.nan, np.where(rows == NEVER, np.inf, rows)))


def load(state, duration, snapshots, rows):
    """Collective: read this rank's share of a checkpoint into a new state, and verify it.

    Parameters
    ----------
    state : MhdState
    duration : float
    snapshots : int
        Number of snapshots of the whole run.
    rows : hpcmm.run.checkpoint_read.Rows

    Raises
    ------
    Damaged
        On all ranks, if shapes, times or columns are not those of this run.
    """
    side = state.shape[1]
    total = side * (side // 2 + 1)
    clock = rows.whole("clock", (len(CLOCK),), most=1)
    rows.demand(len(clock) == 1, "it has no clock")
    time, steps, written = map(float, clock[0])
    good = 0 <= time <= duration and 0 <= steps < 2**53 and 0 <= written <= snapshots
    rows.demand(good and steps == int(steps) and written == int(written), "its clock is not that of this run")
    state.time, state.steps, state.snapshots = time, int(steps), int(written)
    for name, length in (("history", len(HISTORY)), ("spectra", state.row)):
        found = rows.whole(name, (length,), most=MOST_ROWS + 2)
        in_order = (np.diff(found[:, 0]) > 0).all() and (not len(found) or found[-1, 0] <= time)
        rows.demand(in_order, f"times of {name} are not those of this run")
        setattr(state, name, _numbers(found))
    found = rows.whole("microphysics", (len(COLUMNS),), most=snapshots * RATES)
    rows.demand((found[:, 0] <= time).all(), "times of microphysics are not those of this run")
    state.microphysics = _numbers(found)
    parts = []
    dtype = state.number.newbyteorder("<").str
    for column, modes in rows.pieces(("column", (), "<i8"), ("modes", state.shape, dtype), most=total):
        parts.append((column, modes))
    state.columns = np.concatenate([np.zeros(0, int), *(column for column, _ in parts)])
    state.modes = np.concatenate([np.zeros((0, *state.shape), state.number), *(modes for _, modes in parts)])
    rows.demand(rows.count("column") == total, "it has not every column of modes")
    rows.demand_distinct(state.columns, total, "columns of modes")
    return state

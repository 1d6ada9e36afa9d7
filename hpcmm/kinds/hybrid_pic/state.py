"""State of a run in memory and in checkpoints: cells with their fields, markers in order of cell, rows so far."""

import numpy as np

from hpcmm.kinds.hybrid_pic import plan, spectra
from hpcmm.kinds.hybrid_pic.bricks import Bricks
from hpcmm.kinds.hybrid_pic.config import MOST_ROWS
from hpcmm.kinds.hybrid_pic.history import COLUMNS
from hpcmm.kinds.hybrid_pic.plasma import INSIDE, capacity
from hpcmm.kinds.hybrid_pic.structure import COLUMNS as STRUCTURE
from hpcmm.parallel.exchange import to_owners

CLOCK = ("steps", "scale", "scale_of_flow", "T_x", "T_y", "T_z", "snapshots")
"""Numbers of the clock: steps done, units of the sums in 1, temperatures of f_0, snapshots written."""

CELLS_AT_ONCE = 4096
"""Cells whose markers are put in order at a time, so that little memory is needed beside them."""

FIELDS = 10
"""Numbers of a cell: b, E, n, current."""


class HybridState:
    """The part of a run's state that one rank holds.

    Parameters
    ----------
    spectrum : int
        Numbers of a row of spectra.

    Attributes
    ----------
    clock : list
        Numbers of `CLOCK`, kept by all ranks.
    history, structure, spectra : list of array
        Rows so far, kept by root.
    cell, count, fields, markers : arrays or None
        Cells of this rank as read, and their content; None before the first step, and once a plasma holds them.
    lost : (int, int)
        Clamped markers and thin nodes before this process, on this rank.
    """

    def __init__(self, spectrum):
        self.root, self.clock, self._spectrum = True, [0, *5 * [1.0], 0], spectrum
        self.history, self.structure, self.spectra = [], [], []
        self.cell = self.count = self.fields = self.markers = None
        self.lost, self._plasma = (0, 0), None

    def hold(self, plasma, root):
        """Take cells from a plasma from now on."""
        self._plasma, self.root = plasma, root
        self.cell = self.count = self.fields = self.markers = None

    @property
    def counted(self):
        """Clamped markers and thin nodes on this rank so far."""
        plasma = self._plasma
        return (self.lost[0] + plasma.markers.clamped, self.lost[1] + plasma.thin) if plasma else self.lost

    def arrays(self):
        """Arrays for `hpcmm.run.checkpoint.write`."""
        cell, count, fields, markers = self.cell, self.count, self.fields, self.markers
        if self._plasma is not None:
            cell, count, fields, markers = content(self._plasma)
        if cell is None:
            cell, count, fields = np.zeros(0, "<i8"), np.zeros(0, "<i4"), np.zeros((0, FIELDS))
            markers = np.zeros((0, 7), "<f4")
        history, structure, spectra = (self.history, self.structure, self.spectra) if self.root else ([], [], [])
        return {
            "clock": np.array([self.clock] if self.root else [], "<f8").reshape(-1, len(CLOCK)),
            "history": np.array(history, "<f8").reshape(-1, len(COLUMNS)),
            "structure": np.array(structure, "<f8").reshape(-1, len(STRUCTURE)),
            "spectra": np.array(spectra, "<f8").reshape(-1, self._spectrum),
            "lost": np.array([self.counted], "<i8"),
            "cell": cell,
            "count": count,
            "fields": fields,
            "markers": markers,
        }

    def summary(self, comm):
        """One line for `hpcmm status`."""
        return f"{int(self.clock[0])} steps, {int(self.clock[-1])} snapshots"


def content(plasma):
    """(cell, count, fields, markers) of a brick; markers of a cell in one order, whichever they came in."""
    bricks, store = plasma.bricks, plasma.markers
    at = np.stack(np.meshgrid(*(np.arange(n) + f for n, f in zip(bricks.shape, bricks.first)), indexing="ij"), -1)
    cell = np.ravel_multi_index(tuple(at.reshape(-1, 3).T), bricks.cells)
    count = store.count.astype("<i4")
    markers, first = np.empty((int(count.sum()), 7), "<f4"), 0
    for cells in range(0, len(count), CELLS_AT_ONCE):
        here = count[cells : cells + CELLS_AT_ONCE]
        rows = store.rows[cells : cells + CELLS_AT_ONCE].transpose(0, 2, 1)[np.arange(store.capacity) < here[:, None]]
        order = np.lexsort((rows[:, 4], rows[:, 3], rows[:, 0], rows[:, 6], np.repeat(np.arange(len(here)), here)))
        markers[first : first + len(rows)] = rows[order]
        first += len(rows)
    parts = (plasma.b, plasma.electric, plasma.density[None], plasma.current)
    fields = np.concatenate([part[INSIDE].reshape(len(part), -1) for part in parts]).T
    return cell.astype("<i8"), count, np.ascontiguousarray(fields, "<f8"), markers


def restore(state, plasma):
    """Collective: give a plasma the cells that a checkpoint has of its brick."""
    bricks, store = plasma.bricks, plasma.markers
    inside = bricks.owners(np.unravel_index(state.cell, bricks.cells))[1]
    order = np.argsort(inside)
    firsts = np.concatenate([[0], np.cumsum(state.count)])
    for place in order:
        n = int(state.count[place])
        store.rows[inside[place], :, :n] = state.markers[firsts[place] : firsts[place] + n].T
        store.count[inside[place]] = n
    fields = state.fields[order].T.reshape(FIELDS, *bricks.shape)
    for whole, part in ((plasma.b, fields[:3]), (plasma.electric, fields[3:6]), (plasma.current, fields[7:])):
        whole[INSIDE] = part
        bricks.fill(whole)
    plasma.density[INSIDE] = fields[6]
    bricks.fill(plasma.density)
    plasma.steps, plasma.scale = int(state.clock[0]), tuple(state.clock[1:3])
    plasma.reference = np.array(state.clock[3:6])


def empty(config):
    """The state of a run before its first step."""
    return HybridState(spectra.row_length(plan.box_of(config), plan.unit_of(config)))


def load(config, rows):
    """Collective: read the cells of this rank's brick, and verify them.

    Raises
    ------
    Damaged
        On all ranks, if anything is not of this run.
    """
    state, comm = empty(config), rows.comm
    cells, per_cell = int(np.prod(config.box.cells)), config.markers.per_cell
    clock = rows.whole("clock", (len(CLOCK),), most=1)
    rows.demand(len(clock) == 1, "it has no clock")
    steps, *positive, written = clock[0]
    good = 0 <= steps <= plan.steps(config) and steps == int(steps) and all(0 < x < np.inf for x in positive)
    good = good and written in range(len(config.output.snapshots) + 1)
    rows.demand(good, "its clock is not that of this run")
    state.clock = [int(steps), *map(float, positive), int(written)]
    row = spectra.row_length(plan.box_of(config), plan.unit_of(config))
    for name, length in (("history", len(COLUMNS)), ("structure", len(STRUCTURE)), ("spectra", row)):
        found = rows.whole(name, (length,), most=MOST_ROWS)
        rows.demand((np.diff(found[:, 0]) > 0).all(), f"times of {name} are not those of this run")
        setattr(state, name, list(found))
    state.root = comm.rank == 0
    rows.demand(len(state.structure) == len(state.spectra) == written, "its rows are not those of its snapshots")
    lost = rows.whole("lost", (2,), "<i8", most=2**20)
    state.lost = tuple(map(int, lost.sum(axis=0))) if comm.rank == 0 else (0, 0)
    cell, count = (rows.share(name, dtype=dtype, most=cells) for name, dtype in (("cell", "<i8"), ("count", "<i4")))
    fields = rows.share("fields", (FIELDS,), most=cells)
    rows.demand(rows.count("cell") == cells, "it has not every cell")
    rows.demand(len(cell) == len(count) == len(fields), "its tables differ in length")
    rows.demand_distinct(cell, cells, "cells")
    rows.demand(((count >= 0) & (count <= capacity(per_cell))).all(), "a cell has too many markers")
    rows.demand(rows.count("markers") == cells * per_cell, "markers are missing")
    first = comm.exscan(int(count.sum())) or 0
    markers = rows.range("markers", first, first + int(count.sum()), (7,), "<f4")
    rows.demand(((markers[:, :3] >= 0) & (markers[:, :3] < 1)).all(), "markers lie outside of their cells")
    owner = Bricks(comm, config.box.cells).owners(np.unravel_index(cell, config.box.cells))[0]
    state.cell, state.count, state.fields = to_owners(comm, owner, cell, count, fields)
    (state.markers,) = to_owners(comm, np.repeat(owner, count), markers)
    return state

"""What a marker of a kinetic plasma costs a step, and what a plain loop over markers takes for the same work."""

import time

import numpy as np

from cython_kernels.hybrid_pic import Markers, naive

DRIFT = 0.25
"""v_th times the step over the side of a cell: 37 % of the markers change their cell in a step, as fast as it gets."""


def thermal(cells, per_cell):
    """Markers of a thermal plasma, v_th = 1, in a periodic cube."""
    total, draw = cells**3, np.random.default_rng(1)
    markers = Markers((cells,) * 3, int(1.35 * per_cell + 9 * per_cell**0.5))
    markers.rows[:, :3, :per_cell] = draw.random((total, 3, per_cell), np.float32)
    markers.rows[:, 3:6, :per_cell] = draw.standard_normal((total, 3, per_cell), np.float32) * np.sqrt(0.5)
    markers.rows[:, 6, :per_cell] = (markers.rows[:, 3:6, :per_cell] ** 2).sum(axis=1)
    markers.count[:] = per_cell
    return markers


def ns_of_kernel(cells, per_cell, seconds):
    """(push, deposit) of one marker [ns], delta f, least of the calls that fit in ``seconds`` of process time."""
    markers = thermal(cells, per_cell)
    fields = np.zeros((cells + 1,) * 3 + (8,), np.float32)
    fields[..., 3] = 0.05
    moments = np.zeros((cells + 1,) * 3 + (4,), np.int64)
    same = (1.0, 1.0, 1.0), (2.0**15, 2.0**15), True
    best, begin = [np.inf, np.inf], time.process_time()
    while time.process_time() - begin < seconds or not np.isfinite(best).all():
        start = time.process_time()
        markers.push(fields, moments, (1.0, 1.0, 1.0), (DRIFT,) * 3, *same)
        middle = time.process_time()
        markers.deposit(moments, *same)
        best = np.minimum(best, [middle - start, time.process_time() - middle])
    return 1e9 * best / (cells**3 * per_cell)


def ns_of_plain_loop(cells, per_cell, seconds):
    """One marker [ns] of the loop in double precision, full f, markers in order of cell at first."""
    count, draw = cells**3 * per_cell, np.random.default_rng(2)
    places = np.array(np.unravel_index(np.repeat(np.arange(cells**3), per_cell), (cells,) * 3)).T
    markers = np.column_stack([places + draw.random((count, 3)), draw.standard_normal((count, 3)) * np.sqrt(0.5)])
    fields = np.zeros((cells, cells, cells, 6))
    fields[..., 3] = 1.0
    minus, plus, drift = np.zeros((cells, cells, cells, 4)), np.zeros((cells, cells, cells, 4)), np.full(3, DRIFT)
    sorted_markers, best, begin = markers.copy(), np.inf, time.process_time()
    while time.process_time() - begin < seconds or not np.isfinite(best):
        markers[:] = sorted_markers
        start = time.process_time()
        naive(markers, fields, minus, plus, 0.1, drift)
        best = min(best, time.process_time() - start)
    return 1e9 * best / count


SIZES = ((32, 64), (20, 256))
"""Cells a side and markers a cell."""


def rows(seconds, sizes=SIZES):
    """Rows of `hpcmm bench`."""
    for cells, per_cell in sizes:
        push, deposit = ns_of_kernel(cells, per_cell, seconds)
        plain = ns_of_plain_loop(cells, per_cell, seconds)
        what = f"hybrid plasma, {per_cell} a cell"
        yield f"{what}: push, currents, change of cells", push, "marker step", None
        yield f"{what}: moments", deposit, "marker step", None
        yield f"{what}: a plain loop, {plain / (push + deposit):.1f} times as long", plain, "marker step", None

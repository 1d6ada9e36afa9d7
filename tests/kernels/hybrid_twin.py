"""The kernel of hybrid_pic in NumPy and double precision: markers in a table, weights of corners one by one."""

import itertools

import numpy as np

CORNERS = list(itertools.product((0, 1), repeat=3))


def table(markers):
    """Cell and rows of every marker of a `cython_kernels.hybrid_pic.Markers`, as float64 [marker, 7], in order of h."""
    cells = np.repeat(np.arange(len(markers.count)), markers.count)
    rows = np.concatenate([markers.rows[c, :, :n].T for c, n in enumerate(markers.count)])
    order = np.argsort(rows[:, 6], kind="stable")
    return cells[order], rows[order].astype(float)


def fill(markers, cells, rows):
    """Put a table of markers into cells."""
    for cell in np.unique(cells):
        mine = rows[cells == cell]
        markers.rows[cell, :, : len(mine)] = mine.T
        markers.count[cell] = len(mine)


def _corners(shape, cells, place):
    low = np.array(np.unravel_index(cells, shape)).T
    for corner in CORNERS:
        weight = np.prod(np.where(corner, place, 1 - place), axis=1)
        yield tuple((low + corner).T), weight


def weights(rows, shape, delta_f):
    """W of every marker."""
    return -np.expm1(rows[:, 6] - (np.array(shape) * rows[:, 3:6] ** 2).sum(axis=1)) if delta_f else np.ones(len(rows))


def deposit(shape, cells, rows, W):
    """W and W w at the nodes, one more than cells along each axis."""
    found = np.zeros([n + 1 for n in shape] + [4])
    for node, weight in _corners(shape, cells, rows[:, :3]):
        np.add.at(found, node, (weight * W)[:, None] * np.column_stack([np.ones(len(rows)), rows[:, 3:6]]))
    return found


def push(shape, cells, rows, fields, drag, drift):
    """Cells and rows after a step, and rows with new velocities at old places; periodic."""
    E, B = (sum(w[:, None] * fields[node][:, part] for node, w in _corners(shape, cells, rows[:, :3]))
            for part in (slice(0, 3), slice(3, 6)))  # fmt: skip
    w = rows[:, 3:6] * drag + E
    turned = w + np.cross(w, B)
    w = w + 2 / (1 + (B**2).sum(axis=1))[:, None] * np.cross(turned, B)
    kicked = rows.copy()
    kicked[:, 3:6] = (w + E) * drag
    place = np.array(np.unravel_index(cells, shape)).T + kicked[:, :3] + kicked[:, 3:6] * drift
    whole = np.floor(place)
    moved = kicked.copy()
    moved[:, :3] = place - whole
    return np.ravel_multi_index(tuple((whole.astype(int) % shape).T), shape), moved, kicked

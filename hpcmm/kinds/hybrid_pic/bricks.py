"""Bricks of a periodic box, one a rank: who has which cells, what neighbours exchange."""

import numpy as np

from cython_kernels.hybrid_fields import MORE, Differences
from hpcmm.errors import InputError
from hpcmm.parallel.exchange import owner_of, share_of

LEAST = 4
"""Fewest cells of a brick along an axis that ranks share."""


def division(ranks, cells):
    """Number of bricks along each axis, least surface first.

    Raises
    ------
    InputError
        If so many ranks have no such bricks.
    """
    choices = [
        (x, y, ranks // (x * y))
        for x in range(1, ranks + 1) if ranks % x == 0
        for y in range(1, ranks // x + 1) if (ranks // x) % y == 0
    ]  # fmt: skip
    fit = [c for c in choices if all(p == 1 or n // p >= LEAST for p, n in zip(c, cells, strict=True))]
    if not fit:
        raise InputError(
            f"{ranks} ranks cannot share {list(cells)} cells in bricks of {LEAST} cells or more along each axis; "
            "fewer ranks are expected"
        )
    return min(fit, key=lambda c: (sum(2 * p / n for p, n in zip(c, cells, strict=True) if p > 1), max(c), c))


class Bricks:
    """The brick of a rank and its neighbours.

    Parameters
    ----------
    comm : communicator
    cells : (int, int, int)
        Of the box.

    Attributes
    ----------
    first, shape : (int, int, int)
        First cell and number of cells of this brick.
    whole : (bool, bool, bool)
        Axes along which it has all cells.
    """

    def __init__(self, comm, cells):
        self.comm, self.cells = comm, tuple(cells)
        self.parts = division(comm.size, cells)
        self.place = np.unravel_index(comm.rank, self.parts)
        shares = [share_of(n, at, p) for n, at, p in zip(cells, self.place, self.parts, strict=True)]
        self.first = tuple(a for a, _ in shares)
        self.shape = tuple(b - a for a, b in shares)
        self.whole = tuple(p == 1 for p in self.parts)
        self._nodes = Differences(self.shape, (1.0, 1.0, 1.0))

    def _beside(self, axis, side):
        place = list(self.place)
        place[axis] = (place[axis] + side) % self.parts[axis]
        return int(np.ravel_multi_index(place, self.parts))

    def _swap(self, axis, side, sent):
        """Send an array to the neighbour at ``side`` of this brick, and return what came from the other one."""
        came = np.empty_like(sent)
        self.comm.Sendrecv(
            np.ascontiguousarray(sent), self._beside(axis, side), recvbuf=came, source=self._beside(axis, -side)
        )
        return came

    def fill(self, array):
        """Collective: bring the outer nodes of a contiguous array [..., x, y, z] up to date."""
        fields = array.reshape(-1, *array.shape[-3:])
        for axis in range(3):
            if self.whole[axis]:
                self._nodes.wrap(fields, axis)
            else:
                a, n = np.moveaxis(fields, axis + 1, 0), self.shape[axis]
                a[:MORE] = self._swap(axis, 1, np.ascontiguousarray(a[n : n + MORE]))
                a[MORE + n :] = self._swap(axis, -1, np.ascontiguousarray(a[MORE : 2 * MORE]))

    def gather_ends(self, sums):
        """Collective: add integers [x + 1, y + 1, z + 1, ...] of last nodes to those of the next brick; inner nodes."""
        for axis in range(3):
            a = np.moveaxis(sums, axis, 0)
            last = np.ascontiguousarray(a[-1])
            a[0] += last if self.whole[axis] else self._swap(axis, 1, last)
            sums = np.moveaxis(a[:-1], 0, axis)
        return sums

    def owners(self, cell):
        """Ranks and cells there of cells of the box given as (x, y, z) arrays."""
        at, inside = [], []
        for x, n, p in zip(cell, self.cells, self.parts, strict=True):
            owner = owner_of(x, n, p)
            firsts = np.array([share_of(n, i, p)[0] for i in range(p)])
            at.append(owner)
            inside.append(x - firsts[owner])
        sizes = [np.array([b - a for a, b in (share_of(n, i, p) for i in range(p))])[o]
                 for n, p, o in zip(self.cells, self.parts, at, strict=True)]  # fmt: skip
        return np.ravel_multi_index(at, self.parts), (inside[0] * sizes[1] + inside[1]) * sizes[2] + inside[2]

    def migrate(self, markers):
        """Collective: send the markers that left this brick to the bricks they went to, and take in those that came.

        Two phases: how many, then one packed array to and from each neighbour.
        """
        if all(self.whole):
            return
        sent = markers.leaving
        padded = tuple(n + 2 for n in self.shape)
        code = np.unravel_index(sent[:, 7].copy().view(np.int32), padded)
        box = [(x - 1 + f) % n for x, f, n in zip(code, self.first, self.cells, strict=True)]
        rank, cell = self.owners(box)
        sent = np.column_stack([sent[:, :7].view(np.int32), cell.astype(np.int32)])
        order = np.argsort(rank, kind="stable")
        borders = np.searchsorted(rank[order], np.arange(self.comm.size + 1))
        to = {r: np.ascontiguousarray(sent[order[borders[r] : borders[r + 1]]]) for r in self._neighbours}
        counts = {r: np.empty(1, np.int64) for r in self._neighbours}
        self._pass(counts, {r: np.array([len(rows)], np.int64) for r, rows in to.items()})
        came = {r: np.empty((int(counts[r][0]), 8), np.int32) for r in self._neighbours}
        self._pass(came, to)
        rows = np.concatenate([came[r] for r in self._neighbours])
        markers.insert(np.ascontiguousarray(rows).view(np.float32), rows[:, 7].astype(np.int64))

    @property
    def _neighbours(self):
        found = set()
        for move in np.ndindex(3, 3, 3):
            place = [(a + m - 1) % p for a, m, p in zip(self.place, move, self.parts, strict=True)]
            found.add(int(np.ravel_multi_index(place, self.parts)))
        return sorted(found - {self.comm.rank})

    def _pass(self, came, sent):
        requests = [self.comm.Irecv(came[r], r) for r in self._neighbours]
        requests += [self.comm.Isend(sent[r], r) for r in self._neighbours]
        for request in requests:
            request.Wait()

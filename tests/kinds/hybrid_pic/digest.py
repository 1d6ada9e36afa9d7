"""Steps of a small plasma on the ranks of mpirun; root prints a digest of its fields and markers, in order of cell."""

import hashlib
import sys

import numpy as np
from mpi4py import MPI

from hpcmm.kinds.hybrid_pic.plasma import INSIDE
from tests.kinds.hybrid_pic.test_box import seeded

if __name__ == "__main__":
    comm = MPI.COMM_WORLD
    delta_f = sys.argv[1] == "delta_f"
    made = seeded((8, 8, 8), comm, delta_f=delta_f, tau=40.0 if delta_f else -40.0)
    for _ in range(20):
        made.advance()
    bricks, rows = made.bricks, made.markers.rows
    found = {}
    for at in np.ndindex(bricks.shape):
        cell = np.ravel_multi_index(at, bricks.shape)
        mine = rows[cell, :, : made.markers.count[cell]]
        fields = [f[INSIDE][(..., *at)] for f in (made.b, made.electric, made.density, made.current)]
        key = tuple(a + b for a, b in zip(at, bricks.first, strict=True))
        found[key] = b"".join(np.ascontiguousarray(a).tobytes() for a in (*fields, mine[:, np.lexsort(mine)]))
    parts = comm.gather(found)
    if comm.rank == 0:
        cells = {key: value for part in parts for key, value in part.items()}
        assert len(cells) == 8 * 8 * 8
        print(bricks.parts, hashlib.sha256(b"".join(cells[key] for key in sorted(cells))).hexdigest())

"""What a checkpoint of a two-phase run holds: sums of finished blocks, lanes of those on their way, by task number."""

from dataclasses import dataclass, field

import numpy as np

from cython_kernels.telegraph import ROWS
from hpcmm.run.checkpoint_read import Damaged, rows, whole
from hpcmm.kinds.two_phase_1d.kappa import SUMMED, SUMS


@dataclass
class TwoPhaseState:
    """Part of a run that a rank holds.

    Attributes
    ----------
    lanes : int
        Particles of a task, a multiple of SUMMED.
    done : dict
        Task -> sums of its particles, (groups, len(SUMS)).
    flights : dict
        Task -> state (len(ROWS), lanes) of a block on its way; see `cython_kernels.telegraph.TelegraphBlock`.
    """

    lanes: int
    done: dict = field(default_factory=dict)
    flights: dict = field(default_factory=dict)

    def arrays(self, times=2):
        """Arrays for `checkpoint.write`, rows in order of task; there are always two samples."""
        made, kept = {}, {"done": self.done, "flight": self.flights}
        for (name, content), shape in zip(kept.items(), _shapes(self.lanes), strict=True):
            tasks = sorted(content)
            made[f"{name}_task"] = np.array(tasks, dtype="<i8")
            made[f"{name}_rows"] = np.array([content[t] for t in tasks], dtype="<f8").reshape(-1, *shape)
        return made


def rows_of(file, tasks, lanes, rank, ranks):
    """Share of a rank of the rows of a checkpoint, checked.

    Parameters
    ----------
    file : h5py.File
    tasks, lanes : int
        Number of tasks that the run has, and of particles in each.
    rank, ranks : int

    Returns
    -------
    TwoPhaseState

    Raises
    ------
    Damaged
        If shapes, task numbers or values are not those of this run.
    """
    done, flying = whole(file, "done_task"), whole(file, "flight_task")
    named = np.concatenate([done, flying])
    if ((named < 0) | (named >= tasks)).any() or len(np.unique(named)) != len(named):
        raise Damaged("is damaged: it names tasks that the run has not, or one twice")
    mine = slice(rank, None, ranks)
    sums = rows(file, "done_rows", (len(done), *_shapes(lanes)[0]), mine)
    flights = rows(file, "flight_rows", (len(flying), *_shapes(lanes)[1]), mine)
    pairs = flights[:, ROWS.index("pair")]
    if (pairs < 1).any() or (pairs > 2**52).any() or (pairs % 1 != 0).any():
        raise Damaged("is damaged: a particle is at a turn where none is saved")
    return TwoPhaseState(
        lanes,
        dict(zip(map(int, done[mine]), sums, strict=True)),
        dict(zip(map(int, flying[mine]), flights, strict=True)),
    )


def _shapes(lanes):
    """Of what is kept of a finished task, and of one on its way."""
    return (lanes // SUMMED, len(SUMS)), (len(ROWS), lanes)

"""What a checkpoint of a two-phase run holds: sums of finished blocks, lanes of those on their way, by task number."""

from dataclasses import dataclass, field

import numpy as np

from cython_kernels.telegraph import LANES, ROWS
from hpcmm.checkpoint_read import Damaged, rows, whole
from hpcmm.two_phase_kappa import SUMS


@dataclass
class TwoPhaseState:
    """Part of a run that a rank holds.

    Attributes
    ----------
    done : dict
        Task -> sums of its block.
    flights : dict
        Task -> (pair, state) of a block on its way; see `cython_kernels.telegraph.TelegraphBlock`.
    """

    done: dict = field(default_factory=dict)
    flights: dict = field(default_factory=dict)

    def arrays(self, times=2):
        """Arrays for `checkpoint.write`, rows in order of task; there are always two samples."""
        done, flying = sorted(self.done), sorted(self.flights)
        return {
            "done_task": np.array(done, dtype="<i8"),
            "done_sums": np.array([self.done[t] for t in done], dtype="<f8").reshape(-1, len(SUMS)),
            "flight_task": np.array(flying, dtype="<i8"),
            "flight_pair": np.array([self.flights[t][0] for t in flying], dtype="<i8"),
            "flight_state": np.array([self.flights[t][1] for t in flying], dtype="<f8").reshape(-1, len(ROWS), LANES),
        }


def rows_of(file, tasks, rank, ranks):
    """Share of a rank of the rows of a checkpoint, checked.

    Parameters
    ----------
    file : h5py.File
    tasks : int
        Number of them that the run has.
    rank, ranks : int

    Returns
    -------
    TwoPhaseState

    Raises
    ------
    Damaged
        If shapes, task numbers or values are not those of this run.
    """
    done, flying, pairs = (whole(file, name) for name in ("done_task", "flight_task", "flight_pair"))
    named = np.concatenate([done, flying])
    if ((named < 0) | (named >= tasks)).any() or len(np.unique(named)) != len(named):
        raise Damaged("is damaged: it names tasks that the run has not, or one twice")
    if len(pairs) != len(flying) or (pairs < 1).any():
        raise Damaged("is damaged: a block is at a turn where none is saved")
    mine = slice(rank, None, ranks)
    sums = rows(file, "done_sums", (len(done), len(SUMS)), mine)
    lanes = rows(file, "flight_state", (len(flying), len(ROWS), LANES), mine)
    return TwoPhaseState(
        dict(zip(map(int, done[mine]), sums, strict=True)),
        {int(t): (int(p), state) for t, p, state in zip(flying[mine], pairs[mine], lanes, strict=True)},
    )

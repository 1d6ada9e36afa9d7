"""What a checkpoint of these runs holds: the results of solved media, by task number."""

from dataclasses import dataclass, field

import numpy as np

from hpcmm.run.checkpoint_read import Damaged, rows, whole

RESULT = ("filling_fraction", "harmonic", "arithmetic", "iterations", *("lower",) * 9, *("upper",) * 9)
"""A row: two tensors [cm2/s] stand behind four numbers; a filling fraction that is not known is -1.

Of media with kappa_perp the tensors are no bounds, but those of the coarser and of the deck's grid.
"""


@dataclass
class MediaState:
    """Part of a run that a rank holds.

    Attributes
    ----------
    done : dict
        Task -> row of RESULT.
    flights : dict
        Empty: a solve that is cut off is begun again.
    """

    done: dict = field(default_factory=dict)
    flights: dict = field(default_factory=dict)

    def arrays(self, times=0):
        """Arrays for `checkpoint.write`, rows in order of task."""
        tasks = sorted(self.done)
        found = np.array([self.done[t] for t in tasks], dtype="<f8").reshape(-1, len(RESULT))
        return {"done_task": np.array(tasks, dtype="<i8"), "done_rows": found}


def rows_of(file, tasks, rank, ranks):
    """Share of a rank of the rows of a checkpoint, checked.

    Raises
    ------
    Damaged
        If shapes or task numbers are not those of this run.
    """
    done = whole(file, "done_task")
    if ((done < 0) | (done >= tasks)).any() or len(np.unique(done)) != len(done):
        raise Damaged("is damaged: it names tasks that the run has not, or one twice")
    mine = slice(rank, None, ranks)
    found = rows(file, "done_rows", (len(done), len(RESULT)), mine)
    return MediaState(dict(zip(map(int, done[mine]), found, strict=True)))

"""Estimators of kappa from tracks: pure functions of arrays, one registry of their names.

Each takes a `TrackRow` and returns a dict: kappa along each axis, the mean over axes, and jackknife errors between
statistical units, in units of c and of the tracks' length.
"""

from hpcmm.estimators.displacement import running, time_differenced, time_origins
from hpcmm.estimators.learned import lstm
from hpcmm.estimators.memory import green_kubo
from hpcmm.estimators.reversals import telegraph, telegraph_log10
from hpcmm.estimators.row import TrackRow

ESTIMATORS = {
    "running": running,
    "time_differenced": time_differenced,
    "green_kubo": green_kubo,
    "time_origins": time_origins,
    "telegraph": telegraph,
    "lstm": lstm,
}
"""Estimators by the name that `hpcmm kappa --estimator` takes. `lstm` takes a network besides the row."""

__all__ = ["ESTIMATORS", "TrackRow", "telegraph_log10", *ESTIMATORS]

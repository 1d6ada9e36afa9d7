"""From sums over lags to kappa along tangled lines, extrapolated to the mirrors that lines leave out; pure functions.

Times are path lengths c t [pc], so that every kappa here is in pc c.
"""

from dataclasses import dataclass

import numpy as np

from cython_kernels.lags import COLUMNS, INTERVALS
from hpcmm.estimators import lags
from hpcmm.estimators.jackknife import jackknife
from hpcmm.estimators.regime import regime
from hpcmm.kinds.field_lines.flights import LAGS, SUMS
from hpcmm.kinds.field_lines.plan import SAMPLES

LARGEST_ENDED = 0.05
"""Share of the particles that met an end of their line above which kappa is not called converged: with 4 % of them it
is lower by 1 % at lags of 20 mean free paths, with 9 % by 7 % (docs/physics.md 17.5)."""


@dataclass(frozen=True)
class Cuts:
    """Wavenumbers of the extrapolation: of the coarser and finer lines, and the last that mirrors [1/pc]."""

    coarse: float
    fine: float
    mirrors: float

    @property
    def factor(self):
        r"""Part of kappa(fine) - kappa(coarse) that is added, for kappa = kappa_inf + A k^(-1/3).

        .. math:: \frac{1 - (k_f/k_m)^{1/3}}{(k_f/k_c)^{1/3} - 1}

        0.87 for a decade between the cuts and mirrors without end; 0 where the finer lines hold all mirrors.
        """
        left = max(0.0, 1 - (self.fine / self.mirrors) ** (1 / 3))
        return left / self._decade

    @property
    def error(self):
        """Half of what would be added for mirrors without end."""
        return 0.5 / self._decade

    @property
    def _decade(self):
        return (self.fine / self.coarse) ** (1 / 3) - 1


def lag_sums(sums):
    """Sums [..., lag, SUMS] as `hpcmm.estimators.lags` takes them, ds^2 in the place of xx, dr^2 in that of yy."""
    found = np.zeros((*sums.shape[:-2], len(INTERVALS), len(COLUMNS)))
    places = [_place(lag) for lag in LAGS]
    for name, column in (("count", "count"), ("par", "xx"), ("trace", "yy")):
        found[..., places, COLUMNS.index(column)] = sums[..., SUMS.index(name)]
    return found


def _place(lag):
    """Place of a lag among those of the kernel."""
    return int(np.flatnonzero(lag == INTERVALS)[0])


def projections(tensor):
    """Scalars by name of what `lag_sums` has put into a tensor."""
    return {"par": tensor[0, 0], "trace": tensor[1, 1]}


def estimate(fine, coarse, apart, l_c, cuts):
    """One row of the table.

    Parameters
    ----------
    fine, coarse : array [unit, lag, SUMS]
        Sums on lines of the two cuts; units are realizations, or lines where there is one.
    apart : float
        Path between samples [pc].
    l_c : float
        [pc].
    cuts : Cuts

    Returns
    -------
    dict
        kappa_par, kappa_trace [pc c] and their errors, cut_error, kappa_par_cut (not extrapolated), slope, slope_err,
        converged, lag [pc], lag_over_lambda, regime, displacement_over_l_c, ended (share of the particles that met an
        end of their line).
    """
    time, path = INTERVALS * apart, LAGS[-1] * apart
    pair = np.concatenate([lag_sums(fine), lag_sums(coarse)], axis=-1)
    columns = len(COLUMNS)
    square = lags.squares(pair[..., :columns].sum(axis=0))[_place(LAGS[-1])]
    displacement = float(np.sqrt(square[1, 1]) / l_c)
    read = lags.read_kappa(pair[..., :columns], time, path, projections, "par", 0.0)
    if read is None:
        at, found, slope, slope_err = 0, False, np.nan, np.nan
    else:
        at, found = int(np.flatnonzero(time == read.lag)[0]), read.found
        slope, slope_err = float(read.slope["par"]), float(read.slope_err["par"])

    def statistic(pooled):
        here = lags.kappa_between(pooled[:, :columns], time)[at]
        less = lags.kappa_between(pooled[:, columns:], time)[at]
        more = here + cuts.factor * (here - less)
        return np.array([more[0, 0], more[1, 1], here[0, 0], here[0, 0] - less[0, 0]])

    value, error = jackknife(statistic, pair, pair[:, at, 0])
    # what the reading adds for a difference to twice the lag, beyond its own error
    beyond = np.zeros(2)
    if read is not None:
        own = errors_at(pair[..., :columns], time, at)
        beyond = np.maximum(np.array([read.error["par"], read.error["trace"]]) ** 2 - own**2, 0.0)
    total = np.sqrt(error[:2] ** 2 + beyond)
    free_path = 3 * value[0]
    word = lags.converged(slope, slope_err, path >= lags.LEAST_PATH * free_path * (1 - 1e-9), found)
    ended = max(share_ended(fine), share_ended(coarse))
    if read is None or ended > LARGEST_ENDED:
        word = "no"
    lag = float(time[at]) if read is not None else np.nan
    row = {
        "kappa_par": float(value[0]), "kappa_par_err": float(total[0]),
        "kappa_trace": float(value[1]), "kappa_trace_err": float(total[1]),
        "cut_error": float(cuts.error * abs(value[3])), "kappa_par_cut": float(value[2]),
        "slope": slope, "slope_err": slope_err, "converged": word,
        "lag": lag, "lag_over_lambda": lag / free_path,
    }  # fmt: skip
    row["regime"] = regime(displacement, row["lag_over_lambda"] if read is not None else 0.0, row["converged"])
    return row | {"displacement_over_l_c": displacement, "ended": ended}


def share_ended(sums):
    """Share of the particles that met an end of their line, from sums [unit, lag, SUMS]."""
    pooled = sums.sum(axis=0)[-1]
    return float(pooled[SUMS.index("ended")] / (pooled[SUMS.index("count")] / (SAMPLES + 1 - LAGS[-1])))


def errors_at(units, time, at):
    """Errors of kappa_par and kappa_trace at one lag alone."""

    def statistic(pooled):
        tensor = lags.kappa_between(pooled, time)[at]
        return np.array([tensor[0, 0], tensor[1, 1]])

    return jackknife(statistic, units, units[:, at, 0])[1]

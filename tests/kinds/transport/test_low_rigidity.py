"""kappa of turbulence flown gyration by gyration at low rigidity: reference values, and what they must not depend on.

C = d<dr^2>/2dt between half a lag and the lag, over c l_c (r_g/l_c)^(1/3); reference values: docs/physics.md 17.5.
"""

import numpy as np
import pytest

from hpcmm import open_run
from hpcmm.estimators import lags
from tests import decks

L_C = 1e5


@pytest.fixture
def slope_at(done, tmp_path):
    """Callable: run a deck, return C at the lag [l_c] and its error between realizations."""

    def call(x, path, lag, realizations, field=(), stepping=()):
        text = decks.transport(
            f"{x * decks.EEV_AT_L_C:.8g} EeV",
            decks.waves(**dict(field)),
            run={"realizations": realizations, "particles": 64, "seed": 4},
            stepping={"path_length": f"{path * L_C:g} pc"} | dict(stepping),
        )
        (tmp_path / "deck.toml").write_text(text)
        done("run", tmp_path / "deck.toml", "--out", tmp_path / "run", "--overwrite", timeout=1500)
        run = open_run(tmp_path / "run")
        time = run.lag_time[0].to_value("s") * decks.PER_PC
        sums = run.lag_sums[0].sum(axis=1)
        at = [i for i in np.flatnonzero(lags.DOUBLE >= 0) if (sums[:, lags.DOUBLE[i]] > 0).any()]
        at = min(at, key=lambda i: abs(np.log(2 * time[i] / (lag * L_C))))
        trace = np.trace(lags.kappa_between(sums, time)[:, at], axis1=-2, axis2=-1) / (L_C * x ** (1 / 3))
        return trace.mean(), trace.std(ddof=1) / np.sqrt(len(trace))

    return call


@pytest.mark.slow
@pytest.mark.parametrize(
    ("x", "path", "lag", "realizations", "expected", "within"),
    [(1e-4, 10, 1.0, 4, 0.86, 0.08), (1e-6, 0.4, 0.08, 4, 0.91, 0.10)],
)
def test_reference_values(slope_at, x, path, lag, realizations, expected, within):
    value, error = slope_at(x, path, lag, realizations)
    assert error < 0.1 * expected
    assert abs(value - expected) < np.hypot(within, 2 * error)


VARIANTS = {
    "as planned": {},
    "50 waves a decade": {"field": {"modes_per_decade": 50}},
    "340 waves a decade": {"field": {"modes_per_decade": 340}},
    "r_g/8": {"stepping": {"step": "12.5 pc"}},
    "r_g/40": {"stepping": {"step": "2.5 pc"}},
    "tolerance 1e-3": {"field": {"tolerance": 1e-3}},
}
"""At r_g = 100 pc, x = 1e-3."""


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIANTS)
def test_numerics_do_not_matter_where_the_lag_does(slope_at, name):
    """.60 +- .05 at 1 l_c whatever waves, step and tolerance: 8 fields, whose error is 2.5 %."""
    value, error = slope_at(1e-3, 10, 1.0, 8, **VARIANTS[name])
    assert abs(value - 0.60) < np.hypot(0.05, 2 * error)

"""kappa in isotropic Kolmogorov turbulence against the table of docs/physics.md 10.3, in the set-up that made it."""

import numpy as np
import pytest

from hpcmm import theory
from hpcmm.estimators.jackknife import jackknife
from hpcmm.kinds.transport import moments
from tests import decks

REFERENCE = {3.0: (10.55, 0.43, 320), 1.0: (1.304, 0.071, 80), 0.3: (0.220, 0.013, 60), 0.1: (0.0830, 0.0043, 50)}
"""r_g/l_c: kappa_iso/(c l_c), its error, path in l_c (docs/physics.md 10.3; 192 cosmic rays)."""


@pytest.mark.parametrize("x", REFERENCE)
def test_kappa_equals_the_reference(run_deck, x):
    """Mean of <dr^2>/6t over the last 40 % of the path, within 3 combined standard errors or 10 %."""
    reference, reference_error, path = REFERENCE[x]
    run = run_deck(decks.turbulence_as_kappa_ref(x, path))
    assert run.gyroradius[0].to_value("pc") == pytest.approx(x * decks.L_C_PC, rel=1e-5)
    time = run.time[0].to_value("s") * theory.C / theory.PARSEC / decks.L_C_PC
    last = time >= 0.6 * time[-1]

    def plateau(sums):
        running = np.trace(moments.tensor(sums), axis1=-2, axis2=-1) / decks.L_C_PC**2 / (6 * time)
        # samples are log-spaced: the mean over time weighs them by their distance
        return np.trapezoid(running[last], time[last]) / np.ptp(time[last])

    units = moments.statistical_units(run.sums[0])
    value, error = jackknife(plateau, units, moments.particles(units))
    assert error < 0.045 * value
    assert abs(value - reference) < max(3 * np.hypot(error, reference_error), 0.1 * reference)

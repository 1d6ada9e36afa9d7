"""kappa in isotropic Kolmogorov turbulence against the table of docs/physics.md 10.3, in the set-up that made it."""

import numpy as np
import pytest

from hpcmm import theory
from hpcmm.estimators.jackknife import jackknife
from hpcmm.kinds.transport import moments
from hpcmm.kinds.transport.products import KAPPA_CGS
from tests import decks

REFERENCE = {3.0: (10.55, 0.43, 320), 1.0: (1.304, 0.071, 80), 0.3: (0.220, 0.013, 60), 0.1: (0.0830, 0.0043, 50)}
"""r_g/l_c: kappa_iso/(c l_c), its error, path in l_c (docs/physics.md 10.3; 192 cosmic rays)."""


def free_of_the_start(kappa, path):
    """Turn a mean running value over the last 40 % of a path into the kappa that it tends to.

    With an exponential memory of lambda = 3 kappa, kappa(t) = kappa [1 - lambda/t (1 - exp(-t/lambda))]: 10.55 becomes
    12.38 at x = 3, whose path of 320 is nine mean free paths, 1.304 becomes 1.397 at 1, .220 .223 and .0830 .0835.
    """
    t, found = np.linspace(0.6 * path, path, 2000), kappa
    for _ in range(100):
        free_path = 3 * found
        found = kappa / np.mean(1 - free_path / t * (1 - np.exp(-t / free_path)))
    return found


def check_headline(run, x):
    """The headline of the table within 3 combined standard errors of the reference without its ballistic offset."""
    reference, reference_error, of_path = REFERENCE[x]
    row = run.table[0]
    unit = KAPPA_CGS * decks.L_C_PC
    value, error = (row[name].to_value("cm2/s") / unit for name in ("kappa_iso", "kappa_iso_err"))
    assert error < 0.08 * value
    assert abs(value - free_of_the_start(reference, of_path)) < 3 * np.hypot(error, reference_error)


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
    if x <= 0.3:  # these paths are long enough for the lags of the headline
        check_headline(run, x)


@pytest.mark.slow
@pytest.mark.parametrize(("x", "path"), [(3.0, 1800), (1.0, 250)])
def test_headline_equals_the_reference_on_longer_paths(run_deck, x, path):
    """Paths of 48 and 60 mean free paths in the same waves."""
    run = run_deck(decks.turbulence_as_kappa_ref(x, path))
    check_headline(run, x)

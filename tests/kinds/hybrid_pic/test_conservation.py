"""Energy, momentum and noise of a thermal plasma of full f, and of delta f beside it (docs/physics.md 16.6)."""

import math

import numpy as np
import pytest

from hpcmm.kinds.hybrid_pic import history, loading
from hpcmm.kinds.hybrid_pic.plasma import INSIDE
from hpcmm.kinds.hybrid_pic.temperatures import temperatures
from tests.kinds.hybrid_pic.plasmas import begun, plasma

ENERGY = list(history.COLUMNS).index("energy")
V_TH = math.sqrt(20.0)


def thermal(cells, per_cell, step=0.1, delta_f=False):
    """A plasma of beta 20 with square cells of half a gyroradius; delta f with a seed field of 1e-3 B_0."""
    made = plasma((cells, cells, 1), (cells / 2, cells / 2, 0.5), 20.0, per_cell=per_cell, step=step, delta_f=delta_f)
    if delta_f:
        loading.add_curl(made, loading.noise(made.box, 1, 1.5 / V_TH), 1e-3)
    return begun(made)


def drifts(per_cell, step):
    """Change of energy a unit of time, over the energy; drift of the mean velocity over v_th, in 60/Omega_i."""
    made, times, energies = thermal(24, per_cell, step), [], []
    energy, before = history.row(made, (0, 0))[ENERGY], temperatures(made)[2]
    while made.time < 60:
        made.advance()
        if made.steps % 10 == 0:
            times.append(made.time)
            energies.append(history.row(made, (0, 0))[ENERGY])
    late = np.array(times) > 20  # the noise arises before
    slope = np.polyfit(np.array(times)[late], np.array(energies)[late], 1)[0] / energy
    return slope, np.abs(temperatures(made)[2] - before).max() / V_TH


def noise(made):
    """Rms of B about its mean, and of the density, after 20/Omega_i."""
    while made.time < 20:
        made.advance()
    B = made.magnetic()[INSIDE]
    B[0] -= 1
    return np.array([math.sqrt((B**2).sum(axis=0).mean()), made.density[INSIDE].std()])


def test_full_f_keeps_energy_and_momentum():
    """P7, P8: by 3e-5 of the energy a unit of time, and 2e-3 v_th in all, at 128 markers a cell."""
    slope, drift = drifts(128, 0.1)
    assert abs(slope) < 3e-5
    assert drift < 2e-3


@pytest.mark.slow
def test_energy_is_lost_to_noise_alone():
    """P7: four times the markers leave a quarter of the loss, to 30 %; half the step is not worse."""
    slope = drifts(128, 0.1)[0]
    assert drifts(512, 0.1)[0] / slope == pytest.approx(0.25, rel=0.3)
    assert abs(drifts(128, 0.05)[0]) < 1.1 * abs(slope)


def test_noise_is_that_of_the_number_of_markers():
    """P9: dB/B = 1.65/sqrt(N), dn/n = .25/sqrt(N) of full f, whatever N; delta f has only its seed."""
    # 64 and more: of 16 a cell the noise is .4 B, no small wave any more, and dn sqrt(N) is .30
    found = [noise(thermal(32, n)) * math.sqrt(n) for n in (64, 256)]
    # a box has few waves as long as it, which hold most of B: single runs scatter by a tenth
    assert (np.abs(np.array(found) - [1.65, 0.25]) < [0.15, 0.03]).all()
    for per_cell in (16, 64):
        assert (noise(thermal(32, per_cell, delta_f=True)) < 1e-3).all()

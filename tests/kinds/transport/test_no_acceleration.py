"""Nothing gains energy: fields are static and E = 0, so that B and kicks turn velocities and change no speed.

Speeds are c by convention, directions unit vectors: |n| must stay 1 through every field, operator and many steps.
Particles have no energy of their own in a run; that of the row is theirs from start to end (docs/physics.md 5.4).
"""

import numpy as np
import pytest

from cython_kernels.cube import CubeField
from cython_kernels.lives import Cells
from cython_kernels.patches import PatchScatterer
from cython_kernels.plane_waves import PlaneWaveField
from cython_kernels.push import Sampler, advance
from cython_kernels.scatter import GatedScatterer, Scatterer, SmallAngleScatterer
from cython_kernels.uniform import UniformField
from hpcmm.fields.waves import draw_waves
from hpcmm.kinds.transport.state import PHASE_SPACE
from tests.kernels.test_against_twins import block
from tests.kinds.transport import cubes

STEPS, STEP = 30_000, 0.05


def waves():
    return PlaneWaveField(*draw_waves(np.geomspace(0.1, 10, 16), np.full(16, 0.3), np.random.default_rng(1)))


def cube():
    return CubeField(cubes.turbulence(points=16)[0], (5.0,) * 3, np.eye(3), np.zeros(3), "periodic", "solenoidal")


FIELDS = {"waves": waves, "waves about a mean": lambda: waves() + UniformField(0, 0, 1.0), "cube": cube}
SCATTERERS = {
    "none": Scatterer,
    "kicks": lambda: SmallAngleScatterer("paper", 0.01, 3),
    "gate": lambda: GatedScatterer("transport", 0.01, 3, 1.0),
    "patches": lambda: PatchScatterer("transport", 0.05, 0.001, 3, "cubes", 0.3, 2.0),
    "living patches": lambda: PatchScatterer("paper", 0.05, 0.001, 3, "cubes", np.inf, 2.0, Cells(2.0, 9.0, 0.3, 1, 2)),
}


@pytest.mark.parametrize("scatterer", SCATTERERS)
@pytest.mark.parametrize("field", FIELDS)
def test_speed_stays_that_of_light(field, scatterer):
    """Rounding alone, 1e-16 a step, all the same way at worst: 3e-12; at random 2e-14, no mean over lanes."""
    particles = block(1)
    advance(FIELDS[field](), SCATTERERS[scatterer](), particles, Sampler([STEPS]), STEPS, STEP, 1.0)
    off = np.linalg.norm(particles.state[3:6], axis=0) - 1
    assert np.abs(off).max() < 3e-13
    assert abs(off.mean()) < 3e-14
    assert np.abs(particles.state[:3]).max() > 1  # it has flown


def test_no_displacement_beyond_light():
    """What is flown in so many steps is no longer than they are."""
    particles = block(2)
    advance(waves(), Scatterer(), particles, Sampler([STEPS]), STEPS, STEP, 1.0)
    assert (np.linalg.norm(particles.state[:3], axis=0) <= STEPS * STEP * (1 + 1e-12)).all()


def test_a_particle_is_a_place_and_a_direction():
    """Of its state 12 rows, displacement, direction, origin, first direction: no row in which energy could grow."""
    assert PHASE_SPACE <= len(block(1).state) == 12

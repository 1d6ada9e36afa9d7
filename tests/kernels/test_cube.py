"""The kernel of one grid of any size: its twin, exact fields, order, mirrors, what leaves, Larmor circles."""

import numpy as np
import pytest

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.cube import CubeField
from cython_kernels.grids import NestedGridField
from cython_kernels.push import Sampler, advance
from cython_kernels.scatter import Scatterer
from cython_kernels.uniform import UniformField
from hpcmm.fields.grid_synthesis import random_rotation
from tests.kernels import grid_twins
from tests.kernels.test_grids import ROUNDING, block, directions, with_seams

KINDS = pytest.mark.parametrize(
    ("boundary", "interpolation"),
    [("periodic", "trilinear"), ("periodic", "solenoidal"), ("mirror", "trilinear"), ("stop", "trilinear")],
)
POINTS, BOX = (7, 12, 10), np.array([3.0, 5.0, 11.0])


def cube(points=POINTS, seed=1):
    """Random values in [-1, 1], (z, y, x, component), x without seams."""
    return np.random.default_rng(seed).uniform(-1, 1, (*points[::-1], 3)).astype(np.float32)


def made(values, boundary="periodic", interpolation="trilinear", box=BOX, rotation=None, offset=(0.0, 0.0, 0.0)):
    rotation = np.eye(3) if rotation is None else rotation
    return CubeField(with_seams(values), box, rotation, offset, boundary, interpolation)


@KINDS
def test_a_cube_equals_its_twin(boundary, interpolation):
    """Seven, twelve and ten points, turned and shifted, origins a thousand boxes away (of "stop": within)."""
    draw = np.random.default_rng(2)
    values, rotation, offset = cube(), random_rotation(draw), draw.random(3)
    spacing = BOX / POINTS
    if boundary == "stop":
        u = draw.uniform(0, np.array(POINTS) - 1, (LANES, 3)).T
        origin = rotation.T @ ((u - (offset * POINTS)[:, None]) * spacing[:, None])
    else:
        origin = draw.uniform(-1e3, 1e3, (3, LANES)) * BOX[:, None]
        u = (rotation @ origin) / spacing[:, None] + (offset * POINTS)[:, None]
    own = grid_twins.mirrored(values) if boundary == "mirror" else values
    twin = rotation.T @ grid_twins.interpolate(own.astype(float), u, interpolation)[0]
    found = made(values, boundary, interpolation, rotation=rotation, offset=offset).at(
        ParticleBlock(origin, directions(draw))
    )
    assert np.abs(found - twin).max() < 3 * ROUNDING  # places of the twin have 1e4 cells in 53 bits
    assert np.sqrt((twin**2).mean()) > 0.25


@pytest.mark.parametrize("interpolation", ["trilinear", "solenoidal"])
def test_a_power_of_two_has_the_bits_of_a_nested_grid(interpolation):
    """Field values, and 700 Boris steps."""
    draw = np.random.default_rng(3)
    values, rotation, offset = with_seams(cube((16, 16, 16))), random_rotation(draw), draw.random(3)
    one = CubeField(values, [8.0] * 3, rotation, offset, "periodic", interpolation)
    other = NestedGridField([values], [8.0], [rotation], [offset], interpolation)
    blocks = block(4), block(4)
    for field, particles in zip((one, other), blocks):
        advance(field, Scatterer(), particles, Sampler([2**40]), 700, 0.1, 1.0)
    assert (blocks[0].state == blocks[1].state).all()
    assert np.abs(blocks[0].state[:3]).max() > 1


@KINDS
@pytest.mark.parametrize("stride", [1, 3, 11])
def test_caching_cells_changes_no_bit(boundary, interpolation, stride):
    """A slow lane among mates that leave their cells at every step, at some, or never."""
    draw, steps = np.random.default_rng(12), 200
    field = made(cube((9, 10, 11)), boundary, interpolation, box=np.array([9.0, 10.0, 11.0]))
    start = draw.uniform(3, 6, (3, LANES))
    slow = np.cumsum(0.01 * draw.normal(size=(steps, 3, LANES)), axis=0)
    lively = slow.copy()
    lively[::stride, :, 1:] += draw.uniform(-2.5, 2.5, lively[::stride, :, 1:].shape)
    particles, n = ParticleBlock(start, directions(draw)), np.zeros((steps, 3, LANES))
    quiet, busy = (field.along(particles, track, n, 10**6) for track in (slow, lively))
    assert np.isfinite(quiet).all()
    assert (quiet[:, :, 0] == busy[:, :, 0]).all()
    assert np.nanmax(np.abs(quiet[:, :, 1] - busy[:, :, 1])) > 0.1


def test_linear_and_uniform_fields_are_exact():
    z, y, x = np.indices(POINTS[::-1]) * (BOX[::-1] / POINTS[::-1]).reshape(3, 1, 1, 1)
    values = np.stack([0.5 + 0.1 * y, -0.25 + 0.2 * z, 0.05 * x], axis=-1).astype(np.float32)
    field = made(values, "stop")
    r = np.random.default_rng(5).uniform(0, BOX * (1 - 1 / np.array(POINTS)), (LANES, 3)).T
    expected = np.array([0.5 + 0.1 * r[1], -0.25 + 0.2 * r[2], 0.05 * r[0]])
    assert np.abs(field.at(ParticleBlock(r, directions(np.random.default_rng(6)))) - expected).max() < 1e-6
    same = np.full((*POINTS[::-1], 3), [0.3, -0.5, 0.7], np.float32)
    for boundary in ("periodic", "stop"):
        found = made(same, boundary).at(ParticleBlock(r, directions(np.random.default_rng(6))))
        assert np.abs(found - np.array([[0.3], [-0.5], [0.7]])).max() < 1e-6


@pytest.mark.parametrize("interpolation", ["trilinear", "solenoidal"])
def test_interpolation_is_of_second_order(interpolation):
    """A wave of 8, 16 and 32 cells: the rms error falls by 4 each time."""
    draw, errors = np.random.default_rng(7), []
    r = draw.random((3, LANES))
    exact = np.array([np.sin(2 * np.pi * r[2]), np.sin(2 * np.pi * r[0]), np.sin(2 * np.pi * r[1])])
    for n in (8, 16, 32):
        z, y, x = np.indices((n, n, n)) / n
        values = np.sin(2 * np.pi * np.stack([z, x, y], axis=-1)).astype(np.float32)
        found = made(values, "periodic", interpolation, box=np.ones(3)).at(ParticleBlock(r, directions(draw)))
        errors.append(np.sqrt(((found - exact) ** 2).mean()))
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.1)


def test_mirrored_field_is_axial_and_free_of_divergence_across_a_plane():
    """Component across continuous, components along of opposite sign on both sides of the plane x = -1/2 cell."""
    field, draw = made(cube(), "mirror"), np.random.default_rng(8)
    cell, n = BOX / POINTS, directions(np.random.default_rng(9))
    r = draw.uniform(0, 1, (3, LANES)) * BOX[:, None]
    image = r.copy()
    image[0] = -cell[0] - r[0]
    here, there = field.at(ParticleBlock(r, n)), field.at(ParticleBlock(image, n))
    np.testing.assert_allclose(there, here * np.array([[1.0], [-1.0], [-1.0]]), atol=3 * ROUNDING)
    on_plane = r.copy()
    on_plane[0] = -cell[0] / 2
    found = field.at(ParticleBlock(on_plane, n))
    assert np.abs(found[1:]).max() < 3 * ROUNDING
    assert np.abs(found[0]).max() > 0.3


def test_what_leaves_is_lost_and_the_rest_are_not_disturbed():
    """Straight tracks in a field of no strength: a lane is NaN from the step in which it leaves the outer values."""
    zero = np.zeros((*POINTS[::-1], 3), np.float32)
    reach = BOX * (1 - 1 / np.array(POINTS))
    draw = np.random.default_rng(10)
    particles = ParticleBlock(draw.uniform(0.3, 0.7, (LANES, 3)).T * reach[:, None], directions(draw))
    start, n = particles.state[6:9].copy(), particles.state[3:6].copy()
    step, steps = 0.01, 200
    advance(made(zero, "stop"), Scatterer(), particles, Sampler([2**40]), steps, step, 1.0)
    amid = start[:, None] + n[:, None] * (step * (np.arange(steps) + 0.5))[None, :, None]
    inside = ((amid >= 0) & (amid < reach[:, None, None])).all(axis=(0, 1))
    assert 5 < inside.sum() < LANES - 5
    assert (np.isfinite(particles.state[:6]).all(axis=0) == inside).all()
    expected = n * step * steps
    np.testing.assert_allclose(particles.state[:3, inside], expected[:, inside], atol=1e-12)


def test_gyration_is_that_in_a_uniform_field():
    """A cube of one value turns particles as `UniformField` does, through many seams: same places to rounding."""
    same = np.full((*POINTS[::-1], 3), [0.0, 0.6, 0.8], np.float32)
    particles, expected = block(11, size=5.0), block(11, size=5.0)
    advance(made(same), Scatterer(), particles, Sampler([2**40]), 2000, 0.02, 0.5)
    advance(
        UniformField(0.0, *map(float, np.float32([0.6, 0.8]))), Scatterer(), expected, Sampler([2**40]), 2000, 0.02, 0.5
    )
    assert np.abs(particles.state[:6] - expected.state[:6]).max() < 1e-4
    across = particles.state[:3] - np.outer([0.0, 0.6, 0.8], [0.0, 0.6, 0.8]) @ particles.state[:3]
    assert np.sqrt((across**2).sum(axis=0)).max() < 2 * 0.5 * 1.001

"""Kicks where a mask is 1: the twin, all and none of the bits, shares of a slab, what is mirrored or ends, restart."""

import numpy as np
import pytest

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.cube import CubeField
from cython_kernels.mask import MaskScatterer
from cython_kernels.push import CHUNK, MOMENTS, Sampler, advance
from cython_kernels.scatter import GatedScatterer, Scatterer, SmallAngleScatterer
from cython_kernels.uniform import UniformField
from hpcmm.fields.grid_synthesis import random_rotation
from tests.kernels.test_grids import block, directions, with_seams

KICK = ("paper", 0.02, 77)
POINTS, BOX = (7, 12, 10), np.array([3.0, 5.0, 11.0])
STEP, GYRORADIUS = 0.05, 1.0
FIELD = UniformField(0.0, 0.6, 0.8)
BOUNDARIES = pytest.mark.parametrize("boundary", ["periodic", "mirror", "stop"])


def mask(seed=1, share=0.5):
    return (np.random.default_rng(seed).random(POINTS) < share).astype(np.uint8)


def made(values, boundary="periodic", rotation=None, offset=(0.0, 0.0, 0.0), box=BOX):
    return MaskScatterer(*KICK, values, box, np.eye(3) if rotation is None else rotation, offset, boundary)


def inside(values, u, boundary):
    """Twin: value nearest to places u (3, n) in cells from the first value."""
    node = np.floor(u + 0.5).astype(int)
    points = np.array(values.shape)[:, None]
    if boundary == "periodic":
        node %= points
    elif boundary == "mirror":
        node %= 2 * points
        node = np.where(node >= points, 2 * points - 1 - node, node)
    there = ((node >= 0) & (node < points)).all(axis=0)
    return there & (values[tuple(np.where(there, node, 0))] == 1)


def after(scatterer, particles, steps=1, field=FIELD):
    sampler = Sampler([steps])
    advance(field, scatterer, particles, sampler, steps, STEP, GYRORADIUS)
    return particles, sampler.sums[0]


@BOUNDARIES
@pytest.mark.parametrize("n", [LANES, 37])
def test_a_mask_equals_its_twin(boundary, n):
    """Lanes whose middle of the step is inside get the bits of the kick everywhere, the others those of no kick."""
    draw = np.random.default_rng(2)
    values, rotation, offset = mask(), random_rotation(draw), draw.random(3)
    if boundary == "stop":
        u = draw.uniform(-0.5, np.array(POINTS), (n, 3)).T  # some of them beyond the outer values
        origin = rotation.T @ ((u / np.array(POINTS)[:, None] - offset[:, None]) * BOX[:, None])
    else:
        origin = draw.uniform(-1e3, 1e3, (3, n)) * BOX[:, None]
    start = directions(draw)[:, :n]
    amid = origin + STEP / 2 * start
    u = np.array(POINTS)[:, None] * ((rotation @ amid) / BOX[:, None] + offset[:, None])
    expected = inside(values, u, boundary)
    found, sums = after(made(values, boundary, rotation, offset), ParticleBlock(origin, start))
    kicked, _ = after(SmallAngleScatterer(*KICK), ParticleBlock(origin, start))
    free, _ = after(Scatterer(), ParticleBlock(origin, start))
    assert 0 < expected.sum() < n
    assert (found.state[:6, :n] == np.where(expected, kicked.state[:6, :n], free.state[:6, :n])).all()
    assert found.in_patch == expected.sum() == sums[MOMENTS.index("in_patch")]


@BOUNDARIES
def test_all_and_none_change_no_bit(boundary):
    """All ones: the kicks of no gate, and of a gate that is open everywhere; all zeros: no kicks. Over two anchors."""
    steps = 2 * CHUNK + 10
    offset = np.full(3, 0.5)
    box = np.full(3, 1e4) if boundary == "stop" else BOX  # of "stop": one that none leaves
    ones, zeros = np.ones(POINTS, np.uint8), np.zeros(POINTS, np.uint8)
    all_of_it, sums = after(made(ones, boundary, offset=offset, box=box), block(3), steps)
    assert (all_of_it.state == after(SmallAngleScatterer(*KICK), block(3), steps)[0].state).all()
    assert (all_of_it.state == after(GatedScatterer(*KICK, 0.0), block(3), steps)[0].state).all()
    assert sums[MOMENTS.index("in_patch")] == steps * LANES
    none, sums = after(made(zeros, boundary, offset=offset, box=box), block(3), steps)
    assert (none.state == after(Scatterer(), block(3), steps)[0].state).all()
    assert sums[MOMENTS.index("in_patch")] == 0


def test_the_mask_lies_where_the_field_does():
    """A gate |B| >= 1/2 and a mask agree, whatever the rotation and shift.

    Between x-planes 0, 0, 1, 1, 1, 1, 0, 0 the field is linear: |B| >= 1/2 from 1.5 to 5.5, where the nearest value of
    the mask is 1.
    """
    planes = np.array([0, 0, 1, 1, 1, 1, 0, 0])
    values = np.zeros((4, 4, 8, 3), np.float32)
    values[..., 1] = planes
    patch = np.repeat(planes[:, None, None], 4, axis=1).repeat(4, axis=2).astype(np.uint8)
    draw, box = np.random.default_rng(5), np.array([8.0, 4.0, 4.0])
    counted = []
    for _ in range(20):
        rotation, offset, origin = random_rotation(draw), draw.random(3), draw.uniform(-99, 99, (3, LANES))
        start, field = directions(draw), CubeField(with_seams(values), box, rotation, offset)
        found, _ = after(made(patch, "periodic", rotation, offset, box), ParticleBlock(origin, start), 1, field)
        gate, _ = after(GatedScatterer(*KICK, 0.5), ParticleBlock(origin, start), 1, field)
        assert (found.state == gate.state).all()
        counted.append((found.in_patch, gate.in_patch))
    assert all(a == b for a, b in counted)
    assert 0.4 < np.mean(counted) / LANES < 0.6


@pytest.mark.parametrize("share", [1 / 8, 5 / 8])
def test_a_slab_holds_its_share_of_time(share):
    """Ballistic particles through a slab turned at random: their share of time is that of the volume.

    128 blocks of 64 tracks of 400 steps of 0.05 L each; a track samples 20 L, so that f scatters by about
    sqrt(f (1 - f)/(20 * 2)) a track at most: error of the mean 0.08 / sqrt(8192) ~ 1e-3; 4 sigma.
    """
    planes = (np.arange(8) < 8 * share).astype(np.uint8)
    values = np.broadcast_to(planes[:, None, None], (8, 8, 8)).copy()
    draw, found = np.random.default_rng(6), []
    zero = UniformField(0.0, 0.0, 0.0)
    for _ in range(128):
        scatterer = MaskScatterer("paper", 0.0, 1, values, np.ones(3), random_rotation(draw), draw.random(3))
        particles = ParticleBlock(draw.uniform(-50, 50, (3, LANES)), directions(draw))
        found.append(after(scatterer, particles, 400, zero)[0].in_patch / (400 * LANES))
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert error < 4e-3
    assert abs(np.mean(found) - share) < 4 * error


def test_resuming_at_an_anchor_changes_no_bit():
    values, draw = mask(4), np.random.default_rng(7)
    where = random_rotation(draw), draw.random(3)
    whole, _ = after(made(values, "periodic", *where), block(8), 3 * CHUNK)
    half, _ = after(made(values, "periodic", *where), block(8), CHUNK)
    again = block(8)
    again.state[...] = half.state
    again.step, again.in_patch = half.step, half.in_patch
    advance(FIELD, made(values, "periodic", *where), again, Sampler([2**40]), 2 * CHUNK, STEP, GYRORADIUS)
    assert (again.state == whole.state).all()
    assert 0 < again.in_patch == whole.in_patch


def test_lost_lanes_are_in_no_patch():
    """A field that ends: lanes are NaN from the step in which they leave; none of them counts after that."""
    zero, box = np.zeros((*POINTS[::-1], 3), np.float32), BOX
    ones, n = np.ones(POINTS, np.uint8), directions(np.random.default_rng(9))
    origin = np.random.default_rng(10).uniform(0, 1, (LANES, 3)).T * (box * (1 - 1 / np.array(POINTS)))[:, None]
    field, steps = CubeField(with_seams(zero), box, np.eye(3), np.zeros(3), "stop"), 100
    scatterer = MaskScatterer("paper", 0.0, 1, ones, box, np.eye(3), np.zeros(3), "stop")
    particles, _ = after(scatterer, ParticleBlock(origin, n), steps, field)
    amid = origin[:, None] + n[:, None] * (STEP * (np.arange(steps) + 0.5))[None, :, None]
    reach = (box * (1 - 1 / np.array(POINTS)))[:, None, None]
    there = ((amid >= 0) & (amid < reach)).all(axis=0)
    assert particles.in_patch == np.logical_and.accumulate(there, axis=0).sum()
    assert np.isnan(particles.state[0]).any()


def test_bad_masks_are_refused():
    good = mask()
    for bad in (good.astype(float), good[:, :, ::2], good[0], None):
        with pytest.raises(ValueError, match=r"values (must be|need)"):
            made(bad)
    with pytest.raises(ValueError, match="no boundary"):
        made(good, "none")
    with pytest.raises(ValueError, match="orthogonal"):
        made(good, rotation=np.ones((3, 3)))

"""The kernel of nested grids: against its twin, at 1e12 cells, across seams, lane by lane, chunk by chunk, NaN."""

import numpy as np
import pytest

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.grids import NestedGridField
from cython_kernels.push import CHUNK, Sampler, advance
from cython_kernels.scatter import Scatterer, SmallAngleScatterer
from hpcmm.fields.grid_synthesis import random_rotation
from tests.kernels import grid_twins

BOTH = pytest.mark.parametrize("interpolation", ["trilinear", "solenoidal"])

ROUNDING = 1e-6
"""Single precision, values up to 1: some 20 roundings of half an ulp (6e-8 of up to 4) in each of three grids that are
added; largest seen 2.4e-7."""


def with_seams(values):
    return np.ascontiguousarray(np.concatenate([values[:, :, -1:], values, values[:, :, :1]], axis=2))


def grids(points=16, count=3, cell=1.0, seed=1):
    """Random values in [-1, 1], every grid 8 times coarser than the next; arguments of NestedGridField."""
    draw = np.random.default_rng(seed)
    values = [with_seams(draw.uniform(-1, 1, (points, points, points, 3)).astype(np.float32)) for _ in range(count)]
    box = points * cell * 8.0 ** np.arange(count)[::-1]
    return values, box, np.array([random_rotation(draw) for _ in range(count)]), draw.random((count, 3))


def directions(draw, n=LANES):
    v = draw.normal(size=(3, n))
    return v / np.linalg.norm(v, axis=0)


def block(seed=0, n=LANES, size=50.0):
    draw = np.random.default_rng(seed)
    return ParticleBlock(draw.uniform(-size, size, (3, n)), directions(draw, n))


@BOTH
@pytest.mark.parametrize("points", [2, 4, 16])
def test_grids_equal_their_twin(interpolation, points):
    parts, particles = grids(points), block()
    particles.state[0:3] = np.random.default_rng(3).uniform(-5, 5, (3, LANES))
    twin = grid_twins.field(*parts, interpolation, particles.state[6:9], particles.state[0:3])
    assert np.abs(NestedGridField(*parts, interpolation).at(particles) - twin).max() < ROUNDING
    assert np.sqrt((twin**2).mean()) > 0.3


@BOTH
def test_places_are_exact_at_a_trillion_cells(interpolation):
    """Origins 1e12 cells away need 40 bits before the point; a double would leave 1e-4 cells, a float nothing."""
    parts, particles = grids(), block(5, size=1e12)
    particles.state[0:3] = np.random.default_rng(4).uniform(-1e3, 1e3, (3, LANES))
    twin = grid_twins.field(*parts, interpolation, particles.state[6:9], particles.state[0:3])
    assert np.abs(NestedGridField(*parts, interpolation).at(particles) - twin).max() < ROUNDING


@BOTH
def test_places_stay_exact_along_a_chunk(interpolation):
    """Between anchors: 512 steps of 0.8 cells, straight lines, every 73rd step compared."""
    parts, particles = grids(), block(6, size=1e12)
    start, n = particles.state[0:12].copy(), particles.state[3:6].copy()
    track = 0.8 * np.arange(CHUNK)[:, None, None] * n
    found = NestedGridField(*parts, interpolation).along(particles, track, np.broadcast_to(n, track.shape), CHUNK)
    for step in range(0, CHUNK, 73):
        twin = grid_twins.field(*parts, interpolation, start[6:9], track[step])
        assert np.abs(found[step] - twin).max() < ROUNDING


@BOTH
def test_grids_are_periodic(interpolation):
    """A period further is the same bits; the seam between the last and the first node is as smooth as any."""
    values, _, _, _ = grids(count=1)
    field = NestedGridField(values, [16.0], [np.eye(3)], [[0.0, 0, 0]], interpolation)
    draw = np.random.default_rng(7)
    origin = np.round(draw.uniform(0, 16, (3, LANES)) * 2**20) / 2**20
    n = directions(draw)
    b = field.at(ParticleBlock(origin, n))
    for shift in ([16, 0, 0], [0, -16, 0], [0, 0, 160], [-16.0 * 2**28, 16, 16]):
        assert (field.at(ParticleBlock(origin + np.array(shift, dtype=float)[:, None], n)) == b).all()
    for axis in range(3):
        below, above = origin.copy(), origin.copy()
        below[axis], above[axis] = 16 - 2.0**-20, 16 + 2.0**-20
        jump = np.abs(field.at(ParticleBlock(below, n)) - field.at(ParticleBlock(above, n))).max()
        assert jump < 2 * 2.0**-19 + ROUNDING  # slopes of at most 2 a cell


@BOTH
def test_a_particle_does_not_depend_on_its_block_mates(interpolation):
    """Five particles, with and without 59 others around them, through four grids, kicked."""
    parts = grids(count=4, cell=0.0625)
    full, part = block(9), block(9)
    few = ParticleBlock(part.state[6:9, :5], part.state[3:6, :5])
    for particles in (full, few):
        kicks = SmallAngleScatterer("paper", 0.01, 11)
        advance(NestedGridField(*parts, interpolation), kicks, particles, Sampler([2**40]), 700, 0.05, 1.0)
    assert (full.state[:6, :5] == few.state[:6, :5]).all()
    forward, field = block(10), NestedGridField(*parts, interpolation)
    backward = ParticleBlock(forward.state[6:9, ::-1], forward.state[3:6, ::-1])
    assert (field.at(backward)[:, ::-1] == field.at(forward)).all()


@BOTH
@pytest.mark.parametrize("stride", [1, 3, 11])
def test_caching_cells_changes_no_bit(interpolation, stride):
    """A slow lane among mates that leave their cells at every step, at some steps, or never: cells are then made anew
    for all lanes at once, one by one, or not at all.
    """
    parts, draw, steps = grids(cell=0.0625), np.random.default_rng(12), 300
    slow = np.cumsum(0.01 * draw.normal(size=(steps, 3, LANES)), axis=0)
    lively = slow.copy()
    lively[::stride, :, 1:] += draw.uniform(-3, 3, lively[::stride, :, 1:].shape)
    field, n = NestedGridField(*parts, interpolation), np.zeros((steps, 3, LANES))
    quiet, busy = (field.along(block(13), track, n, 10**6) for track in (slow, lively))
    assert (quiet[:, :, 0] == busy[:, :, 0]).all()
    assert np.abs(quiet[:, :, 1] - busy[:, :, 1]).max() > 0.1
    places = block(13).state[6:9, :1]
    for step in (0, 150, 299):
        twin = grid_twins.field(*parts, interpolation, places, slow[step, :, :1])
        assert np.abs(quiet[step, :, :1] - twin).max() < ROUNDING


@BOTH
def test_chunks_give_the_bits_of_one_call(interpolation):
    parts = grids(cell=0.0625)
    whole, pieces = block(10), block(10)
    advance(NestedGridField(*parts, interpolation), Scatterer(), whole, Sampler([2**40]), 2 * CHUNK + 100, 0.05, 1.0)
    for steps in (CHUNK, CHUNK, 100):
        fresh = NestedGridField(*parts, interpolation)
        advance(fresh, Scatterer(), pieces, Sampler([2**40]), steps, 0.05, 1.0)
    assert (whole.state == pieces.state).all()


@BOTH
def test_nan_in_a_grid_shows_where_it_is(interpolation):
    """A value that became NaN after the check gives NaN in every cell that needs it, and nowhere else."""
    values, _, _, _ = grids(count=1)
    field = NestedGridField(values, [16.0], [np.eye(3)], [[0.0, 0, 0]], interpolation)
    values[0][5, 6, 1 + 7] = np.nan  # node x = 7, y = 6, z = 5
    draw = np.random.default_rng(8)
    origin = draw.uniform(0.001, 0.999, (3, LANES)) + np.array([[7.0], [6], [5]]) - draw.integers(0, 2, (3, LANES))
    assert np.isnan(field.at(ParticleBlock(origin, directions(draw)))).any(axis=0).all()
    if interpolation == "trilinear":
        assert np.isnan(field.at(ParticleBlock(origin, directions(draw)))).all()
    assert np.isfinite(field.at(ParticleBlock(origin + 4.0, directions(draw)))).all()


@BOTH
def test_a_place_that_is_no_number_gives_no_number(interpolation):
    field, particles = NestedGridField(*grids(), interpolation), block()
    healthy = field.at(particles)
    for value in (np.nan, np.inf, -np.inf):
        particles.state[0:3] = 0
        particles.state[1, 7] = value
        b = field.at(particles)
        assert np.isnan(b[:, 7]).all()
        assert (np.delete(b, 7, axis=1) == np.delete(healthy, 7, axis=1)).all()
    particles.state[0:3] = 0
    track = np.zeros((4, 3, LANES))
    track[2:, 0, 9] = np.nan
    b = field.along(particles, track, track, 10**6)
    assert np.isnan(b[2:, :, 9]).all()
    assert np.isfinite(b[:2]).all()


def changed(place, value):
    values, box, rotation, offset = grids(points=4)
    array = values[1].copy()
    array[place] = value
    return [values[0], array, values[2]], box, rotation, offset


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (lambda: changed((1, 2, 2, 0), np.nan), "grid 1 holds what is not a finite number"),
        (lambda: changed((1, 2, 2, 0), np.inf), "not a finite number"),
        (lambda: changed((1, 2, 0, 0), 7.0), "repeat"),
        (lambda: changed((1, 2, -1, 2), 7.0), "repeat"),
        (lambda: (grids()[0][:2], *grids()[1:]), "2 grids need box"),
        (lambda: ([v.astype(float) for v in grids()[0]], *grids()[1:]), "float32"),
        (lambda: ([v[:, :, ::-1] for v in grids()[0]], *grids()[1:]), "C-contiguous"),
        (lambda: grids(points=6), "power of two"),
        (lambda: (*grids()[:2], 2 * grids()[2], grids()[3]), "orthogonal"),
        (lambda: (grids()[0], -grids()[1], *grids()[2:]), "positive"),
        (lambda: (*grids()[:3], np.full((3, 3), np.nan)), "finite"),
        (lambda: (*grids(), "cubic"), "'trilinear' or 'solenoidal'"),
    ],
)
def test_grids_refuse_arguments_that_cannot_be(parts, words):
    with pytest.raises(ValueError, match=words):
        NestedGridField(*parts())

"""Slab and two-dimensional waves about a guide field: exact symmetries, correlation lengths, scattering
(docs/physics.md 2.7).
"""

import itertools

import numpy as np
import pytest
from scipy.integrate import trapezoid

from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.push import CHUNK, Sampler, advance
from cython_kernels.scatter import Scatterer
from cython_kernels.uniform import UniformField
from hpcmm.deck.tables import Surroundings
from hpcmm.fields.plane_waves import PlaneWaves
from hpcmm.parallel import random_streams
from hpcmm.theory.slab import D_mumu_slab, line_wandering_slab
from tests.kernels.test_multirate import gyrating_tracks

DIRECTIONS = [(0.0, 0.0, 1.0), (1.0, 2.0, 2.0), (-3.0, 0.0, 1e-3)]
EXACT = {"evaluation": "brute_force", "tolerance": 1e-7}
"""Double precision throughout."""
SLAB = {"geometry": "slab", "spectrum": "bend_over", "q": 0.0, "l_bend": 1.0, "l_max": 2000 * np.pi}
TWO = {"geometry": "2d", "spectrum": "bend_over", "q": 3.0, "l_bend": 1.0, "l_max": 20 * np.pi}


def medium(direction):
    """B_rms = 1, the guide field 0.8 of it."""
    size = 0.8 / np.linalg.norm(direction)
    return Surroundings(1.0, 1.0, 20.0, tuple(size * x for x in direction))


def section(**keys):
    data = {"dB": 0.6, "l_min": 0.05, "l_dissipation": 0.05, "modes_per_decade": 60.0} | EXACT
    return PlaneWaves.from_plain(data | keys)


def realize(waves, realization, direction=(0.0, 0.0, 1.0), step=0.01, r_g=1.0):
    draw = random_streams.generator(7, random_streams.WAVES, 0, 1.0, realization)
    return waves.realize(medium(direction), r_g, step, draw)


def split(table):
    """k [rad], a, phase [rad] of a field's table."""
    return 2 * np.pi * table[:, 0:3], table[:, 4:7], 2 * np.pi * table[:, 3]


def at(field, places):
    """B at up to LANES places (3, n)."""
    padded = np.zeros((3, LANES))
    padded[:, : places.shape[1]] = places
    along_z = np.array([[0.0], [0], [1]]) * np.ones(LANES)
    return field.at(ParticleBlock(padded, along_z))[:, : places.shape[1]]


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("keys", [SLAB, TWO], ids=["slab", "2d"])
def test_symmetry(keys, direction):
    """No field along the guide, div B = 0, the power asked for; constant across (slab) or along it (2-D)."""
    d = np.array(direction) / np.linalg.norm(direction)
    field = realize(section(**keys), 0, direction)
    k, a, _ = split(field.table)
    size = np.linalg.norm(k, axis=1) * np.linalg.norm(a, axis=1)
    assert np.abs((k * a).sum(axis=1) / size).max() < 1e-14
    assert (np.abs(a @ d) / np.linalg.norm(a, axis=1)).max() < 1e-14
    assert (a**2).sum() / 2 == pytest.approx(0.36, rel=1e-12)
    draw = np.random.default_rng(1)
    places, shifts = draw.uniform(-30, 30, (2, 3, LANES))
    along = d[:, None] * (d @ shifts)
    free = shifts - along if keys is SLAB else along
    # phases of up to 2 pi 20 x 60, rounded
    assert np.abs(at(field, places + free) - at(field, places)).max() < 1e-11
    other = at(field, places + shifts - free) - at(field, places)
    assert np.sqrt((other**2).sum(axis=0).mean()) > 0.3


@pytest.mark.parametrize("keys", [SLAB, TWO], ids=["slab", "2d"])
def test_directions_across_are_uniform(keys):
    """Cosines and sines of once and twice the azimuth of a average to 0: 4 sigma of 1/sqrt(2 n) each."""
    a = np.concatenate([split(realize(section(**keys), r).table)[1] for r in range(20)])
    azimuth = np.arctan2(a[:, 1], a[:, 0])
    for m, f in itertools.product((1, 2), (np.cos, np.sin)):
        assert abs(f(m * azimuth).mean()) < 4 / np.sqrt(2 * len(azimuth))


def test_field_lines_wander_by_the_correlation_length_of_slab_waves():
    """dx/dz = b_x(z)/B_0: over a length L, <dx^2>/(2L) = <b^2>/2 int e(k) (1 - cos kL)/(k^2 L) dk, which goes to
    <b^2> l_c/4; within 4 standard errors between realizations.
    """
    waves, length = section(**SLAB | {"modes_per_decade": 100.0}), 100.0
    found = []
    for r in range(400):
        k, a, phase = split(realize(waves, r).table)
        kz = k[:, 2]
        starts = np.random.default_rng(r).uniform(-1e4, 1e4, 64)[:, None]
        moved = (np.sin(kz * (starts + length) + phase) - np.sin(kz * starts + phase)) @ (a / kz[:, None])[:, :2] / 0.8
        found.append((moved**2).mean() / (2 * length))
    mean, error = np.mean(found), np.std(found, ddof=1) / np.sqrt(len(found))
    k = np.geomspace(1e-3, 2 * np.pi / 0.05, 200_001)
    integrand = (
        k * waves.energy.density(k, waves.l_max, waves.l_dissipation) * (1 - np.cos(k * length)) / (k**2 * length)
    )
    b_squared, l_c = (0.6 / 0.8) ** 2, waves.correlation_length()
    exact = b_squared / 2 * trapezoid(integrand, np.log(k))
    assert error < 0.01 * exact
    assert abs(mean - exact) < 4 * error
    # (1/L) int |s| R ds is 4 % here; without waves below l_min, which have 4 % of the power, l_c is 4 % more
    assert exact == pytest.approx(line_wandering_slab(b_squared, l_c), rel=0.05)
    assert l_c == pytest.approx(1.4937, rel=0.05)


def test_correlation_length_of_2d_waves():
    """l_c = <|int B ds|^2>/(L <B^2>) along lines across the guide field."""
    waves, length, ds = section(**TWO), 40.0, 0.04
    squares = []
    for r in range(100):
        draw, field = np.random.default_rng(r), realize(waves, r)
        azimuth = 2 * np.pi * draw.random(LANES)
        n = np.array([np.cos(azimuth), np.sin(azimuth), np.zeros(LANES)])
        rays = ParticleBlock(draw.uniform(-500, 500, (3, LANES)), n)
        total = np.zeros((3, LANES))
        for s in np.arange(ds / 2, length, ds):
            rays.state[0:3] = s * n
            total += field.at(rays)
        squares.append(((total * ds) ** 2).sum() / LANES / length / 0.36)
    mean, error = np.mean(squares), np.std(squares, ddof=1) / np.sqrt(len(squares))
    assert error < 0.02
    assert abs(mean - waves.correlation_length()) < max(0.03, 4 * error)


def fly(field, block, length, steps, r_g):
    """Fly ``length`` in ``steps`` steps."""
    for chunk in [CHUNK] * (steps // CHUNK) + [steps % CHUNK]:
        if chunk:
            advance(field, Scatterer(), block, Sampler([0]), chunk, length / steps, r_g)


def started(draw):
    n = draw.normal(size=(3, LANES))
    return ParticleBlock(draw.uniform(-500, 500, (3, LANES)), n / np.linalg.norm(n, axis=0))


def place(block):
    return block.state[0:3] + block.state[6:9]


@pytest.mark.parametrize("keys", [SLAB, TWO], ids=["slab", "2d"])
def test_canonical_momentum_is_conserved(keys):
    """B = curl A, A along the guide field of 2-D waves and across it of slab ones. n_z + A_z/r_g of 2-D waves,
    n_x + (A_x - B_0 y)/r_g and n_y + (A_y + B_0 x)/r_g of slab waves stay what they were, to the push's second order:
    2-D waves alone scatter no pitch angle, slab waves move no gyrocentre off its line.
    """
    r_g, errors = 0.5, []
    field = realize(section(**keys | {"modes_per_decade": 20.0}), 3)
    for steps in (500, 1000, 2000):
        block = started(np.random.default_rng(5))
        before = canonical_momentum(field, block, r_g, keys is TWO)
        fly(field + UniformField(0, 0, 0.8), block, 10.0, steps, r_g)
        errors.append(np.sqrt(((canonical_momentum(field, block, r_g, keys is TWO) - before) ** 2).mean()))
    assert errors[-1] < 1e-3
    ratios = np.array(errors[:-1]) / errors[1:]
    assert (np.abs(ratios - 4) < 0.6).all(), errors


def canonical_momentum(field, block, r_g, along):
    """What is conserved, along or across the guide field z."""
    k, a, phase = split(field.table)
    A = np.cross(a, k) / (k**2).sum(axis=1, keepdims=True)  # curl of A sin(k.r) is k x A cos(k.r) = a cos(k.r)
    r, n = block.state[0:3] + block.state[6:9], block.state[3:6]
    found = n + A.T @ np.sin(k @ r + phase[:, None]) / r_g
    return found[2:] if along else found[:2] + 0.8 / r_g * np.array([-r[1], r[0]])


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5])
@pytest.mark.parametrize("x", [1.0, 1e-2, 1e-5])
@pytest.mark.parametrize("keys", [SLAB, TWO], ids=["slab", "2d"])
def test_multirate_keeps_the_tolerance(keys, x, tolerance):
    """Along helices about the guide field, in units of dB: rms at most half of it, the largest of 65,536 at most three
    times it (of isotropic waves twice: here k and the axis are at one angle, and errors of many waves are largest
    together).
    """
    step, direction = min(x, 1.0) / 20, np.array([1.0, 2.0, 2.0]) / 3
    waves = keys | {"l_min": "auto", "l_dissipation": 0.0, "tolerance": tolerance, "evaluation": "multirate"}
    origin, places, directions = gyrating_tracks(x, step, 2 * CHUNK, about=direction)
    up = np.array([[0.0], [0], [1]]) * np.ones(LANES)
    found = [
        realize(section(**w), 2, direction, step, x).along(ParticleBlock(origin, up), places, directions, CHUNK)
        for w in (waves, waves | EXACT)
    ]
    error = np.linalg.norm(found[0] - found[1], axis=1) / 0.6
    assert np.sqrt((error**2).mean()) < 0.5 * tolerance
    assert error.max() < 3 * tolerance


@pytest.mark.parametrize("mu", [0.3, 0.6, 0.9])
def test_pitch_angle_diffusion_in_slab_waves(mu):
    """<dmu^2> after a time is the sum over waves of first order, and that is D_mumu of quasi-linear theory.

    b^2 = 1e-6: what is left of second order is b Omega t = 6 %, squared.
    """
    b, r_g, length = 1e-3, 0.3, 60 * 0.3
    waves = section(**SLAB | {"dB": 0.8 * b, "modes_per_decade": 300.0, "l_max": 60.0, "tolerance": 1e-4})
    around, r_0 = medium((0.0, 0.0, 1.0)), 0.3 / 0.8
    k, power = waves.wavenumbers(around, r_g)
    sine = [np.sin((k * mu + s / r_0) * length / 2) / (k * mu + s / r_0) for s in (-1, 1)]
    first = (1 - mu**2) / (2 * r_0**2) * b**2 * (power * (sine[0] ** 2 + sine[1] ** 2)).sum() * 2
    e = waves.energy.density
    D = D_mumu_slab(mu, r_0, b**2, lambda k: e(k, waves.l_max, waves.l_dissipation))
    found = []
    for r in range(40):
        field, draw = realize(waves, r, step=r_g / 40, r_g=r_g) + UniformField(0, 0, 0.8), np.random.default_rng(r)
        azimuth = 2 * np.pi * draw.random(LANES)
        across = np.sqrt(1 - mu**2)
        n = np.array([across * np.cos(azimuth), across * np.sin(azimuth), np.full(LANES, mu)])
        block = ParticleBlock(draw.uniform(-1e4, 1e4, (3, LANES)), n)
        fly(field, block, length, 1200, r_g)
        found.append(((block.state[5] - mu) ** 2).mean())
    mean, error = np.mean(found), np.std(found, ddof=1) / np.sqrt(len(found))
    assert error < 0.05 * first
    assert abs(mean - first) < 4 * error
    assert first == pytest.approx(2 * D * length, rel=0.1)

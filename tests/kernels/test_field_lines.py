"""Kernels of field lines against exact lines, exact invariants and their twins."""

import itertools

import numpy as np
import pytest

from cython_kernels.field_lines import LINES, LineTracer, LineWalkers
from cython_kernels.plane_waves import PlaneWaveField
from hpcmm.fields.waves import draw_waves
from tests.kernels import twins

TURNS = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
BENT = np.array([[0.7, 0.0, 0.0], [0.0, 0.0, 1.0]])
"""B = (0.7 cos 2 pi z, 0, 1): lines x = 0.7/(2 pi) sin 2 pi z through the origin."""


def traced(wavevector, amplitude, phase, origin, ds, half, every=1, pieces=10**9):
    lines = np.asarray(origin).shape[1]
    strength = np.zeros((lines, 2 * half), np.float32)
    place = np.zeros((lines, 2 * half // every + 1, 3), np.float32)
    tracer = LineTracer(wavevector, amplitude, phase, origin, ds, half, every, strength, place)
    while not tracer.done:
        tracer.advance(pieces)
    return strength, place


def test_lines_of_a_bent_field_converge_at_second_order():
    """Halving ds divides the largest distance from the exact line by 4 (3.5 to 5.5)."""
    wrong = []
    for ds in (0.04, 0.02, 0.01):
        _, place = traced(TURNS, BENT, np.zeros(2), np.zeros((3, 1)), ds, int(4 / ds))
        x, y, z = place[0].T.astype(float)
        assert (y == 0).all()
        wrong.append(np.abs(x - 0.7 / (2 * np.pi) * np.sin(2 * np.pi * z)).max())
    assert wrong[-1] < 1e-4
    for coarse, fine in itertools.pairwise(wrong):
        assert 3.5 < coarse / fine < 5.5


def test_strength_is_that_of_the_field_at_the_middle_of_each_cell():
    ds = 0.01
    strength, place = traced(TURNS, BENT, np.zeros(2), np.zeros((3, 1)), ds, 300)
    z = (place[0, 1:, 2] + place[0, :-1, 2]) / 2
    # the middle of the chord lies (ds/2)^2/2 k^2 x off the line: 1e-4; phases are held in single precision
    assert np.abs(strength[0] - np.hypot(1, 0.7 * np.cos(2 * np.pi * z))).max() < 2e-4


def random_waves(n=100, seed=3):
    return draw_waves(np.geomspace(1, 300, n), np.full(n, 1 / np.sqrt(n)), np.random.default_rng(seed))


def test_a_line_is_the_same_in_any_lane_and_in_pieces_and_far_from_the_origin():
    """Anchors anew after 2^18 turns change phases by 2^-32 turns alone."""
    origin = np.random.default_rng(1).random((3, LINES)) * 1e5
    strength, place = traced(*random_waves(), origin, 1e-3, 400, every=4)
    alone, there = traced(*random_waves(), origin[:, 2:3], 1e-3, 400, every=4, pieces=37)
    assert (alone[0] == strength[2]).all()
    assert (there[0] == place[2]).all()


def test_strength_agrees_with_the_exact_sum_of_waves():
    waves, origin = random_waves(), np.random.default_rng(1).random((3, 1)) * 1e3
    strength, place = traced(*waves, origin, 1e-3, 200)
    k, a, phase = waves
    middle = (place[0, 1:] + place[0, :-1]).T.astype(float) / 2 + origin
    exact = np.linalg.norm(twins.plane_waves(k, a, phase, middle), axis=0)
    # k ds = 0.3 of the shortest wave: the middle of a chord lies k ds^2/8 = 4e-5/k off
    assert np.abs(strength[0] - exact).max() < 2e-3
    assert PlaneWaveField(*waves).table.shape == (100, 8)


@pytest.mark.parametrize(("half", "every"), [(10, 3), (0, 1)])
def test_cells_that_are_no_whole_pieces_are_refused(half, every):
    strength, place = np.zeros((1, 2 * half), np.float32), np.zeros((1, 1, 3), np.float32)
    with pytest.raises(ValueError, match="whole pieces"):
        LineTracer(TURNS, BENT, np.zeros(2), np.zeros((3, 1)), 0.1, half, every, strength, place)


# walkers


def mirror(cells=4000, ds=1e-3, depth=0.5):
    """|B| = 1 + depth (1 - cos 2 pi s): a well around s = 0 between mirrors at +- 1/2."""
    s = (np.arange(cells) + 0.5 - cells / 2) * ds
    return (1 + depth * (1 - np.cos(2 * np.pi * s)))[None].astype(np.float32)


def test_magnetic_moment_is_conserved_and_the_loss_cone_is_that_of_the_mirror():
    """B_max/B_min = 2: particles of mu^2 < 1/2 stay between the mirrors, others leave and keep their sense."""
    mu = np.linspace(-0.99, 0.99, 64)
    walkers = LineWalkers(mirror(), 1e-3, 1e-3, np.zeros(64, int), mu, np.zeros(3), 5 / 3, 0.1, 7)
    walkers.advance(1500)
    moment = (1 - walkers.mu**2) / walkers.b
    np.testing.assert_allclose(moment, (1 - mu**2) / walkers.b.min().clip(1, 1), rtol=2e-5)
    trapped = mu**2 < 0.49
    assert (np.abs(walkers.s[trapped]) < 0.5).all()
    assert (np.abs(walkers.s[mu**2 > 0.51]) > 0.5).all()
    assert (np.sign(walkers.mu[mu**2 > 0.51]) == np.sign(mu[mu**2 > 0.51])).all()


def test_bounce_time_in_a_well():
    """Small oscillations: s'' = -M B'/2, Omega^2 = M pi^2 at depth 1/2, to 1 % of a finite amplitude and step."""
    mu = np.array([0.1])
    walkers = LineWalkers(mirror(), 1e-3, 1e-3, np.zeros(1, int), mu, np.zeros(3), 5 / 3, 0.1, 7)
    senses = []
    for _ in range(6000):
        walkers.advance(1)
        senses.append(walkers.mu[0] > 0)
    turns = np.flatnonzero(np.diff(np.array(senses, int)))
    half_period = np.diff(turns).mean() * 1e-3
    assert half_period == pytest.approx(1 / np.sqrt(0.99), rel=0.01)


def test_diffusion_alone_gives_the_decay_of_directions():
    """D = nu (1 - mu^2)/2: <mu(0) mu(t)> = exp(-nu t)/3, and mu stays uniform; 4 standard errors of 64,000."""
    n, nu, steps = 64_000, 1.0, 200
    grid = np.linspace(0, 1, 257)
    start = np.random.default_rng(5).uniform(-1, 1, n)
    flat = np.ones((1, 100), np.float32)
    walkers = LineWalkers(flat, 1.0, 5e-3, np.zeros(n, int), start, nu * (1 - grid**2) / 2, 5 / 3, 0.1, 11)
    walkers.advance(steps)
    product = walkers.mu * start
    # Euler steps of nu dt = 5e-3 err by nu dt/2 of the rate; the diffusion coefficient is linear between nodes
    assert abs(product.mean() - np.exp(-1) / 3) < 4 * product.std() / n**0.5 + 2e-3
    for power, mean in ((1, 0.0), (2, 1 / 3), (4, 1 / 5)):
        values = walkers.mu**power
        assert abs(values.mean() - mean) < 4 * values.std() / n**0.5 + 2e-3


def test_kicks_where_B_is_strong_do_as_much_as_diffusion():
    """The same decay by nu_kick; none below B_star."""
    n = 64_000
    start = np.random.default_rng(5).uniform(-1, 1, n)
    flat = np.ones((1, 100), np.float32)
    for B_star, decay in ((1.0, np.exp(-1)), (1.01, 1.0)):
        walkers = LineWalkers(
            flat, 1.0, 5e-3, np.zeros(n, int), start, np.zeros(2), 5 / 3, 0.1, 11, nu_kick=1.0, B_star=B_star
        )
        walkers.advance(200)
        product = walkers.mu * start
        assert abs(product.mean() - decay / 3) < 4 * product.std() / n**0.5 + 2e-3


def twin_walk(strength, ds, dt, mu, grid, index, least, key, particle, steps, kick):
    """One particle of `LineWalkers`, written from docs/physics.md 17.3 and 12.4."""
    B = strength.astype(float)
    cells, nodes, nu, B_star = len(B), len(grid) - 1, *kick

    def at(s):
        place = min(max(s / ds + cells / 2 - 0.5, 0), cells - 1)
        left = min(int(place), cells - 2)
        return B[left] + (place - left) * (B[left + 1] - B[left])

    s, b = 0.0, at(0.0)
    for step in range(steps):
        moved, moment = s + mu * dt, (1 - mu**2) / b
        there = at(moved)
        if abs(moved / ds) > cells / 2 or 1 - moment * there <= 0:
            mu = -mu
        else:
            s, b, mu = moved, there, np.copysign(np.sqrt(1 - moment * there), mu)
        words = (step >> 2, 0, particle, 0)
        u = twins.philox4x32(words, (key & 0xFFFFFFFF, key >> 32))[step & 3] / 2.0**32 - 0.5
        size = abs(mu)
        node = min(int(size * nodes), nodes - 1)
        slope = (grid[node + 1] - grid[node]) * nodes
        scale = max(b, least) ** -index
        D, drift = scale * (grid[node] + slope * (size - node / nodes)), scale * slope
        if b >= B_star:
            D, drift = D + nu * (1 - size**2) / 2, drift - nu * size
        new = size + drift * dt + np.sqrt(2 * D * dt) * np.sqrt(12) * u
        new = 2 - new if new > 1 else new
        mu = np.copysign(1, mu) * new
    return s, mu


def test_walkers_agree_with_their_twin():
    """Random strengths, diffusion, kicks, mirrors and ends; 2^f in the kernel errs by 5e-9, which turning points where
    mu^2 crosses 0 amplify.
    """
    rng = np.random.default_rng(2)
    strength = (0.2 + rng.random((2, 10))).astype(np.float32)
    grid, mu = np.linspace(0, 1, 17) * 0.3, rng.uniform(-1, 1, 64)
    line, key = np.arange(64) % 2, 2**63 + 9
    walkers = LineWalkers(strength, 0.1, 0.02, line, mu, grid, 5 / 3, 0.3, key, 0.5, 0.8)
    walkers.advance(3)
    walkers.advance(57)
    assert walkers.hits.max() > 0
    for i in range(0, 64, 5):
        s, cosine = twin_walk(strength[line[i]], 0.1, 0.02, mu[i], grid, 5 / 3, 0.3, key, i, 60, (0.5, 0.8))
        assert (walkers.s[i], walkers.mu[i]) == pytest.approx((s, cosine), abs=1e-6)


def test_a_walker_is_the_same_among_others():
    strength = (0.2 + np.random.default_rng(2).random((1, 40))).astype(np.float32)
    mu, grid = np.linspace(-0.9, 0.9, 100), np.linspace(0, 1, 17) * 0.3
    many = LineWalkers(strength, 0.1, 0.02, np.zeros(100, int), mu, grid, 5 / 3, 0.3, 9)
    few = LineWalkers(strength, 0.1, 0.02, np.zeros(37, int), mu[:37], grid, 5 / 3, 0.3, 9)
    many.advance(401)
    for _ in range(401):
        few.advance(1)
    assert (many.mu[:37] == few.mu).all()
    assert (many.s[:37] == few.s).all()


def test_lines_may_be_middle_parts_of_longer_ones():
    """A view gives the bits of its copy, and what lies beyond its ends is never met: NaN there."""
    strength = np.full((2, 40), np.nan, np.float32)
    strength[:, 10:30] = 0.2 + np.random.default_rng(2).random((2, 20))
    mu, grid, line = np.linspace(-0.9, 0.9, 60), np.linspace(0, 1, 17) * 0.3, np.arange(60) % 2
    part, copy = (
        LineWalkers(table, 0.1, 0.02, line, mu, grid, 5 / 3, 0.3, 9)
        for table in (strength[:, 10:30], strength[:, 10:30].copy())
    )
    for walkers in (part, copy):
        walkers.advance(500)
    assert part.hits.sum() > 0
    assert (part.s == copy.s).all()
    assert (part.mu == copy.mu).all()
    assert (part.hits == copy.hits).all()
    with pytest.raises(ValueError, match="side by side"):
        LineWalkers(strength[:, 10:30:2], 0.1, 0.02, line, mu, grid, 5 / 3, 0.3, 9)

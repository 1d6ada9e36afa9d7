"""Cell problems with known answers: layers, checkerboard, smooth media, cubic arrays, Hashin & Shtrikman."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("petsc4py")

from mpi4py import MPI

from hpcmm.kinds.effective_medium import medium
from hpcmm.kinds.effective_medium.solver import CellProblem
from hpcmm.kinds.effective_medium.tensor import geometric_mean
from hpcmm.theory.two_phase import hashin_shtrikman_bounds, kappa_maxwell_garnett
from tests.kinds.effective_medium import alone


def solve(grid, kappa, samples=1):
    """Bounds and iterations of kappa(places)."""
    problem = CellProblem(MPI.COMM_SELF, grid, (1.0, 1.0, 1.0), 1e-10)
    section = SimpleNamespace(grid=grid, samples=samples)
    way = alone.course()
    lower, upper = problem.bounds(kappa(medium.places(section, problem.box)), samples, way)
    return lower.reshape(3, 3), upper.reshape(3, 3), way.most


def solve_shape(name, f, grid, inside, outside, samples=1):
    """Bounds, iterations and measured filling fraction of a shape."""
    section = SimpleNamespace(grid=grid, samples=samples, morphology=name)
    found = medium.shape(section, tuple((0, n) for n in grid), f)
    measured = found[(slice(samples, -samples),) * 3].mean()
    return *solve(grid, lambda _: np.where(found, inside, outside), samples), measured


def chessboard(n, contrast):
    """Relative misses of the bounds and of their geometric mean."""
    lower, upper, iterations, _ = solve_shape("checkerboard", 0.5, (n, n, 1), 1.0, contrast)
    exact = np.sqrt(contrast)
    assert iterations < 30
    return [tensor[0, 0] / exact - 1 for tensor in (lower, upper, geometric_mean(lower, upper))]


@pytest.mark.parametrize("contrast", [1e2, 1e4])
def test_layers_are_harmonic_across_and_arithmetic_along(contrast):
    lower, upper, _, f = solve_shape("layers", 0.3, (40, 4, 4), 1.0, contrast)
    assert f == pytest.approx(0.3, abs=1e-15)
    exact = np.diag([1 / (f + (1 - f) / contrast), *2 * (f + (1 - f) * contrast,)])
    for tensor in (lower, upper):
        np.testing.assert_allclose(tensor, exact, rtol=1e-8, atol=1e-8 * exact[0, 0])


def test_checkerboard_lies_between_bounds_of_the_order_of_its_corners():
    """sqrt(k1 k2), Keller 1964. At corners grad chi ~ r^(g - 1), g = (4/pi) atan(sqrt(1/15)) = 0.32, so that the energy
    misses by h^(2 g). Bounds are dual in the plane: their geometric mean is exact on any grid.
    """
    misses = np.array([chessboard(n, 15.0) for n in (24, 48, 96)])
    assert (misses[:, 0] < 0).all()
    assert (misses[:, 1] > 0).all()
    np.testing.assert_allclose(misses[:, 2], 0.0, atol=1e-9)
    assert misses[2, 0] == pytest.approx(-0.065, abs=0.002)
    orders = np.log2(np.log1p(misses[:-1, :2]) / np.log1p(misses[1:, :2]))
    expected = 8 / np.pi * np.arctan(np.sqrt(1 / 15))
    np.testing.assert_allclose(orders, expected, atol=0.04)


def test_smooth_media_are_met_to_second_order():
    """exp(2 sin 2 pi x sin 2 pi y) is its own inverse half a period aside, and alike in x and y: kappa is exactly 1."""

    def kappa(places):
        return np.exp(2 * np.sin(2 * np.pi * places[0]) * np.sin(2 * np.pi * places[1]))

    misses = []
    for n in (16, 32, 64):
        lower, upper, _ = solve((n, n, 1), kappa)
        misses.append([lower[0, 0] - 1, upper[0, 0] - 1])
        assert geometric_mean(lower, upper)[0, 0] == pytest.approx(1.0, abs=1e-9)
    orders = np.log2(np.array(misses[:-1]) / misses[1:])
    np.testing.assert_allclose(orders, 2.0, atol=0.05)
    assert abs(misses[-1][0]) < 0.0012


def test_a_product_of_profiles_is_harmonic_and_arithmetic_by_turns():
    """kappa = f(x) g(y) h(z): chi_x depends on x alone, kappa_xx = harmonic(f) mean(g) mean(h)."""
    amplitudes = (1.0, 0.7, 1.5)
    n = 24

    def kappa(places):
        return np.exp(sum(a * np.sin(2 * np.pi * x) for a, x in zip(amplitudes, places, strict=True)))

    means = np.i0(amplitudes)  # of exp(a sin): the harmonic mean is the inverse
    exact = np.prod(means) / means**2
    for tensor in solve((n, n, n), kappa)[:2]:
        np.testing.assert_allclose(tensor, np.diag(exact), rtol=1e-8, atol=1e-8)


def simple_cubic(alpha, f):
    """Spheres of relative kappa alpha on a simple cubic lattice, to f^(22/3): a few 1e-3 at f = 0.4.

    Source: Sangani & Acrivos 1983, Proc. R. Soc. A 386, 263; Rayleigh's formula of 1892 with more terms.
    """
    L1, L2, L3, L4, L5 = ((alpha - 1) / (alpha + 2 * n / (2 * n - 1)) for n in range(1, 6))
    below = (
        -1 / L1 + f + 1.3047 * L2 * f ** (10 / 3) * (1 + 0.2305 * L3 * f ** (11 / 3)) / (1 - 0.4054 * L2 * f ** (7 / 3))
    )
    below += 0.07231 * L3 * f ** (14 / 3) + 0.1526 * L4 * f**6 + 0.0105 * L5 * f ** (22 / 3)
    return 1 - 3 * f / below


@pytest.mark.parametrize(("f", "alpha", "allowed"), [(0.05, 0.01, 0.009), (0.05, 100.0, 0.022), (0.3, 0.01, 0.035)])
def test_spheres_lie_between_the_bounds(f, alpha, allowed):
    lower, upper, _, measured = solve_shape("spheres", f, (32, 32, 32), alpha, 1.0, samples=2)
    mean, exact = geometric_mean(lower, upper), simple_cubic(alpha, measured)
    assert lower[0, 0] < exact * (1 + 1e-3)
    assert upper[0, 0] > exact * (1 - 1e-3)
    assert mean[0, 0] == pytest.approx(exact, rel=allowed)
    np.testing.assert_allclose(mean, mean[0, 0] * np.eye(3), atol=1e-8 * mean[0, 0])
    if f < 0.1:
        assert exact == pytest.approx(kappa_maxwell_garnett(alpha, 1.0, measured), rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.01, 100.0])
def test_spheres_on_finer_grids_come_near_published_values(alpha):
    """Steps of the surface fall with the cell: half the miss on twice the grid."""
    for f in (0.05, 0.3, 0.4):
        misses = []
        for n in (32, 64):
            lower, upper, _, measured = solve_shape("spheres", f, (n, n, n), alpha, 1.0, samples=2)
            misses.append(geometric_mean(lower, upper)[0, 0] / simple_cubic(alpha, measured) - 1)
        assert 1.4 < misses[0] / misses[1] < 2.8
        assert abs(2 * misses[1] - misses[0]) < 0.02


def test_contrast_of_ten_thousand():
    """It converges as fast as a smaller one, the tensor is symmetric and positive, and bounds hold."""
    draw = np.random.default_rng(3)
    waves = draw.integers(-3, 4, (40, 3))
    phase = draw.random(len(waves))

    def kappa(places):
        field = sum(np.cos(2 * np.pi * (np.tensordot(k, places, 1) + p)) for k, p in zip(waves, phase, strict=True))
        return np.where(field > np.quantile(field, 0.7), 1e-4, 1.0)

    lower, upper, iterations = solve((24, 24, 24), kappa, samples=2)
    assert iterations < 40
    for tensor in (lower, upper, geometric_mean(lower, upper)):
        np.testing.assert_allclose(tensor, tensor.T, rtol=1e-12)
        assert np.linalg.eigvalsh(tensor).min() > 0
    assert np.linalg.eigvalsh(upper - lower).min() > 0


@pytest.mark.parametrize("name", ["cubes", "spheres"])
@pytest.mark.parametrize("alpha", [0.01, 100.0])
def test_cubic_arrays_obey_hashin_and_shtrikman(name, alpha):
    lower, upper, _, f = solve_shape(name, 0.4, (16, 16, 16), alpha, 1.0)
    least, most = hashin_shtrikman_bounds(alpha, 1.0, f)
    kappa = geometric_mean(lower, upper)[0, 0]
    assert least < kappa < most
    assert upper[0, 0] > least
    assert lower[0, 0] < most


def test_parts_of_cells_give_bounds_of_finer_cells():
    """Bounds on a grid with parts enclose those of a grid of such cells."""
    coarse = solve_shape("spheres", 0.3, (12, 12, 12), 50.0, 1.0, samples=2)
    fine = solve_shape("spheres", 0.3, (24, 24, 24), 50.0, 1.0)
    assert coarse[3] == fine[3]
    assert coarse[0][0, 0] < fine[0][0, 0] < fine[1][0, 0] < coarse[1][0, 0]

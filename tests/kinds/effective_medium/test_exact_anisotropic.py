"""Media with one kappa along a field and another across it: laminates, limits, definiteness, numerical diffusion."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("petsc4py")

from mpi4py import MPI

from hpcmm.kinds.effective_medium import medium
from hpcmm.kinds.effective_medium.elements import Elements, tensors
from hpcmm.kinds.effective_medium.solver import CellProblem
from tests.kinds.effective_medium import alone

GAUSS = (0.5 - np.sqrt(1 / 12), 0.5 + np.sqrt(1 / 12))


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=0)


def solve(grid, along, across, field, tolerance=1e-10):
    """Tensor of kappa_par, kappa_perp and B as functions of places, and iterations."""
    problem = CellProblem(MPI.COMM_SELF, grid, (1.0, 1.0, 1.0), tolerance)
    places = medium.places(SimpleNamespace(grid=grid, samples=1), problem.box)
    one = np.ones(places.shape[1:])
    across = one * across(places)
    way = alone.course()
    found = problem.magnetized(tensors(one * along(places), across, unit(field(places))), across, way)
    return found, way.most


def constant(value):
    return lambda places: value


def laminate(K, normal):
    """Tensor of a medium whose K [axis, axis, phase] depends on the phase along a direction alone.

    From fluxes along n and gradients across it being the same everywhere: the mean over finely spaced phases is exact
    for smooth K. Source: Milton 2002, The Theory of Composites, section 9.1.
    """
    n = np.asarray(normal) / np.linalg.norm(normal)
    resistance = 1 / np.einsum("i,ij...,j->...", n, K, n)
    flux = np.einsum("ij...,j->i...", K, n)
    carried = (flux * resistance).mean(axis=-1) / resistance.mean()
    bent = (flux[:, None] * flux[None] * resistance).mean(axis=-1)
    return K.mean(axis=-1) - bent + resistance.mean() * np.outer(carried, carried)


def in_phase(along, across, field):
    """Exact K at 4096 phases."""
    phase = (np.arange(4096) + 0.5) / 4096
    return tensors(along(phase), across * np.ones(4096), unit(field(phase)))


def matrix_of(K, across, n):
    """Dense matrix on n^3 cells."""
    cells = np.arange(-1, n + 1) % n
    around = np.ix_(cells, cells, cells)
    numbers = np.arange(n**3).reshape((n, n, n), order="F")[around]
    columns, values = Elements(K[(..., *around)], across[around], (1 / n,) * 3).rows(numbers)
    found = np.zeros((n**3, n**3))
    np.add.at(found, (np.arange(n**3)[:, None], columns), values)
    return found


def element(K, points):
    """Matrix of one trilinear element with a side of 1 by quadrature, [corner, corner]."""
    corners = list(product((0, 1), repeat=3))
    total = np.zeros((8, 8))
    for place in product(points, repeat=3):
        hats = np.array([[x if c else 1 - x for c, x in zip(corner, place, strict=True)] for corner in corners])
        slopes = 2 * np.array(corners) - 1
        gradients = np.array([np.prod(np.where(np.arange(3) == axis, slopes, hats), axis=1) for axis in range(3)])
        total += gradients.T @ K @ gradients / len(points) ** 3
    return total


def symbol(matrix_of_element, k):
    """Eigenvalue of the periodic matrix for exp(i k x), cells with a side of 1."""
    mode = np.exp(1j * np.array(list(product((0, 1), repeat=3))) @ k)
    return np.real(mode.conj() @ matrix_of_element @ mode)


@pytest.mark.parametrize("ratio", [1.0, 1e3, 1e6])
def test_sheared_field_lines_are_met_faster_than_by_any_order(ratio):
    """B = (1/2 + sin, 1, 1/3) of y, free of divergence, kappa_par = exp(cos): a laminate. The scheme's fluxes are its;
    what is left are means over n phases, which meet a smooth K faster than by any order.
    """

    def field(y):
        return np.stack([0.5 + np.sin(2 * np.pi * y), np.ones_like(y), np.ones_like(y) / 3])

    def along(y):
        return np.exp(np.cos(2 * np.pi * y))

    exact = laminate(in_phase(along, 1 / ratio, field), (0, 1, 0))
    misses = []
    for n in (8, 16, 32):
        found, _ = solve((4, n, 4), lambda p: along(p[1]), constant(1 / ratio), lambda p: field(p[1]))
        misses.append(np.linalg.norm(found - exact))
    # the harmonics of 1/K_yy that n phases do not see: the most where K_yy is exp(cos), at ratio 1
    assert (np.array(misses) < [6e-3, 4e-5, 2e-9]).all()


@pytest.mark.parametrize("normal", [(1, 1, 0), (1, 1, 1), (1, 2, 0), (1, 2, 1)])
def test_laminates_oblique_to_the_grid_are_met_to_second_order(normal):
    """Ratio 1e6, B and kappa_par of the phase n.x, B.n constant. Lines lie in planes, across which kappa is kappa_perp:
    nothing leaks there on any grid, but for rounding.
    """
    ratio = 1e6
    n = np.array(normal, dtype=float)
    across_n = np.cross(n, [0.3, -0.2, 1.0])
    across_planes = unit(np.cross(n, across_n))

    def along(phase):
        return np.exp(0.5 * np.cos(2 * np.pi * phase))

    def field(phase):
        bend = 0.4 + 0.5 * np.sin(2 * np.pi * phase)
        return np.multiply.outer(n / np.linalg.norm(n), np.ones_like(phase)) + np.multiply.outer(across_n, bend)

    def phase_of(places):
        return np.tensordot(n, places, 1)

    exact = laminate(in_phase(along, 1 / ratio, field), n)
    misses = []
    for cells in (12, 24, 48)[: 2 if normal[2] else 3]:
        grid = (cells, cells, cells if normal[2] else 1)
        found, _ = solve(grid, lambda p: along(phase_of(p)), constant(1 / ratio), lambda p: field(phase_of(p)), 1e-9)
        misses.append(np.linalg.norm(found - exact) / np.linalg.norm(exact))
        assert across_planes @ found @ across_planes == pytest.approx(1 / ratio, rel=1e-6)
    orders = np.log2(np.array(misses[:-1]) / misses[1:])
    # 0.4 % on 24 cells, 11 a period of (1, 2, 0); along diagonals of cells, where corners lie in the planes, far less
    assert misses[1] < 5e-3
    np.testing.assert_allclose(orders, 2.0, atol=0.25)


def test_isotropic_limit_is_the_trilinear_element():
    """Patterns with K = 1 against Gauss points, which are exact for it; sides of cells not the same."""
    sides = np.array([1.0, 0.5, 2.0])
    one = np.ones((3, 3, 3))
    numbers = np.arange(27).reshape(3, 3, 3)  # all different: 27 neighbours of the one inner unknown
    K = np.eye(3)[:, :, None, None, None] * one
    columns, values = Elements(K, one, sides).rows(numbers)
    expected = np.zeros(27)
    local = element(np.diag(1 / sides**2), GAUSS)
    for near, far in product(range(8), repeat=2):
        a, b = (np.array(list(product((0, 1), repeat=3))[i]) for i in (near, far))
        expected[numbers[tuple(1 + b - a)]] += local[near, far]
    np.testing.assert_allclose(values[0][np.argsort(columns[0])], expected, atol=1e-14)


def test_isotropic_smooth_media_are_met_to_second_order():
    """exp(2 sin sin): exactly 1, as in test_effective_medium. Potentials are admissible but for the mean of kappa over
    a cell: an upper bound to the third of the miss or so, 3e-4 of 1.1e-3 there.
    """

    def kappa(places):
        return np.exp(2 * np.sin(2 * np.pi * places[0]) * np.sin(2 * np.pi * places[1]))

    misses = []
    for n in (16, 32, 64):
        found, _ = solve((n, n, 1), kappa, kappa, lambda places: np.ones_like(places))
        misses.append(found[0, 0] - 1)
        assert found[0, 0] == pytest.approx(found[1, 1], rel=1e-8)
    assert 0 < misses[-1] < 4e-4
    np.testing.assert_allclose(np.log2(np.array(misses[:-1]) / misses[1:]), 2.0, atol=0.1)


def test_without_a_field_kappa_is_that_across_it():
    one = np.ones((2, 2, 2))
    direction = np.zeros((3, 2, 2, 2))
    direction[2, 1] = 1.0
    K = tensors(4 * one, one, direction)
    np.testing.assert_array_equal(K[..., 0, 0, 0], np.eye(3))
    np.testing.assert_array_equal(K[..., 1, 0, 0], np.diag([1.0, 1.0, 4.0]))


@pytest.mark.parametrize("n", [4, 5])
def test_matrix_is_positive_for_any_directions(n):
    draw = np.random.default_rng(n)
    ratio = 1e6
    across = np.exp(draw.normal(size=(n, n, n))) / ratio
    K = tensors(across * ratio, across, unit(draw.normal(size=(3, n, n, n))))
    found = matrix_of(K, across, n)
    np.testing.assert_allclose(found, found.T, atol=1e-14 * np.abs(found).max())
    np.testing.assert_allclose(found.sum(axis=1), 0.0, atol=1e-12 * np.abs(found).max())
    values = np.linalg.eigvalsh(found)
    plain = np.linalg.eigvalsh(matrix_of(np.eye(3)[:, :, None, None, None] * across, across, n))
    # rounding of eigenvalues is 1e-15 of the largest
    rounding = 1e-13 * values[-1]
    assert abs(values[0]) < rounding
    assert values[1] > 1e4 * rounding
    assert (values[1:] >= plain[1:] - rounding).all()


@pytest.mark.parametrize("ratio", [1e2, 1e6])
def test_tensor_lies_between_the_means_of_its_cells(ratio):
    """<K^-1>^-1 <= kappa <= <K> (Reuss, Voigt): both hold for the discrete energy, whatever the directions."""
    n = 8
    draw = np.random.default_rng(6)
    direction = unit(draw.normal(size=(3, n, n, n)))
    cells = np.arange(-1, n + 1) % n
    around = np.ix_(cells, cells, cells)
    one = np.ones((n, n, n))
    K = tensors(one, one / ratio, direction)
    problem = CellProblem(MPI.COMM_SELF, (n, n, n), (1.0, 1.0, 1.0), 1e-10)
    found = problem.magnetized(K[(..., *around)], (one / ratio)[around], alone.course())
    np.testing.assert_allclose(found, found.T, rtol=1e-12)
    voigt = K.mean(axis=(2, 3, 4))
    reuss = np.linalg.inv(tensors(one, ratio * one, direction).mean(axis=(2, 3, 4)))
    assert np.linalg.eigvalsh(voigt - found).min() > 0
    assert np.linalg.eigvalsh(found - reuss).min() > 0
    assert 1 / ratio < np.linalg.eigvalsh(found).min() < np.linalg.eigvalsh(found).max() < 1


def numerical_diffusion(points, kh, direction=(2.0, 1.0, 0.5), across=(0.5, 0.0, -2.0)):
    """Of a mode across a straight field, over kappa_par, where kappa_perp is 0."""
    b, k = unit(np.array(direction)), kh * unit(np.array(across))
    assert abs(b @ k) < 1e-15
    K = np.outer(b, b)
    return symbol(element(K, points), k) / kh**2


def test_numerical_diffusion_across_a_straight_field_is_of_fourth_order():
    """The symbol of the mean gradient along x is sin(k_x/2) cos cos: b.G = k.b + O(k^3), and its square O(k^6)."""
    kh = 2 * np.pi / np.array([8.0, 16.0, 32.0])
    ours, full = (np.array([numerical_diffusion(points, x) for x in kh]) for points in ((0.5,), GAUSS))
    np.testing.assert_allclose(np.log2(ours[:-1] / ours[1:]), 4.0, atol=0.2)
    np.testing.assert_allclose(np.log2(full[:-1] / full[1:]), 2.0, atol=0.2)
    # at 32 cells a wave 4e-7 of kappa_par, against 1.4e-4
    assert ours[-1] < 1e-6 < 1e-4 < full[-1]


def test_numerical_diffusion_of_the_matrix_is_that_of_its_symbol():
    n, ratio = 12, 1e6
    b, k = unit(np.array([2.0, 1.0, 0.0])), np.array([1.0, -2.0, 0.0])
    one = np.ones((n, n, n))
    K = tensors(one, one / ratio, b[:, None, None, None] * one)
    places = np.stack(np.meshgrid(*[np.arange(n) / n] * 3, indexing="ij"))
    mode = np.cos(2 * np.pi * np.tensordot(k, places, 1)).ravel(order="F")
    found = mode @ matrix_of(K, one / ratio, n) @ mode / (mode @ mode)
    kh = 2 * np.pi * np.linalg.norm(k) / n
    plain = symbol(element(np.eye(3), GAUSS), kh * unit(k)) / kh**2
    expected = (1 - 1 / ratio) * numerical_diffusion((0.5,), kh, b, k) + plain / ratio
    assert found / (2 * np.pi * np.linalg.norm(k)) ** 2 == pytest.approx(expected, rel=1e-6)


def tangled(places):
    """A guide along z and as much of 40 waves to a quarter of the box, free of divergence."""
    draw = np.random.default_rng(8)
    drawn = draw.integers(-4, 5, (400, 3))
    k = drawn[((drawn**2).sum(axis=1) > 0) & ((drawn**2).sum(axis=1) <= 16)][:40]
    length = np.linalg.norm(k, axis=1, keepdims=True)
    along = k / length
    amplitude = draw.normal(size=k.shape)
    amplitude -= (amplitude * along).sum(axis=1, keepdims=True) * along
    amplitude *= length ** (-11 / 6) / np.linalg.norm(amplitude, axis=1, keepdims=True)
    amplitude *= np.sqrt(2 / (amplitude**2).sum())
    phase = 2 * np.pi * (np.tensordot(k, places, 1) + draw.random(len(k))[:, None, None, None])
    return np.tensordot(amplitude.T, np.cos(phase), 1) + np.array([0.0, 0.0, 1.0])[:, None, None, None]


@pytest.mark.slow
def test_grids_come_together_on_tangled_field_lines():
    """Ratio 1e4, shortest waves of 2, 4, 8 cells. Measured, for there is no exact value: kappa_xx, yy, zz move by 24,
    23, 5 % and then by 7, 12, 0.2 %. Eight cells are not yet where errors fall by four.
    """
    found = []
    for n in (8, 16, 32):
        tensor, iterations = solve((n, n, n), constant(1.0), constant(1e-4), tangled, 1e-6)
        assert iterations < 3000
        found.append(np.diag(tensor))
    coarser, finer = np.abs(np.diff(found, axis=0)) / found[-1]
    assert (finer < [0.1, 0.15, 0.01]).all()
    assert (finer < 0.6 * coarser).all()

"""Parts of effective media that need no solver: waves that repeat with the box, shares of ranks, means of tensors."""

import h5py
import numpy as np
import pytest

from hpcmm.errors import InputError
from hpcmm.fields.waves import draw_waves, periodic
from hpcmm.kinds.effective_medium.conductances import conductances
from hpcmm.kinds.effective_medium.field_patches import quantile
from hpcmm.kinds.effective_medium.state import RESULT, MediaState, load
from hpcmm.kinds.effective_medium.tensor import estimate, geometric_mean
from hpcmm.parallel.collective import OneRank
from hpcmm.parallel.petsc import shares
from hpcmm.run.checkpoint_read import Damaged, Rows
from tests.thread_ranks import on_ranks


class Alone(OneRank):
    def allreduce(self, value):
        return value


def test_waves_repeat_with_the_box_and_stay_across_their_wavevector():
    wavelength, box = np.repeat([2.0, 4.0, 8.0], 200), 8.0
    drawn = draw_waves(2 * np.pi / wavelength, np.full(600, 3.0), np.random.default_rng(1))
    wavevector, vector, phase = periodic(*drawn, box)
    turns = wavevector * box
    np.testing.assert_allclose(turns, np.rint(turns), atol=1e-12)
    assert (np.abs(turns).max(axis=1) >= 1).all()
    np.testing.assert_allclose((wavevector * vector).sum(axis=1), 0.0, atol=1e-14)
    np.testing.assert_allclose(np.linalg.norm(vector, axis=1), 3.0)
    assert (phase == drawn[2]).all()
    change = np.linalg.norm(wavevector, axis=1) * wavelength - 1
    assert change[wavelength == 2.0].std() < 0.09


@pytest.mark.parametrize("wanted", [0, 1, 17, 1000])
def test_quantile_is_exact(wanted):
    values = np.random.default_rng(2).random(1000)
    assert (values >= quantile(Alone(), values, wanted)).sum() == wanted


@pytest.mark.parametrize("ranks", [1, 2, 3, 4, 6, 7, 12])
def test_every_rank_has_cells_or_the_grid_is_refused(ranks):
    for grid in ((8, 8, 8), (16, 4, 1), (1, 1, 12)):
        try:
            found = shares(ranks, grid)
        except InputError:
            assert ranks > 4
            continue
        assert np.prod(found) == ranks
        assert all(n <= cells for n, cells in zip(found, grid, strict=True))
    with pytest.raises(InputError, match="5 ranks cannot share"):
        shares(5, (4, 4, 4))


def test_links_are_harmonic_along_and_arithmetic_across():
    kappa = np.ones((6, 6, 6))
    kappa[3:] = 9.0
    lower, upper = (conductances(kappa, 1, scheme) for scheme in ("lower", "upper"))
    assert lower[0].shape == upper[0].shape == (5, 4, 4)
    np.testing.assert_allclose(lower[0][:, 0, 0], [1, 1, 1.8, 9, 9])
    np.testing.assert_allclose(upper[0][:, 0, 0], [1, 1, 1, 9, 9])
    np.testing.assert_allclose(upper[1][:, 0, 0], [1, 1, 5, 9])
    np.testing.assert_allclose(lower[1][:, 0, 0], [1, 1, 9, 9])


def test_parts_of_one_kappa_change_nothing():
    kappa = np.random.default_rng(4).random((6, 7, 5)) + 0.1
    parts = kappa.repeat(3, axis=0).repeat(3, axis=1).repeat(3, axis=2)
    for scheme in ("lower", "upper"):
        for one, many in zip(conductances(kappa, 1, scheme), conductances(parts, 3, scheme), strict=True):
            np.testing.assert_allclose(one, many, rtol=1e-12)


def test_geometric_mean_of_tensors():
    draw = np.random.default_rng(5)
    a, b = (m @ m.T + np.eye(3) for m in draw.random((2, 3, 3)))
    mean = geometric_mean(a, b)
    np.testing.assert_allclose(mean @ np.linalg.solve(a, mean), b, rtol=1e-10)
    np.testing.assert_allclose(geometric_mean(np.diag([1.0, 4, 9]), np.diag([4.0, 4, 4])), np.diag([2.0, 4, 6]))


def test_errors_between_realizations_and_of_the_bounds():
    lower = np.array([1.0, 2.0, 3.0])[:, None, None] * np.eye(3)
    tensor, discretization, spread = estimate(lower, lower)
    np.testing.assert_allclose(tensor, 2 * np.eye(3))
    assert discretization == 0.0
    assert spread == pytest.approx(1 / np.sqrt(3))
    assert estimate(lower[:1], 3 * lower[:1])[1] == pytest.approx(1.0)
    assert np.isnan(estimate(lower[:1], lower[:1])[2])


def test_a_checkpoint_is_shared_among_any_ranks(tmp_path):
    state = MediaState(5, {task: np.full(len(RESULT), float(task)) for task in (4, 0, 2)})
    with h5py.File(tmp_path / "state.h5", "w") as file:
        for name, data in state.arrays().items():
            file[name] = data

    def loaded(comm, tasks=5):
        with Rows(comm, tmp_path / "state.h5") as rows:
            return load(tasks, (8, 8), rows).done

    parts = on_ranks(2, loaded)
    with pytest.raises(Damaged):
        loaded(OneRank(), tasks=4)
    assert sorted(task for part in parts for task in part) == [0, 2, 4]
    for part in parts:
        assert all((row == task).all() for task, row in part.items())

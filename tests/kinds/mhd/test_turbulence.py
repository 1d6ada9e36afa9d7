"""What draws and drives a flow: seeds, forces; the growth of a field by a known dynamo, a forced run."""

import numpy as np
import pytest

from hpcmm.errors import InputError
from hpcmm.kinds.mhd.random_modes import random_kick
from hpcmm.kinds.mhd.solver import Solver
from hpcmm.kinds.mhd.transform import division, modes_of
from hpcmm.kinds.mhd.waves import half_space, of_rank
from tests.conftest import ROOT
from tests.kinds.mhd.flow import Flow, abc, drawn, scaled, start


@pytest.mark.parametrize("points", [16, 24])
def test_seed_is_the_same_on_any_grid(points):
    """rms as asked for, solenoidal, no helicity with linear polarizations, the most with circular ones."""
    row = Flow(points, {}, drawn(7, 0.3, 1, 4, 0.0)).history()
    assert 2 * row["E_b"] == pytest.approx(0.09, rel=1e-12)
    assert abs(row["H_M"]) < 1e-17
    helical = drawn(7, 0.3, 2, 2, 1.0)
    row = Flow(points, {}, helical).history()
    assert row["H_M"] == pytest.approx(0.09 / 2, rel=1e-12)
    for k, value in helical.items():
        assert abs(np.dot(k, value)) < 1e-15
    assert Flow(points, {}, drawn(7, 0.3, 1, 4, 0.0)).history()["l_c_b"] == pytest.approx(
        Flow(32, {}, drawn(7, 0.3, 1, 4, 0.0)).history()["l_c_b"], rel=1e-13
    )


def test_modes_of_a_shell():
    assert len(half_space(1, 1)) == 3
    assert len(half_space(1.5, 2.5)) == (12 + 8 + 6 + 24 + 24 - 12) // 2
    assert len({*half_space(1, 4)} & {tuple(-n for n in k) for k in half_space(1, 4)}) == 0


def test_random_force_gives_its_power():
    """Mean energy of a kick from rest is power dt; modes solenoidal, of the shell, and those of a real field."""
    energies = []
    for step in range(400):
        kick = random_kick(1, step, 2, 0.1, 0.02)
        energies.append(sum(np.vdot(v, v).real for v in kick.values()) / 2)
    modes = len(kick) // 2
    # chi squared of four numbers a mode
    assert np.mean(energies) == pytest.approx(0.002, rel=4 * np.sqrt(1 / (2 * modes * 400)))
    for k, value in kick.items():
        assert 1.5 <= np.linalg.norm(k) <= 2.5
        assert abs(np.dot(k, value)) < 1e-15
        np.testing.assert_array_equal(kick[tuple(-n for n in k)], value.conj())


def test_sizes_of_the_cube_of_modes():
    """3 K < N, even, of small factors."""
    known = {16: 10, 32: 20, 48: 32, 64: 42, 96: 64, 128: 84, 192: 128, 256: 168, 512: 336, 1024: 672}
    assert {n: modes_of(n) for n in known} == known
    for n in range(8, 300, 2):
        assert 3 * (modes_of(n) // 2 - 1) < n


def test_ranks_share_in_slabs_then_in_pencils():
    """64^3 has 42 modes a side: slabs of two planes and more, beyond that y is divided too; what cannot be is said."""
    assert [division(ranks, 64) for ranks in (1, 21, 22, 64, 84)] == [(1, 1), (21, 1), (11, 2), (8, 8), (12, 7)]
    assert division(4, 64, "pencils") == (2, 2)
    assert division(3, 64, "pencils") == (3, 1)
    with pytest.raises(InputError, match="7 ranks cannot share a cube of 8\\^3 points; fewer"):
        division(7, 8)


def test_force_from_rest_is_linear_at_first():
    """du/dt = f - nu k^2 u of a Beltrami force: u = f (1 - exp(-nu k^2 t)) / (nu k^2)."""
    flow = Flow(16, {}, {}, 0.3, force=abc(1, 0.1), scheme="rk4").advance(2.0, 40)
    exact = scaled(abc(1, 0.1), (1 - np.exp(-0.6)) / 0.3)
    place = of_rank(flow.transforms, exact)
    np.testing.assert_allclose(flow.modes[:3][:, *place.place], place.values, atol=1e-8)


def test_single_precision_follows_double():
    double, single = (
        Flow(16, *start("orszag_tang_3d", 1, 0.2), 0.05, precision=p).advance(0.5, 10).modes
        for p in ("double", "single")
    )
    assert single.dtype == np.complex64
    assert np.abs(double - single).max() < 1e-6


def test_a_flow_that_blows_up_is_said_to():
    flow = Flow(16, drawn(1, 10.0), drawn(2, 10.0))
    with pytest.raises(InputError, match="blown up"), np.errstate(all="ignore"):
        flow.advance(1000.0, 100)


def test_solver_needs_no_more_than_it_says():
    """Numbers of a point held by a solver: registers, products and fields, without the plans' buffers."""
    flow = Flow(32, {}, {})
    held = sum(a.nbytes for a in vars(flow.solver).values() if isinstance(a, np.ndarray))
    assert isinstance(flow.solver, Solver)
    assert held / 32**3 < 100


@pytest.mark.slow
def test_forced_turbulence_settles_where_it_is_known_to(run_deck):
    """64^3 with nu = eta = 5e-3: as measured from other seeds, E_b .0177(20) from t = 10 on, injection .0363."""
    text = (ROOT / "input_decks" / "mhd_small.toml").read_text(encoding="utf-8")
    for old, new in (("= 8e-3", "= 5e-3"), ("duration = 40.0", "duration = 20.0"), ("[20.0, 30.0, 40.0]", "[]")):
        assert old in text
        text = text.replace(old, new)
    table = run_deck(text).table
    late = table["t"] >= 10
    assert np.mean(table["injection"][late]) == pytest.approx(0.0363, abs=0.001)
    assert np.mean(table["E_b"][table["t"] >= 18]) == pytest.approx(0.0177, abs=0.004)
    assert np.mean(table["E_u"][late]) == pytest.approx(0.0985, abs=0.006)


@pytest.mark.slow
def test_dynamo_of_the_abc_flow():
    """Rm = 12, held up by its own force: E_b = exp(2 sigma t) [1 + m cos(2 omega t + p)], sigma .00806, omega .6177."""
    nu = 1 / 12
    flow = Flow(24, abc(1), drawn(5, 1e-8, 1, 2), nu, force=abc(1, nu))
    time, energy = [], []
    for _ in range(900):
        flow.advance(0.1, 1)
        if flow.time > 72.0:
            time.append(flow.time)
            energy.append(np.log((np.abs(flow.modes[3:]) ** 2 * np.where(flow.transforms.wave[2] > 0, 2, 1)).sum()))
    time, energy = np.array(time), np.array(energy)

    def fit(omega):
        columns = [time, np.ones_like(time)]
        columns += [f(2 * n * omega * time) for n in (1, 2, 3) for f in (np.cos, np.sin)]
        found = np.linalg.lstsq(np.array(columns).T, energy, rcond=None)
        return float(found[1][0]), found[0][0] / 2, omega

    _, sigma, omega = min(map(fit, np.linspace(0.5, 0.75, 501)))
    assert sigma == pytest.approx(0.00806, rel=0.02)
    assert omega == pytest.approx(0.61773, rel=0.02)
    assert flow.history()["E_u"] == pytest.approx(1.5, rel=1e-6)

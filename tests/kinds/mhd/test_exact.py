"""The solver against what is exact: Alfven waves, linear decay, invariants, order, another code's numbers."""

import numpy as np
import pytest

from hpcmm.kinds.mhd.flows import force
from hpcmm.kinds.mhd.waves import cosines, sines, vector
from tests.kinds.mhd.flow import Flow, abc, drawn, scaled, start, sum_of

TG_FORCE = force("taylor_green", 2, 0.25)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("k", [1, 3])
def test_alfven_wave_travels_at_any_amplitude(k, sign):
    """u = +-b is exact: u = +b travels towards -B_0."""
    s, c = sines(k), cosines(k)
    b = vector([0.7 * c[2], 0.7 * s[2], 0 * s[2]])
    flow = Flow(16, scaled(b, sign), b, scheme="rk4", mean=(0, 0, 1.5))
    period = 2 * np.pi / (1.5 * k)
    flow.advance(1.25 * period, 250)
    shifted = {wave: value * np.exp(1j * wave[2] * sign * 1.5 * 1.25 * period) for wave, value in b.items()}
    exact = Flow(16, scaled(shifted, sign), shifted, mean=(0, 0, 1.5)).modes
    assert np.abs(flow.modes - exact).max() < 0.7e-6


def test_alfven_wave_of_any_shape_decays_as_it_travels():
    b, nu = drawn(3, most=5), 0.05
    flow = Flow(32, b, b, nu, scheme="rk4", mean=(0, 0, 1.0)).advance(0.5, 50)
    shifted = {k: v * np.exp(0.5j * k[2] - 0.5 * nu * np.dot(k, k)) for k, v in b.items()}
    exact = Flow(32, shifted, shifted, mean=(0, 0, 1.0)).modes
    assert np.abs(flow.modes - exact).max() < 1e-8


def test_aligned_fields_without_mean_stand_still():
    b = drawn(3, most=5)
    flow = Flow(24, b, b)
    before = flow.modes
    assert np.abs(flow.advance(0.5, 20).modes - before).max() < 1e-15


def test_beltrami_flow_decays_linearly():
    nu, eta = 0.03, 0.05
    u, b = abc(2, 1.0, 1.0, 0.8, 0.6), abc(2, 0.5, 1.0, 0.8, 0.6)
    flow = Flow(24, u, b, nu, eta).advance(1.0, 20)
    exact = Flow(24, scaled(u, np.exp(-4 * nu)), scaled(b, np.exp(-4 * eta))).modes
    assert np.abs(flow.modes - exact).max() < 1e-13


def test_magnetic_helicity_of_abc():
    b = abc(2, 0.5, 1.0, 0.8, 0.6)
    row = Flow(16, {}, b).history()
    assert row["H_M"] == pytest.approx(0.25 * (1 + 0.64 + 0.36) / 2, rel=1e-12)
    assert row["E_b"] == pytest.approx(0.5 * 0.25 * 2.0, rel=1e-12)
    assert row["l_c_b"] == pytest.approx(np.pi / 2, rel=1e-12)


@pytest.mark.parametrize(("scheme", "order"), [("rk3", 3), ("rk4", 4)])
def test_ideal_invariants_are_kept_to_the_order_of_the_scheme(scheme, order):
    """Energy, cross helicity and magnetic helicity are kept by the truncated equations: only time steps lose them."""
    drift = []
    for steps in (20, 40):
        flow = Flow(32, drawn(1), drawn(2), scheme=scheme)
        before = flow.history()
        after = flow.advance(0.5, steps).history()
        energy = before["E_u"] + before["E_b"]
        change = [after["E_u"] + after["E_b"] - energy, after["H_C"] - before["H_C"], after["H_M"] - before["H_M"]]
        drift.append(np.linalg.norm(change) / energy)
    assert drift[1] < {"rk3": 2e-5, "rk4": 1e-7}[scheme]
    assert np.log2(drift[0] / drift[1]) > order - 0.1


@pytest.mark.parametrize(("scheme", "order"), [("rk3", 3), ("rk4", 4)])
def test_state_converges_to_the_order_of_the_scheme(scheme, order):
    u, b = drawn(1), drawn(2)

    def after(steps, scheme=scheme):
        return Flow(24, u, b, 0.02, scheme=scheme, force=TG_FORCE).advance(0.5, steps).modes

    best = after(160, "rk4")
    error = [np.abs(after(steps) - best).max() for steps in (10, 20)]
    assert np.log2(error[0] / error[1]) > order - 0.1
    assert error[1] < {"rk3": 2e-5, "rk4": 5e-7}[scheme]


def test_regression_of_spectral_dns():
    """Energies of spectralDNS's test TGMHD.py at t = 0.1."""
    s, c = sines(1), cosines(1)
    b = vector([s[0] * s[1] * c[2], c[0] * c[1] * c[2], 0 * s[0]])
    row = Flow(32, start("taylor_green")[0], b, 6.25e-4, 0.01, scheme="rk4").advance(0.1, 10).history()
    assert row["E_u"] == pytest.approx(0.124565408177, abs=1e-9)
    assert row["E_b"] == pytest.approx(0.124637762143, abs=1e-9)


def budget(scheme, courant):
    """Change of energy less injection and dissipation by Simpson's rule, over the energy, for t = 0 to 1; the steps."""
    flow = Flow(32, drawn(1), drawn(2), 0.02, scheme=scheme, force=TG_FORCE)
    rows = [flow.history()]
    steps = 2 * int(np.ceil(0.5 * (rows[0]["u_max"] + rows[0]["b_max"]) / (courant * 2 * np.pi / 32)))
    for _ in range(steps):
        rows.append(flow.advance(1.0 / steps, 1).history())
    power = np.array([row["injection"] - row["eps_u"] - row["eps_b"] for row in rows])
    weight = np.where(np.arange(steps + 1) % 2, 4.0, 2.0)
    weight[[0, -1]] = 1.0
    energy = [row["E_u"] + row["E_b"] for row in rows]
    return abs(energy[-1] - energy[0] - weight @ power / (3 * steps)) / energy[0], steps


def test_energy_budget_closes():
    """With rk4 to 1e-6 at a courant number of 0.5; with rk3 to third order, 2.3e-5 there: it dissipates by itself."""
    assert budget("rk4", 0.5)[0] < 1e-6
    (coarse, few), (fine, many) = budget("rk3", 0.5), budget("rk3", 0.25)
    assert coarse < 3e-5
    assert np.log(coarse / fine) / np.log(many / few) > 2.9


def test_fields_stay_solenoidal():
    flow = Flow(24, drawn(1), drawn(2), 0.02, force=TG_FORCE).advance(0.5, 10)
    z, y, x = flow.transforms.wave
    for field in (flow.modes[:3], flow.modes[3:]):
        divergence = x * field[0] + y[:, None] * field[1] + z[:, None, None] * field[2]
        assert np.abs(divergence).max() < 1e-13


# docs/physics.md 15.5: energies of the deterministic forced run on 48^3
DETERMINISTIC = {
    0.5: (0.02865431, 0.05128477, 0.0069737, 0.0022686, 0.0297141, 0.088798, 2.74930),
    1.0: (0.03355260, 0.05625457, 0.0085391, 0.0044460, 0.0313612, 0.087539, 2.54565),
}


def deterministic(points):
    u = start("taylor_green", 2, 0.4)[0]
    b = sum_of(abc(1, 0.2, 1, 0.8, 0.6), abc(2, 0.1, 0.6, 1, 0.8))
    return Flow(points, u, b, 0.01, force=TG_FORCE)


def test_forced_run_has_known_energies():
    flow = deterministic(48)
    for time, known in DETERMINISTIC.items():
        row = flow.advance(time - flow.time, round((time - flow.time) / 0.05)).history()
        found = [row[name] for name in ("E_u", "E_b", "eps_u", "eps_b", "injection", "H_M", "l_c_b")]
        np.testing.assert_allclose(found, known, rtol=1e-5)


DECAYED = [
    ("tg_insulating", 0.104646, 0.114131),
    ("tg_alternative", 0.100975, 0.077454),
    ("tg_conducting", 0.104103, 0.074094),
]


@pytest.mark.parametrize(("flow", "u", "b"), DECAYED)
def test_decaying_taylor_green_flows(flow, u, b):
    """Energies at t = 1 of flows of Lee et al. at nu = eta = 0.02, as measured on 48^3."""
    run = Flow(32, *start(flow), 0.02)
    before = run.history()
    assert before["E_u"] == pytest.approx(0.125, rel=1e-12)
    assert before["E_b"] == pytest.approx(0.125, rel=1e-12)
    row = run.advance(1.0, 20).history()
    assert row["E_u"] == pytest.approx(u, rel=0.01)
    assert row["E_b"] == pytest.approx(b, rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("points", "nu", "peak", "when", "steps"), [(48, 0.02, 0.05438, 2.517, 75), (64, 0.01, 0.05403, 2.966, 90)]
)
def test_peak_dissipation_of_the_insulating_flow(points, nu, peak, when, steps):
    flow, rows = Flow(points, *start("tg_insulating"), nu), []
    for _ in range(steps):
        rows.append(flow.advance(0.04, 1).history())
    time, loss = (np.array([f(row) for row in rows]) for f in (lambda r: r["t"], lambda r: r["eps_u"] + r["eps_b"]))
    top = int(loss.argmax())
    a, b, c = np.polyfit(time[top - 2 : top + 3], loss[top - 2 : top + 3], 2)
    assert c - b * b / (4 * a) == pytest.approx(peak, rel=0.002)
    assert -b / (2 * a) == pytest.approx(when, abs=0.01)


@pytest.mark.slow
def test_forced_run_to_later_times():
    flow = deterministic(48)
    for time, u, b in ((2.0, 0.03508347, 0.06757581), (4.0, 0.03446458, 0.06739922)):
        row = flow.advance(time - flow.time, round((time - flow.time) / 0.05)).history()
        assert row["E_u"] == pytest.approx(u, rel=1e-5)
        assert row["E_b"] == pytest.approx(b, rel=1e-5)

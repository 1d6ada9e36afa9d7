"""Estimators on tracks whose answer is known on paper."""

import numpy as np
import pytest

from cython_kernels.telegraph import ROWS, TelegraphBlock
from hpcmm.errors import InputError
from hpcmm.estimators import ESTIMATORS, TrackRow, telegraph_log10
from hpcmm.estimators.jackknife import jackknife
from hpcmm.kinds.network.walks import draw_media, make_tracks
from tests.estimators import walks

TRACKS = sorted(set(ESTIMATORS) - {"lstm"})


def row_of(position, duration=1.0, unit=None, **more):
    position = np.asarray(position, dtype=float)
    unit = np.arange(len(position)) if unit is None else np.asarray(unit)
    return TrackRow(position, np.linspace(0, duration, position.shape[1]), unit, **more)


def brownian(tracks, points, variances, seed=1):
    """Exact Brownian tracks with 2 kappa_i per unit of time, T = 1."""
    steps = np.random.default_rng(seed).normal(size=(tracks, points - 1, len(variances)))
    steps *= np.sqrt(np.asarray(variances) / (points - 1))
    return np.concatenate([np.zeros((tracks, 1, len(variances))), np.cumsum(steps, axis=1)], axis=1)


@pytest.mark.parametrize("name", ["running", "time_differenced", "green_kubo", "time_origins"])
def test_brownian_motion_along_each_axis(name):
    row = row_of(brownian(4000, 65, [6.0, 2.0, 0.4]))
    found = ESTIMATORS[name](row)
    assert (np.abs(found["kappa"] - [3.0, 1.0, 0.2]) < 4 * found["kappa_err"]).all()
    assert (found["kappa_err"] < 0.1 * found["kappa"]).all()
    assert found["iso"] == pytest.approx(found["kappa"].mean(), rel=1e-12)


def test_errors_are_those_of_theory():
    """Var of <x^2>/2T is 2 kappa^2/N; of [M(T) - M(T/2)]/T it is 3/2 of 4 kappa^2/N
    (docs/physics.md 6.1: 1.7 x noisier).
    """
    row = row_of(brownian(20_000, 9, [2.0]))
    assert ESTIMATORS["running"](row)["kappa_err"][0] == pytest.approx(np.sqrt(2 / 20_000), rel=0.05)
    assert ESTIMATORS["time_differenced"](row)["kappa_err"][0] == pytest.approx(np.sqrt(6 / 20_000), rel=0.05)


def test_correlated_tracks_share_a_unit():
    """Sixteen copies of each track tell no more than one: the error is that of the originals."""
    originals = brownian(100, 9, [2.0])
    once, copied = row_of(originals), row_of(originals.repeat(16, axis=0), unit=np.arange(100).repeat(16))
    for name in ("running", "time_origins"):
        alone, many = ESTIMATORS[name](once), ESTIMATORS[name](copied)
        assert many["kappa_err"] == pytest.approx(alone["kappa_err"], rel=1e-9)
    single = ESTIMATORS["running"](row_of(originals, unit=np.zeros(100, dtype=int)))
    assert np.isnan(single["kappa_err"]).all()
    assert np.isnan(single["iso_err"])


def test_jackknife_of_a_mean_is_the_standard_error():
    values = np.random.default_rng(2).normal(size=(30, 1))
    value, error = jackknife(lambda pooled: pooled / 30, 30 * values, np.ones(30))
    assert value == pytest.approx(values.sum())
    one, deviation = jackknife(lambda p: p[1:] / p[0], np.column_stack([np.ones(30), values]), np.ones(30))
    assert one == pytest.approx(values.mean())
    assert deviation == pytest.approx(values.std(ddof=1) / np.sqrt(30))
    assert error.shape == value.shape


def test_running_lacks_the_ballistic_start():
    """Telegraph of one rate: <x^2> = 2 kappa [T - (1 - exp(-nu T))/nu]; the differenced value lacks exp(-nu T/2)."""
    row = walks.line(20_000, 3, nu_mm=1.0, f_mm=0.0, duration=20.0)
    found = ESTIMATORS["running"](row)
    assert abs(found["iso"] - (1 - (1 - np.exp(-20)) / 20)) < 3 * found["iso_err"]
    assert abs(found["iso"] - 1) > 3 * found["iso_err"]
    found = ESTIMATORS["time_differenced"](row)
    assert abs(found["iso"] - 1) < 3 * found["iso_err"]


def test_green_kubo_from_increments_is_the_derivative_of_the_mean_square():
    """Trapezoid over increments = [M(l + h) - M(l - h)]/4h exactly, up to the ends of the track."""
    steps = np.random.default_rng(4).normal(size=24)
    row = row_of(np.concatenate([[0.0], np.cumsum(np.tile(steps, 2000))])[None, :, None], duration=48_000.0)
    x = row.position[0, :, 0]
    m = [np.mean((x[lag : lag + 24 * 1990] - x[: 24 * 1990]) ** 2) for lag in (5, 7)]
    assert ESTIMATORS["green_kubo"](row, 6 / 48_000)["iso"] == pytest.approx((m[1] - m[0]) / 4, rel=1e-3)


def test_green_kubo_resolves_a_memory_shorter_than_an_interval():
    """Intervals of four decay times: a quadrature of <v v> at these points would be twice too high."""
    row = walks.scattered(0.125, 60, 64, 4000, 5)
    assert np.exp(-(row.time[1] - row.time[0]) / 2) < 0.02
    found = ESTIMATORS["green_kubo"](row)
    assert found["iso_err"] < 0.02 * walks.kappa_scattered(0.125)
    assert abs(found["iso"] - walks.kappa_scattered(0.125)) < 4 * found["iso_err"]


def test_telegraph_counts():
    row = row_of(np.zeros((4, 3, 1)), duration=12.0, turns=np.array([0, 1, 2, 3]))
    assert ESTIMATORS["telegraph"](row)["kappa"] == pytest.approx([12 / (2 * 1.5)])


def test_single_tracks_without_a_reversal():
    assert telegraph_log10(np.array([0, 1])) == pytest.approx([0.0, -np.log10(3)])
    mu = np.array([5.0, 10.0, 40.0])
    counts = np.random.default_rng(5).poisson(mu, (400_000, 3))
    assert np.abs(telegraph_log10(counts).mean(axis=0) + np.log10(2 * mu)).max() < 0.005


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (row_of(np.zeros((2, 3, 3)), turns=np.array([1, 2])), "needs a walk on a line"),
        (row_of(np.zeros((2, 3, 1))), "needs a walk on a line"),
        (row_of(np.zeros((2, 3, 1)), turns=np.array([0, 0])), "needs a reversal"),
    ],
)
def test_telegraph_refuses(row, words):
    with pytest.raises(InputError, match=words):
        ESTIMATORS["telegraph"](row)


def test_too_few_points_are_refused():
    with pytest.raises(InputError, match="too few"):
        ESTIMATORS["time_origins"](row_of(np.zeros((2, 2, 1))))
    with pytest.raises(ValueError, match="0 to 1"):
        ESTIMATORS["time_origins"](row_of(np.zeros((2, 9, 1))), lag=2.0)


def test_lstm_takes_the_geometric_mean_along_each_axis():
    class Stub:
        systematic = 0.1

        def __call__(self, increments):
            return np.log10(np.abs(increments).mean(axis=1))

        def outside(self, said):
            return float(np.mean(said > -1))

    ends = np.array([[1.0, 8.0], [4.0, 2.0]])
    row = row_of(np.linspace(0, 1, 5)[None, :, None] * ends[:, None, :], duration=10.0)
    found = ESTIMATORS["lstm"](row, Stub())
    assert found["kappa"] == pytest.approx([10 * np.sqrt(0.1 * 0.4), 10 * np.sqrt(0.8 * 0.2)])
    assert found["outside"] == pytest.approx(3 / 4)
    # 0.1 dex beside the scatter between two tracks: of ln kappa, half their distance
    scatter = np.log([4.0, 4.0]) / 2
    assert found["kappa_err"] / found["kappa"] == pytest.approx(np.hypot(scatter, 0.1 * np.log(10)), rel=0.2)


def test_made_tracks_follow_the_kernels_law():
    """Reversals, their scatter and mean squares as in the compiled flights."""
    position, turns = make_tracks(10.0, 1.0, 0.3, 8.0, 33, 8192, 6)
    assert np.abs(np.diff(position, axis=1)).max() <= 8.0 / 32 * (1 + 1e-9)
    kernel = TelegraphBlock(10.0, 1.0, 0.3, 8.0, 99, 0, 8192)
    kernel.advance(10**9)
    ends, counts = kernel.state[ROWS.index("end")], kernel.state[ROWS.index("turns")]
    for made, compiled in ((turns, counts), (turns**2, np.square(counts)), (position[:, -1] ** 2, np.square(ends))):
        error = np.hypot(made.std(), np.std(compiled)) / np.sqrt(8192)
        assert abs(made.mean() - np.mean(compiled)) < 4 * error


def test_media_drawn_fill_their_ranges():
    ranges = {"nu_eff_T": (20.0, 400.0), "contrast": (1.0, 100.0), "spread": (3.0, 300.0), "f_mm": (0.0, 1.0)}
    m = draw_media(ranges, 500, 1)
    rate = m["f_mm"] * m["nu_mm"] + (1 - m["f_mm"]) * m["nu_res"]
    assert -np.log10(rate * m["duration"]) == pytest.approx(m["label"])
    spread = m["duration"] / rate
    assert spread.min() >= 3 * (1 - 1e-9)
    assert spread.max() <= 300 * (1 + 1e-9)

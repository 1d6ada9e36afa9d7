"""Estimators on sums made by hand: values, errors, flags (docs/physics.md 6.1, 6.2)."""

import numpy as np
import pytest

from cython_kernels.lags import COLUMNS, INTERVALS
from hpcmm.estimators.jackknife import jackknife
from hpcmm.kinds.transport import kappa, moments
from hpcmm.kinds.transport.moments import INDEX


def sums_of(x, n, n0):
    """Moment sums [time, moment] of tracks x, n [time, axis, particle] started along n0 [axis, particle]."""
    out = np.zeros((len(x), len(INDEX)))
    axes = {a: i for i, a in enumerate("xyz")}
    for name, i in INDEX.items():
        if name == "particles":
            out[:, i] = x.shape[2]
        elif name == "mu_squared":
            out[:, i] = ((n0 * n).sum(axis=1) ** 2).sum(axis=1)
        elif name[0] == "v":
            out[:, i] = (n0[axes[name[1]]] * n[:, axes[name[3]]]).sum(axis=1)
        elif name != "in_patch":
            out[:, i] = np.prod([x[:, axes[c]] for c in name], axis=0).sum(axis=1)
    return out


def brownian(draw, time, particles, tensor):
    """Exact Brownian tracks: <x_i x_j> = 2 kappa_ij t."""
    root = np.linalg.cholesky(2 * np.asarray(tensor))
    steps = draw.normal(size=(len(time), 3, particles)) * np.sqrt(np.diff(time, prepend=0.0))[:, None, None]
    return np.cumsum(np.einsum("ij,tjp->tip", root, steps), axis=0)


TIME = np.array([1.0, 2.0, 4.0, 8.0])
TENSOR = np.array([[3.0, 0.5, 0.0], [0.5, 2.0, -0.3], [0.0, -0.3, 1.0]])


@pytest.fixture(scope="module")
def ensemble():
    """Sums [realization, block, time, moment]: 200 realizations of 2 x 50 Brownian particles."""
    draw = np.random.default_rng(1)
    n = draw.normal(size=(1, 3, 50))
    n /= np.linalg.norm(n, axis=1)
    return np.array(
        [[sums_of(brownian(draw, TIME, 50, TENSOR), n.repeat(4, 0), n[0]) for _ in range(2)] for _ in range(200)]
    )


def test_headline_tensor_of_brownian_motion(ensemble):
    """Error from theory: per axis sqrt(2/N) of M at T; the difference of M(T) and M(T/2) is sqrt(3) noisier."""
    value, error = jackknife(
        lambda s: kappa.headline_tensor(s, TIME), units := moments.statistical_units(ensemble), moments.particles(units)
    )
    assert (np.abs(value - TENSOR) / error < 4).all()
    n = 200 * 100
    # var[M(T) - M(T/2)] = (2 k T)^2 2/N - (k T)^2 2/N: the halves share their first half
    expected = 2 * TENSOR.diagonal() * np.sqrt(2 / n * (1 - 1 / 4))
    assert error.diagonal() == pytest.approx(expected, rel=0.2)


UNIT_TIME = INTERVALS.astype(float)


def lag_sums(units, particles, seed=2):
    """Lag sums [unit, lag, column] of Brownian motion of TENSOR; at each lag as many independent displacements."""
    draw, root = np.random.default_rng(seed), np.linalg.cholesky(2 * TENSOR)
    sums = np.zeros((units, len(INTERVALS), len(COLUMNS)))
    for unit in sums:
        for row, time in zip(unit, UNIT_TIME, strict=True):
            d = root @ draw.normal(size=(3, particles)) * np.sqrt(time)
            pairs = d @ d.T
            row[0] = particles
            row[1:7] = pairs[[0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]]
    return sums


@pytest.fixture(scope="module")
def lagged():
    """Lag sums [realization, block, lag, column]: 200 realizations of 2 x 500."""
    return lag_sums(400, 500).reshape(200, 2, len(INTERVALS), len(COLUMNS))


def row_of(ensemble, lagged, guide=None, l_c=2.0, path=4096.0):
    about = kappa.Circumstances(l_c=l_c, x=1e-9, turbulent=False, guide=guide, stage=path)
    return kappa.estimate(ensemble, TIME * path / TIME[-1], lagged, UNIT_TIME, about)


def test_row_holds_tensor_and_its_errors(ensemble, lagged):
    """kappa_iso = 2, so that lambda = 6 and lags of 60 are wanted; the word is yes."""
    row = row_of(ensemble, lagged, guide=np.array([1.0, 0, 0]))
    assert row["kappa_trace"] == pytest.approx(row["kappa_xx"] + row["kappa_yy"] + row["kappa_zz"], rel=1e-12)
    assert row["kappa_iso"] == pytest.approx(row["kappa_trace"] / 3, rel=1e-12)
    assert row["kappa_par"] == pytest.approx(row["kappa_xx"], rel=1e-12)
    assert row["kappa_perp"] == pytest.approx((row["kappa_yy"] + row["kappa_zz"]) / 2, rel=1e-12)
    for name, exact in (("xx", 3.0), ("yy", 2.0), ("zz", 1.0), ("par", 3.0), ("perp", 1.5)):
        assert abs(row[f"kappa_{name}"] - exact) < 4 * row[f"kappa_{name}_err"]
    assert row["kappa_par_err"] < 0.03 * 3
    assert row["lag"] >= 10 * 9 * 0.97
    assert row["lag_over_lambda"] == pytest.approx(row["lag"] / (3 * row["kappa_par"]))
    assert row["lag_over_l_c"] == pytest.approx(row["lag"] / 2)
    assert row["displacement_over_l_c"] == pytest.approx(np.sqrt(2 * 6 * 8) / 2, rel=0.02)
    assert row["converged"] == "yes"
    assert row["regime"] == "isotropic"
    assert row["kappa_A"] == 0.0


GROWN = {
    "diffusive": lambda t: np.ones_like(t),
    "late": lambda t: 1 + 60 * -np.expm1(-t / 200) / (3 * t),
    "never": lambda t: t**-0.5,
}
"""<dx^2>/t across over that of a diffusive walk: as it is; 60 more once t >> 200; less and less."""


@pytest.mark.parametrize("grown", GROWN)
def test_kappa_across_is_read_at_a_lag_of_its_own(ensemble, grown):
    """The first at which kappa(L, 2L) is flat, from that of kappa_par on; that one where there is none."""
    plain, factor = lag_sums(400, 500), GROWN[grown](UNIT_TIME)
    sums = plain.copy()
    for column, power in (("yy", 1.0), ("zz", 1.0), ("yz", 1.0), ("xy", 0.5), ("xz", 0.5)):
        sums[..., COLUMNS.index(column)] *= factor**power
    row, same = (
        row_of(ensemble, some.reshape(200, 2, len(INTERVALS), -1), guide=np.array([1.0, 0, 0]))
        for some in (sums, plain)
    )
    assert all(row[name] == same[name] for name in ("kappa_par", "kappa_par_err", "lag", "converged"))
    assert (row["lag_perp"] > row["lag"]) == (grown == "late")
    assert (row["kappa_perp_converged"] == "no") == (grown == "never")
    if grown != "never":
        assert abs(row["kappa_perp"] - 1.5) < 4 * row["kappa_perp_err"]
        assert row["kappa_perp_err"] < 0.05 * 1.5


def test_forty_mean_free_paths_are_wanted(ensemble, lagged):
    """lambda = 3 kappa_iso = 6."""
    assert row_of(ensemble, lagged, path=256.0)["converged"] == "yes"
    assert row_of(ensemble, lagged, path=230.0)["converged"] == "no"


def test_one_sample_has_no_error(ensemble, lagged):
    row = row_of(ensemble[:1, :1], lagged[:1, :1])
    assert np.isnan(row["kappa_iso_err"])
    assert row["converged"] == "undecided"


def test_errors_between_blocks_where_there_is_one_realization(ensemble, lagged):
    row = row_of(ensemble[:1], lagged[:1])
    assert np.isfinite(row["kappa_iso_err"])


def test_part_filled_blocks_weigh_less(ensemble, lagged):
    """One realization of 30 full blocks and one of a tenth: the small one must not inflate the error."""
    full, small = lagged[:30, 0][None], lagged[30:31, 0][None] / 10
    moments_of = ensemble[:30, 0][None], np.concatenate([ensemble[:30, 0], ensemble[30:31, 0] / 10])[None]
    even = row_of(moments_of[0], full)
    uneven = row_of(moments_of[1], np.concatenate([full, small], axis=1))
    assert uneven["lag"] == even["lag"]
    assert uneven["kappa_iso_err"] == pytest.approx(even["kappa_iso_err"], rel=0.1)


def test_error_between_realizations_sees_what_they_share(ensemble, lagged):
    """Twice the same sums in each realization: no more information, the same error."""
    one = row_of(ensemble, lagged)
    two = row_of(*(np.concatenate([sums, sums], axis=1) for sums in (ensemble, lagged)))
    assert two["kappa_iso_err"] == pytest.approx(one["kappa_iso_err"], rel=1e-9)


def test_headline_forgets_a_ballistic_offset():
    """M = 2 k t - a: the running estimate is low by a/2t, the headline exact."""
    sums = np.zeros((4, len(INDEX)))
    sums[:, 0] = 1
    for name in ("xx", "yy", "zz"):
        sums[:, INDEX[name]] = 2 * 5.0 * TIME - 3.0
    assert np.allclose(kappa.headline_tensor(sums, TIME), 5 * np.eye(3), rtol=1e-12)
    assert kappa.running_tensor(sums, TIME)[-1, 0, 0] == pytest.approx(5 - 3 / 16, rel=1e-12)


def test_samples_without_the_half_are_refused(ensemble):
    with pytest.raises(ValueError, match="T/2"):
        kappa.headline_tensor(ensemble[0, 0], np.array([1.0, 2.0, 3.0, 8.0]))


def test_fourth_moment_is_that_of_a_gaussian(ensemble):
    """<r^4> of a Gaussian: (sum of variances)^2 + 2 sum of squares of the covariance."""
    pooled = ensemble.sum(axis=(0, 1))
    cov = 2 * TENSOR * TIME[-1]
    expected = np.trace(cov) ** 2 + 2 * (cov**2).sum()
    assert moments.mean_r4(pooled)[-1] == pytest.approx(expected, rel=0.05)
    assert moments.UNITS[INDEX["xxyy"]] == "pc4"
    assert moments.UNITS[INDEX["vxvy"]] == "1"
    assert moments.UNITS[INDEX["x"]] == "pc"

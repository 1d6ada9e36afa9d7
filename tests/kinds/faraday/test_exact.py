"""Rotation measures against exact answers: a uniform field, Burn's slab, uncorrelated cells, periodic random boxes, a
density that varies with the field; the numbers of docs/physics.md 18.
"""

import numpy as np
import pytest

import hpcmm
from hpcmm.theory import faraday
from hpcmm.theory.constants import GAUSS_MICRO, PARSEC, C
from tests.kinds.faraday import deck, flown
from tests.kinds.transport import cubes

K = faraday.ROTATION * 1e4 * GAUSS_MICRO * PARSEC
"""rad/m2 of 1 cm^-3, 1 uG, 1 pc."""

UNIFORM = {"model": "uniform", "B": "3 uG", "direction": [1, 2, 2]}


def test_the_constant():
    """Three printed digits and one more of 0.8119 (docs/physics.md 18)."""
    assert pytest.approx(0.8119, abs=5e-5) == K


@pytest.mark.parametrize("angle", [0.0, 30.0, 120.0])
def test_uniform_field_is_exact(tmp_path, angle):
    rows = flown(tmp_path, deck(UNIFORM, angle=angle, n_e="2e-3 / cm3", path="1 Mpc", rays=130))
    exact = K * 2e-3 * 3 * abs(np.cos(np.radians(angle))) * 1e6
    assert rows[0]["RM_uniform"] == pytest.approx(exact, rel=1e-14)
    assert all(row["sigma_RM"] == row["lost"] == 0 and row["depolarization"] == 1 for row in rows)


def test_uniform_field_along_random_rays(tmp_path):
    """rms of cos(theta) on the sphere is 1/sqrt(3); that of 4096 rays errs by 0.0045 of it: 4 sigma."""
    rows = flown(tmp_path, deck(UNIFORM, path="1 Mpc", rays=4096))
    assert rows[0]["RM_uniform"] == pytest.approx(K * 1e-3 * 3 * 1e6 / np.sqrt(3), rel=4 * 0.0073)


@pytest.mark.parametrize(
    ("phi", "p"), [(0.1, 0.998334), (1.0, 0.841471), (2.0, 0.454649), (np.pi, 0.0), (5.0, 0.191785)]
)
def test_burn_slab(tmp_path, phi, p):
    """Six digits: of the formula, of 4000 cells that shine alike, of a run whose wavelength gives this phi."""
    wavelength = 0.5
    rm = phi / wavelength**2
    cells = (np.arange(4000) + 0.5) / 4000
    assert faraday.internal_dispersion(rm / 1e4, 0.0, 100 * wavelength) == pytest.approx(p, abs=1e-6)
    assert abs(np.exp(2j * phi * cells).mean()) == pytest.approx(p, abs=1e-6)
    n_e, frequency = rm / (K * 3 * 1e6), C / 100 / wavelength
    keys = {"n_e": f"{n_e!r} / cm3", "frequencies": [f"{frequency!r} Hz"], "angle": 0.0, "path": "1 Mpc", "rays": 128}
    assert flown(tmp_path, deck(UNIFORM, **keys))[0]["depolarization_inside"] == pytest.approx(p, abs=1e-6)


def test_slab_with_fluctuations_goes_over_into_both_limits():
    """S = 2 sigma^2 lambda^4 alone without a uniform field; no jump where it is small (1e-8, where its digits end)."""
    for s in (1e-12, 1e-9, 1e-7, 0.3, 40.0):
        assert faraday.internal_dispersion(0.0, np.sqrt(s / 2), 1.0) == pytest.approx(-np.expm1(-s) / s, rel=1e-8)


def spline(u):
    """Correlation of white noise on a grid, interpolated between its values, at distances u in cells: hat * hat."""
    u = np.abs(u)
    return np.where(u < 1, 2 / 3 - u**2 + u**3 / 2, np.where(u < 2, (2 - u) ** 3 / 6, 0.0))


def test_uncorrelated_cells(tmp_path):
    """Gaussian values at nodes, each of its own: sigma_RM = K n_e sigma_B sqrt(L l), with l from interpolation, less
    what the ends of segments take: int |s| C(s) ds / segment.

    1.5 %: the error of 1.6e4 rays is 0.6 %, that of one cube of 40^3 values 0.4 %: 2 sigma.
    """
    draw = np.random.default_rng(3)
    B = draw.normal(size=(40, 40, 40, 3))
    hpcmm.write_field(tmp_path / "cells.h5", B, box="40 pc")
    field = {"model": "field_file", "file": str(tmp_path / "cells.h5"), "box": "file", "dB": "3 uG"}
    field |= {"allow_divergence": True, "mean": "remove"}
    row = flown(tmp_path, deck(field, path="100 kpc", segment="50 pc", segments=1, rays=16_384))[0]
    ray = draw.normal(size=(3, 20_000))
    ray /= np.linalg.norm(ray, axis=0)
    s = np.linspace(0, 3.5, 176)  # beyond 2 sqrt(3) cells nothing is left
    C_of_s = np.prod([spline(np.outer(s, part)) for part in ray], axis=0).mean(
        axis=1
    )  # 1 at s = 0 of values, (2/3)^3 here
    l_los = 2 * np.trapezoid(C_of_s * (1 - s / 50), s)
    assert row["sigma_RM"] == pytest.approx(K * 1e-3 * np.sqrt(3) * np.sqrt(1e5 * l_los), rel=0.015)


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    """A solenoidal cube of 32^3 whose shortest waves have 8 cells, with a mean field along x."""
    folder = tmp_path_factory.mktemp("box")
    return cubes.written(folder / "box.h5", dB=1.0, mean=(3.0, 0.0, 0.0), box="500 kpc", lossy=True)


def of_box(box, **keys):
    field = {"model": "field_file", "file": box, "box": "file", "dB": "1 uG", "compensate": True}
    return deck(field, **({"path": "100 Mpc", "rays": 16_384, "B_rms": "3.1622776602 uG", "segments": 2} | keys))


def of_segments(box, length):
    """<V>/<length> [uG^2 pc] of segments of half to one and a half times a length: of each wave
    |b_k|^2/2 (sin(k mu s/2)/(k mu/2))^2 (1 - mu^2), mean over rays of all directions.
    """
    found = hpcmm.open_field(box)
    B = found.B.to_value("uG") - found.mean.to_value("uG")
    waves = np.fft.fftn(B, axes=(0, 1, 2), norm="forward")
    k = 2 * np.pi * np.fft.fftfreq(32, 1 / 32) / 5e5
    k = np.sqrt(k[:, None, None] ** 2 + k[:, None] ** 2 + k**2).ravel()
    power = (np.abs(waves) ** 2).sum(axis=-1).ravel()
    there = power > 1e-12 * power.max()
    values, index = np.unique(np.round(k[there], 12), return_inverse=True)
    mu = (np.arange(4000) + 0.5) / 4000
    lengths = length * (0.5 + (np.arange(20) + 0.5) / 20)
    of_k = [
        np.mean((1 - mu**2) * np.mean((np.sin(k * mu * lengths[:, None] / 2) / (k * mu / 2)) ** 2, 0)) for k in values
    ]
    return float((power[there] * np.array(of_k)[index]).sum() / 2 / length)


def test_random_boxes(tmp_path, box):
    """Segments against the waves of the file, 1.5 % (error of the rays: 0.6 %); and against K n_e dB
    sqrt(L l_c/2) of long paths, of which segments of four boxes have 1 % less.
    """
    found = hpcmm.open_field(box)
    short = flown(tmp_path, of_box(box, segment="500 kpc"))[0]
    exact = K * 1e-3 * np.sqrt(1e8 * of_segments(box, 5e5))
    assert short["sigma_RM"] == pytest.approx(exact, rel=0.015)
    long = K * 1e-3 * np.sqrt(1e8 * found.l_c.to_value("pc") / 2)
    assert short["sigma_RM_analytic"] == pytest.approx(long, rel=1e-6)
    assert 0.985 < np.sqrt(of_segments(box, 2e6) / (found.l_c.to_value("pc") / 2)) < 1
    assert exact < 0.98 * long


def test_some_segments_stand_for_all(tmp_path, box):
    """50 segments of a path, or 2 of them scaled: 4 sigma."""
    keys = {"segment": "500 kpc", "path": "25 Mpc"}
    few, every = (flown(tmp_path, of_box(box, segments=n, rays=r, **keys))[0] for n, r in ((2, 4096), (50, 1024)))
    error = np.hypot(few["sigma_RM_err"], every["sigma_RM_err"])
    assert abs(few["sigma_RM"] - every["sigma_RM"]) < 4 * error < 0.15 * few["sigma_RM"]


def test_external_dispersion(tmp_path, box):
    """Of 50 segments p is that of a Gaussian, 4 sigma, where most of it is lost and where nearly none is."""
    keys = {"segment": "500 kpc", "segments": 50, "path": "25 Mpc", "rays": 1024}
    row = flown(tmp_path, of_box(box, frequencies=["15 GHz", "10 GHz", "300 GHz"], **keys))
    for one in row:
        assert abs(one["lost"] - one["lost_analytic"]) < 4 * one["lost_err"] + 0.02 * one["lost_analytic"]
        assert one["depolarization"] == pytest.approx(1 - one["lost"], abs=1e-15)


def test_dispersion_goes_by_the_filling_fraction(tmp_path, box):
    """sigma^2 of a tenth is a tenth: patches drawn one by one (4 sigma), or scaled (the same rays)."""
    keys = {"segment": "500 kpc", "segments": 50, "path": "25 Mpc", "rays": 1024}
    whole, tenth = (flown(tmp_path, of_box(box, filling_fraction=f, **keys))[0] for f in (1.0, 0.1))
    error = np.hypot(whole["sigma_RM_err"] / whole["sigma_RM"], tenth["sigma_RM_err"] / tenth["sigma_RM"])
    assert tenth["sigma_RM"] / whole["sigma_RM"] == pytest.approx(np.sqrt(0.1), rel=4 * error)
    assert tenth["f_mm_seen"] == pytest.approx(whole["f_mm_seen"], rel=8 * error)
    few = [flown(tmp_path, of_box(box, filling_fraction=f, segments=4, rays=256))[0] for f in (1.0, 0.1)]
    assert few[1]["sigma_RM"] == pytest.approx(few[0]["sigma_RM"] * np.sqrt(0.1), rel=1e-12)
    assert few[1]["f_mm_seen"] == pytest.approx(few[0]["f_mm_seen"], rel=1e-12)


def test_density_of_the_file(tmp_path):
    """B = B_0 + b cos(ky) along x and n = 1 - a cos(ky): B_x n - <nB> = (b - a B_0) cos(ky) - ab cos(2ky)/2, whose
    integral over a segment is known. The mean is B_0 - ab/2. Anticorrelation takes dispersion away.

    Rays at 90 degrees to x see no B_x; at 45 degrees b_los = b_x/sqrt(2). 0.5 %: interpolation, 64 values a wave.
    """
    y = 2 * np.pi * np.arange(64) / 64
    B = np.zeros((4, 64, 4, 3))
    B[..., 0] = 3 + np.cos(y)[:, None]
    n = np.broadcast_to(1 - 0.2 * np.cos(y)[:, None], (4, 64, 4)).copy()
    hpcmm.write_field(tmp_path / "n.h5", B, box=("10 pc", "64 pc", "10 pc"), density=n)
    field = {"model": "field_file", "file": str(tmp_path / "n.h5"), "box": "file", "dB": "file"}
    keys = {"path": "40 pc", "segment": "40 pc", "rays": 4096, "angle": 45.0, "B_rms": "3.0822070015 uG"}
    rows = {d: flown(tmp_path, deck(field, density=d, **keys))[0] for d in ("constant", "file")}
    k = np.sin(np.pi / 4) * np.cos(np.linspace(0, 2 * np.pi, 20_001)[:-1]) * 2 * np.pi / 64 + 1e-12
    power = [np.mean((2 * np.sin(m * k * 40 / 2) / (m * k)) ** 2) / 2 for m in (1, 2)]
    of_n = np.sqrt((1 - 0.2 * 3) ** 2 * power[0] + 0.1**2 * power[1])
    for name, found, exact in (
        ("constant", rows["constant"]["sigma_RM"], np.sqrt(power[0])),
        ("constant beside", rows["file"]["sigma_RM_constant"], np.sqrt(power[0])),
        ("file", rows["file"]["sigma_RM"], of_n),
    ):
        # 4096 rays: 4 sigma of the spread of sin^2
        assert found == pytest.approx(K * 1e-3 * exact / np.sqrt(2), rel=4 * 0.012), name
    assert rows["file"]["RM_uniform"] == pytest.approx(K * 1e-3 * (3 - 0.1) / np.sqrt(2) * 40, rel=1e-6)


TABLE = [
    (1e-3, 3.0, 1e6, 100e-9, 2.57e-4, (3.3e-7, 9.2e-7, 1.18e-5, 1.03e-3, 7.9e-3), (2.1e-6, 1.3e-4)),
    (1e-3, 3.0, 1e6, 300e-9, 4.45e-4, (5.7e-7, 1.6e-6, 2.0e-5, 1.8e-3, 0.0137), (6.3e-6, 3.8e-4)),
    (1e-2, 5.0, 1e6, 1000e-9, 1.35e-2, (1.7e-5, 4.9e-5, 6.2e-4, 0.054, 0.42), (5.8e-3, 0.30)),
]
"""n_e [1/cm3], B [uG], L, l [pc]; sigma_RM [rad/m2], chi at 8.4, 5, 1.4 GHz, 150, 54 MHz, 1 - p at the last two.
In the last number 2 sigma^2 lambda^4 = 0.35 is 1 - p = 0.30."""


@pytest.mark.parametrize(("n_e", "B", "path", "length", "sigma", "chi", "lost"), TABLE)
def test_expected_numbers(n_e, B, path, length, sigma, chi, lost):
    """Two printed digits: half of the last one, 4 %."""
    found = faraday.rotation_measure_dispersion(n_e, B / 3 * GAUSS_MICRO, path * PARSEC, length * PARSEC)
    assert found * 1e4 == pytest.approx(sigma, rel=0.04)
    waves = [C / frequency for frequency in (8.4e9, 5e9, 1.4e9, 1.5e8, 5.4e7)]
    for wave, angle in zip(waves, chi, strict=True):
        assert found * wave**2 == pytest.approx(angle, rel=0.04)
    for wave, share in zip(waves[3:], lost, strict=True):
        assert 1 - faraday.external_dispersion(found, wave) == pytest.approx(share, rel=0.04)


def test_the_limit_on_the_filling_fraction():
    """At the fraction that is seen 1 - p is the sensitivity."""
    least = faraday.filling_fraction_seen(1.35e-6, C / 5.4e7, 0.01)
    assert 1 - faraday.external_dispersion(1.35e-6 * np.sqrt(least), C / 5.4e7) == pytest.approx(0.01, rel=1e-12)
    assert 0.02 < least < 0.04

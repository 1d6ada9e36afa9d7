"""`hpcmm kappa DIR --estimator pitch_angle` on runs: what was expected is found, and what has no answer is refused."""

import numpy as np
import pytest
from astropy.table import QTable

from tests import decks

KEPT = {"trajectories": 128, "track_points": 64}


@pytest.fixture
def estimated(done, tmp_path):
    """Callable: run a deck, estimate; returns its directory and table."""

    def call(text):
        (tmp_path / "deck.toml").write_text(text)
        done("run", tmp_path / "deck.toml", "--out", tmp_path / "run", "--overwrite")
        said = done("kappa", tmp_path / "run", "--estimator", "pitch_angle").stdout
        return tmp_path / "run", QTable.read(tmp_path / "run" / "pitch_angle.ecsv"), said

    return call


def test_kicks_about_a_guide_field(estimated, hpcmm):
    """nu (1 - mu^2)/2 of the decay rate, 2 % less at nu L = .002; within 4 errors, and drawn."""
    rate, run = 1e-11, {"realizations": 8, "particles": 16}
    path = 64 * 0.002 / (rate / decks.PER_PC)
    text = decks.transport(
        "1 PeV",
        decks.guide("3 uG"),
        decks.kicks(f"{rate} / s", kick="transport"),
        run=run,
        stepping={"path_length": f"{path} pc", "samples": 8},
        output=KEPT,
    )
    directory, table, said = estimated(text)
    assert "D_mumu / expected" in said
    mu = (table["mu_low"] + table["mu_high"]) / 2
    rows = table[(table["lag"] == table["lag"].min()) & (mu > 0.4) & (mu < 0.9)]
    D, error, expected = (rows[name].to_value("1 / s") for name in ("D_mumu", "D_mumu_err", "D_mumu_expected"))
    mu = (rows["mu_low"] + rows["mu_high"]) / 2
    # the mean over a bin weighs mu^2, and the centre of a bin does not
    assert expected == pytest.approx(rate * (1 - mu**2) / 2, rel=0.07)
    assert (np.abs(D - expected) < 0.02 * expected + 4 * error).all()
    assert (error < 0.2 * expected).all()
    drawn = hpcmm("plot", "--figure", "pitch_angle", directory)
    assert drawn.returncode == 0, drawn.stderr
    assert (directory / "figures" / "pitch_angle.png").stat().st_size > 10_000


def test_gyration_alone_is_no_diffusion(estimated):
    """In a uniform field without kicks mu stays: 0 beside 1/r_g, to the rounding of many steps."""
    text = decks.transport(
        "1 PeV", decks.guide("3 uG"), run={"realizations": 2, "particles": 64},
        stepping={"path_length": "50 pc", "samples": 8}, output=KEPT,
    )  # fmt: skip
    _, table, said = estimated(text)
    seen = table[(table["pairs"] > 0) & (table["mu_low"] > 0.1)]
    assert np.abs(seen["D_mumu"].to_value("1 / s")).max() < 1e-12 * decks.PER_PC / 0.36
    assert "D_mumu [1/s]" not in said


@pytest.mark.slow
def test_gyroresonance_is_quasi_linear(estimated):
    """r_g/l_c = 1e-5, lags of 16 and 31 r_g, .45 < |mu| < .75: .8 to 1.1 of it (docs/physics.md 17.7)."""
    text = decks.transport(
        "2.7752 PeV",
        decks.waves(),
        run={"realizations": 4, "particles": 64},
        stepping={"path_length": "2 kpc"},
        output={"trajectories": 256, "track_points": 512},
    )
    _, table, _ = estimated(text)
    lag = (table["lag"] / table["r_g"]).value
    rows = table[(lag > 15) & (lag < 32) & (table["mu_low"] >= 0.45) & (table["mu_high"] <= 0.75)]
    assert len(rows) == 4
    assert 0.8 < (rows["D_mumu"] / rows["D_mumu_expected"]).value.mean() < 1.1


@pytest.mark.slow
def test_sparse_waves_scatter_too_little(estimated):
    """1 TeV, lags of 870 to 1,730 r_g, .3 < |mu| < .75: 340 waves a decade .85 to 1.2 of theory, 85 below .8."""
    ratio = {}
    for density in (340, 85):
        text = decks.transport(
            "1 TeV",
            decks.waves(modes_per_decade=density),
            run={"realizations": 4, "particles": 64},
            stepping={"path_length": "10 pc"},
            output={"trajectories": 256, "track_points": 512},
        )
        _, table, _ = estimated(text)
        lag = (table["lag"] / table["r_g"]).value
        rows = table[(lag > 800) & (lag < 1800) & (table["mu_low"] >= 0.3) & (table["mu_high"] <= 0.75)]
        ratio[density] = (rows["D_mumu"] / rows["D_mumu_expected"]).value.mean()
    assert 0.85 < ratio[340] < 1.2
    assert ratio[85] < 0.8


def test_without_a_field_it_is_refused(done, hpcmm, tmp_path):
    text = decks.transport(
        "1 PeV", decks.kicks(), run={"realizations": 1, "particles": 8}, stepping={"samples": 8},
        output={"trajectories": 8, "track_points": 16},
    )  # fmt: skip
    (tmp_path / "deck.toml").write_text(text)
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "run")
    refused = hpcmm("kappa", tmp_path / "run", "--estimator", "pitch_angle")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "need a field" in refused.stderr
    undrawn = hpcmm("plot", "--figure", "pitch_angle", tmp_path / "run")
    assert undrawn.returncode == 2
    assert "--estimator pitch_angle" in undrawn.stderr

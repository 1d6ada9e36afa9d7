"""`hpcmm kappa DIR --estimator pitch_angle` on runs: what was expected is found, and what has no answer is refused."""

import json

import numpy as np
import pytest
from astropy.table import QTable

from hpcmm import kinds
from hpcmm.commands import autocorrelation
from hpcmm.errors import InputError
from hpcmm.figures.autocorrelation import autocorrelation_figure
from hpcmm.figures.pitch_angle import pitch_angle_figure
from hpcmm.io import tracks_file
from hpcmm.kinds.transport.local_frame import expected_diffusion
from hpcmm.kinds.transport.plan import plan_energy
from hpcmm.theory.slab import D_mumu_slab
from tests import decks
from tests.estimators import walks

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


@pytest.mark.parametrize("with_2d", [False, True])
def test_waves_about_a_guide_field(tmp_path, with_2d):
    """Slab waves by their own formula, at the local field; 2-D waves add nothing."""
    dB, guide = 0.9, 2.0
    fields = [decks.guide(f"{guide} uG"), decks.waves(geometry="slab", spectrum="bend_over", dB=f"{dB} uG")]
    if with_2d:
        fields.append(decks.waves(geometry="2d"))
    else:
        fields[0] = decks.guide(f"{(9 - dB**2) ** 0.5!r} uG")
    (tmp_path / "deck.toml").write_text(decks.transport("30 EeV", *fields))
    _, config = kinds.read(tmp_path / "deck.toml")
    waves, r_g = config.field[1], plan_energy(config, 30e9).gyroradius
    mu, strength = np.array([0.2, 0.5, 0.9]), np.array([0.7, 1.0, 1.4])
    exact = [
        D_mumu_slab(m, r_g / s, (dB / (3 * s)) ** 2, lambda k: waves.energy.density(k, waves.l_max, 0.0))
        for m, s in zip(mu, strength, strict=True)
    ]
    assert expected_diffusion(config, 30e9)(mu, strength) == pytest.approx(exact, rel=1e-12)


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


FORGET = {"run": {"realizations": 24, "particles": 16}, "output": {"trajectories": 384, "track_points": 64}}
RATE = 1e-11


@pytest.mark.parametrize("kick", ["paper", "transport"])
@pytest.mark.parametrize("guided", [False, True])
def test_kicks_forget_as_they_must(kick, guided, done, tmp_path):
    """exp(-nu_1 L), nu_1 = nu/2 of the paper's kick; about a guide field mu so, and n with the cosine of Boris's angle.

    24 units: 4.5 errors of 2 x 15 lags are 3e-4 for Student's t of 23. Errors stay below .05: a rate of nu in the
    place of nu/2, .45 against .20 at the last lag, would be off by 5 of them and more.
    """
    nu, interval = RATE / decks.PER_PC, 0.05
    text = decks.transport(
        "1 PeV", *([decks.guide("3 uG")] if guided else []), decks.kicks(f"{RATE} / s", kick=kick),
        stepping={"path_length": f"{64 * interval / nu!r} pc", "samples": 8}, **FORGET,
    )  # fmt: skip
    (tmp_path / "deck.toml").write_text(text)
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "run")
    assert "exact: kicks everywhere" in done("kappa", "run", "--estimator", "autocorrelation", cwd=tmp_path).stdout
    table = QTable.read(tmp_path / "run" / "autocorrelation.ecsv")
    lag = table["lag"].to_value("pc")
    kept = np.exp(-nu * lag * {"paper": 0.5, "transport": 1.0}[kick])
    assert table["mu_mu_exact" if guided else "n_n_exact"] == pytest.approx(kept, rel=0.01)
    assert ("mu_mu" in table.colnames) == guided
    for name in ("n_n", "mu_mu") if guided else ("n_n",):
        assert (np.abs(table[name] - table[f"{name}_exact"]) < 4.5 * table[f"{name}_err"]).all()
        assert (table[f"{name}_err"] < 0.05).all()
    drawn = done("plot", "--figure", "autocorrelation", "run", cwd=tmp_path).stdout
    assert drawn == "run/figures/autocorrelation.png\n"


def test_mirrors_keep_mu_uniform(done, tmp_path):
    """Isotropic particles that fill a static field: density 1/2, <mu> = 0, <mu^2> = 1/3 in strong turbulence; 32 units,
    5 errors of 20 bins are 4e-4 for Student's t of 31. Nothing is exact about what they remember.
    """
    text = decks.transport(
        "10 EeV", decks.waves(modes=64, l_min="20 kpc"), run={"realizations": 32, "particles": 16},
        stepping={"path_length": "1 Mpc", "samples": 8}, output={"trajectories": 512, "track_points": 32},
    )  # fmt: skip
    (tmp_path / "deck.toml").write_text(text)
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "run")
    assert "exact: 0 and 1/3" in done("kappa", "run", "--estimator", "pitch_angle", cwd=tmp_path).stdout
    table = QTable.read(tmp_path / "run" / "pitch_angle_distribution.ecsv")
    assert (np.abs(table["density"] - 0.5) < 5 * table["density_err"]).all()
    assert (table["density_err"] < 0.05).all()
    assert table["samples"].sum() == 512 * 33
    figure = pitch_angle_figure(tmp_path / "run", tmp_path / "f.png")
    (points,) = figure.findobj(lambda artist: artist.get_gid() == "density 1e+10")
    np.testing.assert_allclose(points.get_ydata(), table["density"])
    done("kappa", "run", "--estimator", "autocorrelation", cwd=tmp_path)
    memory = QTable.read(tmp_path / "run" / "autocorrelation.ecsv")
    assert np.isnan(memory["n_n_exact"]).all()
    assert np.isnan(memory["mu_mu_exact"]).all()
    figure = autocorrelation_figure([tmp_path / "run", tmp_path / "run"], tmp_path / "f.png")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["run: 10 EeV"] * 2
    (tmp_path / "run" / "pitch_angle_distribution.ecsv").unlink()
    with pytest.raises(InputError, match=r"distribution\.ecsv: no such file; `hpcmm kappa .* --estimator pitch_angle`"):
        pitch_angle_figure(tmp_path / "run", tmp_path / "f.png")


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
    for figure in ("pitch_angle", "autocorrelation"):
        undrawn = hpcmm("plot", "--figure", figure, tmp_path / "run")
        assert undrawn.returncode == 2
        assert f"--estimator {figure}" in undrawn.stderr


def test_tracks_that_cannot_tell_are_refused_in_a_line(tmp_path):
    """None; those of a line; those of an earlier version, which do not say where they began, in a field."""
    with pytest.raises(InputError, match=r"tracks\.h5: no such file; a run keeps tracks if"):
        autocorrelation.show(tmp_path)
    n = walks.scattered(0.1, 8, 1, 4, 1).direction[None]
    deck = tmp_path / "deck.toml"
    deck.write_text(decks.transport("1 PeV", decks.guide("3 uG"), stepping={"path_length": "1 kpc"}))
    config = kinds.read(deck)[1].plain()
    for more, says in (
        ({"attributes": {"config": "{}"}, "direction": n}, "tracks of a transport run are expected"),
        ({"attributes": {"config": json.dumps(config)}}, "tracks without directions"),
        ({"attributes": {"config": json.dumps(config)}, "direction": n}, "directions and origins"),
    ):
        time = np.arange(9.0)[None]
        tracks = tracks_file.Tracks(n, time, np.array([1e6]), np.arange(4), "energy", "pc", **more)
        tracks_file.write(tmp_path / "tracks.h5", tracks)
        with pytest.raises(InputError, match=says):
            autocorrelation.show(tmp_path)
    assert not (tmp_path / "autocorrelation.ecsv").exists()

"""The figure of runs with a guide field: its points are the table's, its lines what theory has."""

import numpy as np
import pytest

from hpcmm import kinds
from hpcmm.errors import InputError
from hpcmm.figures.guide import guide_figure
from hpcmm.figures.guide_points import KICKS, SLAB, read_guide_points
from hpcmm.theory.constants import PARSEC, C
from hpcmm.theory.slab import kappa_par_slab
from tests import decks

RUN = {"run": {"realizations": 3, "particles": 64}}
BEND = {"spectrum": "bend_over", "l_min": "10 kpc"}
DECKS = {
    "kicks": (["1 PeV", "10 PeV"], (decks.guide("3 uG"), decks.kicks("1.3481e-8 / s", kick="transport")), {}),
    "slab": (
        "100 EeV",
        (decks.guide("2.4 uG"), decks.waves(geometry="slab", **BEND)),
        {"path_length": "900 kpc", "samples": 8},
    ),
    "free": ("100 EeV", (decks.waves(l_min="10 kpc"),), {"path_length": "900 kpc", "samples": 8}),
}


@pytest.fixture(scope="module")
def made(done, tmp_path_factory):
    """Runs by name."""
    folder = tmp_path_factory.mktemp("guide")
    for name, (energy, parts, stepping) in DECKS.items():
        (folder / f"{name}.toml").write_text(decks.transport(energy, *parts, stepping=stepping, title=name, **RUN))
        done("run", folder / f"{name}.toml", "--out", folder / name)
    return folder


def lines_of(figure):
    return {line.get_gid(): line for line in figure.axes[1].get_lines() if line.get_gid()}


def test_kicks_in_a_uniform_field(made, tmp_path):
    """kappa_par = tau/3, kappa_perp/kappa_par = 1/(1 + Omega^2 tau^2); Omega tau = 2 at 1 PeV, .2 at 10."""
    points = read_guide_points(made / "kicks")
    tau = C / 1.3481e-8 / PARSEC
    at = {name: np.interp(points.energy, points.line_energy, points.expected[name]) for name in ("par", "perp")}
    assert points.theory == KICKS
    assert at["par"] == pytest.approx(tau / 3 * C * PARSEC, rel=1e-6)
    assert at["par"] / at["perp"] - 1 == pytest.approx([4, 0.04], rel=0.02)  # interpolated
    for name in ("par", "perp"):
        assert (np.abs(points.kappa[name] - at[name]) < 4 * points.error[name]).all()
    figure = guide_figure(made / "kicks", tmp_path / "guide.png")
    drawn = lines_of(figure)
    assert {"theory par 0", "theory perp 0"} <= set(drawn)
    full = np.sort(np.concatenate([drawn[f"par 0 {face}"].get_ydata() for face in ("full", "half")]))
    assert full == pytest.approx(np.sort(points.kappa["par"]), rel=1e-12)
    assert (tmp_path / "guide.png").stat().st_size > 1e4


def test_slab_waves_and_what_is_not_converged(made, tmp_path):
    """A path of 9 l_c is none to believe: half symbols."""
    points = read_guide_points(made / "slab")
    waves = kinds.of_directory(made / "slab").open(made / "slab").config.field[1]
    r_g = points.radius[0] * 1e5 * 3 / 2.4
    kappa = kappa_par_slab(
        r_g, (9 - 2.4**2) / 2.4**2, lambda k: waves.energy.density(k, waves.l_max, waves.l_dissipation)
    )
    assert points.theory == SLAB
    middle = np.exp(np.interp(np.log(points.energy[0]), np.log(points.line_energy), np.log(points.expected["par"])))
    assert middle == pytest.approx(kappa * C * PARSEC, rel=1e-3)
    assert set(points.expected) == {"par"}
    drawn = lines_of(guide_figure([made / "slab", made / "kicks"], tmp_path / "two.pdf"))
    assert len(drawn["par 0 half"].get_ydata()) == 1
    assert len(drawn["par 0 full"].get_ydata()) == 0


def test_which_figure_shows_runs(made):
    """That of a guide field only where all have one."""
    assert kinds.figure_of([made / "kicks"]) == "guide"
    assert kinds.figure_of([made / "kicks", made / "slab"]) == "guide"
    assert kinds.figure_of([made / "kicks", made / "free"]) == "fig3"
    with pytest.raises(InputError, match=r"free/kappa.ecsv: no kappa_par: the deck has no guide field"):
        guide_figure([made / "kicks", made / "free"], made / "none.png")

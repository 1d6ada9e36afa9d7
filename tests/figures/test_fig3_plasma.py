"""Figure 3 with stars of a plasma, crosses of turbulence from a file, ratios and the transition as measured."""

import numpy as np
import pytest

import hpcmm as hpcmm_module
from hpcmm import theory
from hpcmm.figures.fig3 import kappa_figure
from hpcmm.figures.fig3_plasma import read_stars
from hpcmm.figures.kappa_points import read_kappa_points
from hpcmm.figures.snapshot_points import read_snapshot_points
from hpcmm.theory import EV, PARSEC
from tests import mirror_fields
from tests.figures.test_fig3 import MIRRORS, artist, gids, legend_texts, load, save, write_run

POINTS, BOX = (16, 12, 14), (32.0, 24.0, 28.0)


@pytest.fixture(scope="module")
def flown(done, tmp_path_factory):
    """A snapshot, gyroradii on both sides of 2 l_mm; too few particles and steps for more than places in a figure."""
    top = tmp_path_factory.mktemp("stars")
    hpcmm_module.write_field(top / "late.h5", mirror_fields.snapshot(POINTS, BOX, 0.35), box=BOX, unit=None)
    how = {"run": {"realizations": 2, "particles": 8}, "stepping": {"path_length": "300 pc"}, "title": "late"}
    return mirror_fields.flown(done, top / "run", mirror_fields.deck(top / "late.h5", (2.0, 8.0), **how))


def test_stars_are_the_plasma_with_all_lengths_multiplied(flown, tmp_path):
    """r_g/l_mm and kappa/(c l_mm) stay, whatever B, Z and l_mm of the figure; over equation (4) too, but for dB/B."""
    mirrors = read_kappa_points(write_run(tmp_path / "run"))
    own, stars = read_snapshot_points(flown), read_stars(flown, mirrors)
    l_mm = mirrors.micromirrors["l_mm"]
    r_g = theory.gyroradius(stars.energy * EV, mirrors.medium["B"], mirrors.medium["Z"])
    seen = own.kappa["par"] > 0
    np.testing.assert_allclose(r_g / l_mm, own.r_g[seen] / own.l_mm, rtol=1e-12)
    np.testing.assert_allclose(stars.kappa / (theory.C * l_mm), own.kappa["par"][seen] / own.l_mm, rtol=1e-12)
    over = own.kappa["par"][seen] / own.printed(own.r_g[seen])["par"]
    dB = mirrors.micromirrors["dB_over_B"]
    np.testing.assert_allclose(stars.kappa / stars.exact, over * (dB / own.dB_over_B) ** 2, rtol=1e-12)


def test_stars_stand_beside_a_run_with_micromirrors(flown, tmp_path):
    """Alone a plasma's run is drawn as any other."""
    beside = kappa_figure([write_run(tmp_path / "run"), flown], tmp_path / "a.png")
    names = gids(beside)
    assert {"stars 0 converged", "ratio of stars 0", "eq 5"} <= names
    stars = read_stars(flown, read_kappa_points(tmp_path / "run"))
    drawn = [artist(beside, f"stars 0 {name}").get_xdata() for name in ("converged", "not converged")]
    np.testing.assert_allclose(np.sort(np.concatenate(drawn)), stars.energy, rtol=1e-12)
    assert any("a plasma's own micromirrors" in text for text in legend_texts(beside))
    assert not any(str(name).startswith("stars") for name in gids(kappa_figure([flown], tmp_path / "b.png")))


def test_a_plasma_with_kicks_besides_is_a_run_as_any_other(tmp_path):
    """It has an l_mm of its own; stars are of the field alone."""
    run = write_run(tmp_path / "run", fields=1, r_gi_pc=1e-9)
    names = gids(kappa_figure([run], tmp_path / "a.png"))
    assert {"run 0 converged", "eq 5"} <= names
    assert not any(str(name).startswith("stars") for name in names)


def test_crosses_are_turbulence_of_a_file(tmp_path):
    figure = kappa_figure(
        [write_run(tmp_path / "run"), write_run(tmp_path / "mhd", mirrors={}, fields=3)], tmp_path / "a.png"
    )
    points = artist(figure, "run 1 converged")
    assert (points.get_marker(), points.get_color()) == ("X", "#808000")
    assert any("in the turbulence of a file" in text for text in legend_texts(figure))


@pytest.mark.parametrize("f_mm", [0.1, 1.0, None])
def test_ratios_are_over_equation_11(tmp_path, f_mm):
    """(7) without micromirrors; with them everywhere the smaller of (5) and (7). Beyond a factor of ten an arrow."""
    run = write_run(tmp_path / "run", {} if f_mm is None else MIRRORS | {"f_mm": f_mm})
    read = read_kappa_points(run)
    kappa = theory.kappa_res(read.energy * EV, 1 / 3, **read.medium)
    if f_mm is not None:
        mirror = theory.kappa_mm(read.energy * EV, B=1e-6, Z=2, l_mm=2e-7 * PARSEC, dB_over_B=0.25)
        kappa = np.minimum(mirror, kappa) if f_mm == 1 else theory.kappa_eff(mirror, kappa, f_mm)
    table = load(run)
    table["kappa_trace"] = np.array([0.5, 1.5, 2.0, 3.0, 30.0]) * kappa * table["kappa_trace"].unit
    save(run, table)
    figure = kappa_figure(run, tmp_path / "a.png")
    np.testing.assert_allclose(artist(figure, "ratio of run 0 converged").get_ydata(), [0.5, 1.5, 3.0], rtol=1e-12)
    np.testing.assert_allclose(artist(figure, "ratio of run 0 not converged").get_ydata(), [2.0], rtol=1e-12)
    arrows = [line for line in figure.axes[1].lines if line.get_marker() == "^" and len(line.get_xdata())]
    assert [line.get_xdata().tolist() for line in arrows] == [[read.energy[-1]]]


def test_the_transition_is_drawn_where_the_points_show_one(tmp_path):
    """Points on lines bracket it: kappa_par = kappa_res at delta = 1/3, so that E is eq 9 times (3/2)^(3/5)."""
    lines = write_run(tmp_path / "lines", mirrors={}, kind="field_lines")
    table = load(lines)[:4]
    table["energy"] = np.array([0.3, 3.0, 30.0, 300.0]) * table["energy"].unit * 1e3
    medium = {"Z": 2, "B": 1e-6, "l_c": 5e4 * PARSEC}
    kappa = theory.kappa_res(table["energy"].to_value("eV") * EV, 1 / 3, **medium)
    for name in ("kappa_trace", "kappa_par"):
        table[name], table[f"{name}_err"] = (f * kappa * table["kappa_trace"].unit for f in (1.0, 0.05))
    table["cut_error"] = 0.02 * table["kappa_par"]
    table["slope"], table["slope_err"] = np.zeros(4), np.full(4, 0.05)
    table["converged"] = ["yes"] * 4
    save(lines, table)
    whole = write_run(tmp_path / "whole", MIRRORS | {"f_mm": 1.0})
    figure = kappa_figure([whole, lines], tmp_path / "a.png")
    expected = theory.transition_energy(1 / 3, **medium, l_mm=2e-7 * PARSEC, dB_over_B=0.25) / EV * 1.5**0.6
    band = artist(figure, "transition")
    assert band.get_x() + band.get_width() / 2 == pytest.approx(expected, rel=1e-3)
    assert any("transition as measured" in text for text in legend_texts(figure))
    assert "transition" not in gids(kappa_figure([whole], tmp_path / "b.png"))

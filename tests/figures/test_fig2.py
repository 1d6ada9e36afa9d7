"""snapshot_figure: what it draws and tells of rays through snapshots, and what it says of runs that do not fit."""

import numpy as np
import pytest

import hpcmm as hpcmm_module
from hpcmm import theory
from hpcmm.errors import InputError
from hpcmm.figures.fig2 import snapshot_figure
from hpcmm.figures.snapshot_points import read_snapshot_points, reference_of, report
from hpcmm.theory.constants import PARSEC, C
from hpcmm.theory.snapshot_scattering import modes_of, snapshot_kappa
from tests import decks, mirror_fields

POINTS, BOX = (16, 12, 14), (32.0, 24.0, 28.0)
FILTER = "{ k_perp = [0.0, 0.8], k_par = [0.0, 9.0] }"
R_G = (2.0, 8.0)


@pytest.fixture(scope="module")
def runs(done, tmp_path_factory):
    """Two snapshots and one of them filtered; too few particles and steps for more than places in a figure."""
    top = tmp_path_factory.mktemp("fig2")
    made = {}
    for name, dB, filter in (("late", 0.35, None), ("early", 0.1, None), ("filtered", 0.35, FILTER)):
        B = mirror_fields.snapshot(POINTS, BOX, dB)
        hpcmm_module.write_field(top / f"{name}.h5", B, box=BOX, unit=None)
        how = {"run": {"realizations": 2, "particles": 8}, "stepping": {"path_length": "300 pc"}, "title": name}
        text = mirror_fields.deck(top / f"{name}.h5", R_G, **how)
        text = text.replace("[[field]]", f"[[field]]\nfilter = {filter}") if filter else text
        made[name] = mirror_fields.flown(done, top / name, text)
    return made


def test_points_are_in_gyroradii_of_ions_and_in_the_mean_field(runs):
    """Theory is of the waves flown, of a filtered run of those left; equations 4 and 6 have the measured l_mm, dB/B."""
    late, filtered = (read_snapshot_points(runs[name]) for name in ("late", "filtered"))
    B = mirror_fields.snapshot(POINTS, BOX, 0.35)
    rms = np.sqrt((B**2).sum(axis=-1).mean())
    np.testing.assert_allclose(late.r_g, np.array(R_G) * rms, rtol=1e-6)
    table = hpcmm_module.open_run(runs["late"]).table
    for name in ("par", "perp"):
        in_units = table[f"kappa_{name}"].to_value("cm2/s") / (C * PARSEC)
        np.testing.assert_allclose(late.kappa[name], in_units, rtol=1e-12)
    waves = modes_of(B, BOX)
    np.testing.assert_allclose(late.linear["par"], snapshot_kappa(waves, late.r_g)[0], rtol=1e-4)  # values of 4 bytes
    assert late.l_mm == pytest.approx(waves.l_mm, rel=1e-5)
    assert late.dB_over_B == pytest.approx(0.35, rel=1e-5)
    np.testing.assert_allclose(late.spacing, 2.0)
    expected = late.r_g**2 / late.l_mm / late.dB_over_B**2
    np.testing.assert_allclose(late.printed(late.r_g)["par"], expected, rtol=1e-12)
    np.testing.assert_allclose(late.printed(late.r_g)["perp"], late.l_mm * late.dB_over_B**2, rtol=1e-12)
    assert filtered.left[0] < 1e-5
    assert filtered.dB_over_B < late.dB_over_B
    assert filtered.linear["par"][0] > late.linear["par"][0]


def test_figure_has_points_lines_and_lengths(runs, tmp_path):
    series = [read_snapshot_points(d) for d in runs.values()]
    assert reference_of(series[::-1]).title == "late"
    figure = snapshot_figure(runs.values(), tmp_path / "fig2.png")
    above = figure.axes[1]
    drawn = {line.get_gid(): line for line in above.lines if line.get_gid()}
    late = series[0]
    x, y = drawn["quasi-linear par 0"].get_data()
    np.testing.assert_allclose(y, late.linear["par"][-1] * (x * late.l_mm / late.r_g[-1]) ** 2, rtol=1e-12)
    assert "eq 4 1" in drawn
    assert "eq 6 2" not in drawn  # of a filtered field
    points = np.concatenate([drawn[f"perp 1 {face}"].get_xdata() for face in ("hollow", "half", "full")])
    positive = series[1].kappa["perp"] > 0  # what a logarithmic axis can show
    np.testing.assert_allclose(np.sort(points), series[1].r_g[positive] / late.l_mm, rtol=1e-12)
    assert any(f"({(~positive).sum()} not positive, not shown)" in t.get_text() for t in figure.legends[0].texts)
    places = {round(float(line.get_xdata()[0]) * late.l_mm, 6) for line in above.lines if len(line.get_xdata()) == 2}
    assert {2.0, *BOX} <= places
    top = above.child_axes[0]
    mev = theory.energy_of_gyroradius(late.l_mm * PARSEC, 3e-6) / theory.EV / 1e6
    assert top._functions[0](1.0) == pytest.approx(mev)
    assert (tmp_path / "fig2.png").stat().st_size > 1e4


def test_report_tells_numbers_and_flags(runs):
    text = "\n".join(report(list(runs.values())))
    for words in ("dB/B 0.35", "in <B> is", "of eq 4", "of quasi-linear", "converged: no", "times that of run",
                  "its filter leaves under 0.001 % of the power within"):  # fmt: skip
        assert words in text
    assert ("few:" in text) == any(read_snapshot_points(d).few for d in runs.values())


def test_runs_of_something_else_and_lost_snapshots_are_refused(done, runs, tmp_path):
    plain = decks.transport("10 EeV", decks.waves(), run={"realizations": 2, "particles": 2})
    other = mirror_fields.flown(
        done, tmp_path / "other", plain.replace("[stepping]", "") + '[stepping]\npath_length = "1 Mpc"\n'
    )
    with pytest.raises(InputError, match="no run for figure 2"):
        read_snapshot_points(other)
    with pytest.raises(InputError, match="without a filter is expected"):
        reference_of([read_snapshot_points(runs["filtered"])])
    hpcmm_module.write_field(tmp_path / "b.h5", mirror_fields.snapshot(POINTS, BOX, 0.2), box=BOX, unit=None)
    how = {"run": {"realizations": 1, "particles": 2}, "stepping": {"path_length": "50 pc"}}
    lost = mirror_fields.flown(done, tmp_path / "lost", mirror_fields.deck(tmp_path / "b.h5", R_G, **how))
    (tmp_path / "b.h5").unlink()
    with pytest.raises(InputError, match=r"b\.h5"):
        read_snapshot_points(lost)

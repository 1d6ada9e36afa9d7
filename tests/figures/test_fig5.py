"""fraction_figure: points, curves and bounds that it draws, and what it says of a table it cannot draw."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from hpcmm import theory
from hpcmm.errors import InputError
from hpcmm.figures.fig5 import draw, fraction_figure
from hpcmm.figures.fraction_points import FractionPoints, contrast_of, read_fraction_points

F_MM = np.array([0.0, 0.02, 0.5, 1.0])
NU_MM, NU_RES = 50.0, 0.5
EXACT = 1 / (F_MM * NU_MM + (1 - F_MM) * NU_RES)


def write_run(directory, kappa=EXACT, **meta):
    table = QTable({"f_mm": F_MM, "kappa": kappa, "kappa_err": 0.01 * EXACT})
    table.meta = {"title": "a line", "kind": "two_phase_1d", "nu_mm": NU_MM, "nu_res": NU_RES} | meta
    directory.mkdir()
    table.write(directory / "kappa.ecsv", format="ascii.ecsv")
    return directory


@pytest.fixture(scope="module")
def figure(tmp_path_factory):
    directory = tmp_path_factory.mktemp("figure")
    return fraction_figure(write_run(directory / "run"), directory / "fig5.png")


def artists(figure, gid):
    return figure.findobj(lambda a: a.get_gid() == gid)


def legend_texts(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_points_are_in_units_of_kappa_res(figure):
    """f_mm = 0 in its own panel, the rest on the logarithmic axis; below over eq 11, here 1."""
    zero, rest, zero_ratio, ratio = artists(figure, "series 0")
    np.testing.assert_allclose(zero.get_xydata(), [[0, 1]])
    np.testing.assert_allclose(rest.get_xdata(), F_MM[1:])
    np.testing.assert_allclose(rest.get_ydata(), EXACT[1:] * NU_RES)
    np.testing.assert_allclose([*zero_ratio.get_ydata(), *ratio.get_ydata()], 1)


@pytest.mark.parametrize(
    ("name", "formula"),
    [("eq 11", theory.kappa_eff), ("arithmetic", theory.kappa_arithmetic),
     ("Maxwell-Garnett", theory.kappa_maxwell_garnett)],
)  # fmt: skip
def test_curves_are_theory(figure, name, formula):
    """Straight between 400 points, to 1e-3."""
    (line,) = artists(figure, name)
    x, y = line.get_data()
    for f_mm in (0.03, 0.4, 1.0):
        drawn = np.exp(np.interp(np.log(f_mm), np.log(x), np.log(y)))
        assert drawn == pytest.approx(formula(0.01, 1.0, f_mm), rel=1e-3)


def test_bounds_hold_the_band(figure):
    (band,) = artists(figure, "Hashin-Shtrikman")
    f_mm, kappa = band.get_paths()[0].vertices.T
    low, high = theory.hashin_shtrikman_bounds(0.01, 1.0, f_mm)
    assert np.all((np.isclose(kappa, low, rtol=1e-9)) | np.isclose(kappa, high, rtol=1e-9))


def test_series_of_any_origin_are_drawn_together(tmp_path):
    """In three dimensions points may lie far off eq 11; one that is not positive is counted."""
    some = FractionPoints(tmp_path, "3D", F_MM, np.array([1, 0.9, 0.4, -0.1]), np.full(4, 0.02), None)
    figure = draw([FractionPoints(tmp_path, "1D", F_MM, EXACT * NU_RES, 0.01 * EXACT, 0.01, exact=True), some])
    colours = {artists(figure, f"series {i}")[0].get_color() for i in range(2)}
    assert len(colours) == 2
    assert any("3D (1 not positive, not shown)" in text for text in legend_texts(figure))
    low, high = figure.axes[3].get_ylim()
    assert low <= 0.9
    assert high >= 0.4 / (EXACT[2] * NU_RES)


def test_what_does_not_fit_together_is_refused(tmp_path):
    runs = [write_run(tmp_path / "a"), write_run(tmp_path / "b", nu_mm=51.0)]
    with pytest.raises(InputError, match=r"b/kappa\.ecsv: kappa_mm/kappa_res differs"):
        fraction_figure(runs, tmp_path / "fig5.png")
    with pytest.raises(InputError, match="no run directory"):
        fraction_figure([], tmp_path / "fig5.png")


def test_transport_runs_make_a_series_of_each_energy(tmp_path):
    """kappa_trace over that of f_mm = 0; errors of both added; the contrast is that of f_mm = 1."""
    runs = []
    for f_mm, kappa in ((0.5, [2.0, 4.0]), (0.0, [4.0, 8.0]), (1.0, [1.0, 2.0])):
        runs.append(tmp_path / f"f{f_mm:g}")
        table = QTable({"energy": [1.0, 10.0] * u.GeV, "kappa_trace": kappa * u.cm**2 / u.s, "converged": [True] * 2})
        table["kappa_trace_err"] = 0.1 * table["kappa_trace"]
        table.meta = {"title": "3D", "Z": 1, "B_rms_uG": 3.0, "l_c_pc": 1e5, "l_mm_pc": 1.0, "dB_over_B": 0.3}
        table.meta["f_mm"] = f_mm
        runs[-1].mkdir()
        table.write(runs[-1] / "kappa.ecsv", format="ascii.ecsv")
    series = read_fraction_points(runs)
    assert len(series) == 2
    for s in series:
        np.testing.assert_allclose([s.f_mm, s.kappa], [[0, 0.5, 1], [1, 0.5, 0.25]])
        np.testing.assert_allclose(s.kappa_err, np.array([1, np.sqrt(2), np.sqrt(2)]) * 0.1 * s.kappa)
        assert s.contrast == pytest.approx(0.25)
    assert contrast_of(series) == pytest.approx(0.25)
    line = read_fraction_points([write_run(tmp_path / "line")])
    assert contrast_of(series + line) == pytest.approx(0.01)
    figure = fraction_figure([*runs, tmp_path / "line"], tmp_path / "fig5.png")
    # beside a line of another contrast they are judged by their own eq 11, and show it
    (own,) = artists(figure, "eq 11 series 1")
    np.testing.assert_allclose(own.get_ydata()[-1], 0.25)
    *_, ratio = artists(figure, "series 1")
    np.testing.assert_allclose(ratio.get_ydata()[-1], 1.0)
    with pytest.raises(InputError, match="one transport run of f_mm = 0"):
        read_fraction_points(runs[:1])


def test_paths_of_two_lengths_are_two_series(tmp_path):
    runs = []
    for path, kappas in ((10.0, (4.0, 1.0)), (60.0, (3.0, 0.5))):
        for f_mm, kappa in zip((0.0, 1.0), kappas, strict=True):
            runs.append(tmp_path / f"{path:g}f{f_mm:g}")
            table = QTable({"energy": [1.0] * u.GeV, "kappa_trace": [kappa] * u.cm**2 / u.s, "converged": [True]})
            table["kappa_trace_err"], table["path_length"] = 0.1 * table["kappa_trace"], [path * 1e5] * u.pc
            table.meta = {"title": "3D", "Z": 1, "B_rms_uG": 3.0, "l_c_pc": 1e5, "l_mm_pc": 1.0, "dB_over_B": 0.3}
            table.meta["f_mm"] = f_mm
            runs[-1].mkdir()
            table.write(runs[-1] / "kappa.ecsv", format="ascii.ecsv")
    short, long = read_fraction_points(runs)
    assert "10\\,l_" in short.label
    assert {short.label, long.label} <= set(legend_texts(draw([short, long])))
    assert (short.contrast, long.contrast) == pytest.approx((1 / 4, 1 / 6))


def test_estimators_of_a_line_are_series_of_their_own(tmp_path):
    run = write_run(tmp_path / "run")
    table = QTable({"f_mm": F_MM, "running": EXACT, "running_err": EXACT, "lstm": 2 * EXACT, "lstm_err": EXACT})
    table.meta = {"tracks": 400}
    table.write(run / "estimators.ecsv", format="ascii.ecsv")
    line, classical, network = read_fraction_points([run])
    np.testing.assert_allclose(classical.kappa, line.kappa)
    np.testing.assert_allclose(network.kappa, 2 * line.kappa)
    assert network.label == "1D, recurrent network, 400 tracks"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"kind": "cluster"}, "kind cluster"), ({"nu_mm": "fast"}, "could not convert"),
     ({"nu_res": -1.0}, "out of range"), ({"kappa": 3.0}, None)],
)  # fmt: skip
def test_malformed_table_is_named(tmp_path, wrong, says):
    if says is None:
        run = write_run(tmp_path / "run")
        table = QTable.read(run / "kappa.ecsv")
        table.remove_column("kappa_err")
        table.write(run / "kappa.ecsv", overwrite=True)
        says = "no 'kappa_err'"
    else:
        run = write_run(tmp_path / "run", **wrong)
    with pytest.raises(InputError, match=rf"run(/kappa\.ecsv)?: .*{says}"):
        fraction_figure(run, tmp_path / "fig5.png")
    assert not (tmp_path / "fig5.png").exists()

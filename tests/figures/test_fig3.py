"""kappa_figure: what it draws from a kappa.ecsv, and what it says of one it cannot draw."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable
from matplotlib.image import imread

from hpcmm import theory
from hpcmm.errors import InputError
from hpcmm.figures.fig3 import kappa_figure
from hpcmm.theory import EV, PARSEC

MIRRORS = {"l_mm_pc": 2e-7, "dB_over_B": 0.25, "f_mm": 0.1}
MEDIUM = {"Z": 2, "B": 1e-6, "l_c": 5e4 * PARSEC}
MIRROR_MEDIUM = {"Z": 2, "B": 1e-6, "l_mm": 2e-7 * PARSEC, "dB_over_B": 0.25}


def write_run(directory, mirrors=MIRRORS, **meta):
    """A run directory with five energies, the third not converged."""
    energy = np.array([1.0, 1e2, 1e5, 1e8, 1e11])
    kappa = np.array([1e25, 1e29, 2e31, 5e32, 4e33])
    table = QTable()
    table["energy"] = energy * u.GeV
    table["kappa_trace"] = kappa * u.cm**2 / u.s
    table["kappa_trace_err"] = 0.3 * kappa * u.cm**2 / u.s
    table["converged"] = [True, True, False, True, True]
    table.meta = {"title": "a run", "Z": 2, "B_rms_uG": 1.0, "l_c_pc": 5e4} | mirrors | meta
    save(directory, table)
    return directory


def save(directory, table):
    directory.mkdir(exist_ok=True)
    table.write(directory / "kappa.ecsv", format="ascii.ecsv", overwrite=True)


def load(directory):
    return QTable.read(directory / "kappa.ecsv", format="ascii.ecsv")


@pytest.fixture(scope="module")
def figure(tmp_path_factory):
    """The figure of one run with micromirrors; drawn once, only looked at."""
    directory = tmp_path_factory.mktemp("figure")
    return kappa_figure(write_run(directory / "run"), directory / "fig3.png")


def artist(figure, gid):
    (found,) = figure.findobj(lambda a: a.get_gid() == gid)
    return found


def gids(figure):
    return {a.get_gid() for a in figure.findobj() if a.get_gid()}


def legend_texts(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_image_is_written_whole(tmp_path):
    output = tmp_path / "figures" / "fig3.png"
    kappa_figure([write_run(tmp_path / "run")], output)
    height, width, _ = imread(output).shape
    # one journal column, 3.5 inches at 300 dpi
    assert width == 1050
    assert height > 900
    # nothing temporary is left beside it
    assert [p.name for p in output.parent.iterdir()] == ["fig3.png"]


def test_failed_write_leaves_the_old_image(tmp_path):
    output = tmp_path / "fig3.nonsense"
    output.write_text("old")
    run = write_run(tmp_path / "run")
    with pytest.raises(InputError, match="nonsense"):
        kappa_figure(run, output)
    assert output.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["fig3.nonsense", "run"]


def test_points_are_full_where_converged(figure):
    """Energies in eV and kappa_trace in cm2/s; full where converged, half elsewhere, with their errors."""
    filled, opened = artist(figure, "run 0 converged"), artist(figure, "run 0 not converged")
    np.testing.assert_allclose(filled.get_xdata(), [1e9, 1e11, 1e17, 1e20], rtol=1e-12)
    np.testing.assert_allclose(filled.get_ydata(), [1e25, 1e29, 5e32, 4e33], rtol=1e-12)
    np.testing.assert_allclose(opened.get_xdata(), [1e14], rtol=1e-12)
    np.testing.assert_allclose(opened.get_ydata(), [2e31], rtol=1e-12)
    assert (filled.get_fillstyle(), opened.get_fillstyle()) == ("full", "left")
    assert filled.get_markerfacecolor() != "white"
    assert "full: converged; half: not; bars: 1$\\sigma$, often within the symbol" in legend_texts(figure)

    axes, _ = figure.axes
    bars = axes.containers[0].lines[2][0].get_segments()
    np.testing.assert_allclose(bars[0][:, 1], [0.7e25, 1.3e25], rtol=1e-12)
    (low_x, high_x), (low_y, high_y) = axes.get_xlim(), axes.get_ylim()
    assert low_x < 1e9 < 1e21 < high_x
    assert low_y < 1e25 < 4e33 < high_y
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_labels_carry_units_and_convention(figure):
    axes, below = figure.axes
    assert "[eV]" in below.get_xlabel()
    assert "eq. (11)" in below.get_ylabel()
    label = axes.get_ylabel()
    assert "[cm$^2$ s$^{-1}$]" in label
    assert "eq. (20) as printed" in label
    assert r"3\,\kappa_{\rm iso}" in label


LINES = {
    "eq 5": lambda e: theory.kappa_mm(e, **MIRROR_MEDIUM),
    "eq 7 delta=0": lambda e: theory.kappa_res(e, 0.0, **MEDIUM),
    "eq 7 delta=0.333": lambda e: theory.kappa_res(e, 1 / 3, **MEDIUM),
    "eq 7 delta=0.5": lambda e: theory.kappa_res(e, 0.5, **MEDIUM),
    "eq 7 delta=1": lambda e: theory.C * theory.gyroradius(e, 1e-6, 2),
    "eq 11 f_mm=0.1": lambda e: theory.kappa_eff(
        theory.kappa_mm(e, **MIRROR_MEDIUM), theory.kappa_res(e, 1 / 3, **MEDIUM), 0.1
    ),
    "eq 18": lambda e: theory.kappa_st(),
    "kappa_trw": lambda e: theory.kappa_trw(),
}


@pytest.mark.parametrize("gid", LINES)
def test_lines_are_theory(figure, gid):
    """At two energies of each line, in the run's own medium; straight between its 400 points to 1e-3."""
    x, y = artist(figure, gid).get_data()
    for energy in (3e10, 2e16):
        drawn = np.exp(np.interp(np.log(energy), np.log(x), np.log(y)))
        assert drawn == pytest.approx(LINES[gid](energy * EV), rel=1e-3)


def test_band_is_the_transition_energy_of_both_amplitudes(figure):
    band = artist(figure, "eq 9")
    edges = [theory.transition_energy(d, l_c=MEDIUM["l_c"], **MIRROR_MEDIUM) / EV for d in (0.5, 1 / 3)]
    assert [band.get_x(), band.get_x() + band.get_width()] == pytest.approx(edges, rel=1e-12)


def test_no_line_of_micromirrors_is_drawn_without_them(tmp_path):
    figure = kappa_figure(write_run(tmp_path / "run", mirrors={}), tmp_path / "fig3.png")
    assert not gids(figure) & {"eq 5", "eq 9"}
    assert not any(gid.startswith("eq 11") for gid in gids(figure))
    assert {"eq 7 delta=0", "eq 18"} <= gids(figure)
    assert "a run, no micromirrors" in legend_texts(figure)


def test_full_filling_has_one_line_for_equations_5_and_11(tmp_path):
    run = write_run(tmp_path / "run", MIRRORS | {"f_mm": 1.0})
    figure = kappa_figure(run, tmp_path / "fig3.png")
    assert not any(gid.startswith("eq 11") for gid in gids(figure))
    assert any("eq. (11)" in text and "eq. (5)" in text for text in legend_texts(figure))


def test_several_runs_share_the_lines(tmp_path):
    runs = [
        write_run(tmp_path / "none", mirrors={}),
        write_run(tmp_path / "tenth"),
        write_run(tmp_path / "half", MIRRORS | {"f_mm": 0.5}),
    ]
    figure = kappa_figure(runs, tmp_path / "fig3.png")
    assert {"eq 5", "eq 9", "eq 11 f_mm=0.1", "eq 11 f_mm=0.5", "run 2 converged"} <= gids(figure)
    colours = {artist(figure, f"run {i} converged").get_color() for i in range(3)}
    assert len(colours) == 3
    assert artist(figure, "eq 11 f_mm=0.5").get_color() == artist(figure, "run 2 converged").get_color()


def test_scattering_only_is_hollow_and_told(tmp_path):
    """It shares colour and legend with the resolved run of the same f_mm, and is kappa_iso: motion along a line."""
    runs = [write_run(tmp_path / "resolved"), write_run(tmp_path / "only", title="other", scattering_only=True)]
    table = load(runs[1])
    table["kappa_iso"], table["kappa_iso_err"] = table["kappa_trace"] / 3, table["kappa_trace_err"] / 3
    save(runs[1], table)
    figure = kappa_figure(runs, tmp_path / "fig3.png")
    resolved, only = (artist(figure, f"run {i} converged") for i in range(2))
    assert only.get_markerfacecolor() == "white"
    assert only.get_color() == resolved.get_color()
    np.testing.assert_allclose(only.get_ydata(), resolved.get_ydata() / 3)
    texts = legend_texts(figure)
    assert "resolved, only: $f_{\\rm mm}=0.1$" in texts
    assert any(text.startswith("hollow: scattering only") for text in texts)


@pytest.mark.parametrize("other", [{"B_rms_uG": 2.0}, {"Z": 1}, {"l_c_pc": 1e5}, {"l_mm_pc": 1e-7}])
def test_runs_of_different_media_are_drawn_without_lines(tmp_path, other):
    """Lines of theory belong to one medium and one kind of micromirrors."""
    runs = [write_run(tmp_path / "a"), write_run(tmp_path / "b", **other)]
    figure = kappa_figure(runs, tmp_path / "fig3.png")
    assert not any(str(name).startswith("eq") for name in gids(figure))


def test_points_a_logarithm_cannot_show_are_counted(tmp_path):
    run = write_run(tmp_path / "run")
    table = load(run)
    table["kappa_trace"][0] = -1e25 * u.cm**2 / u.s
    table["kappa_trace"][1] = np.nan * u.cm**2 / u.s
    save(run, table)
    figure = kappa_figure(run, tmp_path / "fig3.png")
    assert any("(2 not positive, not shown)" in text for text in legend_texts(figure))
    np.testing.assert_allclose(artist(figure, "run 0 converged").get_xdata(), [1e17, 1e20])


def test_units_of_the_table_are_converted(tmp_path):
    run = write_run(tmp_path / "run")
    table = load(run)
    table["energy"] = table["energy"].to(u.TeV)
    table["kappa_trace"] = table["kappa_trace"].to(u.m**2 / u.s)
    save(run, table)
    points = artist(kappa_figure(run, tmp_path / "fig3.png"), "run 0 converged")
    np.testing.assert_allclose(points.get_xdata()[:1], [1e9], rtol=1e-12)
    np.testing.assert_allclose(points.get_ydata()[:1], [1e25], rtol=1e-12)


@pytest.mark.parametrize("title", ["costs 5$ and $\\frac{", "_hidden", "", "x" * 300, "50 % {of} ^all_"])
def test_title_of_any_characters_is_drawn(tmp_path, title):
    figure = kappa_figure(write_run(tmp_path / "run", title=title), tmp_path / "fig3.png")
    # run, converged, (5), (11), (9), (7), (18), kappa_trw
    assert len(legend_texts(figure)) == 8


def drop(column):
    def change(table):
        table.remove_column(column)

    return change


def replace(column, values):
    def change(table):
        table[column] = values

    return change


def forget(key):
    def change(table):
        del table.meta[key]

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (drop("kappa_trace"), "kappa_trace"),
        (drop("converged"), "converged"),
        (replace("energy", [1.0, 2, 3, 4, 5]), "'energy' has no unit"),
        (replace("energy", [1.0, 2, 3, 4, 5] * u.s), "convertible"),
        (replace("energy", [0.0, 2, 3, 4, 5] * u.GeV), "not positive"),
        (replace("kappa_trace_err", [-1.0, 2, 3, 4, 5] * u.cm**2 / u.s), "negative errors"),
        (replace("converged", ["maybe"] * 5), "'maybe' is not one of yes, no, undecided"),
        (forget("B_rms_uG"), "B_rms_uG"),
        (forget("f_mm"), "f_mm"),
        (lambda table: table.remove_rows(slice(None)), "no rows"),
    ],
)
def test_malformed_table_is_named(tmp_path, change, says):
    run = write_run(tmp_path / "run")
    table = load(run)
    change(table)
    save(run, table)
    with pytest.raises(InputError, match=rf"run/kappa\.ecsv: .*{says}"):
        kappa_figure([run], tmp_path / "fig3.png")
    assert not (tmp_path / "fig3.png").exists()


@pytest.mark.parametrize("text", ["", "energy,kappa\n1,2\n", "# %ECSV 1.0\n# ---\n# {[\nenergy\n1\n", "\x00\xff"])
def test_file_that_is_no_table_is_named(tmp_path, text):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "kappa.ecsv").write_text(text)
    with pytest.raises(InputError, match=r"run/kappa\.ecsv: not a table of hpcmm"):
        kappa_figure([tmp_path / "run"], tmp_path / "fig3.png")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere/kappa\.ecsv: no such file"):
        kappa_figure([tmp_path / "nowhere"], tmp_path / "fig3.png")
    with pytest.raises(InputError, match="no run directory"):
        kappa_figure([], tmp_path / "fig3.png")


def test_caller_settings_are_left_alone(tmp_path):
    import matplotlib

    before = dict(matplotlib.rcParams)
    kappa_figure(write_run(tmp_path / "run"), tmp_path / "fig3.png")
    assert dict(matplotlib.rcParams) == before


def test_points_on_field_lines_are_kappa_par(tmp_path):
    """A table of `kind = "field_lines"` beside one of transport: a group of its own, kappa along the line."""
    run, lines = write_run(tmp_path / "run"), write_run(tmp_path / "lines", mirrors={}, kind="field_lines")
    table = load(lines)
    for name in ("kappa_par", "kappa_par_err", "cut_error"):
        table[name] = 0.5 * table["kappa_trace"]
    save(lines, table)
    figure = kappa_figure([run, lines], tmp_path / "fig3.png")
    assert any("on field lines" in text for text in legend_texts(figure))
    assert artist(figure, "run 1 converged").get_ydata() == pytest.approx(np.array([0.5e25, 0.5e29, 2.5e32, 2e33]))

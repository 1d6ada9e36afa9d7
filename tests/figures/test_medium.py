"""The figure of effective media: points, bounds and curves are those of the table, for any table of this kind."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from hpcmm import figures, theory
from hpcmm.errors import InputError
from hpcmm.figures.medium import medium_figure

UNIT, CONTRAST, SPLIT = 1e31, 0.01, np.array([0.97, 1.0, 1.03])
LAYERS = """
[run]
kind = "effective_medium"
[effective_medium]
grid = [8, 1, 1]
kappa_patch = "1e29 cm2/s"
kappa_background = "1e31 cm2/s"
morphology = "layers"
filling_fraction = [0.0, 0.25, 0.5, 1.0]
"""


def medium(directory, fraction=(0.0, 0.3, 1.0), split=(1, 1, 1), measured=None, **meta):
    """Write a table: kappa Maxwell and Garnett's, components so many times it; with kappa_perp no bounds."""
    directory.mkdir()
    asked = np.array(fraction)
    f = asked if measured is None else np.array(measured)
    iso = theory.kappa_maxwell_garnett(CONTRAST, 1.0, f)
    across = "kappa_perp_patch" in meta
    hs = theory.hashin_shtrikman_bounds(CONTRAST, 1.0, f)
    none = np.full(len(f), np.nan)
    kappas = {f"kappa_{a}": factor * iso for a, factor in zip(("xx", "yy", "zz"), split, strict=True)}
    kappas |= dict.fromkeys(("kappa_xy", "kappa_xz", "kappa_yz"), 0.0 * iso)
    kappas |= {"kappa_iso": iso, "kappa_iso_err": 0.1 * iso, "kappa_iso_discretization": 0.08 * iso}
    kappas |= {"kappa_iso_realizations": 0.06 * iso}
    kappas |= {"kappa_iso_lower": none if across else 0.9 * iso, "kappa_iso_upper": none if across else 1.1 * iso}
    kappas |= {f"kappa_{a}_discretization": 0.01 * iso for a in ("xx", "yy", "zz") if across}
    kappas |= {"harmonic": theory.kappa_harmonic(CONTRAST, 1.0, f)}
    kappas |= {"arithmetic": theory.kappa_arithmetic(CONTRAST, 1.0, f)}
    kappas |= {"hs_lower": none if across else hs[0], "hs_upper": none if across else hs[1]}
    columns = {"filling_fraction": asked, "filling_fraction_measured": f}
    columns |= {name: values * UNIT * u.cm**2 / u.s for name, values in kappas.items()}
    columns |= {"iterations": [9] * len(f), "realizations": [2] * len(f)}
    meta = {"title": "medium", "kind": "effective_medium", "kappa_background": UNIT, "kappa_patch": 1e29} | meta
    table = QTable(columns, meta={key: value for key, value in meta.items() if value is not None})
    table[::-1].write(directory / "kappa.ecsv", format="ascii.ecsv")
    return directory


def tensors(directory, **more):
    return medium(directory, kappa_perp_patch=1e28, kappa_perp_background=1e28, **{"split": SPLIT} | more)


def drawn(figure, gid):
    return list(figure.findobj(lambda a: a.get_gid() == gid))


def texts(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_points_bounds_and_curves_are_those_of_the_table(tmp_path):
    """Places are measured fractions, of which the references are; components that agree are one number."""
    f = [0.0, 0.301, 1.0]
    figure = medium_figure(medium(tmp_path / "run", measured=f, split=SPLIT), tmp_path / "f.png")
    assert (tmp_path / "f.png").stat().st_size > 10_000
    iso = theory.kappa_maxwell_garnett(CONTRAST, 1.0, np.array(f))
    (points,) = drawn(figure, "iso 0")
    np.testing.assert_allclose(points.get_data(), [f, iso])
    (cells,) = drawn(figure, "cells 0")
    np.testing.assert_allclose([part[:, 1] for part in cells.get_segments()], np.outer(iso, [0.9, 1.1]))
    assert np.isnan(drawn(figure, "xx 0")[0].get_ydata()).all()
    for name, formula in (("harmonic", theory.kappa_harmonic), ("arithmetic", theory.kappa_arithmetic)):
        x, y = drawn(figure, f"{name} 0")[0].get_data()
        np.testing.assert_allclose(y, formula(CONTRAST, 1.0, x))
        assert (x[0], x[-1]) == (0, 1)
    assert drawn(figure, "Hashin-Shtrikman 0")
    share = drawn(figure, "share iso 0")[0].get_ydata()
    low, high = (mean(CONTRAST, 1.0, 0.301) for mean in (theory.kappa_harmonic, theory.kappa_arithmetic))
    np.testing.assert_allclose(share, [np.nan, np.log(iso[1] / low) / np.log(high / low), np.nan])


def test_layers_lie_on_their_means(done, tmp_path):
    """Across them the harmonic mean, along them the arithmetic one: components are drawn, at 0 and 1 of the way."""
    pytest.importorskip("petsc4py")
    (tmp_path / "deck.toml").write_text(LAYERS)
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "run")
    assert done("plot", "run", cwd=tmp_path).stdout == "run/figures/medium.png\n"
    figure = medium_figure(tmp_path / "run", tmp_path / "f.png")
    f = np.array([0.25, 0.5])
    for axis, mean, way in (("xx", theory.kappa_harmonic, 0), ("yy", theory.kappa_arithmetic, 1)):
        y = drawn(figure, f"{axis} 0")[0].get_ydata()
        np.testing.assert_allclose(y, [np.nan, *mean(CONTRAST, 1.0, f), np.nan], rtol=1e-7)
        np.testing.assert_allclose(drawn(figure, f"share {axis} 0")[0].get_ydata()[1:3], way, atol=1e-6)


def test_with_kappa_across_the_field_components_have_errors_of_their_own(tmp_path):
    figure = medium_figure(tensors(tmp_path / "run"), tmp_path / "f.png")
    iso = theory.kappa_maxwell_garnett(CONTRAST, 1.0, np.array([0.0, 0.3, 1.0]))
    for axis, factor in zip(("xx", "yy", "zz"), SPLIT, strict=True):
        np.testing.assert_allclose(drawn(figure, f"{axis} 0")[0].get_ydata(), factor * iso)
        assert not drawn(figure, f"share {axis} 0")
    assert not drawn(figure, "cells 0")
    x, y = drawn(figure, "arithmetic 0")[0].get_data()
    np.testing.assert_allclose(y, theory.kappa_arithmetic(CONTRAST, 1.0, x))
    assert any(r"\kappa_{\perp{\rm background}}=0.001" in text for text in texts(figure))


@pytest.mark.parametrize("made", [medium, tensors])
def test_one_fraction_shows_components_side_by_side(made, tmp_path):
    figure = medium_figure(made(tmp_path / "run", fraction=[0.3], split=SPLIT), tmp_path / "f.png")
    names = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert names == [r"$\kappa_{\rm iso}$", r"$\kappa_{xx}$", r"$\kappa_{yy}$", r"$\kappa_{zz}$"]
    iso = theory.kappa_maxwell_garnett(CONTRAST, 1.0, 0.3)
    for place, (axis, factor) in enumerate(zip(("iso", "xx", "yy", "zz"), [1, *SPLIT], strict=True)):
        np.testing.assert_allclose(drawn(figure, f"{axis} 0")[0].get_data(), [[place], [factor * iso]])
    np.testing.assert_allclose(drawn(figure, "harmonic 0")[0].get_ydata(), theory.kappa_harmonic(CONTRAST, 1.0, 0.3))
    assert "f=0.3" in figure.axes[0].get_xlabel()


def test_several_have_symbols_and_directories_and_replace_no_figure(tmp_path):
    runs = [medium(tmp_path / "a"), medium(tmp_path / "b"), tensors(tmp_path / "c", fraction=[0.3])]
    own = figures.draw("medium", runs[:1])
    before = own.read_bytes()
    path = figures.draw("medium", runs)
    assert path == tmp_path / "a" / "figures" / "medium_with_b_c.png"
    assert own.read_bytes() == before
    figure = medium_figure(runs, tmp_path / "f.png")
    symbols = {(line.get_marker(), line.get_color()) for i in range(3) for line in drawn(figure, f"iso {i}")}
    assert len(symbols) == 3
    assert [text[:2] for text in texts(figure)[:3]] == ["a:", "b:", "c:"]
    assert drawn(figure, "harmonic 0")
    assert not drawn(figure, "harmonic 1")  # the same curve
    assert drawn(figure, "harmonic 2")
    same = medium_figure(runs[:2], tmp_path / "f.png")
    assert texts(same)[:2] == ["a: medium", "b: medium"]


def test_a_file_of_kappa_is_in_units_of_its_mean(tmp_path):
    own = {"kappa_background": None, "kappa_patch": None}
    run = medium(tmp_path / "run", fraction=[np.nan], **own)
    table = QTable.read(run / "kappa.ecsv")
    for name in ("harmonic", "arithmetic", "kappa_iso", "kappa_xx", "kappa_yy", "kappa_zz"):
        table[name] = (0.5 if name == "harmonic" else 2.0 if name == "arithmetic" else 1.0) * UNIT * u.cm**2 / u.s
    table.write(run / "kappa.ecsv", overwrite=True)
    figure = medium_figure(run, tmp_path / "f.png")
    assert drawn(figure, "iso 0")[0].get_ydata() == pytest.approx([0.5])
    assert drawn(figure, "share iso 0")[0].get_ydata() == pytest.approx([0.5])
    with pytest.raises(InputError, match=r"run: a file of kappa has no patches.*draw it alone"):
        medium_figure([medium(tmp_path / "other"), run], tmp_path / "g.png")
    assert not (tmp_path / "g.png").exists()


def test_what_is_no_such_table_is_named(tmp_path):
    line = medium(tmp_path / "line", kind="two_phase_1d")
    with pytest.raises(
        InputError, match=r"line: a run of kind 'effective_medium' is expected, not one of two_phase_1d"
    ):
        medium_figure(line, tmp_path / "f.png")
    bad = medium(tmp_path / "bad")
    table = QTable.read(bad / "kappa.ecsv")
    table["harmonic"][0] *= -1
    table.write(bad / "kappa.ecsv", overwrite=True)
    with pytest.raises(InputError, match=r"'harmonic' of kappa\.ecsv holds values that are not positive"):
        medium_figure(bad, tmp_path / "f.png")
    with pytest.raises(InputError, match=r"kappa\.ecsv: no such file"):
        medium_figure(tmp_path / "nothing", tmp_path / "f.png")
    assert not (tmp_path / "f.png").exists()


@pytest.mark.parametrize("alone", [True, False])
def test_legends_lie_inside_and_apart(alone, tmp_path):
    more = {"fraction": [0.3]} if alone else {}
    runs = [medium(tmp_path / "a", title="m" * 90, **more), tensors(tmp_path / "b", title="w" * 90, **more)]
    figure = medium_figure(runs, tmp_path / "f.png")
    draw = figure.canvas.get_renderer()
    boxes = [item.get_window_extent(draw) for item in (*figure.legends, *figure.axes)]
    boxes.append(figure.axes[0].xaxis.label.get_window_extent(draw))
    for i, one in enumerate(boxes):
        assert figure.bbox.x0 <= one.x0
        assert one.x1 <= figure.bbox.x1
        assert not any(one.overlaps(other) for other in boxes[i + 1 :])
    for axes in figure.axes:
        assert axes.yaxis.label.get_window_extent(draw).x0 >= 0

"""Figures of several runs: each has its symbol and its name, none replaces another's figure, reasons are given."""

import shutil

import pytest

from hpcmm import figures
from hpcmm.figures import transition_fit
from hpcmm.figures.fig3 import kappa_figure
from tests import decks


@pytest.fixture(scope="module")
def runs(done, tmp_path_factory):
    """a, b: equal decks of other seeds; weak: another B_rms; each of one energy."""
    top = tmp_path_factory.mktemp("several")
    text = decks.transport(
        ["100 EeV"],
        decks.waves(modes=16),
        title="the same title",
        run={"realizations": 2, "particles": 64},
        stepping={"path_length": "1 Mpc", "samples": 8},
    )
    (top / "deck.toml").write_text(text)
    for name, more in (("a", "run.seed=1"), ("b", "run.seed=2"), ("weak", "medium.B_rms=1 uG")):
        done("run", "deck.toml", "--out", name, "--set", more, cwd=top)
    shutil.copytree(top / "a", top / "c")
    return top


def points(figure):
    """Artists of points -> their marker and colour."""
    lines = [line for axes in figure.axes for line in axes.get_lines() if (line.get_gid() or "").startswith("run ")]
    return {line.get_gid().split()[1]: (line.get_marker(), line.get_color()) for line in lines if len(line.get_xdata())}


def texts(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize("names", [["a", "b"], ["b", "a", "c"]])
def test_each_run_has_a_symbol_and_its_directory_in_the_legend(runs, names, tmp_path):
    figure = kappa_figure([runs / name for name in names], tmp_path / "f.png")
    assert len(set(points(figure).values())) == len(names)
    for name in names:
        assert any(text.startswith(f"{name}: no micromirrors") for text in texts(figure))


def test_media_that_differ_are_drawn_without_lines_that_belong_to_one(runs, tmp_path):
    figure = kappa_figure([runs / "a", runs / "weak"], tmp_path / "f.png")
    assert len(set(points(figure).values())) == 2
    assert not [line for line in figure.axes[0].get_lines() if (line.get_gid() or "").startswith("eq")]
    found = texts(figure)
    assert any(r"weak: no micromirrors, $Z=1$, 1 $\mu$G" in text for text in found)
    assert any(r"a: no micromirrors, $Z=1$, 3 $\mu$G" in text for text in found)
    assert transition_fit.report([runs / "a", runs / "weak"]) == [
        "no lines of theory and no transition: Z, B_rms or l_c differ"
    ]


def test_no_figure_of_a_run_is_replaced(runs, done):
    """Without --out: a file of its own, which --overwrite of the run removes with the others."""
    figures.draw("fig3", [runs / "a"])
    own = runs / "a" / "figures" / "kappa.png"
    before = own.read_bytes()
    said = done("plot", "a", "b", cwd=runs).stdout.splitlines()
    assert said[0] == "a/figures/kappa_with_b.png"
    assert own.read_bytes() == before
    assert "no transition measured: it takes" in said[1]
    assert "here f_mm = 0" in said[1]
    assert (runs / said[0]).is_file()
    assert any((runs / "a").glob(pattern) for pattern in figures.files() if "_with_" in pattern)

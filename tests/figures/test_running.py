"""running_figure: curves are those of the moments, points those of the table, and what cannot be drawn is said."""

import numpy as np
import pytest

from hpcmm import open_run
from hpcmm.errors import InputError
from hpcmm.estimators import lags
from hpcmm.figures import running
from hpcmm.kinds.transport.products import KAPPA_CGS
from tests import decks


@pytest.fixture(scope="module")
def runs(done, tmp_path_factory):
    """free: no guide field, ballistic at its higher energy; guided: with one; line: of another kind."""
    top = tmp_path_factory.mktemp("running")
    free = decks.transport(
        ["100 EeV", "1 ZeV"],
        decks.waves(modes=16),
        run={"realizations": 3, "particles": 64},
        stepping={"path_length": "4 Mpc", "samples": 8},
    )
    line = '[run]\nkind = "two_phase_1d"\nseed = 1\nparticles = 64\n[two_phase]\nf_mm = [0.5]\n'
    for name, text in (("free", free), ("guided", decks.SMALL), ("line", line)):
        (top / f"{name}.toml").write_text(text)
        done("run", f"{name}.toml", "--out", name, cwd=top)
    return top


def lines(figure, *words):
    """Artists whose label of the group has all of these words."""
    return [a for axes in figure.axes for a in axes.get_lines() if set(words) <= set((a.get_gid() or "").split())]


def test_curves_are_slopes_of_the_mean_square(runs, tmp_path):
    """kappa(L, 2L) from the sums themselves, at every lag for which there is twice it; kappa_trace where ballistic."""
    run, figure = open_run(runs / "free"), running.running_figure(runs / "free", tmp_path / "f.png")
    curves = lines(figure, "lags")
    assert len(curves) == 2
    for i, curve in enumerate(curves):
        pooled = run.lag_sums[i].sum(axis=(0, 1))
        count, square = pooled[:, 0], pooled[:, [lags.INDEX[name] for name in ("xx", "yy", "zz")]].sum(axis=1)
        lag, kappa = curve.get_data()
        assert np.all(np.diff(lag) > 0)
        for x, y in zip(lag, kappa, strict=True):
            short = int(np.flatnonzero(np.isclose(running.YEARS * x, run.lag_time[i].to_value("yr")))[0])
            long = int(np.flatnonzero(np.isclose(run.lag_time[i], 2 * run.lag_time[i][short]))[0])
            slope = (square[long] / count[long] - square[short] / count[short]) / (2 * x)
            assert y == pytest.approx(slope * KAPPA_CGS / (3, 1)[i], rel=1e-9)


def test_points_and_windows_are_those_of_the_table(runs, tmp_path):
    """With a guide field along and across it; the window ends where kappa(2L, 4L) does."""
    figure = running.running_figure([runs / "free", runs / "guided"], tmp_path / "f.png")
    expected = ((0, "free", [["iso"], ["trace"]]), (1, "guided", [["par", "perp"]] * 2))
    for number, name, components in expected:
        for row, those in zip(open_run(runs / name).table, components, strict=True):
            for component in those:
                (window,) = lines(figure, "window", f"{number}", f"{row['energy'].value:g}", component)
                kappa = row[f"kappa_{component}"].value
                np.testing.assert_allclose(window.get_ydata(), kappa)
                lag, path = row["lag"].value, row["path_length"].value
                np.testing.assert_allclose(window.get_xdata(), [lag, 4 * lag] if lag > 0 else [path / 2, path])
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts[0] == r"free: 100 EeV, $\kappa_{\rm iso}$"
    assert r"guided: 10 EeV, $\kappa_\perp$" in texts


def test_legends_lie_inside_and_apart(runs, tmp_path):
    figure = running.running_figure([runs / "free", runs / "guided"], tmp_path / "f.png")
    draw = figure.canvas.get_renderer()
    boxes = [item.get_window_extent(draw) for item in (*figure.legends, *figure.axes)]
    labels = [axes.xaxis.label.get_window_extent(draw) for axes in figure.axes]
    for i, one in enumerate(boxes):
        assert figure.bbox.x0 <= one.x0
        assert one.x1 <= figure.bbox.x1
        assert not any(one.overlaps(other) for other in boxes[i + 1 :])
    assert not any(legend.get_window_extent(draw).overlaps(label) for legend in figure.legends for label in labels)


def test_command_draws_beside_other_figures(runs, done, hpcmm):
    assert done("plot", "--running", "free", cwd=runs).stdout == "free/figures/running.png\n"
    for arguments, says in (
        (("line",), "line: a run of kind 'two_phase_1d' keeps no kappa(t)"),
        (("free", "--figure", "fig3"), "--running and --figure exclude each other"),
    ):
        ended = hpcmm("plot", "--running", *arguments, cwd=runs)
        assert ended.returncode == 2
        assert says in ended.stderr
        assert ended.stderr.count("\n") == 1


def test_more_curves_than_can_be_told_apart_are_refused(runs, tmp_path):
    with pytest.raises(InputError, match="26 curves; at most 24"):
        running.running_figure([runs / "free"] * 13, tmp_path / "f.png")

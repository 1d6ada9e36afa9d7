"""scales_figure: what it draws of particles and of diffusion, and what it says of runs that do not fit together."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from hpcmm import theory
from hpcmm.errors import InputError
from hpcmm.figures.scale_points import read_scales, report
from hpcmm.figures.scales import scales_figure
from hpcmm.theory.constants import PARSEC, C

CGS = u.cm**2 / u.s
UNIT, CONTRAST = 100 * PARSEC * C / 3, 0.1  # a mean free path of 100 pc
F_MM = np.array([0.3, 0.5])
DIFFUSION = np.array([0.6, 0.4])


def write(directory, columns, meta):
    directory.mkdir()
    QTable(columns, meta={"title": "scales", "seed": 7} | meta).write(directory / "kappa.ecsv", format="ascii.ecsv")
    return directory


def medium(directory, **meta):
    bounds = {"kappa_iso": 1.0, "kappa_iso_lower": 0.9, "kappa_iso_upper": 1.1, "kappa_iso_realizations": np.nan}
    columns = {name: factor * DIFFUSION[::-1] * UNIT * CGS for name, factor in bounds.items()}
    columns["realizations"] = [1, 1]
    meta = {"kind": "effective_medium", "kappa_background": UNIT, "kappa_patch": CONTRAST * UNIT} | meta
    return write(directory, {"filling_fraction": F_MM[::-1]} | columns, meta)


def flown(directory, f_mm, kappa, period=1.0, **meta):
    columns = {
        "energy": [1.0] * u.GeV,
        "f_mm_volume": [f_mm],
        "realizations": [1],
        "kappa_trace": [3 * kappa * UNIT] * CGS,
    }
    columns["kappa_trace_err"] = 0.02 * columns["kappa_trace"]
    return write(directory, columns, {"f_mm": f_mm, "period_pc": period} | meta)


@pytest.fixture
def runs(tmp_path):
    """Patches small and large beside the mean free path, each phase alone, and diffusion."""
    made = [medium(tmp_path / "medium"), flown(tmp_path / "0", 0.0, 1.02), flown(tmp_path / "1", 1.0, 0.098)]
    for f, diffusion in zip(F_MM, DIFFUSION, strict=True):
        made.append(flown(tmp_path / f"large{f}", f, diffusion * 1.03, period=1e4))
        made.append(flown(tmp_path / f"small{f}", f, theory.kappa_eff(CONTRAST, 1.0, f)))
    return made


def test_series_are_in_units_of_the_background(runs):
    found, (small, large) = read_scales(runs)
    np.testing.assert_allclose([found.f_mm, found.kappa, found.upper], [F_MM, DIFFUSION, 1.1 * DIFFUSION])
    assert found.contrast == pytest.approx(CONTRAST)
    assert (small.period, large.period) == pytest.approx((0.01, 100.0))
    np.testing.assert_allclose(small.f_mm, [0, 0.3, 0.5, 1])
    np.testing.assert_allclose(large.kappa, 1.03 * DIFFUSION)
    np.testing.assert_allclose(large.kappa_err, 0.02 * large.kappa)


def test_figure_shows_both_limits(runs, tmp_path):
    figure = scales_figure(runs, tmp_path / "scales.png")
    assert (tmp_path / "scales.png").stat().st_size > 10_000

    def drawn(gid):
        return next(a for a in figure.findobj(lambda a: a.get_gid() == gid))

    np.testing.assert_allclose(drawn("series 0").get_ydata(), [1.02, *theory.kappa_eff(CONTRAST, 1.0, F_MM), 0.098])
    np.testing.assert_allclose(drawn("eq 11").get_ydata()[[0, -1]], [1, CONTRAST])
    exact = theory.kappa_eff(CONTRAST, 1.0, 0.3)
    share = np.log(1.03 * 0.6 / exact) / np.log(0.6 / exact)
    np.testing.assert_allclose(drawn("f_mm 0.3").get_ydata(), [0, share], atol=1e-12)
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert any("100" in text for text in words)
    assert any("eq. (11)" in text for text in words)


def test_report_tells_ratios_and_what_is_off_the_bounds(runs):
    lines = list(report(runs))
    assert len(lines) == 1 + 6
    (line,) = (line for line in lines if line.split()[:2] == ["100", "0.3"])
    assert line.split()[-1] == "0.0"
    assert "1.030 +- 0.021" in line


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (lambda top: [medium(top / "again")], "one run of kind 'effective_medium'"),
        (lambda top: [flown(top / "twice", 0.3, 0.3)], "another run of this period"),
        (lambda top: [flown(top / "other", 0.0, 1.2, period=2.0)], "1.2 times that of"),
        (lambda top: [flown(top / "drawn", 0.4, 0.3, seed=8)], "seed 8 and 1 realizations, but seed 7"),
        (lambda top: [flown(top / "line", 0.3, 0.3, kind="two_phase_1d")], "kind two_phase_1d"),
    ],
)
def test_what_does_not_fit_together_is_refused(runs, tmp_path, more, says):
    with pytest.raises(InputError, match=says) as caught:
        scales_figure(runs + more(tmp_path), tmp_path / "scales.png")
    assert len(str(caught.value).splitlines()) == 1
    assert not (tmp_path / "scales.png").exists()


def test_runs_that_are_none_of_it_are_named(runs, tmp_path):
    with pytest.raises(InputError, match="transport runs of the same field"):
        read_scales(runs[:1])
    with pytest.raises(InputError, match=r"one run of kind 'effective_medium'.*not 0"):
        read_scales(runs[1:])
    table = QTable.read(runs[1] / "kappa.ecsv")
    del table.meta["period_pc"]
    table.write(runs[1] / "kappa.ecsv", overwrite=True)
    with pytest.raises(InputError, match=r"/0: .*has no period"):
        read_scales(runs)

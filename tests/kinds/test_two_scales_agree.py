"""Patches |B| >= B_star of one field from far below the mean free path to far above it, to eq 11 and to diffusion.

Kappa 30 times as small inside as outside, f = 0.3: eq 11 says 0.103 of kappa outside, diffusion through the patches of
this field 0.53 to 0.60. Periods in mean free paths outside; inside they are 30 times as short.
"""

from pathlib import Path

import numpy as np
import pytest

from hpcmm import open_run, theory
from hpcmm.theory.constants import PARSEC, C

DECKS = Path(__file__).parent.parent.parent / "input_decks"
F, CONTRAST = 0.3, 1 / 30
EQ_11 = theory.kappa_eff(CONTRAST, 1.0, F)
NU_MM = 0.58
"""Of the micromirrors [1/pc]."""
UNIT = 100 * PARSEC * C / 3
"""kappa of a mean free path of 100 pc [cm2/s]."""


@pytest.fixture
def run(done, tmp_path):
    """Callable ``run(deck, *overrides)`` -> first row of the table of a run of this input deck."""

    def call(deck, *overrides):
        changed = [word for override in overrides for word in ("--set", override)]
        done("run", DECKS / f"{deck}.toml", "--out", tmp_path / deck, *changed)
        return open_run(tmp_path / deck).table[0]

    return call


@pytest.fixture
def fly(run):
    """Callable ``fly(period, path, step, particles)`` -> kappa_iso and its error over kappa outside."""

    def call(period, path, step, particles):
        lengths = {"field.0.period": 100, "field.0.l_max": 50, "field.0.l_min": 25, "medium.l_c": 18.5}
        changed = [f"{key}={factor * period!r}pc" for key, factor in lengths.items()]
        changed += [f"stepping.path_length={path}", f"stepping.step={step}", f"run.particles={particles}"]
        row = run("scales_transport", *changed)
        # a kick that falls behind its gate by half a step fills patches by nu s/4 too much (docs/decisions/0014)
        crowded = 1 + NU_MM * row["path_length"].to_value("pc") / row["steps"] / 4
        share = F * crowded / (1 + F * (crowded - 1))
        assert abs(row["f_mm_time"] - share) < 4 * row["f_mm_time_err"] + 0.002
        return [row[name].to_value("cm2 / s") / UNIT for name in ("kappa_iso", "kappa_iso_err")]

    return call


@pytest.mark.parametrize("particles", [1024, pytest.param(16384, marks=pytest.mark.slow)])
def test_small_patches_give_equation_11(fly, particles):
    """A period of 0.3 mean free paths inside."""
    kappa, error = fly(0.01, "auto", "auto", particles)
    assert error < 1.6 / np.sqrt(particles) * EQ_11
    assert abs(kappa - EQ_11) < 4 * error


def test_patches_of_some_mean_free_paths_lie_between(fly):
    """A period of ten: particles go around patches already."""
    kappa, error = fly(10.0, "12kpc", "0.25pc", 1024)
    assert error < 0.06 * kappa
    assert kappa - 4 * error > 3 * EQ_11
    assert kappa < theory.hashin_shtrikman_bounds(CONTRAST, 1.0, F)[1] + 4 * error


@pytest.mark.slow
def test_large_patches_are_diffused_through(fly, run):
    """A hundred mean free paths: between the bounds of the effective medium of the same field."""
    pytest.importorskip("petsc4py")
    medium = run("scales_medium", "effective_medium.grid=[64,64,64]", f"effective_medium.filling_fraction=[{F}]")
    low, high = (medium[f"kappa_iso_{name}"].to_value("cm2 / s") / UNIT for name in ("lower", "upper"))
    kappa, error = fly(100.0, "300kpc", "0.25pc", 2048)
    assert error < 0.05 * kappa
    assert low - 4 * error < kappa < high + 4 * error
    assert kappa - 4 * error > 3.5 * EQ_11

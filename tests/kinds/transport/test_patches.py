"""Patches through the whole program: bits of the limits f = 0 and 1, shares of volume and time."""

import numpy as np
import pytest

from cython_kernels.push import MOMENTS
from hpcmm import theory
from tests import decks, products
from tests.decks import EEV_AT_L_C, guide, waves

IN_PATCH = MOMENTS.index("in_patch")
WAVES = waves(modes_per_decade=40)


def deck(*blocks, realizations=2, particles=100, path="auto"):
    """r_g = 0.1 l_c, nu_mm = 4 c/l_c in the patches: mirrors of 36 kpc, of no physical size."""
    run = {"seed": 3, "realizations": realizations, "particles": particles}
    stepping = {"path_length": path, "samples": 16}
    return decks.transport(f"{0.1 * EEV_AT_L_C!r} EeV", *blocks, run=run, stepping=stepping)


def mirrors(**keys):
    return decks.mirrors("36 kpc", **keys)


def gated(**keys):
    return mirrors(gate="field_strength", **keys)


def test_no_patches_give_the_bits_of_a_run_without_mirrors(run_deck):
    """f = 0 against no mirrors, the plans' automatic choices and lags included."""
    gate, plain = (
        products.datasets(run_deck(deck(WAVES, *blocks), name=name).directory / "moments.h5")
        for name, blocks in (("gated", [gated(filling_fraction=0.0)]), ("plain", []))
    )
    assert gate == plain


def test_patches_everywhere_give_kappa_of_mirrors_everywhere(run_deck):
    """f = 1 kicks at every step, mirrors everywhere when due: other kicks, the same kappa within 4 sigma."""
    how = {"realizations": 10, "particles": 128}
    runs = [
        run_deck(deck(WAVES, block, **how), name=name)
        for name, block in (("gated", gated(filling_fraction=1.0)), ("plain", mirrors(filling_fraction=1.0)))
    ]
    found = [[float(run.table[f"kappa_trace{end}"][0].value) for end in ("", "_err")] for run in runs]
    assert abs(found[0][0] - found[1][0]) < 4 * np.hypot(found[0][1], found[1][1])
    assert max(error / value for value, error in found) < 0.05
    sums = runs[0].sums[0]
    steps = np.rint(runs[0].time[0].to_value("s") * theory.C / theory.PARSEC / runs[0].step)
    assert (sums[..., IN_PATCH] == sums[..., 0] * steps).all()
    assert (runs[1].sums[..., IN_PATCH] == 0).all()


def within(row, f, particles, places=2**16):
    """Are the measured shares those asked for, within 4 sigma?"""
    volume, time = row["f_mm_volume"], row["f_mm_time"]
    sigma = np.sqrt(f * (1 - f) * (1 / particles + 1 / places))
    assert abs(volume - f) < 4 * sigma
    assert 0.2 * sigma < row["f_mm_volume_err"] < 5 * sigma
    assert row["f_mm_time_err"] < sigma
    assert abs(time - f) < 4 * row["f_mm_time_err"] + 4 * np.sqrt(f * (1 - f) / places)


@pytest.mark.parametrize("f", [0.5, 0.1])
def test_share_of_volume_is_that_asked_for_and_that_of_time(run_deck, f):
    """An isotropic ensemble that fills space stays so in a static field: it spends in patches their share of volume."""
    run = run_deck(deck(WAVES, gated(filling_fraction=f), realizations=10, particles=128))
    row = run.table[0]
    within(row, f, 1280)
    assert run.table.meta["f_mm"] == f
    assert row["converged"] != "no"


def test_given_bound_gives_the_share_of_a_gaussian_field(run_deck):
    """B_star = 3 uG on a guide field of 2 uG, within 4 standard errors: realizations of few large waves differ."""
    how = {"realizations": 20, "particles": 64, "path": "1 Mpc"}
    run = run_deck(deck(WAVES, guide("2 uG"), gated(B_star="3 uG"), **how))
    row = run.table[0]
    f = theory.fraction_above(3.0, 2.0, np.sqrt(5.0))
    assert abs(row["f_mm_volume"] - f) < 4 * row["f_mm_volume_err"]
    assert abs(row["f_mm_time"] - f) < 4 * row["f_mm_time_err"]
    assert row["f_mm_volume_err"] < 0.05
    assert run.table.meta["f_mm"] == pytest.approx(row["f_mm_volume"])


@pytest.mark.parametrize(("B_star", "share"), [("2.9 uG", 1.0), ("3.1 uG", 0.0)])
def test_uniform_field_is_all_inside_or_all_outside(run_deck, B_star, share):
    """All of the time in a field above B_star, none of it below; with kappa of the kicks and of free streaming."""
    run = run_deck(deck(guide("3 uG"), gated(B_star=B_star), path="1 Mpc"))
    row = run.table[0]
    assert (row["f_mm_time"], row["f_mm_volume"], row["f_mm_time_err"]) == (share, share, 0.0)
    # kappa_par = (2/3) c/nu = c l_c/6 for the paper's kick; free: [M(2L) - M(L)]/2L = c L/2
    scale = row["kappa_par"].to_value("cm2/s") / (theory.C * theory.PARSEC * 1e5)
    assert abs(scale / (1 / 6 if share else row["lag_over_l_c"] / 2) - 1) < 0.35

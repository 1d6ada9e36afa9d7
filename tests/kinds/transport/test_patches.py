"""Patches through the whole program: bits of the limits f = 0 and 1, shares of volume and time."""

import h5py
import numpy as np
import pytest

from cython_kernels.push import MOMENTS
from hpcmm import theory
from tests import decks
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


def datasets(run):
    with h5py.File(run.directory / "moments.h5") as file:
        return {name: data[...] for name, data in file.items() if name != "crc32"}


@pytest.mark.parametrize(
    ("f", "plain", "share"), [(1.0, [mirrors(filling_fraction=1.0)], 1), (0.0, [], 0)], ids=["everywhere", "nowhere"]
)
def test_limits_give_the_bits_of_runs_without_a_gate(run_deck, f, plain, share):
    """f = 1 against mirrors everywhere, f = 0 against no mirrors, the plans' automatic choices included."""
    scatterers = {"gated": [gated(filling_fraction=f)], "plain": plain}
    runs = [datasets(run_deck(deck(WAVES, *blocks), name=name)) for name, blocks in scatterers.items()]
    one, other = (run["moments"] for run in runs)
    assert (np.delete(one, IN_PATCH, axis=-1) == np.delete(other, IN_PATCH, axis=-1)).all()
    for name in runs[0].keys() - {"moments"}:
        assert (runs[0][name] == runs[1][name]).all()
    steps = np.rint(runs[0]["time"][0] / runs[0]["step"][0])
    assert (one[..., IN_PATCH] == share * one[..., 0] * steps).all()
    assert (other[..., IN_PATCH] == 0).all()


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
    assert row["converged"]


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
    # kappa_par = (2/3) c/nu = c l_c/6 for the paper's kick; free: [M(T) - M(T/2)]/T = c T/4 = 2.5 c l_c
    scale = row["kappa_par"].to_value("cm2/s") / (theory.C * theory.PARSEC * 1e5)
    assert abs(scale / (1 / 6 if share else 2.5) - 1) < 0.35

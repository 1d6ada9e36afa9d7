"""Micromirrors of a deck: their growth against linear theory, cosmic rays through them (docs/physics.md 16.6)."""

import subprocess
import sys

import numpy as np
import pytest
from astropy import constants, units
from astropy.table import QTable

import hpcmm
from hpcmm.theory.plasma_instabilities import standing_growth
from hpcmm.theory.snapshot_scattering import modes_of, snapshot_kappa
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

RAYS = """
title = "cosmic rays through micromirrors"
[run]
kind = "transport"
seed = 1
realizations = 8
particles = 64
[medium]
B_rms = "3 uG"
l_c = "1 pc"
[particle]
energy = ["13.88 PeV"] # r_g = 5 r_gi0 in B_rms
[[field]]
model = "field_file"
file = "{file}"
box = "file"
r_gi = "1 pc"
B_0 = "3 uG"
orientation = "as_given"
{filter}
[stepping]
path_length = "{path} pc"
"""


def ran(environment, *words):
    ended = subprocess.run(
        [sys.executable, "-m", "hpcmm", "run", *map(str, words)],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=3000,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr


@pytest.fixture(scope="module")
def small(environment, tmp_path_factory):
    """`micromirrors_quick.toml`, with snapshots amid growth too: about 70 core-seconds."""
    out = tmp_path_factory.mktemp("small") / "run"
    times = "output.snapshots=[84.0, 90.0, 150.0]"
    ran(environment, ROOT / "input_decks" / "micromirrors_quick.toml", "--out", out, "--set", times)
    return hpcmm.open_run(out)


def test_mirrors_of_a_small_box_grow_as_theory_says_of_their_wavenumbers(small):
    """P11: .55 to .95 of the rate at the measured rms k: slower modes of the band are in it, and the filter."""
    found = small.micromirrors[:2]
    growth = np.diff(np.log(found["dB_over_B"]))[0] / np.diff(found["t"])[0]
    s = found["s"].mean()
    # r = sqrt(T_par)/B falls as 1/(1 + s)^2, beta_par as well, and Omega_i rises so
    squeeze = (1 + s) ** 2
    k_par, k_perp = (found[name].mean() / squeeze for name in ("k_par", "k_perp"))
    theory = squeeze * standing_growth(k_par, k_perp, 20.0 / squeeze, squeeze, 1.0)
    assert 0.55 < growth / theory < 0.95


def kappa(environment, directory, file, path, filter=""):
    """(kappa_par, kappa_perp) in c r_gi0 of rays of a deck, their r_g in B_rms, and what a filter leaves."""
    directory.mkdir()
    (directory / "deck.toml").write_text(RAYS.format(file=file, path=path, filter=filter))
    ran(environment, directory / "deck.toml", "--out", directory / "run")
    table = QTable.read(directory / "run" / "kappa.ecsv")
    (row,), left = table, [table.meta.get(f"filter_leaves_{part}") for part in ("within", "beyond", "of_all")]
    found = [(row[name] / constants.c).to_value(units.pc) for name in ("kappa_par", "kappa_perp")]
    return *found, row["r_g"].to_value(units.pc), left


def test_cosmic_rays_through_saturated_mirrors(small, environment, tmp_path):
    """P15: over quasi-linear theory of the snapshot's own waves kappa_par is .6 to 1.6, kappa_perp .5 to 1.2.

    Without the waves of micromirrors, whose k have grown with the box, kappa_par is ten times that and more.
    """
    B, s = small.field("B", 150.0), small.table["s"][-1]
    assert small.micromirrors[-1]["dB_over_B"] > 0.3
    along, across, r_g, _ = kappa(environment, tmp_path / "all", small.snapshots[150.0], 12000)
    r_g *= np.sqrt((B**2).sum(axis=-1).mean()) / B[..., 0].mean()  # in the mean field
    theory = snapshot_kappa(modes_of(B, np.array([24.0, 15 / (1 + s), 15 / (1 + s)])), r_g)
    assert 0.6 < along / theory[0] < 1.6
    assert 0.5 < across / theory[1] < 1.2
    mask = 'filter = { k_perp = [0.0, 3.5], k_par = [0.0, 1.6], keep = "outside" }'
    rest, _, _, left = kappa(environment, tmp_path / "rest", small.snapshots[150.0], 60000, mask)
    assert rest > 10 * along
    within, beyond, of_all = left
    assert within < 0.05
    assert beyond > 0.95
    assert of_all < 0.05

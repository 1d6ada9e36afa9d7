"""`hpcmm theory`: what was given is printed and used, what is out of range is refused first or marked."""

import numpy as np
import pytest
from astropy import units as u
from astropy.table import QTable

from hpcmm import theory
from hpcmm.io.terminal import energy_text
from hpcmm.kinds.hybrid_pic import structure
from hpcmm.theory.isotropic import LINE_EXPONENT
from hpcmm.theory.mirror_modes import kappa_over_eq_4

OPTIONS = [
    "--energy",
    "1 TeV",
    "30 TeV",
    "--B",
    "2 uG",
    "--Z",
    "2",
    "--f_mm",
    "0.3",
    "--delta",
    "0.4",
    "--l_A",
    "2 kpc",
]
OPTIONS += ["--v_A", "70 km/s", "--T", "8 keV", "--n_CR", "3e-8"]


@pytest.fixture(scope="module")
def written(done, tmp_path_factory):
    path = tmp_path_factory.mktemp("theory") / "t.ecsv"
    return done("theory", *OPTIONS, "--out", path).stdout, QTable.read(path.read_text(), format="ascii.ecsv")


def test_table_holds_what_the_functions_give_for_these_inputs(written):
    _, table = written
    E = table["energy"].to_value("erg")
    kappa_mm = theory.kappa_mm(E, B=2e-6, Z=2)
    kappa_res = theory.kappa_res(E, 0.4, 2e-6, Z=2)
    l_A, v_A = 2e3 * theory.PARSEC, 7e6
    for name, value in {
        "kappa_mm": kappa_mm * u.cm**2 / u.s,
        "kappa_res, delta = 0.4": kappa_res * u.cm**2 / u.s,
        "kappa_eff, f_mm = 0.3, delta = 0.4": theory.kappa_eff(kappa_mm, kappa_res, 0.3) * u.cm**2 / u.s,
        "gamma_SI": theory.gamma_si(E, 2e-6, cr_fraction=3e-8) / u.s,
        "kappa_mm / kappa_st": kappa_mm / (l_A * v_A),
    }.items():
        np.testing.assert_allclose(u.Quantity(table[name] / value).to_value(""), 1.0, rtol=1e-12)
    assert table.meta["kappa_st = l_A v_A [cm2 / s]"] == pytest.approx(l_A * v_A, rel=1e-12)
    assert table.meta["T [keV]"] == pytest.approx(8.0, rel=1e-12)
    gyroradius = theory.thermal_ion_gyroradius(2e-6, 8e3 * theory.EV) / theory.PARSEC
    assert table.meta["r_g,i of ions at T [pc]"] == pytest.approx(gyroradius, rel=1e-12)


def test_input_is_printed(written):
    said, _ = written
    rows = {cells[1].strip(): cells[2].strip() for line in said.splitlines() if len(cells := line.split("│")) > 4}
    for name, value in (("B", "2"), ("Z", "2"), ("f_mm", "0.3"), ("delta", "0.4"), ("l_A", "2000"), ("v_A", "70")):
        assert rows[name] == value
    assert rows["n_CR(> 1 GeV) / n_i"] == "3e-08"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--v_A", "1 kpc"], "--v_A: 'kpc' is a length, a speed is expected"),
        (["--T", "5"], "--T: "),
        (["--l_A", "-1 kpc"], "--l_A: a length above zero"),
        (["--delta", "2"], "--delta: a number from 0 to less than 2"),
        (["--delta", "nan"], "--delta: "),
        (["--n_CR", "0"], "--n_CR: a share"),
        (["--energy", "1 GeV", "1 kg"], "--energy: "),
        (["--out", "t.txt"], "a name that ends in .ecsv"),
        (["--out", "/proc/nothing/t.ecsv"], "cannot be written"),
    ],
)
def test_refused_before_anything_is_printed(options, words, hpcmm):
    refused = hpcmm("theory", *options)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert words in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("energy", "said", "starred"),
    [
        ("100 MeV", "r_g < l_mm: eqs 2 to 6, 9 to 11 are for small angles", "nu_mm"),
        ("1 TeV", "r_g < l_c: kappa_he does not hold", "kappa_he"),
        ("1 ZeV", "r_g > l_c: eq 7 does not hold", "kappa_res, delta = 1/3"),
        ("1 GeV", "v < 0.95 c", "kappa_mm"),
    ],
)
def test_ranges_are_marked(energy, said, starred, done):
    lines = done("theory", "--energy", energy).stdout.splitlines()
    assert any(line.startswith(f"* {energy}: {said}") for line in lines)
    row = next(line for line in lines if line.split("│")[1:2] and line.split("│")[1].strip() == starred)
    assert row.split("│")[2].strip().endswith("*")
    if energy == "1 TeV":
        assert not any("kappa_mm" in line and "*" in line for line in lines)


@pytest.mark.parametrize(
    ("gev", "text"),
    [(3.2e9, "3.2 EeV"), (5.55e8, "555 PeV"), (1.0, "1 GeV"), (1e-3, "1 MeV"), (1e-6, "1 keV"), (1e12, "1 ZeV")],
)
def test_energies_have_the_prefix_that_people_use(gev, text):
    assert energy_text(gev) == text


@pytest.fixture
def snapshots(tmp_path):
    """A micromirrors.ecsv of two snapshots; of the last l_mm = 1.6 r_gi, dB/B = .36, k_perp/k_par = 2.5."""
    columns = {name: [0.1, 0.2] for name in structure.COLUMNS}
    columns |= {
        "s": [0.4, 0.5],
        "dB_over_B": [0.07, 0.36],
        "l_mm": [1.8, 1.6],
        "k_par": [0.5, 0.4],
        "k_perp": [1.1, 1.0],
    }
    QTable(columns).write(tmp_path / "micromirrors.ecsv", format="ascii.ecsv")
    return tmp_path / "micromirrors.ecsv"


def test_micromirrors_of_a_plasma_are_taken_as_measured(snapshots, tmp_path, done):
    done("theory", "--B", "2 uG", "--T", "8 keV", "--micromirrors", snapshots, "--out", tmp_path / "a.ecsv")
    meta = QTable.read(tmp_path / "a.ecsv").meta
    unit = theory.thermal_ion_gyroradius(2e-6, 8e3 * theory.EV) / theory.PARSEC
    assert meta["l_mm [pc]"] == pytest.approx(1.6 * unit, rel=1e-12)
    assert meta["dB/B of micromirrors"] == 0.36
    assert meta["s of the snapshot"] == 0.5
    assert meta["k_perp / k_par of its micromirrors"] == pytest.approx(2.5)
    assert meta["kappa_mm over eq 4, ring of such waves"] == pytest.approx(kappa_over_eq_4(2.5), rel=1e-12)
    # a_mm goes as its power -1/(2 - .275); the row before has 2/3
    ratio = meta["transition along field lines with it [TeV]"] / meta["along field lines, measured [TeV]"]
    assert ratio == pytest.approx((kappa_over_eq_4(2.5) * 1.5) ** (-1 / (2 - LINE_EXPONENT)), rel=1e-9)


def test_micromirrors_of_two_sources_or_none_are_refused(snapshots, tmp_path, hpcmm):
    QTable({"s": [0.1]}).write(tmp_path / "other.ecsv", format="ascii.ecsv")
    for options, words in (
        (["--micromirrors", snapshots, "--l_mm", "1 npc"], "--l_mm: --micromirrors gives it too"),
        (["--micromirrors", snapshots, "--dB-over-B", "0.1"], "--dB-over-B: --micromirrors gives it too"),
        (["--micromirrors", tmp_path / "other.ecsv"], "not a table of hpcmm"),
        (["--micromirrors", tmp_path / "none.ecsv"], "No such file"),
    ):
        refused = hpcmm("theory", *options)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert words in refused.stderr
        assert len(refused.stderr.splitlines()) == 1

"""The paper's equations against docs/physics.md 11, an independent SI evaluation, and each other."""

import ast
import inspect
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import constants as si

from hpcmm import theory
from hpcmm.theory import EV, L_C, L_MM, PARSEC, C

GEV, TEV = 1e9 * EV, 1e12 * EV
NPC = 1e-9 * PARSEC
THIRD = 1 / 3


def agrees_as_printed(value, printed):
    """True where `value` rounds to the printed decimal: half a unit of its last digit."""
    mantissa, _, exponent = printed.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return abs(value - float(printed)) <= 0.5 * 10.0 ** (int(exponent or 0) - decimals)


SCALAR_ROWS = {
    "E(r_g = l_c) [EeV]": (theory.energy_of_gyroradius(L_C) / EV / 1e18, "277.52"),
    "E(r_g = l_mm) [MeV]": (theory.energy_of_gyroradius(L_MM) / EV / 1e6, "277.5"),
    "E(r_g = 1 pc) [PeV]": (theory.energy_of_gyroradius(PARSEC) / EV / 1e15, "2.775"),
    "Omega_i [1/s]": (theory.ion_gyrofrequency(), "0.02874"),
    "v_th(5 keV) [km/s]": (theory.thermal_ion_speed() / 1e5, "978.7"),
    "r_gi [npc]": (theory.thermal_ion_gyroradius() / NPC, "1.104"),
    "tau Omega_i": (theory.ion_gyrofrequency() * 1e12, "2.9e10"),
    "l_mm_theory [npc]": (theory.l_mm_theory() / NPC, "22"),
    "eq 5 prefactor": (theory.kappa_mm(TEV), "1.081e30"),
    "eq 6": (theory.kappa_perp_mm(), "1.028e21"),
    "eq 6 ratio, 1 GeV": (theory.kappa_perp_over_kappa_mm(GEV), "9.5e-4"),
    "eq 6 ratio, 100 GeV": (theory.kappa_perp_over_kappa_mm(100 * GEV), "9.5e-8"),
    "eq 6 ratio, 1 TeV": (theory.kappa_perp_over_kappa_mm(TEV), "9.5e-10"),
    "eq 9, 1/3 [TeV]": (theory.transition_energy(THIRD) / TEV, "4.685"),
    "eq 9, 1/2 [GeV]": (theory.transition_energy(0.5) / GEV, "641"),
    "eq 9, 0 [TeV]": (theory.transition_energy(0.0) / TEV, "92.5"),
    "eq 9 printed, 1/3 [TeV]": (theory.transition_energy_printed(THIRD) / TEV, "5.06"),
    "eq 9 printed, 1/2 [GeV]": (theory.transition_energy_printed(0.5) / GEV, "693"),
    "eq 9 printed, 0 [TeV]": (theory.transition_energy_printed(0.0) / TEV, "100"),
    "along lines [TeV]": (theory.transition_energy_along_lines() / TEV, "8.40"),
    "shift .1, 0": (theory.transition_shift(0.1, 0.0), "0.316"),
    "shift .1, 1/3": (theory.transition_shift(0.1, THIRD), "0.251"),
    "shift .1, 1/2": (theory.transition_shift(0.1, 0.5), "0.215"),
    "shift .01, 0": (theory.transition_shift(0.01, 0.0), "0.1"),
    "shift .01, 1/3": (theory.transition_shift(0.01, THIRD), "0.0631"),
    "shift .01, 1/2": (theory.transition_shift(0.01, 0.5), "0.0464"),
    "eq 16, Omega_i = 0.01": (theory.gamma_si(TEV, omega_i=0.01), "1.58e-14"),
    "eq 16": (theory.gamma_si(TEV), "4.55e-14"),
    "eq 17 of 1e-14": (theory.gamma_si_printed(TEV) / theory.nu_mm(TEV), "1.2e-5"),
    "eq 17": (theory.gamma_si_over_nu_mm(TEV), "5.5e-5"),
    "firehose, dB_f = 1e-3": (theory.firehose_ratio(1e-3, NPC), "0.9e-7"),
    "firehose, tau Omega = 1e11": (theory.firehose_ratio(1e11**-0.25, NPC), "2.8e-7"),
    "firehose, tau Omega_i": (theory.firehose_ratio(l_f=NPC), "5.3e-7"),
    "eq 18": (theory.kappa_st(), "3.086e28"),
    "c l_A": (theory.kappa_trw(), "9.25e31"),
    "c l_A / 3": (theory.kappa_trw() / 3, "3.1e31"),
    "eq 19, 100 GeV": (theory.kappa_mm_over_kappa_st(100 * GEV), "0.350"),
    "kappa_mm = kappa_st [GeV]": (theory.streaming_crossing_energy() / GEV, "169"),
    "kappa_mm / H = v_A [GeV]": (theory.self_confinement_energy() / GEV, "534"),
    "dt nu_mm, 100 MeV": (theory.small_angle_parameter(0.1 * GEV), "0.86"),
    "dt nu_mm, 1 GeV": (theory.small_angle_parameter(GEV), "8.6e-3"),
    "kappa_he(100 EeV)": (theory.kappa_he(1e20 * EV), "1.20e33"),
    "c l_c": (theory.kappa_res(TEV, 0.0), "9.251e33"),
}

ENERGY_COLUMNS = ("r_g", "r_g/l_c", "r_g/l_mm", "nu_mm", "lam_mm", "kappa_mm", "res 1/3", "res 1/2", "l_res")
ENERGY_ROWS = """
1e9   3.603e-7 3.60e-12 3.60   8.314e-4 1.169e-5 1.081e24 1.418e30 1.756e28 15.3
1e11  3.603e-5 3.60e-10 360    8.314e-8 0.1169   1.081e28 6.583e30 1.756e29 71.2
3e11  1.081e-4 1.08e-9  1081   9.238e-9 1.052    9.729e28 9.494e30 3.041e29 102.6
1e12  3.603e-4 3.60e-9  3603   8.314e-10 11.69   1.081e30 1.418e31 5.553e29 153
1e13  3.603e-3 3.60e-8  3.6e4  8.314e-12 1169    1.081e32 3.055e31 1.756e30 330
1e15  0.3603   3.60e-6  3.6e6  8.31e-16 1.17e7   1.08e36  1.418e32 1.756e31 1533
1e20  3.603e4  0.3603   3.6e11 8.3e-26  1e17     1e46     6.583e33 5.553e33 7.12e4
"""


@pytest.mark.parametrize("name", SCALAR_ROWS)
def test_scalar_rows_of_table_3(name):
    value, printed = SCALAR_ROWS[name]
    assert agrees_as_printed(value, printed), f"{value:.6g} for {printed}"


@pytest.mark.parametrize("row", ENERGY_ROWS.strip().splitlines())
def test_energy_rows_of_table_3(row):
    energy, *printed = row.split()
    energy = float(energy) * EV
    r_g, kappa_res = theory.gyroradius(energy), theory.kappa_res(energy, THIRD)
    values = (
        r_g / PARSEC,
        r_g / L_C,
        r_g / L_MM,
        theory.nu_mm(energy),
        C / theory.nu_mm(energy) / PARSEC,
        theory.kappa_mm(energy),
        kappa_res,
        theory.kappa_res(energy, 0.5),
        kappa_res / C / PARSEC,
    )
    for column, value, text in zip(ENERGY_COLUMNS, values, printed, strict=True):
        assert agrees_as_printed(value, text), f"{column}: {value:.6g} for {text}"


@pytest.mark.parametrize(
    ("f_mm", "printed"),
    [
        (0.001, "8.658e30"),
        (0.01, "4.829e30"),
        (0.1, "8.908e29"),
        (0.25, "3.776e29"),
        (0.5, "1.926e29"),
        (0.75, "1.293e29"),
        (1.0, "9.729e28"),
    ],
)
def test_equation_11_at_300_GeV(f_mm, printed):
    energy = 300 * GEV
    value = theory.kappa_eff(theory.kappa_mm(energy), theory.kappa_res(energy), f_mm)
    assert agrees_as_printed(value, printed)


def test_equations_evaluated_in_si_give_the_same():
    """The same quantities in SI from scipy's CODATA set, which shares neither units nor constants with us.

    1e-8: constants of successive CODATA sets differ in the tenth digit of m_p, nothing else does.
    """
    energy_ev, B, Z = 3.7e12, 2.3e-10, 2
    r_g = energy_ev / (Z * B * si.c)
    l_mm, l_c = 70e-9 * si.parsec, 60e3 * si.parsec
    kappa_mm = si.c * r_g**2 / l_mm / 0.2**2
    medium = {"B": B * 1e4, "Z": Z}
    energy = energy_ev * EV
    cgs = {"l_mm": l_mm * 100, "dB_over_B": 0.2} | medium
    assert theory.gyroradius(energy, **medium) == pytest.approx(r_g * 100, rel=1e-8)
    assert theory.kappa_mm(energy, **cgs) == pytest.approx(kappa_mm * 1e4, rel=1e-8)
    kappa_res = si.c * l_c * (r_g / l_c) ** 0.4
    assert theory.kappa_res(energy, 0.4, l_c=l_c * 100, **medium) == pytest.approx(kappa_res * 1e4, rel=1e-8)
    assert theory.ion_gyrofrequency(B * 1e4) == pytest.approx(si.e * B / si.m_p, rel=1e-8)
    v_th = math.sqrt(2 * 3e3 * si.e / si.m_p)
    assert theory.thermal_ion_speed(3e3 * EV) == pytest.approx(v_th * 100, rel=1e-8)


# Power laws hold to rounding; 1e-12 leaves room for a dozen operations on numbers of 1e46.
@pytest.mark.parametrize(
    ("function", "argument", "exponent"),
    [
        (theory.kappa_mm, "energy", 2),
        (theory.kappa_mm, "l_mm", -1),
        (theory.kappa_mm, "B", -2),
        (theory.kappa_mm, "dB_over_B", -2),
        (theory.kappa_mm, "Z", -2),
        (theory.nu_mm, "energy", -2),
        (theory.kappa_res, "energy", 1 / 3),
        (theory.kappa_res, "l_c", 2 / 3),
        (theory.kappa_he, "energy", 2),
        (theory.kappa_he_exact, "l_c", -1),
        (theory.gamma_si, "energy", -1.6),
        (theory.gamma_si_over_nu_mm, "energy", 0.4),
        (theory.kappa_mm_over_kappa_st, "energy", 2),
        (theory.kappa_mm_over_kappa_st, "v_A", -1),
        (theory.transition_energy, "dB_over_B", 6 / 5),
        (theory.transition_energy, "l_mm", 3 / 5),
        (theory.transition_energy, "l_c", 2 / 5),
        (theory.transition_energy, "B", 1),
        (theory.transition_energy, "Z", 1),
        (theory.l_mm_theory, "T", 1 / 2),
        (theory.l_mm_theory, "B", -7 / 8),
        (theory.kappa_mm_printed_of_temperature, "T", -1 / 2),
        (theory.kappa_mm_printed_of_temperature, "B", -1),
        (theory.gamma_si_over_nu_mm_printed, "Z", -2),
    ],
)
def test_equations_scale_with_their_exponents(function, argument, exponent):
    base = {"energy": 50 * GEV} if "energy" in inspect.signature(function).parameters else {}
    default = base.get(argument, inspect.signature(function).parameters[argument].default)
    ratio = function(**base | {argument: 2 * default}) / function(**base)
    assert ratio == pytest.approx(2.0**exponent, rel=1e-12)


@pytest.mark.parametrize("delta", [0.0, 0.2, THIRD, 0.5, 1.0])
def test_equation_8_solves_kappa_mm_equals_kappa_res(delta):
    medium = {"B": 1e-6, "Z": 3}
    energy = theory.transition_energy(delta, l_c=2 * L_C, l_mm=5 * L_MM, dB_over_B=0.1, **medium)
    kappa_mm = theory.kappa_mm(energy, l_mm=5 * L_MM, dB_over_B=0.1, **medium)
    assert kappa_mm == pytest.approx(theory.kappa_res(energy, delta, l_c=2 * L_C, **medium), rel=1e-12)


def test_transition_along_lines_sets_like_against_like():
    medium = {"B": 1e-6, "Z": 3}
    mirrors = {"l_mm": 5 * L_MM, "dB_over_B": 0.1}
    energy = theory.transition_energy_along_lines(l_c=2 * L_C, **mirrors, **medium)
    left = theory.kappa_iso_small_step(theory.nu_mm(energy, **mirrors, **medium))
    assert left == pytest.approx(theory.kappa_along_lines(energy, l_c=2 * L_C, **medium), rel=1e-12)


def test_kappa_on_tangled_lines_joins_both_ends():
    """A third of kappa along lines up to 1e-4 l_c, the fit for isotropic turbulence from 1e-2 on; monotonic between."""
    x = np.array([1e-9, 1e-4, 1e-3, 1e-2, 1.0])
    energy = theory.energy_of_gyroradius(x * L_C)
    found = theory.kappa_on_tangled_lines(energy)
    assert found[:2] == pytest.approx(theory.kappa_along_lines(energy[:2]) / 3, rel=1e-12)
    assert found[3:] == pytest.approx(theory.kappa_harari(energy[3:]), rel=1e-12)
    assert found[2] == pytest.approx(np.sqrt(found[1] * found[3]), rel=1e-12)
    assert (np.diff(found) > 0).all()


def test_both_definitions_of_the_shift():
    f = np.array([0.01, 0.3])
    np.testing.assert_array_equal(theory.transition_shift(f, definition="equality"), 1.0)
    # at the shifted energy kappa_mm / kappa_res = f, so that eq 11 is kappa_mm / f up to the factor 2 - f
    energy = theory.transition_energy() * theory.transition_shift(f)
    kappa_mm, kappa_res = theory.kappa_mm(energy), theory.kappa_res(energy)
    np.testing.assert_allclose(kappa_mm / kappa_res, f, rtol=1e-12)
    np.testing.assert_allclose(theory.kappa_eff(kappa_mm, kappa_res, f), kappa_mm / f / (2 - f), rtol=1e-12)
    with pytest.raises(ValueError, match="definition"):
        theory.transition_shift(0.1, definition="half")


def test_kappa_perp_is_the_anisotropy_times_kappa_mm():
    energy = np.geomspace(1, 1e4, 5) * GEV
    product = theory.kappa_perp_over_kappa_mm(energy) * theory.kappa_mm(energy)
    np.testing.assert_allclose(product, theory.kappa_perp_mm(), rtol=1e-12)


def test_crossing_energies():
    assert theory.kappa_mm_over_kappa_st(theory.streaming_crossing_energy()) == pytest.approx(1, rel=1e-12)
    kappa_over_H = theory.kappa_mm(theory.self_confinement_energy()) / (1e4 * PARSEC)
    assert kappa_over_H == pytest.approx(1e7, rel=1e-12)


def test_resonant_scattering_forms_agree():
    """Equation (14) with the power fraction of a k^-xi spectrum is equation (15)."""
    for xi in (1.5, 5 / 3, 2.0):
        efficiency = theory.resonant_power_fraction(TEV, xi)
        by_14 = theory.kappa_res_of_efficiency(TEV, efficiency)
        by_15 = theory.kappa_res(TEV, theory.delta_of_spectrum(xi))
        assert by_14 == pytest.approx(by_15, rel=1e-12)
    assert theory.nu_res(TEV) * theory.kappa_res(TEV) == pytest.approx(C**2, rel=1e-12)


def test_bohm_and_high_energy_are_members_of_equation_7():
    assert theory.kappa_res(TEV, 1.0) == pytest.approx(C * theory.gyroradius(TEV), rel=1e-12)
    assert theory.kappa_res(TEV, 2.0) == pytest.approx(theory.kappa_he(TEV), rel=1e-12)
    as_micromirrors = theory.kappa_mm(TEV, l_mm=L_C, dB_over_B=1.0)
    assert as_micromirrors == pytest.approx(theory.kappa_he(TEV), rel=1e-12)


def test_exact_high_energy_limit_is_the_leading_term_of_the_fit():
    """At r_g = 1e6 l_c the next term is a_I / 4e6 = 2e-7 of it."""
    energy = theory.energy_of_gyroradius(1e6 * L_C)
    for spectrum in theory.HARARI_COEFFICIENTS:
        assert theory.kappa_harari(energy, spectrum) == pytest.approx(theory.kappa_he_exact(energy), rel=1e-6)
    by_rate = theory.kappa_iso_small_step(theory.nu_he(energy))
    assert by_rate == pytest.approx(theory.kappa_he_exact(energy), rel=1e-12)


@pytest.mark.parametrize(
    ("x", "printed"),
    [
        (10, "136.5"),
        (3, "13.0"),
        (1, "1.71"),
        (0.3, "0.261"),
        (0.1, "0.0789"),
        (0.03, "0.0340"),
        (0.01, "0.0197"),
        (0.003, "0.0120"),
        (0.001, "0.0080"),
    ],
)
def test_fit_against_its_table(x, printed):
    energy = theory.energy_of_gyroradius(x * L_C)
    assert agrees_as_printed(theory.kappa_harari(energy) / (C * L_C), printed)


def test_fit_of_unknown_spectrum():
    with pytest.raises(ValueError, match="kolmogorov"):
        theory.kappa_harari(TEV, "burgers")


def test_printed_forms_stay_within_the_rounding_of_the_paper():
    """Rounded prefactors differ from the exact constants by what docs/physics.md 11.2 lists, not by a typing slip."""
    assert theory.kappa_mm_printed(TEV) / theory.kappa_mm(TEV) == pytest.approx(1 / 1.081, rel=1e-3)
    assert theory.kappa_mm_printed_of_temperature(TEV) == theory.kappa_mm_printed(TEV)
    assert theory.kappa_st_printed() / theory.kappa_st() == pytest.approx(3 / 3.086, rel=1e-3)
    assert theory.gamma_si_over_nu_mm_printed(TEV) == 1e-5
    assert theory.kappa_mm_over_kappa_st_printed(100 * GEV) == pytest.approx(1.0, rel=1e-12)


def test_arrays_broadcast():
    energy = np.geomspace(1, 1e6, 4)[:, None] * GEV
    B = np.array([1e-6, 3e-6, 5e-6])
    for function in (theory.kappa_mm, theory.kappa_res, theory.kappa_he_exact, theory.kappa_harari):
        values = function(energy, B=B)
        assert values.shape == (4, 3)
        assert values[2, 1] == pytest.approx(function(energy[2, 0], B=B[1]), rel=1e-12)


def test_every_public_function_names_its_source():
    for name in theory.__all__:
        function = getattr(theory, name)
        if inspect.isfunction(function):
            assert any(word in function.__doc__ for word in ("quation", "physics.md", "Source")), name


def test_no_file_above_250_lines_and_no_room_above_imported():
    for path in Path(theory.__file__).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 250, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= {"math", "numpy"}, path
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1 or node.module in (
                    "abc",
                    "dataclasses",
                    "functools",
                    "typing",
                    "scipy.special",
                ), path


@pytest.mark.parametrize(("xi", "printed"), [(5 / 3, "0.2000"), (3 / 2, "0.1667"), (2.0, "0.2500")])
def test_correlation_length_over_l_max(xi, printed):
    assert agrees_as_printed(theory.correlation_length(1.0, 0.0, xi), printed)
    q = 0.02
    closed = 0.5 * (xi - 1) / xi * (1 - q**xi) / (1 - q ** (xi - 1))
    assert theory.correlation_length(1.0, q, xi) == pytest.approx(closed, rel=1e-12)

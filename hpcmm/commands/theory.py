"""`hpcmm theory`: the paper's formulas evaluated for energies and a medium given with units."""

from rich.table import Table

from hpcmm import theory
from hpcmm.deck import units
from hpcmm.errors import InputError
from hpcmm.io import terminal
from hpcmm.theory.constants import EV, GAUSS_MICRO, PARSEC

DELTAS = {"0": 0.0, "1/3": 1 / 3, "1/2": 0.5, "Bohm": 1.0}
"""Exponents of paper eq 7 by the name they are shown under."""


def _quantity(option, text, kind):
    try:
        value = units.parse(text, kind)
        if value <= 0:
            raise ValueError(f"{kind.noun} above zero is expected, not {text}")
        units.check_size(value, kind)
    except ValueError as error:
        raise InputError(f"theory: {option}: {error}") from None
    return value


def medium_of(options):
    """Turn the command line's strings into keyword arguments of the theory functions, in cgs."""
    if not 1e-15 <= options.dB_over_B <= 100:
        raise InputError(f"theory: --dB-over-B: a number between 1e-15 and 100 is expected, not {options.dB_over_B}")
    if not 0 <= options.f_mm <= 1:
        raise InputError(f"theory: --f_mm: a fraction between 0 and 1 is expected, not {options.f_mm}")
    if not 1 <= options.Z <= 118:
        raise InputError("theory: --Z: a charge number from 1 to 118 is expected")
    return {
        "B": _quantity("--B", options.B, units.MAGNETIC_FIELD) * GAUSS_MICRO,
        "l_c": _quantity("--l_c", options.l_c, units.LENGTH) * PARSEC,
        "l_mm": _quantity("--l_mm", options.l_mm, units.LENGTH) * PARSEC,
        "dB_over_B": options.dB_over_B,
        "Z": options.Z,
    }


def at_energy(energy, medium, f_mm):
    """Yield rows (quantity, value, unit, source) at one energy [erg]; ``medium`` as `medium_of` gives it."""
    B, l_c, Z = medium["B"], medium["l_c"], medium["Z"]
    mirrors = {k: medium[k] for k in ("B", "l_mm", "dB_over_B", "Z")}
    r_g, nu = theory.gyroradius(energy, B, Z), theory.nu_mm(energy, **mirrors)
    kappa_mm, kappa_res = theory.kappa_mm(energy, **mirrors), theory.kappa_res(energy, 1 / 3, B, l_c, Z)
    yield "r_g", r_g / PARSEC, "pc", "physics 1.1"
    yield "r_g / l_c", r_g / l_c, "", ""
    yield "r_g / l_mm", r_g / medium["l_mm"], "", ""
    yield "deflection in one micromirror", theory.delta_theta_mm(energy, **mirrors), "rad", "eq 2"
    yield "nu_mm", nu, "1 / s", "eq 3"
    yield "lambda_mm = c / nu_mm", theory.C / nu / PARSEC, "pc", ""
    yield "kappa_mm", kappa_mm, "cm2 / s", "eqs 4, 5"
    yield "  exact kappa_iso of the kick of eq 13", theory.kappa_iso_small_step(nu), "cm2 / s", "physics 4.1"
    yield "kappa_perp,mm", theory.kappa_perp_mm(medium["l_mm"], medium["dB_over_B"]), "cm2 / s", "eq 6"
    for name, delta in DELTAS.items():
        value = theory.kappa_res(energy, delta, B, l_c, Z)
        yield f"kappa_res, delta = {name}", value, "cm2 / s", "eqs 7, 15"
    yield "kappa_he", theory.kappa_he(energy, B, l_c, Z), "cm2 / s", "introduction"
    yield "  exact kappa_iso for r_g >> l_c", theory.kappa_he_exact(energy, B, l_c, Z), "cm2 / s", "physics 10.1"
    yield f"nu_eff, f_mm = {f_mm:g}", theory.nu_eff(nu, theory.C**2 / kappa_res, f_mm), "1 / s", "eq 10"
    yield f"kappa_eff, f_mm = {f_mm:g}, delta = 1/3", theory.kappa_eff(kappa_mm, kappa_res, f_mm), "cm2 / s", "eq 11"
    yield "gamma_SI", theory.gamma_si(energy, B), "1 / s", "eq 16"
    yield "gamma_SI / nu_mm", theory.gamma_si_over_nu_mm(energy, **mirrors), "", "eq 17"
    yield "kappa_mm / kappa_st", theory.kappa_mm_over_kappa_st(energy, **mirrors), "", "eq 19"


def of_medium(medium):
    """Yield rows (quantity, value, unit, source) that do not depend on energy."""
    mirrors = {k: medium[k] for k in ("B", "l_mm", "dB_over_B", "Z")}
    tev = 1e12 * EV
    for name, delta in list(DELTAS.items())[:3]:
        yield (
            f"transition r_g, delta = {name}",
            theory.transition_gyroradius(delta, medium["l_c"], medium["l_mm"], medium["dB_over_B"]) / PARSEC,
            "pc",
            "eq 8",
        )
        yield f"transition energy, delta = {name}", theory.transition_energy(delta, **medium) / tev, "TeV", "eq 9"
    yield (
        "  along field lines, measured",
        theory.transition_energy_along_lines(**medium) / tev,
        "TeV",
        "physics 17.8",
    )
    yield "kappa_st = l_A v_A", theory.kappa_st(), "cm2 / s", "eq 18"
    yield "energy where kappa_mm = kappa_st", theory.streaming_crossing_energy(**mirrors) / EV / 1e9, "GeV", "eq 19"
    yield "kappa_trw = c l_A", theory.kappa_trw(), "cm2 / s", "Methods"


def show(options):
    """Print the tables."""
    medium = medium_of(options)
    general = Table(title="medium")
    for name in ("quantity", "value", "unit", "source"):
        general.add_column(name, justify="right" if name == "value" else "left")
    for what, value, unit, source in of_medium(medium):
        general.add_row(what, f"{value:.4g}", unit, source)
    terminal.show(general)

    energies = [_quantity("--energy", text, units.ENERGY) for text in options.energy]
    table = Table(title="by energy")
    table.add_column("quantity")
    for gev in energies:
        table.add_column(terminal.energy_text(gev), justify="right")
    table.add_column("unit")
    table.add_column("source")
    columns = [list(at_energy(gev * 1e9 * EV, medium, options.f_mm)) for gev in energies]
    for rows in zip(*columns, strict=True):
        what, _, unit, source = rows[0]
        table.add_row(what, *(f"{row[1]:.4g}" for row in rows), unit, source)
    terminal.show(table)

"""`hpcmm theory`: the paper's formulas evaluated for energies and a medium given with units."""

from pathlib import Path

from rich.table import Table

from hpcmm import theory
from hpcmm.deck import units
from hpcmm.errors import InputError
from hpcmm.io import terminal
from hpcmm.io.disk import reason
from hpcmm.io.table import read_table, write_table
from hpcmm.kinds.hybrid_pic.reader import STRUCTURE
from hpcmm.theory import validity
from hpcmm.theory.constants import EV, GAUSS_MICRO, PARSEC
from hpcmm.theory.mirror_modes import kappa_over_eq_4

DELTAS = {"0": 0.0, "1/3": 1 / 3, "1/2": 0.5, "Bohm": 1.0}
"""Exponents of paper eq 7 by the name they are shown under."""

GROUPS = {
    "mm": ("deflection", "nu_mm", "lambda_mm", "kappa_mm", "exact kappa_iso of the kick", "kappa_perp,mm", "nu_eff",
           "kappa_eff", "gamma_SI / nu_mm"),
    "res": ("kappa_res",),
    "he": ("kappa_he", "exact kappa_iso for r_g >> l_c"),
}  # fmt: skip
"""Formulas that have a range -> how their rows begin."""


def _quantity(option, text, kind):
    try:
        value = units.parse(text, kind)
        if value <= 0:
            raise ValueError(f"{kind.noun} above zero is expected, not {text}")
        units.check_size(value, kind)
    except ValueError as error:
        raise InputError(f"theory: {option}: {error}") from None
    return value


def with_mirrors(options):
    """Fill in --l_mm and --dB-over-B: as given, measured (--micromirrors), or the paper's; returns rows on them.

    Raises
    ------
    InputError
        If both are given, or the file is no table of micromirrors.
    """
    if options.micromirrors is None:
        options.l_mm = "100 npc" if options.l_mm is None else options.l_mm
        options.dB_over_B = theory.DB_OVER_B if options.dB_over_B is None else options.dB_over_B
        return []
    for option, value in (("--l_mm", options.l_mm), ("--dB-over-B", options.dB_over_B)):
        if value is not None:
            raise InputError(f"theory: {option}: --micromirrors gives it too; one of the two is expected")
    table = read_table(options.micromirrors, STRUCTURE)
    if not len(table):
        raise InputError(f"{options.micromirrors}: holds no snapshot")
    last = {name: float(table[name][-1]) for name in ("s", "dB_over_B", "l_mm", "k_par", "k_perp")}
    if not min(last["dB_over_B"], last["l_mm"], last["k_par"], last["k_perp"]) > 0:
        raise InputError(f"{options.micromirrors}: its last snapshot has no micromirrors")
    unit = theory.thermal_ion_gyroradius(
        _quantity("--B", options.B, units.MAGNETIC_FIELD) * GAUSS_MICRO,
        _quantity("--T", options.T, units.ENERGY) * 1e9 * EV,
    )
    options.l_mm, options.dB_over_B = f"{float(last['l_mm'] * unit / PARSEC)!r} pc", last["dB_over_B"]
    elongation = last["k_perp"] / last["k_par"]
    options.kappa_mm_over_eq_4 = kappa_over_eq_4(elongation)
    return [
        ("s of the snapshot", last["s"], "", Path(options.micromirrors).name),
        ("k_perp / k_par of its micromirrors", elongation, "", "measured, rms"),
        ("kappa_mm over eq 4, ring of such waves", options.kappa_mm_over_eq_4, "", "physics 9.3"),
    ]


def medium_of(options):
    """Turn the command line's strings into keyword arguments of the theory functions, in cgs.

    Raises
    ------
    InputError
        Before anything is printed, if a value is not what it should be.
    """
    if not 1e-15 <= options.dB_over_B <= 100:
        raise InputError(f"theory: --dB-over-B: a number between 1e-15 and 100 is expected, not {options.dB_over_B}")
    if not 0 <= options.f_mm <= 1:
        raise InputError(f"theory: --f_mm: a fraction between 0 and 1 is expected, not {options.f_mm}")
    if not 1 <= abs(options.Z) <= 118:
        raise InputError("theory: --Z: a charge number from 1 to 118, or below 0, is expected")
    if not 0 <= options.delta < 2:
        raise InputError(f"theory: --delta: a number from 0 to less than 2 is expected, not {options.delta:g}")
    if not 1e-15 <= options.n_CR <= 1:
        raise InputError(f"theory: --n_CR: a share between 1e-15 and 1 is expected, not {options.n_CR:g}")
    return {
        "B": _quantity("--B", options.B, units.MAGNETIC_FIELD) * GAUSS_MICRO,
        "l_c": _quantity("--l_c", options.l_c, units.LENGTH) * PARSEC,
        "l_mm": _quantity("--l_mm", options.l_mm, units.LENGTH) * PARSEC,
        "dB_over_B": options.dB_over_B,
        "Z": options.Z,
    }


def surroundings_of(options):
    """The rest of the command line: delta, l_A [cm], v_A [cm/s], T [erg], n_CR, f_mm; raises as `medium_of`."""
    return {
        "delta": options.delta,
        "l_A": _quantity("--l_A", options.l_A, units.LENGTH) * PARSEC,
        "v_A": _quantity("--v_A", options.v_A, units.SPEED) * 1e5,
        "T": _quantity("--T", options.T, units.ENERGY) * 1e9 * EV,
        "n_CR": options.n_CR,
        "f_mm": options.f_mm,
    }


def ranges(energy, medium):
    """Yield (key of `GROUPS`, or "" for every kappa; words) for each range that an energy [erg] is out of."""
    r_g = theory.gyroradius(energy, medium["B"], medium["Z"])
    if r_g < medium["l_mm"]:
        yield "mm", "r_g < l_mm: eqs 2 to 6, 9 to 11 are for small angles"
    if r_g > medium["l_c"]:
        yield "res", "r_g > l_c: eq 7 does not hold, kappa_he does"
    if r_g < medium["l_c"]:
        yield "he", "r_g < l_c: kappa_he does not hold, eq 7 does"
    if validity.beta(energy / EV / 1e9, medium["Z"]) < validity.LEAST_BETA:
        yield "", "v < 0.95 c: all kappa are too high by c/v"


def at_energy(energy, medium, about):
    """Yield rows (quantity, value, unit, source) at one energy [erg], of what `medium_of`, `surroundings_of` give."""
    f_mm, delta, l_A, v_A = (about[name] for name in ("f_mm", "delta", "l_A", "v_A"))
    omega = theory.ion_gyrofrequency(medium["B"])
    B, l_c, Z = medium["B"], medium["l_c"], medium["Z"]
    mirrors = {k: medium[k] for k in ("B", "l_mm", "dB_over_B", "Z")}
    r_g, nu = theory.gyroradius(energy, B, Z), theory.nu_mm(energy, **mirrors)
    kappa_mm, kappa_res = theory.kappa_mm(energy, **mirrors), theory.kappa_res(energy, delta, B, l_c, Z)
    yield "r_g", r_g / PARSEC, "pc", "physics 1.1"
    yield "r_g / l_c", r_g / l_c, "", ""
    yield "r_g / l_mm", r_g / medium["l_mm"], "", ""
    yield "deflection in one micromirror", theory.delta_theta_mm(energy, **mirrors), "rad", "eq 2"
    yield "nu_mm", nu, "1 / s", "eq 3"
    yield "lambda_mm = c / nu_mm", theory.C / nu / PARSEC, "pc", ""
    yield "kappa_mm", kappa_mm, "cm2 / s", "eqs 4, 5"
    yield "  exact kappa_iso of the kick of eq 13", theory.kappa_iso_small_step(nu), "cm2 / s", "physics 4.1"
    yield "kappa_perp,mm", theory.kappa_perp_mm(medium["l_mm"], medium["dB_over_B"]), "cm2 / s", "eq 6"
    for name, exponent in (DELTAS | {f"{delta:.3g}": delta} if delta not in DELTAS.values() else DELTAS).items():
        value = theory.kappa_res(energy, exponent, B, l_c, Z)
        yield f"kappa_res, delta = {name}", value, "cm2 / s", "eqs 7, 15"
    yield "kappa_he", theory.kappa_he(energy, B, l_c, Z), "cm2 / s", "introduction"
    yield "  exact kappa_iso for r_g >> l_c", theory.kappa_he_exact(energy, B, l_c, Z), "cm2 / s", "physics 10.1"
    yield f"nu_eff, f_mm = {f_mm:g}", theory.nu_eff(nu, theory.C**2 / kappa_res, f_mm), "1 / s", "eq 10"
    yield (
        f"kappa_eff, f_mm = {f_mm:g}, delta = {delta:.3g}",
        theory.kappa_eff(kappa_mm, kappa_res, f_mm),
        "cm2 / s",
        "eq 11",
    )
    yield "gamma_SI", theory.gamma_si(energy, B, cr_fraction=about["n_CR"], omega_i=omega), "1 / s", "eq 16"
    yield "gamma_SI / nu_mm", theory.gamma_si(energy, B, cr_fraction=about["n_CR"], omega_i=omega) / nu, "", "eq 17"
    yield "kappa_mm / kappa_st", theory.kappa_mm_over_kappa_st(energy, **mirrors, l_A=l_A, v_A=v_A), "", "eq 19"


def of_medium(medium, about):
    """Yield rows (quantity, value, unit, source) that do not depend on energy, the input among them."""
    mirrors = {k: medium[k] for k in ("B", "l_mm", "dB_over_B", "Z")}
    tev, l_A, v_A = 1e12 * EV, about["l_A"], about["v_A"]
    yield "B", medium["B"] / GAUSS_MICRO, "uG", "input"
    yield "Z", medium["Z"], "", "input"
    for name in ("l_c", "l_mm"):
        yield name, medium[name] / PARSEC, "pc", "input"
    yield "dB/B of micromirrors", medium["dB_over_B"], "", "input"
    yield "f_mm", about["f_mm"], "", "input"
    yield "delta", about["delta"], "", "input"
    yield "l_A", l_A / PARSEC, "pc", "input"
    yield "v_A", v_A / 1e5, "km / s", "input"
    yield "T", about["T"] / EV / 1e3, "keV", "input"
    yield "n_CR(> 1 GeV) / n_i", about["n_CR"], "", "input"
    yield "r_g,i of ions at T", theory.thermal_ion_gyroradius(medium["B"], about["T"]) / PARSEC, "pc", "physics 1.1"
    yield "l_mm = (tau Omega_i)^(1/8) r_g,i", theory.l_mm_theory(medium["B"], about["T"]) / PARSEC, "pc", "physics 12"
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
    yield "kappa_st = l_A v_A", theory.kappa_st(l_A, v_A), "cm2 / s", "eq 18"
    crossing = theory.streaming_crossing_energy(**mirrors, l_A=l_A, v_A=v_A)
    yield "energy where kappa_mm = kappa_st", crossing / EV / 1e9, "GeV", "eq 19"
    yield "kappa_trw = c l_A", theory.kappa_trw(l_A), "cm2 / s", "Methods"


def show(options):
    """Print the tables, or refuse before anything is printed; with ``out`` write them too."""
    measured = with_mirrors(options)
    medium, about = medium_of(options), surroundings_of(options)
    energies = [_quantity("--energy", text, units.ENERGY) for text in options.energy]
    of_all = [*of_medium(medium, about), *measured]
    if measured:
        energy = theory.transition_energy_along_lines(**medium, kappa_mm_coefficient=options.kappa_mm_over_eq_4)
        of_all.append(("transition along field lines with it", energy / EV / 1e12, "TeV", "physics 17.8"))
    columns = [list(at_energy(gev * 1e9 * EV, medium, about)) for gev in energies]
    if options.out:
        _write(Path(options.out), of_all, energies, columns)
    general = Table(title="medium")
    for name in ("quantity", "value", "unit", "source"):
        general.add_column(name, justify="right" if name == "value" else "left")
    for what, value, unit, source in of_all:
        general.add_row(what, f"{value:.4g}", unit, source)
    terminal.show(general)
    _show_by_energy(energies, columns, medium)


def _show_by_energy(energies, columns, medium):
    """Print the rows of each energy; a star marks what is out of the range of its formula, a line below says why."""
    table = Table(title="by energy")
    table.add_column("quantity")
    for gev in energies:
        table.add_column(terminal.energy_text(gev), justify="right")
    table.add_column("unit")
    table.add_column("source")
    out = [dict(ranges(gev * 1e9 * EV, medium)) for gev in energies]
    for rows in zip(*columns, strict=True):
        what, _, unit, source = rows[0]
        group = next((name for name, words in GROUPS.items() if what.strip().startswith(words)), "all")
        stars = ["*" if group in found or ("" in found and "kappa" in what) else "" for found in out]
        table.add_row(what, *(f"{row[1]:.4g}{star}" for row, star in zip(rows, stars, strict=True)), unit, source)
    terminal.show(table)
    for words in dict.fromkeys(words for found in out for words in found.values()):
        of = [gev for gev, found in zip(energies, out, strict=True) if words in found.values()]
        terminal.say(f"* {terminal.energies_text(of)}: {words}")


def _write(path, of_all, energies, columns):
    """Write a row an energy, a column a quantity, with units; what does not depend on energy in the header."""
    from astropy.table import QTable

    if path.suffix != ".ecsv":
        raise InputError(f"theory: --out {path}: a name that ends in .ecsv is expected")
    table = QTable({"energy": units.quantity(energies, "GeV")})
    for rows in zip(*columns, strict=True):
        what, _, unit, source = rows[0]
        name = what.strip()
        table[name] = units.quantity([row[1] for row in rows], unit) if unit else [row[1] for row in rows]
        table[name].info.description = source
    table.meta = {f"{what.strip()} [{unit}]" if unit else what.strip(): float(value) for what, value, unit, _ in of_all}
    try:
        write_table(path, table)
    except OSError as error:
        raise InputError(f"theory: --out {path}: cannot be written ({reason(error)})") from None

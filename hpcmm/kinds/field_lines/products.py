"""Writes kappa.ecsv of a run on field lines: one row an energy."""

import numpy as np

from hpcmm.io.table import made_by, write_table
from hpcmm.kinds.field_lines.kappa import Cuts, estimate
from hpcmm.kinds.field_lines.plan import MIRRORS_TO, SAMPLES, energy_plans, leg_of, plan, wavenumbers
from hpcmm.theory.constants import PARSEC, C
from hpcmm.theory.field_strength import fraction_above

KAPPA_CGS = PARSEC * C
"""1 pc c in cm2/s."""

_UNITS = {"energy": "GeV", "r_g": "pc", "lag": "pc", "path_length": "pc", "cut": "pc"}

_MEANING = {
    "kappa_par": "along the line, at the lag; extrapolated to mirrors of k r_g = 0.3",
    "kappa_trace": "of places in space, d<dr^2>/2dt; valid for the displacement of its row",
    "ended": "share of the particles that met an end of their line",
    "cut_error": "of kappa_par: half of what mirrors without end would change",
    "kappa_par_cut": "kappa_par on the lines as traced, not extrapolated",
}


def kappa_rows(config, sums):
    """Make the rows of the table, a dict an energy, kappas in cm2/s.

    Parameters
    ----------
    config : Config
    sums : dict
        (cut, realization) -> array [leg, line, lag, SUMS].
    """
    plans, rows = plan(config), []
    k = wavenumbers(config, max(p.waves for p in plans))
    for i, p in enumerate(energy_plans(config)):
        (fine, fine_leg), (coarse, coarse_leg) = leg_of(plans, i, False), leg_of(plans, i, True)
        units = [
            _units([sums[cut, r][leg] for r in range(config.run.realizations)])
            for cut, leg in ((fine, fine_leg), (coarse, coarse_leg))
        ]
        k_fine, k_coarse = k[plans[fine].waves - 1], k[plans[coarse].waves - 1]
        cuts = Cuts(k_coarse, k_fine, max(MIRRORS_TO / p.gyroradius, k_fine))
        found = estimate(*units, p.path / SAMPLES, config.medium.l_c, cuts)
        row = {"energy": p.energy, "r_g": p.gyroradius}
        row |= {n: v * KAPPA_CGS if _is_kappa(n) else v for n, v in found.items()}
        row |= {"path_length": p.path, "cut": 2 * np.pi / k_fine, "waves": plans[fine].waves}
        row |= {"lines": config.lines.lines, "particles": config.run.particles}
        rows.append(row | {"realizations": config.run.realizations})
    return rows


def _units(parts):
    """Sums of each realization, or of each line where there is one realization."""
    if len(parts) == 1:
        return np.asarray(parts[0])
    return np.stack([part.sum(axis=0) for part in parts])


def _is_kappa(name):
    return name.startswith("kappa") or name == "cut_error"


def write_kappa(directory, config, sums, attributes):
    """Write kappa.ecsv, whole at any moment; arguments as in `kappa_rows`, and the provenance."""
    from astropy.table import QTable

    from hpcmm.deck.units import quantity

    rows, table = kappa_rows(config, sums), QTable()
    for name in rows[0]:
        column = np.array([row[name] for row in rows])
        unit = "cm2 / s" if _is_kappa(name) else _UNITS.get(name)
        table[name] = quantity(column, unit) if unit else column
    table.meta = {"title": config.title, "kind": config.run.kind, "Z": config.particle.Z, **_MEANING}
    table.meta |= {"B_rms_uG": config.medium.B_rms, "l_c_pc": config.medium.l_c, "seed": config.run.seed}
    for section in config.scatter:
        f_mm = section.filling_fraction
        if f_mm is None:
            f_mm = float(fraction_above(section.B_star, 0.0, config.medium.B_rms))
        table.meta |= {"l_mm_pc": section.l_mm, "dB_over_B": section.dB_over_B, "f_mm": f_mm}
    table.meta |= made_by(attributes)
    write_table(directory / "kappa.ecsv", table)

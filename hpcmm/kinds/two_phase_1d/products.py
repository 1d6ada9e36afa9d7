"""Writes kappa.ecsv of a two-phase run: one row a filling fraction, lengths in periods and speeds in c."""

import numpy as np

from hpcmm.io.table import made_by, write_table
from hpcmm.kinds.two_phase_1d.kappa import estimate

_MEANING = {
    "units": "period and c: kappa [c period], times [period / c]",
    "kappa": "[<x^2(T)> - <x^2(T/3)>] / [2 (T - T/3)]; exact: paper eq 11",
    "occupancy": "share of the time in patches; exact: f_mm",
    "mean_residence": "time in a patch per visit; exact: paper eq 21, l_p/c = f_mm",
    "turns": "of a particle; expected nu_eff T / 2",
}


def kappa_rows(config, plans, sums):
    """Make the rows of the table, a dict a filling fraction.

    Parameters
    ----------
    config : TwoPhaseConfig
    plans : list of FractionPlan
    sums : array [f_mm, block, len(SUMS)]
    """
    rows = []
    for p, part in zip(plans, sums, strict=True):
        found = estimate(part, p.duration, p.f_mm)
        row = {"f_mm": p.f_mm, "kappa": found.pop("kappa"), "kappa_err": found.pop("kappa_err")}
        row |= {"kappa_exact": p.kappa_exact, **found, "duration": p.duration, "particles": config.run.particles}
        rows.append(row)
    return rows


def write_kappa(directory, config, plans, sums, attributes):
    """Write kappa.ecsv, whole at any moment; arguments as in `kappa_rows`, and the provenance."""
    from astropy.table import Table

    rows = kappa_rows(config, plans, sums)
    table = Table({name: np.array([row[name] for row in rows]) for name in rows[0]})
    table.meta = {"title": config.title, "kind": config.run.kind, **_MEANING}
    table.meta |= {"nu_mm": config.two_phase.nu_mm, "nu_res": config.two_phase.nu_res, "seed": config.run.seed}
    table.meta |= made_by(attributes)
    write_table(directory / "kappa.ecsv", table)
